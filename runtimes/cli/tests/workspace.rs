//! `entrada workspace`, `decode`, `completions` and the demo.

mod support;

use entrada_emulator::{Config, world};
use support::{as_app, emulator, entrada, run, run_with_input};

const NAMES: [&str; 6] = ["-s", world::SUBSCRIPTION, "-g", world::RESOURCE_GROUP, "-w", world::WORKSPACE];

#[test]
fn init_show_and_list() {
    let server = emulator(Config::default());
    let folder = tempfile::tempdir().unwrap();
    let project = folder.path().join("project/deep/down");
    std::fs::create_dir_all(&project).unwrap();
    let root = folder.path().join("project").display().to_string();
    let init = ["workspace", "init", "--path", &root];
    let made = run(entrada(), init.into_iter().chain(NAMES));
    assert_eq!(made.code, 0, "{made:?}");
    assert!(made.stdout.trim().ends_with(".azureml/config.json"));

    // Found from below, by the search upwards.
    let mut command = as_app(&server);
    command.current_dir(&project);
    let shown = run(command, ["workspace", "show", "-o", "json"]);
    assert_eq!(shown.code, 0, "{shown:?}");
    let document = shown.json();
    assert_eq!(document["workspace"]["name"], world::WORKSPACE);
    assert_eq!(document["credential"], "environment");
    assert_eq!(document["config_file"].as_str().unwrap(), made.stdout.trim());
    assert_eq!(document["identity"]["objectId"], world::APP_OBJECT);

    let table = run(as_app(&server), ["workspace", "show"].into_iter().chain(NAMES));
    assert!(table.stdout.contains("Succeeded") && table.stdout.contains(world::APP), "{table:?}");

    let listed = run(as_app(&server), ["workspace", "list", "-s", world::SUBSCRIPTION, "-o", "json"]);
    let names: Vec<_> =
        listed.json().as_array().unwrap().iter().map(|w| w["name"].as_str().unwrap().to_owned()).collect();
    assert_eq!(names.len(), world::WORKSPACES.len(), "all pages: {listed:?}");
    let group =
        run(as_app(&server), ["workspace", "list", "-s", world::SUBSCRIPTION, "-g", world::RESOURCE_GROUP]);
    assert!(group.stdout.starts_with("NAME") && group.stdout.contains(world::WORKSPACE));
}

#[test]
fn init_destroys_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().display().to_string();
    let init = |more: &[&str]| {
        run(
            entrada(),
            ["workspace", "init", "--path", &root].into_iter().chain(NAMES).chain(more.iter().copied()),
        )
    };
    assert_eq!(init(&[]).code, 0);
    let file = folder.path().join(".azureml/config.json");
    std::fs::write(&file, "mine").unwrap();
    assert_eq!(init(&[]).code, 2);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "mine");
    assert_eq!(init(&["--force"]).code, 0);
    assert!(std::fs::read_to_string(&file).unwrap().contains(world::WORKSPACE));
    let placeholder = run(
        entrada(),
        ["workspace", "init", "--path", &root, "--force", "-s", "<SUBSCRIPTION_ID>", "-g", "g", "-w", "w"],
    );
    assert_eq!(placeholder.code, 2);
    assert!(std::fs::read_to_string(&file).unwrap().contains(world::WORKSPACE));
}

#[test]
fn refusals_say_what_to_do() {
    let server = emulator(Config::default());
    let show = |s: &str, g: &str, w: &str| {
        run(as_app(&server), ["workspace", "show", "--error-format", "json", "-s", s, "-g", g, "-w", w])
    };
    let missing = show(world::SUBSCRIPTION, world::RESOURCE_GROUP, "nosuch");
    assert_eq!(
        (missing.code, missing.error()["code"].as_str()),
        (1, Some("ResourceNotFound")),
        "{missing:?}"
    );
    let subscription = show("00000000-0000-0000-0000-000000000001", "g", "w");
    assert_ne!(subscription.code, 0);
    assert!(subscription.error()["remedy"].is_string());
    assert_eq!(show("not-a-guid", "g", "w").code, 2);
    let folder = tempfile::tempdir().unwrap();
    let mut command = as_app(&server);
    command.current_dir(folder.path());
    let nothing = run(command, ["workspace", "show"]);
    assert_eq!(nothing.code, 2);
    assert!(nothing.stderr.contains("workspace init"), "{nothing:?}");
}

