//! `entrada token`: its outputs, its errors and its exit codes.

mod support;

use entrada_emulator::{Config, world};
use serde_json::Value;
use support::{Ended, address, as_app, at, emulator, entrada, no_metadata_service, run, run_with_input};

const RESOURCE: [&str; 2] = ["--resource", "https://management.azure.com"];

fn token<'a>(arguments: &[&'a str]) -> Vec<&'a str> {
    [&["token"], &RESOURCE[..], arguments].concat()
}

fn secret(arguments: &[&str]) -> Ended {
    let server = emulator(Config::default());
    run(as_app(&server), token(&[&["--credential", "client-secret"], arguments].concat()))
}

#[test]
fn json_has_the_documented_fields_on_one_line() {
    let ended = secret(&[]);
    assert_eq!(ended.code, 0, "{ended:?}");
    assert_eq!(ended.stdout.lines().count(), 1);
    assert_eq!(ended.stderr, "");
    let token = ended.json();
    let object = token.as_object().unwrap();
    let names: Vec<_> = object.keys().map(String::as_str).filter(|name| *name != "refresh_on").collect();
    assert_eq!(
        names,
        ["accessToken", "expiresOn", "expires_on", "tenant", "tokenType", "scope", "source", "identity"]
    );
    assert_eq!(token["tokenType"], "Bearer");
    assert_eq!(token["scope"], "https://management.azure.com/.default");
    assert_eq!(token["source"], "client-secret");
    assert_eq!(token["tenant"], world::TENANT);
    assert_eq!(token["identity"]["clientId"], world::APP);
    assert_eq!(token["identity"]["objectId"], world::APP_OBJECT);
    // TZ is UTC here, so the local time reads back as the instant.
    let local = entrada_core::calendar::parse(token["expiresOn"].as_str().unwrap()).unwrap();
    assert_eq!(local.or_utc().0, token["expires_on"].as_i64().unwrap());
    assert!(token["expiresOn"].as_str().unwrap().ends_with(".000000"));
}

