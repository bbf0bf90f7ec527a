//! `--credential managed-identity` on the hosts that variables describe.

#![cfg(feature = "emulator")]

mod support;

use entrada_emulator::config::Host;
use entrada_emulator::serve::{Options, Server};
use entrada_emulator::{Config, world};
use serde_json::Value;

use support::{Ended, entrada, run};

const ASK: [&str; 5] = ["token", "--resource", "https://management.azure.com", "-o", "json"];

fn serve() -> Server {
    Server::start(Config::default(), [7; 32], Options { hosts: true, ..Options::default() }).unwrap()
}

/// The command in the environment of a host.
fn on(server: &Server, host: Host, more: &[&str]) -> Ended {
    let mut command = entrada();
    command.envs(server.environment_of(host)).args(ASK).args(["--error-format", "json"]);
    let ended = run(command, more);
    ended.keeps([world::IDENTITY_HEADER, world::MSI_SECRET]);
    ended
}

const MANAGED: [&str; 2] = ["--credential", "managed-identity"];

#[test]
fn the_environment_tells_which_host_it_is() {
    let server = serve();
    for host in [Host::AppService, Host::ServiceFabric, Host::MachineLearning] {
        let ended = on(&server, host, &MANAGED);
        assert_eq!(ended.code, 0, "{host:?} {ended:?}");
        assert_eq!(ended.json()["source"], "managed-identity");
        assert_eq!(ended.json()["identity"]["clientId"], world::SYSTEM_IDENTITY, "{host:?}");
        // And in the default chain.
        assert_eq!(on(&server, host, &[]).json()["source"], "managed-identity", "{host:?}");
    }
    let ended = on(&server, Host::CloudShell, &MANAGED);
    assert_eq!(ended.json()["identity"]["username"], world::USER, "{ended:?}");
    assert_eq!(ended.json()["identity"]["type"], "user", "{ended:?}");
}

#[test]
fn a_compute_instance_tells_whose_token_it_gave() {
    let server = serve();
    server.with(|emulator| emulator.config_mut().hosts.single_sign_on = true);
    let whose = |more: &[&str]| {
        let ended = on(&server, Host::MachineLearning, more);
        assert_eq!(ended.json()["source"], "managed-identity", "{ended:?}");
        let identity = ended.json()["identity"].clone();
        (identity["type"].clone(), identity["username"].clone(), identity["clientId"].clone())
    };
    let id = format!("client-id:{}", world::USER_IDENTITY);
    for more in [&MANAGED[..], &[]] {
        let (kind, name, _) = whose(more);
        assert_eq!((kind, name), ("user".into(), world::USER.into()));
        let named = [more, &["--identity", &id, "--refuse-to-guess"]].concat();
        assert_eq!(whose(&named), ("app".into(), Value::Null, world::USER_IDENTITY.into()));
        let strict = [more, &["--refuse-to-guess"]].concat();
        let before = server.requests().len();
        for host in [Host::MachineLearning, Host::CloudShell] {
            let ended = on(&server, host, &strict);
            assert_eq!((ended.code, &ended.error()["error"]), (2, &"configuration".into()), "{ended:?}");
        }
        assert_eq!(server.requests().len(), before);
    }
}

#[test]
fn refusing_to_guess_is_for_managed_identity() {
    let mut command = entrada();
    command.args(ASK).args(["--error-format", "json", "--credential", "azure-cli", "--refuse-to-guess"]);
    let ended = run(command, Vec::<String>::new());
    assert_eq!(ended.code, 2, "{ended:?}");
    assert!(ended.error()["message"].as_str().unwrap().contains("--refuse-to-guess"), "{ended:?}");
}

#[test]
fn identities_by_every_id() {
    let server = serve();
    let resource = format!("resource-id:{}", world::USER_IDENTITY_RESOURCE);
    let identity = |id: &str| {
        [&MANAGED[..], &["--identity", id]].concat().iter().map(|s| (*s).to_owned()).collect::<Vec<_>>()
    };
    let ask = |host, id: &str| {
        let more = identity(id);
        on(&server, host, &more.iter().map(String::as_str).collect::<Vec<_>>())
    };
    assert_eq!(ask(Host::AppService, &resource).json()["identity"]["clientId"], world::USER_IDENTITY);
    let unknown = ask(Host::AppService, "client-id:00000000-0000-0000-0000-000000000001");
    assert_eq!((unknown.code, &unknown.error()["error"]), (1, &"refused".into()), "{unknown:?}");
    for host in [Host::ServiceFabric, Host::CloudShell, Host::MachineLearning] {
        let ended = ask(host, &resource);
        assert_eq!((ended.code, &ended.error()["error"]), (2, &"configuration".into()), "{ended:?}");
    }
}

#[test]
fn a_host_that_is_broken_stops_the_chain() {
    let server = serve();
    let mut command = entrada();
    command.envs(server.environment_of(Host::AppService)).env("IDENTITY_HEADER", "wrong");
    let ended = run(command, ASK.into_iter().chain(["--error-format", "json"]));
    assert_eq!(ended.code, 1, "{ended:?}");
    assert_eq!(sources(&ended).last().unwrap(), "managed-identity", "no tool was asked: {ended:?}");
    // A compute without a responder has no identity: the chain goes on.
    let mut command = entrada();
    command.env("MSI_ENDPOINT", "identity-responder-not-enabled").env("MSI_SECRET", "s");
    let ended = run(command, ASK.into_iter().chain(["--error-format", "json"]));
    assert_eq!(ended.code, 3, "{ended:?}");
    assert!(sources(&ended).contains(&"azure-cli".to_owned()), "{ended:?}");
}

/// Who was tried.
fn sources(ended: &Ended) -> Vec<String> {
    let error = ended.error();
    let attempts = error["attempts"].as_array().unwrap().iter();
    attempts.map(|attempt| attempt["source"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_job_for_the_person_who_submitted_it() {
    let server = serve();
    let ask = |more: &[&str]| on(&server, Host::MachineLearningJob, more);
    let ended = ask(&["--credential", "azure-ml-on-behalf-of"]);
    let token = ended.json();
    assert_eq!(token["source"], "azure-ml-on-behalf-of", "{ended:?}");
    assert_eq!(
        (&token["identity"]["type"], &token["identity"]["username"]),
        (&"user".into(), &world::USER.into())
    );
    // Elsewhere it is absent, and says why; a chain goes on.
    let elsewhere = |credential: &str| {
        let mut command = support::as_app(&server);
        command.args(ASK).args(["--error-format", "json", "--credential", credential]);
        run(command, Vec::<String>::new())
    };
    let absent = elsewhere("azure-ml-on-behalf-of");
    assert_eq!((absent.code, &absent.error()["error"]), (3, &"unavailable".into()), "{absent:?}");
    let remedy = absent.error()["remedy"].as_str().unwrap().to_owned();
    assert!(["user_identity", "pipeline", "studio"].iter().all(|reason| remedy.contains(reason)), "{remedy}");
    assert_eq!(elsewhere("azure-ml-on-behalf-of,client-secret").json()["source"], "client-secret");
    let demanded = ask(&[
        "--credential",
        "azure-ml-on-behalf-of",
        "--claims",
        r#"{"access_token":{"acrs":{"essential":true,"values":["p1"]}}}"#,
    ]);
    assert_eq!(
        (demanded.code, &demanded.error()["error"]),
        (4, &"interaction-required".into()),
        "{demanded:?}"
    );
    let unused = ask(&["--credential", "azure-ml-on-behalf-of", "--client-id", world::APP]);
    assert_eq!(unused.code, 2, "{unused:?}");
}
