//! Every verb prints its result as JSON when it is told to.

mod support;

use entrada_emulator::{Config, world};
use support::{as_app, emulator, entrada, run};

/// The commands below this one, as its help lists them.
fn below(command: &[String]) -> Vec<String> {
    let help = run(entrada(), command.iter().map(String::as_str).chain(["--help"]));
    assert_eq!(help.code, 0, "{help:?}");
    let lines = help.stdout.lines().skip_while(|line| *line != "Commands:").skip(1);
    let names = lines.take_while(|line| line.starts_with("  ")).filter(|line| !line.starts_with("   "));
    names
        .map(|line| line.split_whitespace().next().unwrap().to_owned())
        .filter(|name| name != "help")
        .collect()
}

#[test]
fn every_verb_takes_the_option() {
    let mut verbs = Vec::new();
    for name in below(&[]) {
        let parent = vec![name];
        let more = below(&parent);
        verbs.extend(more.iter().map(|name| vec![parent[0].clone(), name.clone()]));
        if more.is_empty() {
            verbs.push(parent);
        }
    }
    assert!(verbs.len() >= 24, "{verbs:?}");
    for verb in verbs.iter().filter(|verb| verb[0] != "completions") {
        let help = run(entrada(), verb.iter().map(String::as_str).chain(["--help"])).stdout;
        let formats =
            help.split_once("-o, --output <FORMAT>").unwrap_or_else(|| panic!("{verb:?}: {help}")).1;
        let formats = formats.split("[default:").next().unwrap();
        assert!(formats.contains("- json:"), "{verb:?}: {formats}");
    }
}

#[test]
fn a_file_that_is_written_and_another_workspace_beside_it() {
    let server = emulator(Config::default());
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().display().to_string();
    let names = ["-s", world::SUBSCRIPTION, "-g", world::RESOURCE_GROUP, "-w", world::WORKSPACE];
    let init = ["workspace", "init", "--path", &root, "-o", "json"];
    let made = run(entrada(), init.into_iter().chain(names)).json();
    assert_eq!(made["workspace_name"], world::WORKSPACE);
    let file = made["config_file"].as_str().unwrap();
    assert!(std::path::Path::new(file).is_file() && std::path::Path::new(file).is_absolute(), "{made}");

    // The file says where, the command line which one.
    let show = |more: &[&str]| {
        let fixed = ["workspace", "show", &root, "--error-format", "json", "-o", "json"];
        run(as_app(&server), fixed.iter().chain(more))
    };
    let other = world::WORKSPACES.into_iter().find(|name| *name != world::WORKSPACE).unwrap();
    let shown = show(&["-w", other]);
    assert_eq!(
        (&shown.json()["workspace_name"], &shown.json()["config_file"]),
        (&other.into(), &file.into())
    );
    assert_eq!(shown.json()["from"], format!("the command line, and {file}"));
    assert_eq!(show(&["-w", other, "--explain"]).json()["from"], format!("the command line, and {file}"));
    assert_eq!(show(&["-g", "nosuch", "-w", other]).error()["code"], "ResourceGroupNotFound");
    for half in [&["-s", world::SUBSCRIPTION][..], &["-g", world::RESOURCE_GROUP], &["-w", "<WORKSPACE>"]] {
        assert_eq!(show(half).code, 2, "{half:?}");
    }
    assert_eq!(run(entrada(), ["workspace", "init", "--path", "/nowhere", "-w", other]).code, 2);
    let list = ["workspace", "list", "--config", &root, "-o", "json"];
    assert_eq!(run(as_app(&server), list).json().as_array().unwrap().len(), world::WORKSPACES.len());
}

#[test]
fn what_is_deleted_and_what_is_decoded() {
    let server = emulator(Config::default());
    let scope = format!("/subscriptions/{}", world::SUBSCRIPTION);
    let create = ["sp", "create", "--name", "x", "--no-password", "--role", "Reader", "--scopes", &scope];
    let app = run(as_app(&server), create).json()["appId"].as_str().unwrap().to_owned();
    let deleted = run(as_app(&server), ["sp", "delete", &app, "--scopes", &scope, "-o", "json"]).json();
    assert_eq!((&deleted["appId"], &deleted["deleted"]), (&app.as_str().into(), &true.into()));
    assert_eq!(deleted["rolesTaken"][0]["scope"], scope, "{deleted}");

    // {"alg":"none"}.{"aud":"x","exp":1790000000}.
    let token = "eyJhbGciOiJub25lIn0.eyJhdWQiOiJ4IiwiZXhwIjoxNzkwMDAwMDAwfQ.";
    let table = run(entrada(), ["decode", "-o", "table", token]);
    assert_eq!(
        table.stdout, "alg  none\n\naud  x\nexp  1790000000 (2026-09-21 14:13:20 +00:00)\n",
        "{table:?}"
    );
    assert_eq!(run(entrada(), ["decode", token]).json()["claims"]["aud"], "x");
}

#[cfg(feature = "emulator")]
#[test]
fn an_emulator_and_what_the_demo_came_to() {
    // What it prints has its secrets in it, which are public.
    let output = entrada().args(["--timeout", "0.2", "emulator", "-o", "json"]).output().unwrap();
    let told: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let http = told["http"].as_str().unwrap();
    assert!(http.starts_with("http://127.0.0.1:") && told["https"].is_null(), "{told}");
    assert_eq!(told["environment"]["ENTRADA_EMULATOR"], http);
    let hosts = told["hosts"].as_object().unwrap();
    assert_eq!(hosts.len(), 6, "{told}");
    for (host, variables) in hosts {
        let own = variables.as_object().unwrap().values().filter_map(|value| value.as_str());
        assert!(
            own.clone().count() >= 1 && own.clone().any(|value| value.contains("127.0.0.1")),
            "{host} {told}"
        );
    }
    assert_eq!(hosts["service-fabric"]["IDENTITY_SERVER_THUMBPRINT"].as_str().unwrap().len(), 40);
    // What a shell takes is the world alone; a host's lines are there to be taken one host at a time.
    let output = entrada().args(["--timeout", "0.2", "emulator"]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let taken: Vec<_> = text.lines().filter(|line| !line.starts_with('#')).collect();
    assert!(taken.iter().all(|line| line.starts_with("export ")), "{text}");
    for name in ["IDENTITY_ENDPOINT", "IDENTITY_SERVER_THUMBPRINT", "MSI_ENDPOINT", "OBO_ENDPOINT"] {
        assert!(!taken.iter().any(|line| line.contains(name)), "{text}");
        assert!(text.lines().any(|line| line.starts_with(&format!("#export {name}="))), "{name} {text}");
    }
    let rows = run(entrada(), ["demo", "-o", "json"]).json();
    let sources: Vec<_> =
        rows.as_array().unwrap().iter().map(|row| row["source"].as_str().unwrap()).collect();
    assert_eq!(sources, ["interactive-browser", "client-secret", "azure-cli", "managed-identity"]);
    assert!(rows[1]["requests"].as_u64().unwrap() > 0, "{rows}");
}
