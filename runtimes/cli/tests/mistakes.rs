//! What people get wrong when they set something up, and what goes wrong around them: nothing is lost in silence, and
//! what is said can be acted on.

mod support;

use entrada_emulator::{Config, world};
use serde_json::json;
use support::{Ended, Files, address, as_app, at, emulator, entrada, run, words};

const NOBODY: &str = "11111111-1111-4111-8111-111111111111";

fn subscription() -> String {
    format!("/subscriptions/{}", world::SUBSCRIPTION)
}

fn create(name: &str) -> [&str; 4] {
    ["sp", "create", "--name", name]
}

/// Runs a command whose standard output takes nothing.
#[cfg(target_os = "linux")]
fn unheard<'a>(
    server: &entrada_emulator::serve::Server,
    arguments: impl IntoIterator<Item = &'a str>,
    broken: bool,
) -> Ended {
    use std::process::Stdio;
    let mut command = as_app(server);
    command.args(arguments).args(["--error-format", "json"]).stderr(Stdio::piped());
    if !broken {
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        return Ended::of(&command.stdout(full).spawn().unwrap().wait_with_output().unwrap());
    }
    // A pipe whose reader is gone before anything is written.
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let child = command.stdout(writer).spawn().unwrap();
    drop(command);
    Ended::of(&child.wait_with_output().unwrap())
}

/// A secret that standard output does not take is not lost in silence: the error names it, and how it is removed.
#[cfg(target_os = "linux")]
#[test]
fn a_secret_that_cannot_be_printed_is_named_with_what_removes_it() {
    let server = emulator(Config::default());
    let files = Files::new();
    let secrets = |app: &str| {
        server.with(|emulator| {
            let apps = &emulator.config().apps;
            apps.iter().find(|known| known.client_id == app).map_or(0, |app| app.secrets.len())
        })
    };
    for (name, broken) in [("full", false), ("gone", true)] {
        let ended = unheard(&server, create(name), broken);
        assert_eq!(ended.code, 2, "{ended:?}");
        let error = ended.error();
        let app = server.with(|emulator| emulator.config().apps.last().unwrap().client_id.clone());
        let made: Vec<_> = error["made"].as_array().unwrap().iter().map(|made| &made["what"]).collect();
        assert_eq!(json!(made), json!(["application", "service-principal", "secret"]), "{error}");
        assert_eq!(error["made"][0]["id"], app.as_str(), "{error}");
        let remedy = error["remedy"].as_str().unwrap();
        let (_, remove) = remedy.split_once("remove it with: entrada ").unwrap();
        let (remove, undo) = remove.split_once("; undo with: entrada ").unwrap();
        let undo = undo.to_owned();
        assert_eq!(secrets(&app), 1);
        let removed = run(as_app(&server), words(remove));
        assert_eq!((removed.code, secrets(&app)), (0, 0), "{removed:?}");

        // Another secret for it.
        let ended = unheard(&server, ["sp", "reset", &app], broken);
        let error = ended.error();
        assert_eq!((ended.code, &error["made"][0]["what"]), (2, &json!("secret")), "{error}");
        let remedy = error["remedy"].as_str().unwrap();
        let (_, remove) = remedy.split_once("remove it with: entrada ").unwrap();
        assert_eq!((run(as_app(&server), words(remove)).code, secrets(&app)), (0, 0));

        // Where it is in a file nothing is lost.
        let file = files.path(name);
        let ended = unheard(&server, ["sp", "reset", &app, "--secret-file", &file], broken);
        let error = ended.error();
        let remedy = error["remedy"].as_str().unwrap();
        assert!(ended.code == 2 && remedy.contains(&file) && !remedy.contains("--remove-key"), "{error}");
        let kept: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
        ended.keeps([kept["password"].as_str().unwrap()]);

        // Undone as the first error said.
        let undone = run(as_app(&server), words(&undo));
        assert_eq!(undone.code, 0, "{undone:?}");
    }
}