#[test]
fn decode_shows_and_does_not_vouch() {
    let server = emulator(Config::default());
    let token =
        run(as_app(&server), ["token", "--resource", "https://management.azure.com", "-o", "raw"]).stdout;
    for input in [token.clone(), format!("Authorization: Bearer {token}")] {
        let decoded = run_with_input(entrada(), ["decode"], &input);
        let document = decoded.json();
        assert_eq!(document["claims"]["appid"], world::APP);
        assert_eq!(document["header"]["alg"], "RS256");
        assert_eq!(document["signature"], "not checked");
        assert!(document["times"]["exp"].as_str().unwrap().starts_with("20"));
        assert!(decoded.stderr.contains("not checked"));
    }
    assert_eq!(run(entrada(), ["decode", token.trim()]).code, 0);
    assert_eq!(run(entrada(), ["decode", "opaque"]).code, 2);
}

#[test]
fn completions_for_every_shell() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let ended = run(entrada(), ["completions", shell]);
        assert!(ended.code == 0 && ended.stdout.contains("workspace"), "{shell}");
    }
}

#[test]
fn the_demo_opens_the_workspace_four_times() {
    let ended = run(entrada(), ["demo"]);
    assert_eq!(ended.code, 0, "{ended:?}");
    for source in ["interactive-browser", "client-secret", "azure-cli", "managed-identity"] {
        let row = ended.stdout.lines().find(|line| line.contains(source));
        assert!(row.is_some_and(|row| row.contains(world::WORKSPACE)), "{source}: {ended:?}");
    }
    assert!(!format!("{ended:?}").contains(world::SECRET) && !format!("{ended:?}").contains("eyJ"));
}

/// The command in a folder, as the app.
fn within(server: &entrada_emulator::serve::Server, folder: &std::path::Path) -> std::process::Command {
    let mut command = as_app(server);
    command.current_dir(folder);
    command
}

#[test]
fn show_explains_its_choice() {
    let server = emulator(Config::default());
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().canonicalize().unwrap();
    let below = root.join("a/b");
    std::fs::create_dir_all(&below).unwrap();
    let keys = |workspace: &str| {
        format!(
            r#"{{"subscription_id":"{}","resource_group":"{}","workspace_name":"{workspace}"}}"#,
            world::SUBSCRIPTION,
            world::RESOURCE_GROUP
        )
    };
    // The kind of place counts before nearness.
    std::fs::write(below.join("config.json"), keys("near")).unwrap();
    std::fs::create_dir_all(root.join(".azureml")).unwrap();
    std::fs::write(root.join(".azureml/config.json"), keys(world::WORKSPACE)).unwrap();
    let before = server.requests().len();
    let explained = run(within(&server, &below), ["workspace", "show", "--explain", "-o", "json"]);
    let document = explained.json();
    let winner = root.join(".azureml/config.json").display().to_string();
    assert_eq!((explained.code, document["from"].as_str()), (0, Some(winner.as_str())), "{explained:?}");
    let looks = document["looked_at"].as_array().unwrap();
    assert_eq!(looks[0]["path"], below.join(".azureml/config.json").display().to_string());
    assert_eq!(looks.last().unwrap()["found"], true);
    assert!(looks.iter().rev().skip(1).all(|look| look["found"] == false));
    let table = run(within(&server, &below), ["workspace", "show", "--explain"]);
    let lines: Vec<_> = table.stdout.lines().collect();
    assert!(
        lines[0].starts_with("absent") && lines[2].starts_with("found ") && lines[3].starts_with("chosen"),
        "{table:?}"
    );
    // A near file that is broken is not passed by for another, and nothing is found where nothing is.
    std::fs::write(below.join("project.json"), "{").unwrap();
    let named =
        run(within(&server, &below), ["workspace", "show", "--explain", "--file-name", "project.json"]);
    assert_eq!(named.code, 2, "{named:?}");
    assert!(named.stderr.contains("not JSON"), "{named:?}");
    let nothing = run(
        within(&server, &below),
        ["workspace", "show", "--explain", "--file-name", "none.json", "-o", "json"],
    );
    assert_eq!((nothing.code, nothing.json()["from"].is_null()), (2, true), "{nothing:?}");
    assert!(nothing.json()["looked_at"].as_array().unwrap().len() > 6, "{nothing:?}");
    assert_eq!(server.requests().len(), before, "nothing is asked of anybody");

    let shown = run(within(&server, &below), ["workspace", "show", "-o", "json"]).json();
    for name in ["tenant", "region", "state", "discovery_url", "tracking_uri"] {
        assert!(shown[name].is_string(), "{name}: {shown}");
    }
    assert_eq!((&shown["from"], &shown["identity"]["type"]), (&winner.into(), &"app".into()));
}

