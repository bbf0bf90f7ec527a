//! Workloads and jobs: apps that prove themselves by what a platform says of them.

#![cfg(unix)]

mod support;

use std::process::Command;

use entrada_emulator::{Config, world};
use support::asking::{app, app_at, ask, federated, is_app, is_usage, job, refused};
use support::{Files, address, at, emulator, secure_emulator};

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
    let missing = by(&["--assertion-file", "/no/such/file"]);
    is_usage(&missing, "/no/such/file");
    is_usage(&missing, "check --assertion-file");
    is_usage(&by(&["--assertion-file", "-"]), "--assertion-file");
    is_usage(&by(&[]), "--assertion-file");
}

#[test]
fn an_assertion_from_another_credential() {
    let (server, files) = (emulator(Config::default()), Files::new());
    let by = |more: &[&str]| ask(app(&server, world::FEDERATED_APP), "client-assertion", more);
    let identity = format!("client-id:{}", world::USER_IDENTITY);
    let managed = ["--assertion-from", "managed-identity", "--identity", &identity];
    let ended = by(&managed);
    is_app(&ended, "client-assertion", world::FEDERATED_APP_OBJECT);
    assert!(ended.stderr.contains("/metadata/identity/oauth2/token"), "{ended:?}");
    // A token for anything else is none that the app trusts, and no other identity is.
    let elsewhere = ["--assertion-scope", "https://vault.azure.net/.default"];
    refused(&by(&[&managed[..], &elsewhere].concat()), 1, "refused", &[700_211], "issuer");
    let usual = ["--assertion-scope", "api://AzureADTokenExchange/.default"];
    let ended = by(&[&managed[..], &usual].concat());
    is_app(&ended, "client-assertion", world::FEDERATED_APP_OBJECT);
    refused(&by(&managed[..2]), 1, "refused", &[7_002_137], "subject");

    // Another app signs in with a proof of its own, and its token is what the authority judges.
    let secret = files.put("secret", world::SECRET);
    let other = ["--assertion-from", "client-secret", "--assertion-client-id", world::APP];
    let proven = [&other[..], &["--client-secret-file", &secret]].concat();
    let ended = by(&proven);
    refused(&ended, 1, "refused", &[7_002_137], "subject");
    assert!(ended.stderr.contains(world::APP_OBJECT), "{ended:?}");
    let elsewhere = ["--assertion-tenant-id", "nobody.example"];
    refused(&by(&[&proven[..], &elsewhere].concat()), 1, "refused", &[90_002], "tenant");
    let pem = files.put("client.pem", world::CERTIFICATE_PEM);
    let certified = ["--assertion-from", "client-certificate", "--certificate", &pem];
    let ended = by(&[&certified[..], &["--assertion-client-id", world::CERTIFICATE_APP]].concat());
    refused(&ended, 1, "refused", &[7_002_137], "subject");
    assert!(ended.stderr.contains(world::CERTIFICATE_APP_OBJECT), "{ended:?}");

    is_usage(&by(&certified), "--assertion-client-id");
    is_usage(&by(&other), "--client-secret-file");
    is_usage(&by(&[&proven[..], &["--certificate", &pem]].concat()), "--certificate");
    is_usage(&by(&[&managed[..], &["--client-secret-file", &secret]].concat()), "--client-secret-file");
    is_usage(&by(&[&managed[..], &other[2..]].concat()), "--identity");
    for more in [&["--assertion-file", &secret][..], &["--assertion-tenant-id", "x"]] {
        assert_eq!(by(&[&managed[..], more].concat()).code, 2, "{more:?}");
    }
    // A secret of the variables is one of the app that they name, and of no other.
    let mut with_secret = app(&server, world::FEDERATED_APP);
    with_secret.env("AZURE_CLIENT_SECRET", world::SECRET);
    let before = server.with(|emulator| emulator.token_requests());
    is_usage(&ask(with_secret, "client-assertion", &other), "--client-secret-file");
    assert_eq!(server.with(|emulator| emulator.token_requests()), before, "nothing is sent");
    let ended = ask(app(&server, world::FEDERATED_APP), "client-secret", &managed[..2]);
    is_usage(&ended, "--assertion-from");
}