#[test]
fn what_is_no_application_id_is_known_at_once() {
    let server = emulator(Config::default());
    let made = run(as_app(&server), create("own").into_iter().chain(["--no-password"]));
    assert_eq!(made.code, 0, "{made:?}");
    let app = made.json()["appId"].as_str().unwrap().to_owned();
    for arguments in
        [&["sp", "delete", "own"][..], &["sp", "reset", "own"], &["sp", "create", "--app-id", "own"]]
    {
        let ended = run(as_app(&server), arguments);
        assert!(ended.code == 2 && ended.stderr.contains("entrada rest GET"), "{ended:?}");
    }
    let object = run(as_app(&server), ["sp", "show", &app, "-o", "json"]).json()["id"].clone();
    let registration = server.with(|emulator| {
        let apps = &emulator.config().apps;
        apps.iter().find(|known| known.client_id == app).unwrap().registration()
    });
    for id in [object.as_str().unwrap(), &registration] {
        let ended = run(as_app(&server), ["sp", "delete", id, "--error-format", "json"]);
        assert!(ended.code == 1 && ended.error()["remedy"].as_str().unwrap().contains(&app), "{ended:?}");
    }
    let neither = run(as_app(&server), ["sp", "create"]);
    assert!(neither.code == 2 && neither.stderr.contains("--name or --app-id"), "{neither:?}");
    let deleted = run(as_app(&server), ["sp", "delete", &app]);
    assert_eq!(deleted.code, 0, "{deleted:?}");
}

#[test]
fn roles_are_listed_of_whom_and_which() {
    let server = emulator(Config::default());
    let at = subscription();
    let own = ["--role", "Reader", "--scopes", &at, &at, "--no-password"];
    let made = run(as_app(&server), create("lister").into_iter().chain(own));
    assert_eq!((made.code, made.stderr.matches("the role Reader").count()), (0, 1), "{made:?}");
    let app = made.json()["appId"].as_str().unwrap().to_owned();
    let assign = ["role", "assign", "--role", "Contributor", "--scope", &at, "--assignee", &app];
    assert_eq!(run(as_app(&server), assign).code, 0);
    let list = |more: &[&str]| {
        let list = ["role", "list", "-o", "json", "--scope", &at].into_iter().chain(more.iter().copied());
        run(as_app(&server), list)
    };
    let names = |ended: &Ended| -> Vec<String> {
        let all = ended.json();
        all.as_array().unwrap().iter().map(|one| one["roleName"].as_str().unwrap().to_owned()).collect()
    };
    let all = names(&list(&["--assignee", &app]));
    assert_eq!(all.len(), 2, "{all:?}");
    for role in ["reader", "acdd72a7-3385-48ef-bd42-f606fba81ae7"] {
        assert_eq!(names(&list(&["--assignee", &app, "--role", role])), ["Reader"]);
    }
    let unknown = list(&["--role", "Raeder"]);
    assert!(unknown.code == 1 && unknown.stderr.contains("built-in roles are Reader, "), "{unknown:?}");
    assert_eq!(list(&["--assignee", "nobody@contoso.example"]).code, 1);
    assert_eq!(list(&["--assignee-object-id", "no-guid"]).code, 2);
    // A role that is not there leaves nothing behind, by whatever it was named.
    let before = server.with(|emulator| emulator.config().apps.len());
    let wrong = run(as_app(&server), create("wrong").into_iter().chain(["--role", NOBODY, "--scopes", &at]));
    assert_eq!((wrong.code, server.with(|emulator| emulator.config().apps.len())), (1, before), "{wrong:?}");
    for verb in [["sp", "create", "--help"], ["role", "assign", "--help"]] {
        let help = run(entrada(), verb).stdout.split_whitespace().collect::<Vec<_>>().join(" ");
        for known in entrada_core::arm::roles::BUILT_IN {
            assert!(help.contains(known.name), "{}", known.name);
        }
    }
}

/// The addresses of a cloud that is not known are not made up.
#[test]
fn an_auth_file_of_no_known_cloud_is_refused_before_anything_is_made() {
    let server = emulator(Config::default());
    let before = server.with(|emulator| emulator.config().apps.len());
    let at = subscription();
    let json_auth = ["--role", "Reader", "--scopes", &at, "--json-auth", "--error-format", "json"];
    let elsewhere = ["--authority", "https://login.private.example", "--disable-instance-discovery"];
    let ended = run(as_app(&server), create("x").into_iter().chain(json_auth).chain(elsewhere));
    assert_eq!(ended.code, 2, "{ended:?}");
    assert!(ended.error()["message"].as_str().unwrap().contains("of no known cloud"), "{ended:?}");
    assert_eq!(server.with(|emulator| emulator.config().apps.len()), before);
    assert_eq!(run(as_app(&server), create("x").into_iter().chain(json_auth)).code, 0);
}

