//! Asking for a token as an app, and what must come of it.

use std::process::Command;

use entrada_emulator::serve::Server;
use entrada_emulator::world;
use serde_json::json;

use super::{Ended, address, at, entrada, run};

/// The command as an app of the directory.
pub(crate) fn app(server: &Server, client: &str) -> Command {
    let mut command = at(server);
    command.env("AZURE_TENANT_ID", world::TENANT).env("AZURE_CLIENT_ID", client);
    command
}

/// The same of an authority somewhere else.
pub(crate) fn app_at(authority: &str, client: &str) -> Command {
    let mut command = entrada();
    command.env("AZURE_TENANT_ID", world::TENANT).env("AZURE_CLIENT_ID", client);
    command.env("AZURE_AUTHORITY_HOST", authority);
    command
}

/// Asks for a token with these words, and files after options.
pub(crate) fn ask(command: Command, credential: &str, more: &[&str]) -> Ended {
    let fixed = ["token", "--resource", "https://management.azure.com", "--error-format", "json", "-vv"];
    run(command, fixed.iter().copied().chain(["--credential", credential]).chain(more.iter().copied()))
}

#[track_caller]
pub(crate) fn is_app(ended: &Ended, credential: &str, object: &str) {
    assert_eq!(ended.code, 0, "{ended:?}");
    let token = ended.json();
    assert_eq!((&token["source"], &token["identity"]["objectId"]), (&json!(credential), &json!(object)));
}

#[track_caller]
pub(crate) fn refused(ended: &Ended, code: i32, kind: &str, numbers: &[u64], said: &str) {
    let error = ended.error();
    assert_eq!((ended.code, error["error"].as_str()), (code, Some(kind)), "{ended:?}");
    let told: Vec<_> =
        error["aadsts"].as_array().into_iter().flatten().filter_map(serde_json::Value::as_u64).collect();
    assert_eq!(told, numbers, "{ended:?}");
    let text = format!("{} {}", error["message"], error["remedy"]);
    assert!(error["remedy"].as_str().is_some_and(|remedy| remedy.len() > 10), "{ended:?}");
    assert!(text.contains(said), "{said}: {text}");
}

#[track_caller]
pub(crate) fn is_usage(ended: &Ended, said: &str) {
    assert_eq!(ended.code, 2, "{ended:?}");
    let error = ended.error();
    let text = format!("{} {}", error["message"], error["remedy"]);
    assert!(text.contains(said), "{said}: {ended:?}");
}

/// A token of the cluster for the app that trusts it.
pub(crate) fn federated(server: &Server, subject: &str) -> String {
    let now = server.now();
    server.with(|e| e.federated_token(world::CLUSTER_ISSUER, subject, world::TOKEN_EXCHANGE, now))
}

pub(crate) fn job(server: &Server) -> Command {
    let path = world::PIPELINES_URI.strip_prefix("https://dev.azure.com").unwrap();
    let mut command = app(server, world::FEDERATED_APP);
    command
        .env("SYSTEM_OIDCREQUESTURI", format!("{}{path}", address(server)))
        .env("SYSTEM_ACCESSTOKEN", world::SYSTEM_ACCESS_TOKEN);
    command
}