#[test]
fn a_workload_of_a_cluster() {
    let (server, files) = (emulator(Config::default()), Files::new());
    let file = files.put("token", federated(&server, world::CLUSTER_SUBJECT));
    let by = |more: &[&str]| ask(app(&server, world::FEDERATED_APP), "workload-identity", more);
    is_app(&by(&["--token-file", &file]), "workload-identity", world::FEDERATED_APP_OBJECT);
    is_usage(&by(&["--token-file", "/no/such/file"]), "check --token-file");
    let mut command = app(&server, world::FEDERATED_APP);
    command.env("AZURE_FEDERATED_TOKEN_FILE", "/no/such/file");
    is_usage(&ask(command, "workload-identity", &[]), "check AZURE_FEDERATED_TOKEN_FILE");
    // As the webhook of the cluster sets it up.
    let mut command = app(&server, world::FEDERATED_APP);
    command.env("AZURE_FEDERATED_TOKEN_FILE", &file).env("AZURE_AUTHORITY_HOST", address(&server));
    is_app(&ask(command, "workload-identity", &[]), "workload-identity", world::FEDERATED_APP_OBJECT);
    // Asked for its managed identity it gives the same, also one that is named by its client id.
    let pod = |client: &str| {
        let mut command = app(&server, client);
        command.env("AZURE_FEDERATED_TOKEN_FILE", &file).env("AZURE_AUTHORITY_HOST", address(&server));
        command
    };
    let managed = |client, more: &[&str]| ask(pod(client), "managed-identity", more);
    is_app(&managed(world::FEDERATED_APP, &[]), "managed-identity", world::FEDERATED_APP_OBJECT);
    let named = ["--identity", &format!("client-id:{}", world::FEDERATED_APP)];
    is_app(&managed(world::APP, &named), "managed-identity", world::FEDERATED_APP_OBJECT);
    let by_object = ["--identity", &format!("object-id:{}", world::FEDERATED_APP_OBJECT)];
    is_usage(&managed(world::FEDERATED_APP, &by_object), "client id");
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
    // What the task tells of its connection goes together: a variable for others names another app.
    let task = |more: &[&str]| {
        let mut command = job(&server);
        command.env("AZURE_CLIENT_ID", world::APP).env("AZURE_TENANT_ID", "other.example");
        command.env("AZURESUBSCRIPTION_TENANT_ID", world::TENANT);
        command.env("AZURESUBSCRIPTION_CLIENT_ID", world::FEDERATED_APP);
        command.env("AZURESUBSCRIPTION_SERVICE_CONNECTION_ID", world::SERVICE_CONNECTION);
        by(command, more)
    };
    let same = world::SERVICE_CONNECTION.to_uppercase();
    for named in [&[][..], &["--service-connection-id", &same]] {
        is_app(&task(named), "azure-pipelines", world::FEDERATED_APP_OBJECT);
    }
    refused(&task(&["--client-id", world::APP]), 1, "refused", &[70_021], "iss, sub and aud");
    refused(&task(&["--tenant-id", "nobody.example"]), 1, "refused", &[90_002], "tenant");
    let mut command = job(&server);
    for (name, value) in [
        ("AZURESUBSCRIPTION_TENANT_ID", "other.example"),
        ("AZURESUBSCRIPTION_CLIENT_ID", world::APP),
        ("AZURESUBSCRIPTION_SERVICE_CONNECTION_ID", "00000000-0000-0000-0000-000000000001"),
    ] {
        command.env(name, value);
    }
    is_app(&by(command, &connection), "azure-pipelines", world::FEDERATED_APP_OBJECT);
    // The token of the job never goes to a plain address elsewhere.
    let mut command = job(&server);
    command.env("SYSTEM_OIDCREQUESTURI", "http://dev.azure.com/x");
    assert_eq!(by(command, &connection).code, 2);
}

#[test]
fn a_workload_asks_the_token_proxy_of_its_cluster() {
    let (server, files) = (secure_emulator(), Files::new());
    let https = server.https_url().unwrap();
    let ca = server.ca_path().unwrap().display().to_string();
    let now = server.now();
    let token = server.with(|emulator| {
        let (issuer, subject) = (world::CLUSTER_ISSUER, world::CLUSTER_SUBJECT);
        emulator.federated_token(issuer, subject, world::IDENTITY_BINDING, now)
    });
    let file = files.put("token", format!("{token}\n"));
    // The pod has nothing but the proxy: neither the authority, whose port is closed, nor its certificates.
    let pod = || {
        let mut command = app_at("https://127.0.0.1:9", world::FEDERATED_APP);
        command.env("AZURE_KUBERNETES_TOKEN_PROXY", format!("{https}/aks-token-proxy"));
        command.env("AZURE_KUBERNETES_SNI_NAME", "localhost").env("AZURE_FEDERATED_TOKEN_FILE", &file);
        command
    };
    let mut command = pod();
    command.env("AZURE_KUBERNETES_CA_FILE", &ca);
    let ended = ask(command, "workload-identity", &["--enable-aks-proxy"]);
    is_app(&ended, "workload-identity", world::FEDERATED_APP_OBJECT);
    ended.keeps([&token]);
    assert!(ended.stderr.contains("/aks-token-proxy/"), "{ended:?}");
    let mut command = pod();
    command.env("AZURE_KUBERNETES_CA_DATA", std::fs::read_to_string(&ca).unwrap());
    let ended = ask(command, "workload-identity", &["--enable-aks-proxy"]);
    is_app(&ended, "workload-identity", world::FEDERATED_APP_OBJECT);

    // Without the option the variables count for nothing, and Entra takes no such token.
    let mut command = pod();
    command.env("AZURE_KUBERNETES_CA_FILE", &ca).env("SSL_CERT_FILE", &ca);
    let ended = ask(command, "workload-identity", &["--authority", &https]);
    refused(&ended, 1, "refused", &[700_212], "audience");
    // Nobody is trusted who was not named, nor by another name.
    for (name, value) in [("SSL_CERT_DIR", "/nowhere"), ("AZURE_KUBERNETES_SNI_NAME", "other.example")] {
        let mut command = pod();
        command.env(name, value);
        if name != "SSL_CERT_DIR" {
            command.env("AZURE_KUBERNETES_CA_FILE", &ca);
        }
        let ended = ask(command, "workload-identity", &["--enable-aks-proxy"]);
        assert_eq!((ended.code, ended.error()["error"].as_str()), (5, Some("network")), "{ended:?}");
        ended.keeps([&token]);
    }
    let mut command = pod();
    command.env("AZURE_KUBERNETES_CA_FILE", &ca).env("AZURE_KUBERNETES_CA_DATA", "x");
    is_usage(&ask(command, "workload-identity", &["--enable-aks-proxy"]), "AZURE_KUBERNETES_CA_DATA");
    let mut command = pod();
    command.env_remove("AZURE_KUBERNETES_TOKEN_PROXY");
    is_usage(&ask(command, "workload-identity", &["--enable-aks-proxy"]), "AZURE_KUBERNETES_TOKEN_PROXY");
    let missing = files.path("missing");
    let mut command = pod();
    command.env("AZURE_KUBERNETES_CA_FILE", &missing);
    is_usage(&ask(command, "workload-identity", &["--enable-aks-proxy"]), "AZURE_KUBERNETES_CA_FILE");
}
