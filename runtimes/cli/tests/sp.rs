//! `entrada sp` and `entrada role`, against the emulator on sockets.

mod support;

use entrada_emulator::config::Policy;
use entrada_emulator::{Config, world};
use support::{Files, as_app, at, emulator, run};

fn scope() -> String {
    format!(
        "/subscriptions/{}/resourceGroups/{}/providers/Microsoft.MachineLearningServices/workspaces/{}",
        world::SUBSCRIPTION,
        world::RESOURCE_GROUP,
        world::WORKSPACE
    )
}

/// A world where nobody may read but who has a role.
fn strict() -> Config {
    let mut config = Config::default();
    config.role_assignments.retain(|role| role.principal != "*");
    config
}

#[test]
fn what_is_set_up_opens_the_workspace() {
    let server = emulator(strict());
    let files = Files::new();
    let kept = files.path("sp.json");
    let scope = scope();
    let create = [
        "sp",
        "create",
        "--name",
        "ml-auth",
        "--role",
        "AzureML Data Scientist",
        "--scopes",
        &scope,
        "--secret-file",
        &kept,
    ];
    let made = run(as_app(&server), create);
    assert_eq!(made.code, 0, "{made:?}");
    let document = made.json();
    let text = |name: &str| document[name].as_str().unwrap().to_owned();
    assert_eq!(text("tenant"), world::TENANT);
    assert!(made.stderr.contains("warning") && !made.stderr.contains(&text("password")), "{made:?}");
    assert_eq!(std::fs::read_to_string(&kept).unwrap(), made.stdout);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(std::fs::metadata(&kept).unwrap().permissions().mode() & 0o777, 0o600);
    }
    let mut opener = at(&server);
    opener
        .env("AZURE_TENANT_ID", text("tenant"))
        .env("AZURE_CLIENT_ID", text("appId"))
        .env("AZURE_CLIENT_SECRET", text("password"));
    let names = ["-s", world::SUBSCRIPTION, "-g", world::RESOURCE_GROUP, "-w", world::WORKSPACE];
    let shown = run(opener, ["workspace", "show", "-o", "json"].into_iter().chain(names));
    assert_eq!(shown.code, 0, "{shown:?}");
    assert_eq!(shown.json()["identity"]["clientId"], text("appId"));

    // The name is taken, and so is the file.
    let again = run(as_app(&server), create);
    assert_eq!(again.code, 2, "{again:?}");
    let again = run(as_app(&server), &create[..8]);
    assert!(again.code == 1 && again.stderr.contains("--reuse"), "{again:?}");

    let app = text("appId");
    let shown = run(as_app(&server), ["sp", "show", &app, "-o", "json"]).json();
    let object = shown["id"].as_str().unwrap().to_owned();
    assert_eq!(run(as_app(&server), ["sp", "show", &object, "-o", "json"]).json(), shown);
    assert!(run(as_app(&server), ["sp", "show", &app]).stdout.contains(&object));
    assert_eq!(run(as_app(&server), ["sp", "show", "11111111-1111-4111-8111-111111111111"]).code, 1);

    let listed = run(as_app(&server), ["role", "list", "--scope", &scope, "--assignee-object-id", &object]);
    assert!(listed.stdout.contains("AzureML Data Scientist"), "{listed:?}");
    let assign = ["role", "assign", "--role", "Reader", "--scope", &scope, "--assignee", &app, "-o", "json"];
    assert_eq!(run(as_app(&server), assign).json()["existed"], false);
    assert_eq!(run(as_app(&server), assign).json()["existed"], true);

    // A new secret, and the old one gone: those that are named and no others.
    let reset = run(as_app(&server), ["sp", "reset", &app]).json();
    assert_ne!(reset["password"], document["password"]);
    let key = reset["keyId"].as_str().unwrap().to_owned();
    let shown = run(as_app(&server), ["sp", "show", &app]);
    let row = shown.stdout.lines().find(|line| line.contains(&key)).unwrap_or_default();
    let value = reset["password"].as_str().unwrap();
    assert!(row.starts_with("secret ") && row.contains(&value[..3]), "{shown:?}");
    let listed = run(as_app(&server), ["sp", "show", &app, "-o", "json"]);
    let secrets = &listed.json()["application"]["passwordCredentials"];
    assert_eq!(secrets.as_array().unwrap().len(), 2, "{listed:?}");
    assert!(secrets[1]["endDateTime"].is_string() && secrets[1]["hint"].is_string(), "{listed:?}");
    for shown in [&shown, &listed] {
        shown.keeps([value, &text("password")]);
    }
    let removed = run(as_app(&server), ["sp", "reset", &app, "--no-password", "--remove-key", &key]);
    assert_eq!(removed.code, 0, "{removed:?}");
    let unknown = run(as_app(&server), ["sp", "reset", &app, "--no-password", "--remove-key", &key]);
    assert_eq!(unknown.code, 1, "{unknown:?}");
    let certificate = format!("@{}", files.put("cert.pem", world::CERTIFICATE_PEM));
    let certified = run(as_app(&server), ["sp", "reset", &app, "--cert", &certificate]);
    assert!(certified.code == 0 && certified.json()["password"].is_null(), "{certified:?}");
    let shown = run(as_app(&server), ["sp", "show", &app]);
    let row = shown.stdout.lines().find(|line| line.starts_with("certificate ")).unwrap_or_default();
    assert!(
        row.contains(certified.json()["keyId"].as_str().unwrap()) && !shown.stdout.contains(&key),
        "{shown:?}"
    );
    let pem = &certificate[1..];
    let mut signer = at(&server);
    signer.env("AZURE_TENANT_ID", text("tenant")).env("AZURE_CLIENT_ID", &app);
    signer.env("AZURE_CLIENT_CERTIFICATE_PATH", pem);
    let token = run(signer, ["token", "--resource", "https://management.azure.com", "-o", "raw"]);
    assert_eq!(token.code, 0, "{token:?}");

    // Another certificate in place of that one; the secret stays.
    let own = certified.json()["keyId"].as_str().unwrap().to_owned();
    let itself = run(as_app(&server), ["sp", "reset", &app, "--cert", &certificate, "--remove-key", &own]);
    assert_eq!(itself.code, 2, "{itself:?}");
    let other = format!("@{}", files.put("other.pem", world::RENEWED_CERTIFICATE_PEM));
    let renewed = run(as_app(&server), ["sp", "reset", &app, "--cert", &other, "--remove-key", &own]);
    assert!(renewed.code == 0 && renewed.stderr.contains(&format!("certificate {own}")), "{renewed:?}");
    let shown = run(as_app(&server), ["sp", "show", &app]).stdout;
    assert!(!shown.contains(&own) && shown.contains(renewed.json()["keyId"].as_str().unwrap()), "{shown}");
    assert_eq!(shown.lines().filter(|line| line.starts_with("secret ")).count(), 1, "{shown}");
    let mut signer = at(&server);
    signer.env("AZURE_TENANT_ID", text("tenant")).env("AZURE_CLIENT_ID", &app);
    signer.env("AZURE_CLIENT_CERTIFICATE_PATH", pem);
    let refused = run(signer, ["token", "--resource", "https://management.azure.com", "-o", "raw"]);
    assert_eq!(refused.code, 1, "{refused:?}");

    let deleted = run(as_app(&server), ["sp", "delete", &app, "--scopes", &scope]);
    assert_eq!(deleted.code, 0, "{deleted:?}");
    assert_eq!(run(as_app(&server), ["sp", "show", &app]).code, 1);
    assert!(!run(as_app(&server), ["role", "list", "--scope", &scope]).stdout.contains(&object));
}

