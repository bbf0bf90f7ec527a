//! What errors of Azure Resource Manager and of a workspace's services say.

use entrada_emulator::{Config, world};
use serde_json::{Value, json};

use crate::support::{Ended, Files, address, as_app, emulator, entrada, run};
use crate::{NAMES, ask, rest, workspace_path};

#[test]
fn errors_tell_code_ids_and_a_remedy() {
    let mut config = Config::default();
    config.role_assignments.clear();
    let server = emulator(config);
    let ended =
        rest(&server, &["GET", &format!("{}/{}?api-version=2024-10-01", workspace_path(), world::WORKSPACE)]);
    let error: Value = ended.error();
    assert!(
        error["remedy"].as_str().unwrap().contains("--assignee-principal-type ServicePrincipal"),
        "{error}"
    );
    assert_eq!(
        (ended.code, &error["error"], &error["code"]),
        (1, &json!("forbidden"), &json!("AuthorizationFailed"))
    );
    for name in ["correlation_id", "trace_id", "remedy", "detail"] {
        assert!(error[name].as_str().is_some_and(|text| text.len() > 8), "{name}: {error}");
    }
    assert!(error["remedy"].as_str().unwrap().contains(world::APP_OBJECT), "{error}");
    // For people the same, and no spinner where nobody watches.
    let text = run(as_app(&server), ["workspace", "show"].iter().chain(&NAMES));
    assert!(text.stderr.contains("correlation id:") && text.stderr.contains("help:"), "{text:?}");
    assert!(!text.stderr.contains('\u{1b}') && !text.stderr.contains('\r'), "{text:?}");
}

#[test]
fn a_role_that_a_workspace_s_services_miss_is_named_with_the_command_that_gives_it() {
    let mut config = Config::default();
    let reader = |one: &entrada_emulator::config::RoleAssignment| one.principal == "*";
    config.role_assignments.retain(reader);
    let server = emulator(config);
    let base = address(&server);
    let workspace = format!("{}/{}", workspace_path(), world::WORKSPACE);
    let models = format!("{base}/modelmanagement/v1.0{workspace}/models?api-version=2023-10-01");
    assert_eq!(rest(&server, &["GET", &models]).code, 0, "Reader is enough");
    server.with(|emulator| emulator.config_mut().role_assignments.clear());
    let score = format!("{base}/score/score-entra");
    for (method, url, role, scope) in
        [("GET", &models, "Reader", workspace.as_str()), ("POST", &score, "AzureML Data Scientist", "SCOPE")]
    {
        let ended = rest(&server, &[method, url]);
        assert_eq!((ended.code, &ended.error()["error"]), (1, &json!("forbidden")), "{ended:?}");
        let command = format!("--assignee {} --role \"{role}\" --scope {scope}", world::APP_OBJECT);
        assert!(ended.error()["remedy"].as_str().unwrap().contains(&command), "{ended:?}");
    }
}

#[test]
fn errors_name_what_they_are_about() {
    let server = emulator(Config::default());
    let remedy = |ended: &Ended| ended.error()["remedy"].as_str().unwrap().to_owned();
    let compute = ask(&server, &["identity", "show", "--compute", "none"]);
    assert!(remedy(&compute).contains("name of the compute"), "{compute:?}");
    let other = rest(&server, &["GET", &format!("{}/history/v1.0/x", address(&server))]);
    assert!(remedy(&other).contains("check its name"), "{other:?}");
    // An id is no secret, however long it is.
    let role = "11111111-1111-4111-8111-111111111111";
    let assign = ["role", "assign", "--role", role, "--assignee", world::APP, "--scope"];
    let scope = format!("/subscriptions/{}", world::SUBSCRIPTION);
    let ended = run(as_app(&server), assign.iter().chain(&[scope.as_str(), "--error-format", "json"]));
    let error = ended.error();
    assert_eq!((ended.code, error["error"].as_str()), (1, Some("refused")), "{ended:?}");
    assert!(error["message"].as_str().unwrap().contains(role), "{ended:?}");
    // Under an emulator there are no tokens for the clouds.
    let real = rest(&server, &["GET", "https://management.azure.com/subscriptions"]);
    let error = real.error();
    assert!(error["message"].as_str().unwrap().contains("127.0.0.1"), "{real:?}");
    assert!(error["remedy"].as_str().unwrap().contains("--emulator"), "{real:?}");
    // A page is told as a person reads it.
    let page = rest(&server, &["GET", &format!("{}/nothing-is-here", address(&server))]);
    let detail = page.error()["detail"].as_str().unwrap_or_default().to_owned();
    assert!(page.code != 0 && !detail.contains(['<', '{']), "{page:?}");
    // A file that is in the way is not a question of rights.
    let files = Files::new();
    let there = files.put("there.json", "mine");
    let create = ["sp", "create", "--name", "x", "--secret-file", &there];
    let ended = run(as_app(&server), create);
    assert!(ended.code == 2 && ended.stderr.contains("is there already"), "{ended:?}");
    assert!(!ended.stderr.contains("os error"), "{ended:?}");
    let mut again = entrada();
    again.current_dir(files.path("."));
    let init = ["workspace", "init"].into_iter().chain(NAMES);
    assert_eq!(run(again, init.clone()).code, 0);
    let mut again = entrada();
    again.current_dir(files.path("."));
    let ended = run(again, init);
    assert!(ended.code == 2 && ended.stderr.contains("error: /"), "{ended:?}");
}