#[test]
fn how_long_a_certificate_serves_is_its_own() {
    let files = Files::new();
    let certificate = files.put("cert.pem", world::CERTIFICATE_PEM);
    for more in [["--years", "5"], ["--days", "5"]] {
        let ended = run(entrada(), create("x").into_iter().chain(["--cert", &certificate]).chain(more));
        assert!(ended.code == 2 && ended.stderr.contains("cannot be used with"), "{ended:?}");
    }
}

#[test]
fn whoami_says_what_a_token_is_of() {
    let server = emulator(Config::default());
    for (command, credential) in [(as_app(&server), "client-secret"), (at(&server), "managed-identity")] {
        let who = run(command, ["whoami", "--credential", credential]);
        let kind = who.stdout.lines().find_map(|line| line.strip_prefix("kind ")).map(str::trim);
        assert_eq!(kind, Some("app"), "{who:?}");
    }
    let show = ["identity", "show", "-s", world::SUBSCRIPTION, "-g", world::RESOURCE_GROUP];
    let show = |compute: &str| {
        let more = ["-w", world::WORKSPACE, "--compute", compute];
        run(as_app(&server), show.into_iter().chain(more)).stderr
    };
    let hint = "entrada whoami --credential managed-identity";
    assert!(show(world::INSTANCE).contains(hint) && !show(world::CLUSTER).contains(hint));
}

/// The emulator takes as long as a directory where that is asked, and at once where it is not.
#[test]
fn the_emulator_takes_its_time_where_that_is_asked() {
    use std::io::{BufRead as _, BufReader};
    use std::process::Stdio;
    for (more, code) in [(&[][..], 0), (&["--replication", "600"], 5)] {
        let mut command = entrada();
        command.args(["emulator", "-o", "json"]).args(more).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let told: serde_json::Value = serde_json::from_str(&line).unwrap();
        let mut command = entrada();
        command
            .env("ENTRADA_EMULATOR", told["http"].as_str().unwrap())
            .env("AZURE_TENANT_ID", world::TENANT)
            .env("AZURE_CLIENT_ID", world::APP)
            .env("AZURE_CLIENT_SECRET", world::SECRET);
        // There is no time to wait in.
        let ended = run(command, create("slow").into_iter().chain(["--timeout", "4"]));
        child.kill().unwrap();
        child.wait().unwrap();
        assert_eq!(ended.code, code, "{ended:?}");
    }
}

#[test]
fn a_place_that_gets_no_token_is_told_what_does() {
    let server = emulator(Config::default());
    let refused = run(as_app(&server), ["rest", "GET", "https://arm.example/x", "--error-format", "json"]);
    let error = refused.error();
    assert!(error["remedy"].as_str().unwrap().contains("--arm-endpoint"), "{error}");
    assert!(refused.code == 2 && !address(&server).is_empty());
}

#[cfg(unix)]
#[test]
fn a_link_to_nowhere_is_not_written_over() {
    let files = Files::new();
    let folder = files.path(".azureml");
    std::fs::create_dir(&folder).unwrap();
    std::os::unix::fs::symlink("/nowhere/at/all", format!("{folder}/config.json")).unwrap();
    let init = ["workspace", "init", "-s", NOBODY, "-g", "g", "-w", "w", "--path"];
    let path = files.path("");
    let ended = run(entrada(), init.into_iter().chain([path.as_str()]));
    assert!(ended.code == 2 && ended.stderr.contains("--force"), "{ended:?}");
    let ended = run(entrada(), init.into_iter().chain([path.as_str(), "--force"]));
    assert_eq!(ended.code, 0, "{ended:?}");
}

#[test]
fn a_scope_that_is_no_workspace_is_said() {
    let server = emulator(Config::default());
    let files = Files::new();
    let machine =
        format!("{}/resourceGroups/g/providers/Microsoft.Compute/virtualMachines/vm", subscription());
    let file = files.put("config.json", json!({ "Scope": machine }).to_string());
    let explain = ["workspace", "show", "--explain", &file];
    let ended = run(at(&server), explain);
    assert!(ended.code == 0 && ended.stdout.contains("of Microsoft.Compute/virtualMachines"), "{ended:?}");
    let told = run(at(&server), explain.into_iter().chain(["-o", "json"])).json();
    assert!(told["remark"].as_str().unwrap().contains("virtualMachines"), "{told}");
}
