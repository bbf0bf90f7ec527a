//! Apps that prove themselves with a certificate, with an assertion, or as a job or a workload.

#![cfg(unix)]

mod support;

use std::process::Command;

use entrada_emulator::serve::Server;
use entrada_emulator::{Config, world};
use serde_json::json;
use support::{Ended, Files, address, at, emulator, run, run_with_input, words};

/// The command as an app of the directory.
fn app(server: &Server, client: &str) -> Command {
    let mut command = at(server);
    command.env("AZURE_TENANT_ID", world::TENANT).env("AZURE_CLIENT_ID", client);
    command
}

/// Asks for a token with these words, and files after options.
fn ask(command: Command, credential: &str, more: &[&str]) -> Ended {
    let fixed = ["token", "--resource", "https://management.azure.com", "--error-format", "json", "-vv"];
    run(command, fixed.iter().copied().chain(["--credential", credential]).chain(more.iter().copied()))
}

#[track_caller]
fn is_app(ended: &Ended, credential: &str, object: &str) {
    assert_eq!(ended.code, 0, "{ended:?}");
    let token = ended.json();
    assert_eq!((&token["source"], &token["identity"]["objectId"]), (&json!(credential), &json!(object)));
}

#[track_caller]
fn refused(ended: &Ended, code: i32, kind: &str, numbers: &[u64], said: &str) {
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
fn is_usage(ended: &Ended, said: &str) {
    assert_eq!(ended.code, 2, "{ended:?}");
    let error = ended.error();
    let text = format!("{} {}", error["message"], error["remedy"]);
    assert!(text.contains(said), "{said}: {ended:?}");
}

#[test]
fn an_address_that_stands_for_a_tenant_needs_no_other() {
    let (server, files) = (emulator(Config::default()), Files::new());
    let adfs = format!("{}/adfs", address(&server));
    let secret = files.put("secret", world::SECRET);
    let mut command = at(&server);
    command.env("AZURE_CLIENT_ID", world::APP);
    let ended = ask(command, "client-secret", &["--authority", &adfs, "--client-secret-file", &secret]);
    assert_eq!(ended.code, 0, "{ended:?}");
    assert!(ended.stderr.contains("/adfs/oauth2/token"), "{ended:?}");
    let mut command = at(&server);
    command.env("AZURE_CLIENT_ID", world::APP);
    is_usage(&ask(command, "client-secret", &["--client-secret-file", &secret]), "--tenant-id");
}

/// A token of the cluster for the app that trusts it.
fn federated(server: &Server, subject: &str) -> String {
    let now = server.now();
    server.with(|e| e.federated_token(world::CLUSTER_ISSUER, subject, world::TOKEN_EXCHANGE, now))
}

#[test]
fn a_certificate_in_every_form() {
    let (server, files) = (emulator(Config::default()), Files::new());
    let pem = files.put("client.pem", world::CERTIFICATE_PEM);
    let pfx = files.put("client.pfx", world::CERTIFICATE_PFX);
    let pfx_password = files.put("pfx-password", format!("{}\n", world::CERTIFICATE_PFX_PASSWORD));
    // The key encrypted by OpenSSL, and the certificate as it is.
    let password = files.put("password", "pass phrase of the key");
    files.openssl(words("pkcs8 -topk8 -in client.pem -out key.pem -passout file:password"));
    files.openssl(words("x509 -in client.pem -out certificate.pem"));
    let read = |name: &str| std::fs::read_to_string(files.path(name)).unwrap();
    assert!(read("key.pem").starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----"));
    let encrypted = files.put("encrypted.pem", read("certificate.pem") + &read("key.pem"));
    files.openssl(words("pkcs12 -export -in client.pem -out empty.pfx -passout pass:"));
    let empty = files.path("empty.pfx");
    for more in [
        &["--certificate", &pem][..],
        &["--certificate", &pfx, "--certificate-password-file", &pfx_password],
        &["--certificate", &encrypted, "--certificate-password-file", &password],
        &["--certificate", &empty],
        &["--certificate", &pem, "--send-certificate-chain"],
    ] {
        let ended = ask(app(&server, world::CERTIFICATE_APP), "client-certificate", more);
        is_app(&ended, "client-certificate", world::CERTIFICATE_APP_OBJECT);
    }
    // By variables, the password too, and a password by standard input.
    let mut command = app(&server, world::CERTIFICATE_APP);
    command
        .env("AZURE_CLIENT_CERTIFICATE_PATH", &pfx)
        .env("AZURE_CLIENT_CERTIFICATE_PASSWORD", world::CERTIFICATE_PFX_PASSWORD);
    is_app(&ask(command, "client-certificate", &[]), "client-certificate", world::CERTIFICATE_APP_OBJECT);
    let from_input = ["token", "--resource", "https://management.azure.com", "--certificate", &pfx];
    let from_input = from_input.into_iter().chain(words("--certificate-password-file - --credential"));
    let ended = run_with_input(
        app(&server, world::CERTIFICATE_APP),
        from_input.chain(["client-certificate"]),
        &format!("{}\n", world::CERTIFICATE_PFX_PASSWORD),
    );
    is_app(&ended, "client-certificate", world::CERTIFICATE_APP_OBJECT);
}

#[test]
fn a_certificate_that_is_no_good() {
    let (server, files) = (emulator(Config::default()), Files::new());
    let pem = files.put("client.pem", world::CERTIFICATE_PEM);
    let pfx = files.put("client.pfx", world::CERTIFICATE_PFX);
    let wrong = files.put("wrong", "canary-of-a-wrong-password");
    files.openssl(words(
        "req -x509 -newkey rsa:2048 -nodes -keyout s.key -out s.crt -days 2 -subj /CN=stranger",
    ));
    files.openssl(words("pkey -in client.pem -out only.key"));
    files.openssl(words("x509 -in client.pem -out only.crt"));
    let stranger = {
        let read = |name: &str| std::fs::read_to_string(files.path(name)).unwrap();
        files.put("stranger.pem", read("s.crt") + &read("s.key"))
    };
    let by = |more: &[&str]| ask(app(&server, world::CERTIFICATE_APP), "client-certificate", more);
    refused(&by(&["--certificate", &stranger]), 1, "refused", &[700_027], "certificate");
    let app_of_others = ask(app(&server, world::APP), "client-certificate", &["--certificate", &pem]);
    refused(&app_of_others, 1, "refused", &[700_027], "certificate");
    let password = ["--certificate", &pfx, "--certificate-password-file", &wrong];
    let ended = by(&password);
    refused(&ended, 2, "configuration", &[], "password");
    ended.keeps(["canary-of-a-wrong-password"]);
    refused(&by(&["--certificate", &pfx]), 2, "configuration", &[], "password");
    let (key, certificate) = (files.path("only.key"), files.path("only.crt"));
    for path in ["/no/such/file", &key, &certificate, &wrong] {
        is_usage(&by(&["--certificate", path]), path);
    }
    is_usage(&by(&[]), "AZURE_CLIENT_CERTIFICATE_PATH");
    is_usage(&by(&["--certificate", "-"]), "--certificate");
    // Somebody else's subject is no matter of the certificate's strength: the chain has to come along.
    let renewed = files.put("renewed.pem", world::RENEWED_CERTIFICATE_PEM);
    let alone =
        ask(app(&server, world::SUBJECT_NAME_APP), "client-certificate", &["--certificate", &renewed]);
    refused(&alone, 1, "refused", &[700_027], "certificate");
}

#[test]
fn a_renewed_certificate_and_its_chain() {
    let (server, files) = (emulator(Config::default()), Files::new());
    let renewed = files.put("renewed.pem", world::RENEWED_CERTIFICATE_PEM);
    let chain = ["--certificate", &renewed, "--send-certificate-chain"];
    let ended = ask(app(&server, world::SUBJECT_NAME_APP), "client-certificate", &chain);
    is_app(&ended, "client-certificate", world::SUBJECT_NAME_APP_OBJECT);
    for said in ["1", "true", "TRUE"] {
        let mut command = app(&server, world::SUBJECT_NAME_APP);
        command.env("AZURE_CLIENT_SEND_CERTIFICATE_CHAIN", said);
        let ended = ask(command, "client-certificate", &["--certificate", &renewed]);
        is_app(&ended, "client-certificate", world::SUBJECT_NAME_APP_OBJECT);
    }
    // The file is what it is now, not what it was once.
    let path = files.put("current.pem", world::RENEWED_CERTIFICATE_PEM);
    let by = || ask(app(&server, world::CERTIFICATE_APP), "client-certificate", &["--certificate", &path]);
    assert_eq!(by().code, 1);
    files.put("current.pem", world::CERTIFICATE_PEM);
    is_app(&by(), "client-certificate", world::CERTIFICATE_APP_OBJECT);
}

#[test]
fn an_assertion_from_a_file() {
    let (server, files) = (emulator(Config::default()), Files::new());
    let token = federated(&server, world::CLUSTER_SUBJECT);
    let file = files.put("token", format!("{token}\n"));
    let by = |more: &[&str]| ask(app(&server, world::FEDERATED_APP), "client-assertion", more);
    let ended = by(&["--assertion-file", &file]);
    is_app(&ended, "client-assertion", world::FEDERATED_APP_OBJECT);
    ended.keeps([&token]);
    let stranger = files.put("stranger", federated(&server, "system:serviceaccount:training:other"));
    refused(&by(&["--assertion-file", &stranger]), 1, "refused", &[700_213], "subject");
    is_usage(&by(&["--assertion-file", &files.put("empty", "\n")]), "empty");
    is_usage(&by(&["--assertion-file", "/no/such/file"]), "/no/such/file");
    is_usage(&by(&["--assertion-file", "-"]), "--assertion-file");
    is_usage(&by(&[]), "--assertion-file");
}

#[test]
fn a_workload_of_a_cluster() {
    let (server, files) = (emulator(Config::default()), Files::new());
    let file = files.put("token", federated(&server, world::CLUSTER_SUBJECT));
    let by = |more: &[&str]| ask(app(&server, world::FEDERATED_APP), "workload-identity", more);
    is_app(&by(&["--token-file", &file]), "workload-identity", world::FEDERATED_APP_OBJECT);
    // As the webhook of the cluster sets it up.
    let mut command = app(&server, world::FEDERATED_APP);
    command.env("AZURE_FEDERATED_TOKEN_FILE", &file).env("AZURE_AUTHORITY_HOST", address(&server));
    is_app(&ask(command, "workload-identity", &[]), "workload-identity", world::FEDERATED_APP_OBJECT);
    // It is absent from a chain where there is none, and a wrong one ends it.
    let ended = ask(at(&server), "workload-identity,managed-identity", &[]);
    is_app(&ended, "managed-identity", world::SYSTEM_IDENTITY_OBJECT);
    let mut command = app(&server, world::APP);
    command.env("AZURE_FEDERATED_TOKEN_FILE", &file);
    let ended = ask(command, "workload-identity,managed-identity", &[]);
    refused(&ended, 1, "refused", &[70_021], "iss, sub and aud");
    assert_eq!(ended.error()["attempts"].as_array().map(Vec::len), Some(1));
    is_usage(&by(&[]), "AZURE_FEDERATED_TOKEN_FILE");
    is_usage(&by(&["--token-file", "-"]), "--token-file");
}

fn job(server: &Server) -> Command {
    let path = world::PIPELINES_URI.strip_prefix("https://dev.azure.com").unwrap();
    let mut command = app(server, world::FEDERATED_APP);
    command
        .env("SYSTEM_OIDCREQUESTURI", format!("{}{path}", address(server)))
        .env("SYSTEM_ACCESSTOKEN", world::SYSTEM_ACCESS_TOKEN);
    command
}

#[test]
fn a_job_of_azure_pipelines() {
    let server = emulator(Config::default());
    let connection = ["--service-connection-id", world::SERVICE_CONNECTION];
    let by = |command: Command, more: &[&str]| ask(command, "azure-pipelines", more);
    is_app(&by(job(&server), &connection), "azure-pipelines", world::FEDERATED_APP_OBJECT);
    let mut command = job(&server);
    command.env("SYSTEM_ACCESSTOKEN", "canary-of-another-job");
    let ended = by(command, &connection);
    refused(&ended, 1, "refused", &[], "SYSTEM_ACCESSTOKEN");
    ended.keeps(["canary-of-another-job"]);
    let unknown = ["--service-connection-id", "00000000-0000-0000-0000-000000000001"];
    refused(&by(job(&server), &unknown), 1, "refused", &[], "service connection");
    is_usage(&by(job(&server), &[]), "--service-connection-id");
    let mut command = job(&server);
    command.env_remove("SYSTEM_ACCESSTOKEN");
    is_usage(&by(command, &connection), "SYSTEM_ACCESSTOKEN");
    let mut command = job(&server);
    command.env_remove("SYSTEM_OIDCREQUESTURI");
    refused(&by(command, &connection), 3, "unavailable", &[], "SYSTEM_OIDCREQUESTURI");
    // The token of the job never goes to a plain address elsewhere.
    let mut command = job(&server);
    command.env("SYSTEM_OIDCREQUESTURI", "http://dev.azure.com/x");
    assert_eq!(by(command, &connection).code, 2);
}

#[test]
fn an_api_on_behalf_of_its_caller() {
    let (mut config, files) = (Config::default(), Files::new());
    let of = |config: &Config, id: &str| config.apps.iter().position(|app| app.client_id == id).unwrap();
    let (api, federated) = (of(&config, world::API), of(&config, world::FEDERATED_APP));
    config.apps[api].federated_credentials = config.apps[federated].federated_credentials.clone();
    let server = emulator(config);
    let password = files.put("password", world::PASSWORD);
    let signed_in = |scope: &str| {
        let user = ["token", "--credential", "username-password", "--username", world::USER, "-o", "raw"];
        let ended =
            run(at(&server), user.into_iter().chain(["--password-file", &password, "--scope", scope]));
        assert_eq!(ended.code, 0, "{ended:?}");
        ended.stdout
    };
    let caller = files.put("caller", signed_in(world::API_SCOPE));
    let secret = files.put("secret", world::API_SECRET);
    let pem = files.put("client.pem", world::CERTIFICATE_PEM);
    let by = |more: &[&str]| {
        let caller = ["--user-assertion-file", &caller];
        ask(app(&server, world::API), "on-behalf-of", &[&caller[..], more].concat())
    };
    let federated = files.put("federated", self::federated(&server, world::CLUSTER_SUBJECT));
    for proof in
        [["--client-secret-file", &secret], ["--certificate", &pem], ["--assertion-file", &federated]]
    {
        let token = by(&proof);
        is_app(&token, "on-behalf-of", world::USER_OBJECT);
        assert_eq!(token.json()["identity"]["username"], world::USER);
    }
    // An option comes before a variable of another kind, and two proofs are one too many.
    let mut command = app(&server, world::API);
    command.env("AZURE_CLIENT_CERTIFICATE_PATH", "/no/such/file");
    let options = ["--user-assertion-file", &caller, "--client-secret-file", &secret];
    is_app(&ask(command, "on-behalf-of", &options), "on-behalf-of", world::USER_OBJECT);
    is_usage(&by(&["--client-secret-file", &secret, "--certificate", &pem]), "one way");
    is_usage(&by(&["--assertion-file", &federated, "--certificate", &pem]), "one way");

    // Whose token it is, and for whom.
    let management = files.put("management", signed_in(world::MANAGEMENT_SCOPE));
    let with = |file: &str| {
        let options = ["--user-assertion-file", file, "--client-secret-file", &secret];
        ask(app(&server, world::API), "on-behalf-of", &options)
    };
    refused(&with(&management), 1, "refused", &[50_013], "");
    is_usage(&with(&files.put("bearer", "Bearer x")), "without the word Bearer");
    is_usage(&with(&files.put("none", "")), "empty");
    is_usage(&by(&[]), "has to prove itself");
    let nobody = ask(app(&server, world::API), "on-behalf-of", &["--client-secret-file", &secret]);
    is_usage(&nobody, "--user-assertion-file");
    is_usage(
        &ask(
            app(&server, world::API),
            "on-behalf-of",
            &["--user-assertion-file", "-", "--client-secret-file", "-"],
        ),
        "--client-secret-file and --user-assertion-file",
    );
}

#[test]
fn an_api_is_told_what_its_caller_has_to_do() {
    use entrada_emulator::config::Demand;
    let (mut config, files) = (Config::default(), Files::new());
    config.policy.demands.push(Demand {
        scope: "https://management.azure.com".into(),
        acrs: Some("c1".into()),
        ..Demand::default()
    });
    let server = emulator(config);
    let password = files.put("password", world::PASSWORD);
    let user = ["token", "--credential", "username-password", "--username", world::USER, "-o", "raw"];
    let scope = ["--password-file", &password, "--scope", world::API_SCOPE];
    let caller = files.put("caller", run(at(&server), user.into_iter().chain(scope)).stdout);
    let mut command = app(&server, world::API);
    command.env("AZURE_CLIENT_SECRET", world::API_SECRET);
    let ended = ask(command, "on-behalf-of", &["--user-assertion-file", &caller]);
    assert_eq!((ended.code, ended.error()["error"].as_str()), (4, Some("interaction-required")), "{ended:?}");
    assert!(ended.error()["remedy"].is_string());
}

/// A service principal's file, as `az ad sp create-for-rbac --json-auth` prints it.
fn auth_file(pairs: &[(&str, serde_json::Value)]) -> String {
    let mut document = json!({
        "clientId": world::APP, "clientSecret": world::SECRET, "subscriptionId": world::SUBSCRIPTION,
        "tenantId": world::TENANT,
        "activeDirectoryEndpointUrl": "https://login.microsoftonline.com",
        "resourceManagerEndpointUrl": "https://management.azure.com/",
        "managementEndpointUrl": "https://management.core.windows.net/",
    });
    for (name, value) in pairs {
        document[*name] = value.clone();
    }
    format!("{document:#}")
}

#[test]
fn a_service_principals_file() {
    let (server, files) = (emulator(Config::default()), Files::new());
    let file = files.put("sp.json", auth_file(&[]));
    let fixed = ["token", "--resource", "https://management.azure.com", "--error-format", "json"];
    let ask = |more: &[&str]| run(at(&server), fixed.iter().chain(more));
    // The emulator plays the public cloud; the variables are not asked, nor is the chain.
    is_app(&ask(&["--auth-file", &file]), "client-secret", world::APP_OBJECT);
    is_app(
        &ask(&["--auth-file", &file, "--credential", "client-secret"]),
        "client-secret",
        world::APP_OBJECT,
    );
    let input = auth_file(&[]);
    let piped = run_with_input(at(&server), fixed.iter().chain(&["--auth-file", "-"]), &input);
    is_app(&piped, "client-secret", world::APP_OBJECT);
    let pem = files.put("client.pem", world::CERTIFICATE_PEM);
    let certified = [
        ("clientId", json!(world::CERTIFICATE_APP)),
        ("clientSecret", json!(null)),
        ("clientCertificate", json!(pem)),
    ];
    let certified = files.put("certified.json", auth_file(&certified));
    is_app(&ask(&["--auth-file", &certified]), "client-certificate", world::CERTIFICATE_APP_OBJECT);
    let names = ["-s", world::SUBSCRIPTION, "-g", world::RESOURCE_GROUP, "-w", world::WORKSPACE];
    let show = ["workspace", "show", "-o", "json", "--auth-file", &file];
    let shown = run(at(&server), show.iter().chain(&names));
    assert_eq!(shown.json()["identity"]["objectId"], world::APP_OBJECT, "{shown:?}");
    let own = [
        ("activeDirectoryEndpointUrl", json!(address(&server))),
        ("resourceManagerEndpointUrl", json!(address(&server))),
    ];
    let own = files.put("own.json", auth_file(&own));
    is_app(&ask(&["--auth-file", &own]), "client-secret", world::APP_OBJECT);

    let before = server.requests().len();
    let usage = |more: &[&str], said: &str| is_usage(&ask(&[&["--auth-file", &file], more].concat()), said);
    usage(&["--tenant-id", "fabrikam.com"], "--tenant-id");
    usage(&["--client-id", world::API], "--client-id");
    usage(&["--client-secret-file", &file], "--client-secret-file");
    usage(&["--certificate", &pem], "--certificate");
    usage(&["--authority", "usgov"], "configured");
    usage(&["--arm-endpoint", "https://management.usgovcloudapi.net"], "configured");
    usage(&["--credential", "azure-cli"], "--auth-file");
    for (name, pairs, said) in [
        (
            "china.json",
            vec![("resourceManagerEndpointUrl", json!("https://management.chinacloudapi.cn"))],
            "AzureChinaCloud",
        ),
        (
            "evil.json",
            vec![("activeDirectoryEndpointUrl", json!("https://login.evil.example"))],
            "no known cloud",
        ),
        (
            "arm.json",
            vec![("resourceManagerEndpointUrl", json!("https://arm.evil.example"))],
            "no known cloud",
        ),
        ("half.json", vec![("clientSecret", json!("<secret>"))], "placeholder"),
    ] {
        let file = files.put(name, auth_file(&pairs));
        is_usage(&ask(&["--auth-file", &file]), said);
    }
    is_usage(&ask(&["--auth-file", "/nowhere/sp.json"]), "/nowhere/sp.json");
    let wide: Vec<u8> =
        format!("\u{feff}{}", auth_file(&[])).encode_utf16().flat_map(u16::to_le_bytes).collect();
    is_usage(&ask(&["--auth-file", &files.put("wide.json", wide)]), "UTF-16");
    assert_eq!(server.requests().len(), before, "nothing is asked of anybody");
}
