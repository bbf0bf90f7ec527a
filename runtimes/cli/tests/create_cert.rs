//! `entrada sp … --create-cert`: certificates of its own making, before OpenSSL and the emulator.

#![cfg(feature = "create-cert")]

mod support;

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use entrada_emulator::serve::Server;
use entrada_emulator::{Config, world};
use support::{Files, address, as_app, at, emulator, run, words};

/// What OpenSSL says of a file.
fn openssl(arguments: &str, file: &Path) -> String {
    let output = Command::new("openssl").args(words(arguments)).arg("-in").arg(file).output();
    let output = output.expect("these tests need the `openssl` command");
    assert!(output.status.success(), "{arguments}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn token(server: &Server, app: &str, file: &str) -> support::Ended {
    let mut signer = at(server);
    signer.env("AZURE_TENANT_ID", world::TENANT).env("AZURE_CLIENT_ID", app);
    let credential = ["token", "--credential", "client-certificate", "--certificate", file];
    run(signer, credential.into_iter().chain(["--resource", "https://management.azure.com", "-o", "raw"]))
}

#[test]
fn what_is_made_signs_in_and_openssl_is_content() {
    let server = emulator(Config::default());
    let files = Files::new();
    let file = files.path("app.pem");
    let option = format!("--create-cert={file}");
    let made = run(as_app(&server), ["sp", "create", "--name", "ml-auth", "--years", "2", &option]);
    assert_eq!(made.code, 0, "{made:?}");
    let document = made.json();
    assert!(document["password"].is_null(), "{made:?}");
    assert_eq!(document["fileWithCertAndPrivateKey"], file.as_str());
    assert!(made.stderr.contains(&file) && !made.stdout.contains("PRIVATE"), "{made:?}");
    let app = document["appId"].as_str().unwrap();
    let signed_in = token(&server, app, &file);
    assert_eq!(signed_in.code, 0, "{signed_in:?}");

    let path = Path::new(&file);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(std::fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
    }
    assert!(openssl("pkey -check -noout", path).contains("Key is valid"));
    let text = openssl("x509 -noout -text -subject -issuer -nameopt RFC2253", path);
    for part in [
        "Version: 3",
        "Signature Algorithm: sha256WithRSAEncryption",
        "Public-Key: (3072 bit)",
        "Exponent: 65537",
        "CA:FALSE",
        "Digital Signature",
        "TLS Web Client Authentication",
        "subject=CN=ml-auth",
        "issuer=CN=ml-auth",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let days = |days: u32| {
        let check = format!("x509 -noout -checkend {}", days * 86_400);
        Command::new("openssl").args(words(&check)).arg("-in").arg(path).output().unwrap().status.success()
    };
    assert!(days(729) && !days(731));
    let verified = Command::new("openssl").args(["verify", "-CAfile", &file, &file]).output().unwrap();
    assert!(verified.status.success(), "{verified:?}");

    // A second one for the same app, which serves beside the first.
    let other = files.path("other.pem");
    let option = format!("--create-cert={other}");
    let reset = run(as_app(&server), ["sp", "reset", app, &option, "--days", "30"]);
    assert_eq!(reset.code, 0, "{reset:?}");
    assert_eq!(reset.json()["fileWithCertAndPrivateKey"], other.as_str());
    let other_path = Path::new(&other);
    for what in ["x509 -noout -serial", "x509 -noout -pubkey"] {
        assert_ne!(openssl(what, path), openssl(what, other_path));
    }
    for file in [&file, &other] {
        let signed_in = token(&server, app, file);
        assert_eq!(signed_in.code, 0, "{signed_in:?}");
    }
}

#[test]
fn nothing_is_overwritten_and_nothing_made_for_nothing() {
    let server = emulator(Config::default());
    let files = Files::new();
    let apps = || server.with(|emulator| emulator.config().apps.len());
    let before = apps();
    let taken = files.put("taken.pem", "mine");
    let option = format!("--create-cert={taken}");
    let refused = run(as_app(&server), ["sp", "create", "--name", "x", &option]);
    assert!(refused.code == 2 && refused.stderr.contains(&taken), "{refused:?}");
    assert_eq!(std::fs::read_to_string(&taken).unwrap(), "mine");
    for other in ["--no-password", "--cert=@x.pem"] {
        let used = run(as_app(&server), ["sp", "create", "--name", "x", "--create-cert", other]);
        assert_eq!(used.code, 2, "{used:?}");
    }
    assert_eq!(apps(), before);

    // A role that may not be given: the certificate would have come last, so that there is none of it.
    server.with(|emulator| {
        let roles = &mut emulator.config_mut().role_assignments;
        roles.retain(|known| known.principal != world::APP_OBJECT);
    });
    let scope = format!("/subscriptions/{}", world::SUBSCRIPTION);
    let roleless = files.path("roleless.pem");
    let option = format!("--create-cert={roleless}");
    let create = ["sp", "create", "--name", "roleless", "--role", "Reader", "--scopes", &scope, &option];
    let refused = run(as_app(&server), create);
    assert_eq!(refused.code, 1, "{refused:?}");
    let known = server.with(|emulator| emulator.config().apps.last().unwrap().certificates.len());
    assert!(known == 0 && !Path::new(&roleless).exists(), "{known} {refused:?}");

    // A name that is taken: what was made for it goes again.
    assert_eq!(run(as_app(&server), ["sp", "create", "--name", "x", "--no-password"]).code, 0);
    let fresh = files.path("fresh.pem");
    let option = format!("--create-cert={fresh}");
    let refused = run(as_app(&server), ["sp", "create", "--name", "x", &option]);
    assert_eq!(refused.code, 1, "{refused:?}");
    assert!(!Path::new(&fresh).exists());
}

#[test]
fn without_a_name_the_file_has_a_new_one_in_the_working_folder() {
    let server = emulator(Config::default());
    let files = Files::new();
    let folder = files.path("");
    let mut command = as_app(&server);
    command.current_dir(&folder);
    let scope = format!("/subscriptions/{}", world::SUBSCRIPTION);
    let made = run(
        command,
        [
            "sp",
            "create",
            "--name",
            "y",
            "--create-cert",
            "--role",
            "Reader",
            "--scopes",
            &scope,
            "--json-auth",
        ],
    );
    assert_eq!(made.code, 0, "{made:?}");
    let file = made.json()["clientCertificate"].as_str().unwrap().to_owned();
    assert!(Path::new(&file).is_absolute() && made.stderr.contains(&file), "{made:?}");
    let signed_in = token(&server, made.json()["clientId"].as_str().unwrap(), &file);
    assert_eq!(signed_in.code, 0, "{signed_in:?}");
}

/// A way to a server that breaks with the first `PATCH`: that arrives, and nothing comes back any more.
fn breaking_at_a_patch(server: &Server) -> String {
    let service = address(server).trim_start_matches("http://").to_owned();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let own = format!("http://{}", listener.local_addr().unwrap());
    let broken = Arc::new(AtomicBool::new(false));
    std::thread::spawn(move || {
        for client in listener.incoming().flatten() {
            let server = TcpStream::connect(&service).unwrap();
            let lost = broken.clone();
            let (mut from, mut to) = (client.try_clone().unwrap(), server.try_clone().unwrap());
            let told = lost.clone();
            std::thread::spawn(move || {
                let mut bytes = [0; 65_536];
                while let Ok(count @ 1..) = from.read(&mut bytes) {
                    if bytes.starts_with(b"PATCH ") {
                        told.store(true, Ordering::SeqCst);
                    }
                    if to.write_all(&bytes[..count]).is_err() {
                        break;
                    }
                }
                let _ = to.shutdown(Shutdown::Both);
            });
            let (mut from, mut to) = (server, client);
            std::thread::spawn(move || {
                let mut bytes = [0; 65_536];
                while let Ok(count @ 1..) = from.read(&mut bytes) {
                    if lost.load(Ordering::SeqCst) || to.write_all(&bytes[..count]).is_err() {
                        break;
                    }
                }
                let _ = to.shutdown(Shutdown::Both);
            });
        }
    });
    own
}

#[test]
fn the_file_stays_when_nobody_said_whether_its_certificate_was_registered() {
    let server = emulator(Config::default());
    let files = Files::new();
    let file = files.path("app.pem");
    let option = format!("--create-cert={file}");
    let mut command = as_app(&server);
    command.env("ENTRADA_EMULATOR", breaking_at_a_patch(&server));
    let failed = run(command, ["sp", "create", "--name", "x", &option]);
    assert_eq!(failed.code, 5, "{failed:?}");
    let pem = std::fs::read_to_string(&file).unwrap();
    assert!(pem.contains("PRIVATE KEY") && pem.contains("BEGIN CERTIFICATE"), "the key is not lost");
    let app = server.with(|emulator| emulator.config().apps.last().unwrap().clone());
    assert_eq!(app.certificates.len(), 1, "it was registered, for all that");
    let next = format!("--cert '@{file}'");
    assert!(failed.stderr.contains(&next) && failed.stderr.contains("--app-id"), "{failed:?}");

    // What it says to do goes on from there.
    let cert = format!("@{file}");
    let done = run(as_app(&server), ["sp", "create", "--app-id", &app.client_id, "--cert", &cert, "--wait"]);
    assert_eq!(done.code, 0, "{done:?}");
    assert!(done.stderr.contains("it signs in"), "{done:?}");
    let certificates = server.with(|emulator| emulator.config().apps.last().unwrap().certificates.len());
    assert_eq!(certificates, 1, "it is not registered twice");
    assert_eq!(token(&server, &app.client_id, &file).code, 0);
}

#[test]
fn a_certificate_without_its_key_is_not_waited_for() {
    let server = emulator(Config::default());
    let files = Files::new();
    let from = world::CERTIFICATE_PEM.find("-----BEGIN CERTIFICATE").unwrap();
    let cert = format!("@{}", files.put("cert.pem", &world::CERTIFICATE_PEM[from..]));
    let before = server.with(|emulator| emulator.config().apps.len());
    let refused = run(as_app(&server), ["sp", "create", "--name", "x", "--cert", &cert, "--wait"]);
    assert!(refused.code == 2 && refused.stderr.contains("private key"), "{refused:?}");
    assert_eq!(server.with(|emulator| emulator.config().apps.len()), before);
    let made = run(as_app(&server), ["sp", "create", "--name", "x", "--cert", &cert]);
    assert_eq!(made.code, 0, "{made:?}");
}

/// Whoever may not give the role leaves no certificate in the directory whose key would be gone.
#[test]
fn the_file_goes_when_its_certificate_was_certainly_not_registered() {
    let mut config = Config::default();
    config.role_assignments.retain(|role| role.principal != "*" && role.principal != world::APP_OBJECT);
    config.role_assignments.push(entrada_emulator::config::RoleAssignment {
        principal: world::APP_OBJECT.into(),
        scope: format!("/subscriptions/{}", world::SUBSCRIPTION),
        role: "b24988ac-6180-42a0-ab88-20f7382dd24c".into(),
        principal_type: "ServicePrincipal".into(),
        ..Default::default()
    });
    let server = emulator(config);
    let files = Files::new();
    let file = files.path("app.pem");
    let option = format!("--create-cert={file}");
    let scope = format!("/subscriptions/{}", world::SUBSCRIPTION);
    let create = ["sp", "create", "--name", "cert-app", "--role", "Reader", "--scopes", &scope, &option];
    let failed = run(as_app(&server), create.into_iter().chain(["--error-format", "json"]));
    assert_eq!(failed.code, 1, "{failed:?}");
    let app = server.with(|emulator| emulator.config().apps.last().unwrap().clone());
    assert!(app.certificates.is_empty() && !Path::new(&file).exists(), "{failed:?}");
    let error = failed.error();
    assert_eq!(error["made"][0]["what"], "application", "{error}");
    assert_eq!(error["made"][0]["id"], app.client_id.as_str(), "{error}");
    let (_, undo) = error["remedy"].as_str().unwrap().split_once("undo with: entrada ").unwrap();
    let undone = run(as_app(&server), words(undo));
    assert_eq!(undone.code, 0, "{undone:?}");
    assert!(server.with(|emulator| emulator.config().apps.iter().all(|known| known.name != "cert-app")));
}