#[test]
fn json_auth_is_what_its_readers_expect() {
    let server = emulator(Config::default());
    let scope = scope();
    let made = run(
        as_app(&server),
        ["sp", "create", "--name", "o'brien", "--role", "Owner", "--scopes", &scope, "--json-auth"],
    );
    assert_eq!(made.code, 0, "{made:?}");
    assert!(made.stderr.contains("least role"), "{made:?}");
    let document = made.json();
    assert_eq!(document["subscriptionId"], world::SUBSCRIPTION);
    assert_eq!(document["resourceManagerEndpointUrl"], "https://management.azure.com/");
    assert!(made.stdout.starts_with("{\n  \"clientId\": "), "{made:?}");
}

#[test]
fn what_cannot_be_is_said_before_anything_is_made() {
    let server = emulator(Config::default());
    let scope = scope();
    let apps = || server.with(|emulator| emulator.config().apps.len());
    let before = apps();
    for (more, code) in [
        (&["--role", "No Such Role", "--scopes", scope.as_str()][..], 1),
        (&["--role", "Reader", "--scopes", "subscriptions/x"], 2),
        (&["--role", "Reader", "--scopes", "/providers/Microsoft.Management/managementGroups/g"], 2),
        (&["--role", "Reader"], 2),
        (&["--cert", "@/no/such/file"], 2),
        (&["--secret-file", "/no/such/folder/file"], 2),
    ] {
        let ended =
            run(as_app(&server), ["sp", "create", "--name", "x"].into_iter().chain(more.iter().copied()));
        assert_eq!(ended.code, code, "{ended:?}");
    }
    assert_eq!(apps(), before);
}