#[test]
fn a_job_knows_its_workspace() {
    let server = emulator(Config::default());
    let folder = tempfile::tempdir().unwrap();
    let ask = |verb: &str, more: &[(&str, &str)]| {
        let mut command = within(&server, folder.path());
        command.env("AZUREML_RUN_ID", "run_1").env("AZUREML_ARM_SUBSCRIPTION", world::SUBSCRIPTION);
        command.env("AZUREML_ARM_RESOURCEGROUP", world::RESOURCE_GROUP);
        command.env("AZUREML_ARM_WORKSPACE_NAME", world::WORKSPACE).envs(more.iter().copied());
        run(command, ["workspace", verb, "-o", "json"])
    };
    let show = |more: &[(&str, &str)]| ask("show", more);
    let shown = show(&[]);
    assert_eq!(shown.json()["workspace"]["name"], world::WORKSPACE, "{shown:?}");
    assert!(shown.json()["from"].as_str().unwrap().contains("AZUREML_ARM_"), "{shown:?}");
    let placeholder = show(&[("AZUREML_ARM_RESOURCEGROUP", "<group>")]);
    assert_eq!(placeholder.code, 2, "{placeholder:?}");
    assert!(placeholder.stderr.contains("AZUREML_ARM_RESOURCEGROUP"), "{placeholder:?}");
    // The others of its subscription, too.
    let listed = ask("list", &[]);
    assert_eq!(
        (listed.code, listed.json().as_array().unwrap().len()),
        (0, world::WORKSPACES.len()),
        "{listed:?}"
    );
    // What is wrong with the variables does not matter where there is a file.
    let init = ["workspace", "init"].into_iter().chain(NAMES);
    assert_eq!(run(within(&server, folder.path()), init).code, 0);
    for verb in ["show", "list"] {
        let ended = ask(verb, &[("AZUREML_ARM_RESOURCEGROUP", "<group>")]);
        assert_eq!(ended.code, 0, "{ended:?}");
    }
}

#[test]
fn one_cloud_for_the_service_and_the_token() {
    let scope = format!("/subscriptions/{}", world::SUBSCRIPTION);
    let app = world::APP;
    let china = ("AZUREML_CURRENT_CLOUD", "AzureChinaCloud");
    for verb in [
        &[&["workspace", "show"], &NAMES[..]].concat()[..],
        &["identity", "show", "--compute", "c"].into_iter().chain(NAMES).collect::<Vec<_>>(),
        &["role", "list", "--scope", &scope],
        &["role", "assign", "--role", "Reader", "--scope", &scope, "--assignee-object-id", app],
        &["rest", "GET", "/subscriptions?api-version=2022-12-01"],
        &["sp", "show", app],
        &["sp", "reset", app],
        &["sp", "delete", app],
        &["sp", "create", "--name", "n"],
    ] {
        let ask = |variables: &[(&str, &str)], more: &[&str]| {
            let mut command = entrada();
            command.envs(variables.iter().copied()).env("AZURE_TOKEN_CREDENTIALS", "EnvironmentCredential");
            run(command, verb.iter().chain(more))
        };
        for (variables, more) in [
            (&[china, ("AZURE_AUTHORITY_HOST", "https://login.microsoftonline.com")][..], &[][..]),
            (&[china], &["--authority", "usgov"]),
            (&[("AZUREML_CURRENT_CLOUD", "nowhere")], &[]),
        ] {
            let ended = ask(variables, more);
            assert_eq!(ended.code, 2, "{verb:?} {variables:?} {more:?} {ended:?}");
            assert!(ended.stderr.contains("cloud"), "{ended:?}");
        }
        let [option, service] = match verb[0] {
            "sp" => ["--graph-endpoint=https://graph.microsoft.com", "Microsoft Graph"],
            _ => ["--arm-endpoint=https://management.azure.com", "Azure Resource Manager"],
        };
        for (variables, more) in [(&[china][..], &[][..]), (&[], &["--authority", "usgov"])] {
            let ended = ask(variables, &[&[option], more].concat());
            assert_eq!(ended.code, 2, "{verb:?} {variables:?} {more:?} {ended:?}");
            assert!(ended.stderr.contains(&format!("and {service} is that of AzureCloud")), "{ended:?}");
        }
        // Of one cloud, it goes on to look for a credential.
        assert_eq!(ask(&[china], &["--authority", "china"]).code, 3, "{verb:?}");
        assert_eq!(ask(&[china], &[]).code, 3, "{verb:?}");
    }
}