#[test]
fn the_other_outputs() {
    let raw = secret(&["-o", "raw"]).stdout;
    assert_eq!(raw.trim().split('.').count(), 3);
    assert!(secret(&["-o", "header"]).stdout.starts_with("Authorization: Bearer eyJ"));
    let env = secret(&["-o", "env"]).stdout;
    let mut lines = env.lines();
    assert!(lines.next().unwrap().starts_with("export ACCESS_TOKEN=eyJ"));
    assert!(lines.next().unwrap().starts_with("export ACCESS_TOKEN_EXPIRES_ON=1") || env.contains("_ON=2"));
    let server = emulator(Config::default());
    for (info, version) in [
        ("", "client.authentication.k8s.io/v1"),
        (r#"{"apiVersion":"client.authentication.k8s.io/v1beta1"}"#, "client.authentication.k8s.io/v1beta1"),
    ] {
        let mut command = as_app(&server);
        command.env("KUBERNETES_EXEC_INFO", info);
        let ended = run(command, token(&["--credential", "client-secret", "-o", "kubernetes"]));
        let document = ended.json();
        assert_eq!(document["apiVersion"], version);
        assert_eq!(document["kind"], "ExecCredential");
        assert!(document["status"]["token"].as_str().unwrap().starts_with("eyJ"));
        assert!(document["status"]["expirationTimestamp"].as_str().unwrap().ends_with('Z'));
    }
}

#[test]
fn the_secret_comes_from_a_file_or_standard_input() {
    let server = emulator(Config::default());
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("secret");
    std::fs::write(&file, format!("{}\n", world::SECRET)).unwrap();
    let arguments = |file: &str| {
        let list = [
            "--credential",
            "client-secret",
            "--tenant-id",
            world::TENANT,
            "--client-id",
            world::APP,
            "--client-secret-file",
        ];
        token(&[&list[..], &[file]].concat()).into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(run(at(&server), arguments(&file.display().to_string())).code, 0);
    assert_eq!(run_with_input(at(&server), arguments("-"), &format!("{}\r\n", world::SECRET)).code, 0);
    let missing = run(at(&server), arguments("/no/such/file"));
    assert_eq!(missing.code, 2);
    assert!(missing.stderr.contains("/no/such/file"));
}

#[test]
fn a_wrong_secret_is_refused_with_its_number_and_never_shown() {
    let server = emulator(Config::default());
    let mut command = as_app(&server);
    command.env("AZURE_CLIENT_SECRET", "canary-wrong-secret");
    let ended = run(command, token(&["--credential", "client-secret", "--error-format", "json", "-vv"]));
    assert_eq!(ended.code, 1, "{ended:?}");
    assert!(!ended.stderr.contains("canary"), "{ended:?}");
    let error = ended.error();
    assert_eq!(error["error"], "refused");
    assert_eq!(error["aadsts"], serde_json::json!([7_000_215]));
    assert!(error["correlation_id"].is_string() && error["trace_id"].is_string());
    assert!(error["remedy"].as_str().unwrap().len() > 10);
    assert!(error["message"].as_str().unwrap().contains("client-secret"));
}

#[test]
fn exit_codes() {
    let server = emulator(Config::default());
    let code = |command, arguments: &[&str]| run(command, arguments.to_vec()).code;
    // 2: usage and configuration.
    assert_eq!(code(entrada(), &["token"]), 2, "no scope");
    assert_eq!(code(entrada(), &["token", "--bogus"]), 2);
    assert_eq!(code(entrada(), &["nonsense"]), 2);
    assert_eq!(code(entrada(), &token(&["--credential", "client-secret"])), 2, "nothing was given");
    assert_eq!(code(as_app(&server), &token(&["--credential", "client-secret", "--tenant-id", ".."])), 2);
    assert_eq!(
        code(
            as_app(&server),
            &token(&["--credential", "client-secret", "--authority", "http://example.com"])
        ),
        2
    );
    assert_eq!(code(as_app(&server), &token(&["--claims", "[]"])), 2);
    assert_eq!(
        code(entrada(), &token(&["--authority", "http://127.0.0.1:1", "--credential", "device-code"])),
        2,
        "http needs an opt-in"
    );
    // 3: nothing here.
    let mut nowhere = entrada();
    nowhere.env("AZURE_POD_IDENTITY_AUTHORITY_HOST", no_metadata_service());
    let ended = run(nowhere, token(&["--error-format", "json"]));
    assert_eq!(ended.code, 3, "{ended:?}");
    let attempts = ended.error()["attempts"].clone();
    let sources: Vec<_> =
        attempts.as_array().unwrap().iter().map(|a| a["source"].as_str().unwrap().to_owned()).collect();
    assert_eq!(
        sources,
        [
            "environment",
            "workload-identity",
            "managed-identity",
            "shared-cache",
            "visual-studio-code",
            "azure-cli",
            "azure-powershell",
            "azure-developer-cli"
        ]
    );
    assert!(attempts.as_array().unwrap().iter().all(|a| a["outcome"] == "unavailable"
        && a["message"].is_string()
        && a["remedy"].is_string()
        && a["elapsed_ms"].is_u64()));
    // 5: nobody listens.
    let mut closed = entrada();
    closed.env("AZURE_TENANT_ID", "t").env("AZURE_CLIENT_ID", "c").env("AZURE_CLIENT_SECRET", "s");
    let list = [
        "--authority",
        "http://127.0.0.1:9",
        "--allow-http-loopback",
        "--credential",
        "client-secret",
        "--timeout",
        "1",
    ];
    let ended = run(closed, token(&[&list[..], &["--error-format", "json"]].concat()));
    assert_eq!(ended.code, 5, "{ended:?}");
    assert_eq!(ended.error()["error"], "network");
    // 0: help and version.
    assert_eq!(code(entrada(), &["--version"]), 0);
    assert_eq!(code(entrada(), &["token", "--help"]), 0);
}

#[test]
fn usage_errors_are_json_when_asked() {
    for arguments in [
        &["token", "--bogus", "--error-format", "json"][..],
        &["--error-format=json", "nonsense"],
        &["token", "--error-format", "json"],
    ] {
        let ended = run(entrada(), arguments.to_vec());
        assert_eq!((ended.code, &ended.error()["error"]), (2, &Value::from("usage")), "{ended:?}");
        assert_eq!(ended.stdout, "");
    }
}

#[test]
fn the_default_chain_names_who_answered() {
    let server = emulator(Config::default());
    assert_eq!(run(as_app(&server), token(&[])).json()["source"], "environment");
    let managed = run(at(&server), token(&[])).json();
    assert_eq!(managed["source"], "managed-identity");
    assert_eq!(managed["identity"]["clientId"], world::SYSTEM_IDENTITY);
    let ended = run(at(&server), token(&["--credential", "client-secret,managed-identity"]));
    assert_eq!(ended.json()["source"], "managed-identity", "an unconfigured member is absent");
}

#[test]
fn broken_stops_a_chain() {
    let server = emulator(Config::default());
    let mut command = as_app(&server);
    command.env("AZURE_CLIENT_SECRET", "wrong");
    let ended =
        run(command, token(&["--credential", "environment,managed-identity", "--error-format", "json"]));
    assert_eq!(ended.code, 1, "{ended:?}");
    assert_eq!(ended.error()["attempts"].as_array().unwrap().len(), 1);
}

#[test]
fn user_assigned_identities() {
    let server = emulator(Config::default());
    for id in [
        format!("client-id:{}", world::USER_IDENTITY),
        format!("object-id:{}", world::USER_IDENTITY_OBJECT),
        format!("resource-id:{}", world::USER_IDENTITY_RESOURCE),
    ] {
        let ended = run(at(&server), token(&["--credential", "managed-identity", "--identity", &id]));
        assert_eq!(ended.json()["identity"]["clientId"], world::USER_IDENTITY, "{id}");
    }
    let unknown = "client-id:00000000-0000-0000-0000-000000000001";
    let ended = run(at(&server), token(&["--credential", "managed-identity", "--identity", unknown]));
    assert_eq!(ended.code, 1, "an identity that was named and is not here is refused: {ended:?}");
    assert_eq!(run(at(&server), token(&["--identity", "x"])).code, 2);
}

#[test]
fn an_env_file_fills_what_is_not_set() {
    let server = emulator(Config::default());
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(".env");
    let text = format!(
        "export AZURE_TENANT_ID='{}'\nAZURE_CLIENT_ID={}\nAZURE_CLIENT_SECRET=\"{}\" # the app's\nbad: line\n",
        world::TENANT,
        world::APP,
        world::SECRET
    );
    std::fs::write(&file, text).unwrap();
    let arguments = token(&["--credential", "environment", "--env-file"]);
    let path = file.display().to_string();
    let ended = run(at(&server), arguments.iter().copied().chain([path.as_str()]));
    assert_eq!(ended.code, 0, "{ended:?}");
    assert!(ended.stderr.contains("line 4"));
    let mut command = at(&server);
    command.env("AZURE_CLIENT_SECRET", "set already");
    assert_eq!(run(command, arguments.iter().copied().chain([path.as_str()])).code, 1, "what is set wins");
    let mut command = at(&server);
    command.current_dir(folder.path());
    assert_eq!(
        run(command, token(&["--credential", "environment"])).code,
        3,
        "a .env that was not named is not read"
    );
}

#[test]
fn verbose_tells_each_effect_and_no_secret() {
    let ended = secret(&["-vv"]);
    let lines: Vec<_> = ended.stderr.lines().collect();
    assert_eq!(lines.len(), 2, "{ended:?}");
    assert!(lines[0].starts_with("> POST http://127.0.0.1:") && lines[0].contains("/oauth2/v2.0/token"));
    assert!(lines[1].starts_with("< 200"));
    assert!(!ended.stderr.contains(world::SECRET) && !ended.stderr.contains("eyJ"));
    assert_eq!(secret(&["-v"]).stderr.lines().count(), 1);
}

#[test]
fn other_tenants_need_leave() {
    let server = emulator(Config::default());
    let other = ["--credential", "client-secret", "--request-tenant", "other.example"];
    let ended = run(as_app(&server), token(&other));
    assert_eq!(ended.code, 2);
    assert!(ended.stderr.contains("other.example"));
    assert!(ended.stderr.contains("--additionally-allowed-tenant"), "{ended:?}");
    let allowed =
        run(as_app(&server), token(&[&other[..], &["--additionally-allowed-tenant", "*"]].concat()));
    assert_eq!(allowed.code, 1, "now the authority is asked, and does not know the tenant: {allowed:?}");
    assert!(address(&server).starts_with("http://127.0.0.1:"));
}