#[test]
fn refusals_say_what_there_is_and_how_to_go_on() {
    let server = emulator(Config {
        policy: Policy { secrets_allowed: false, ..Policy::default() },
        ..Config::default()
    });
    let failed = run(as_app(&server), ["sp", "create", "--name", "x", "--error-format", "json"]);
    assert_eq!(failed.code, 1, "{failed:?}");
    let error = failed.error();
    let remedy = error["remedy"].as_str().unwrap();
    assert!(remedy.contains("certificate") && remedy.contains("entrada sp delete"), "{error}");
    assert!(error["correlation_id"].is_string() && error["trace_id"].is_string(), "{error}");
    let app = server.with(|emulator| emulator.config().apps.last().unwrap().client_id.clone());
    let go_on = run(as_app(&server), ["sp", "create", "--app-id", &app, "--no-password"]);
    assert_eq!(go_on.code, 0, "{go_on:?}");

    // Somebody without rights is told which.
    let mut nobody = at(&server);
    nobody.env("AZURE_TENANT_ID", world::TENANT).env("AZURE_CLIENT_ID", world::API);
    nobody.env("AZURE_CLIENT_SECRET", world::API_SECRET);
    let refused = run(nobody, ["sp", "create", "--name", "y"]);
    assert!(refused.code == 1 && refused.stderr.contains("Application.ReadWrite.OwnedBy"), "{refused:?}");
}

/// Ctrl-C half way: what there is by then is told, and both ways on from there lead on.
#[cfg(unix)]
#[test]
fn an_interrupt_half_way_says_what_there_is_and_leaves_no_file() {
    use std::io::{BufRead as _, BufReader, Read as _};
    use std::process::{Command, Stdio};

    let replication = entrada_emulator::config::Replication { application: 3, ..Default::default() };
    let server =
        emulator(Config { policy: Policy { replication, ..Policy::default() }, ..Config::default() });
    let (files, scope) = (Files::new(), scope());
    let file = files.path("s.json");
    let more = ["--role", "Reader", "--scopes", &scope, "--secret-file", &file];
    let mut command = as_app(&server);
    command.args(["sp", "create", "--name", "slow", "--error-format", "json", "-vv"]).args(more);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut told = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    while !line.contains("to be known, 1/36") {
        line.clear();
        assert!(told.read_line(&mut line).unwrap() > 0, "it never waited");
    }
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let mut rest = String::new();
    told.read_to_string(&mut rest).unwrap();
    let ended = support::Ended { stderr: rest, ..support::Ended::of(&child.wait_with_output().unwrap()) };
    let error = ended.error();
    assert_eq!((ended.code, error["error"].as_str()), (130, Some("cancelled")), "{ended:?}");
    assert!(!std::path::Path::new(&file).exists(), "an empty file is left");
    let app = server.with(|emulator| emulator.config().apps.last().unwrap().client_id.clone());
    assert_eq!(error["made"][0]["id"], app.as_str(), "{error}");
    let remedy = error["remedy"].as_str().unwrap();
    assert!(remedy.contains(&format!("--app-id {app} in place of --name")), "{error}");
    // At once, as it says.
    let go_on = run(as_app(&server), ["sp", "create", "--app-id", &app].into_iter().chain(more));
    assert_eq!(go_on.code, 0, "{go_on:?}");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), go_on.stdout);
    let (_, undo) = remedy.split_once("undo with: entrada ").unwrap();
    let undone = run(as_app(&server), support::words(undo).chain(["-o", "json"]));
    assert_eq!((undone.code, undone.json()["rolesTaken"].as_array().unwrap().len()), (0, 1), "{undone:?}");
    let left = server.with(|emulator| emulator.config().apps.iter().any(|known| known.name == "slow"));
    assert!(!left);
}

/// Without a word on where they are, the roles of an app that is deleted go too; they stay only where that is asked.
#[test]
fn deletion_takes_the_roles() {
    let server = emulator(Config::default());
    let scope = scope();
    for (more, left) in [(&[][..], 0), (&["--leave-roles"], 1)] {
        let create = ["sp", "create", "--name", "x", "--role", "Reader", "--scopes", &scope, "--no-password"];
        let made = run(as_app(&server), create);
        assert_eq!(made.code, 0, "{made:?}");
        let app = made.json()["appId"].as_str().unwrap().to_owned();
        let shown = run(as_app(&server), ["sp", "show", &app, "-o", "json"]).json();
        let object = shown["id"].as_str().unwrap().to_owned();
        let delete = ["sp", "delete", &app, "-o", "json"].into_iter().chain(more.iter().copied());
        let deleted = run(as_app(&server), delete);
        assert_eq!((deleted.code, deleted.json()["deleted"].as_bool()), (0, Some(true)), "{deleted:?}");
        assert_eq!(deleted.json()["rolesTaken"].as_array().unwrap().len(), 1 - left, "{deleted:?}");
        let roles = server.with(|emulator| {
            emulator.config().role_assignments.iter().filter(|role| role.principal == object).count()
        });
        assert_eq!(roles, left);
    }
}
