//! `entrada workspace keys`, `endpoint`, `identity` and `rest` against the emulator.

#![cfg(unix)]

mod support;

use entrada_emulator::serve::Server;
use entrada_emulator::{Config, world};
use serde_json::{Value, json};
use support::{Ended, Files, address, as_app, emulator, entrada, run, run_with_input};

const NAMES: [&str; 6] = ["-s", world::SUBSCRIPTION, "-g", world::RESOURCE_GROUP, "-w", world::WORKSPACE];

/// The command as the app, in the workspace.
fn ask(server: &Server, words: &[&str]) -> Ended {
    run(as_app(server), words.iter().chain(&NAMES).chain(&["--error-format", "json"]))
}

fn rest(server: &Server, words: &[&str]) -> Ended {
    run(as_app(server), ["rest"].iter().chain(words).chain(&["--error-format", "json"]))
}

fn workspace_path() -> String {
    format!(
        "/subscriptions/{}/resourceGroups/{}/providers/Microsoft.MachineLearningServices/workspaces",
        world::SUBSCRIPTION,
        world::RESOURCE_GROUP
    )
}

#[test]
fn the_keys_of_a_workspace() {
    let server = emulator(Config::default());
    let ended = ask(&server, &["workspace", "keys", "-o", "json"]);
    let keys = ended.json();
    let storage = keys["storage_key"].as_str().unwrap().to_owned();
    assert!(storage.starts_with("emulated-key-"), "{ended:?}");
    assert_eq!(keys["registry_passwords"].as_object().unwrap().len(), 2, "{ended:?}");
    let table = ask(&server, &["workspace", "keys"]);
    assert!(table.stdout.contains(&storage) && !table.stderr.contains(&storage), "{table:?}");
    // With every step told, no key is.
    let told = ask(&server, &["workspace", "keys", "-vv", "-o", "json"]);
    assert!(told.stderr.contains("listKeys") && !told.stderr.contains("emulated-key-"), "{told:?}");
}

/// What an endpoint says when it is called with this.
fn score(server: &Server, endpoint: &str, header: &str) -> u16 {
    let (name, value) = header.trim().split_once(": ").unwrap();
    let request = http::Request::post(format!("{}/score/{endpoint}", address(server)))
        .header(name, value)
        .body(entrada_core::SecretBytes::new("{}"))
        .unwrap();
    server.with(|emulator| emulator.answer(server.now(), &request)).status().as_u16()
}

#[test]
fn what_an_endpoint_is_called_with() {
    let server = emulator(Config::default());
    let listed = ask(&server, &["endpoint", "list", "-o", "json"]).json();
    assert_eq!(listed.as_array().unwrap().len(), world::ENDPOINTS.len(), "{listed}");
    for (name, mode) in world::ENDPOINTS {
        let shown = ask(&server, &["endpoint", "show", name]);
        assert!(shown.stdout.contains("Succeeded"), "{shown:?}");
        let header = ask(&server, &["endpoint", "auth", name, "-o", "header"]);
        assert_eq!(header.code, 0, "{header:?}");
        assert_eq!(score(&server, name, &header.stdout), 200, "{name} {mode}");
        // What is for one endpoint is for no other.
        let other = world::ENDPOINTS.iter().find(|(other, _)| *other != name).unwrap().0;
        assert_eq!(score(&server, other, &header.stdout), 401, "{name} at {other}");
    }
    let document = |name: &str| ask(&server, &["endpoint", "auth", name]).json();
    assert_eq!(document("score-key")["primary_key"], world::ENDPOINT_KEY);
    let token = document("score-aml");
    assert!(token["refresh_on"].as_i64().unwrap() < token["expires_on"].as_i64().unwrap(), "{token}");
    // Exactly the audience of the data plane; with a slash at its end the endpoint refuses the token.
    let entra = document("score-entra")["access_token"].as_str().unwrap().to_owned();
    let claims = run_with_input(entrada(), ["decode"], &entra).json()["claims"].clone();
    assert_eq!(claims["aud"], "https://ml.azure.com");
    let slashed =
        run(as_app(&server), ["token", "--scope", "https://ml.azure.com//.default", "-o", "header"]);
    assert_eq!(score(&server, "score-entra", &slashed.stdout), 401, "{slashed:?}");
    assert!(slashed.stderr.contains("https://ml.azure.com/.default"), "{slashed:?}");
    let missing = ask(&server, &["endpoint", "auth", "nosuch"]);
    assert_eq!((missing.code, &missing.error()["code"]), (1, &json!("ResourceNotFound")), "{missing:?}");
    assert_eq!(ask(&server, &["endpoint", "show", "../x"]).code, 2);
}

#[test]
fn identities_are_added_and_none_is_lost() {
    let server = emulator(Config::default());
    let show = |more: &[&str]| ask(&server, &[&["identity", "show", "-o", "json"], more].concat()).json();
    let enable = |more: &[&str]| ask(&server, &[&["identity", "enable", "-o", "json"], more].concat());
    assert_eq!(show(&[])["system_assigned"], true);
    let before = server.requests().len();
    let same = enable(&["--system"]);
    assert_eq!(same.json()["system_assigned"], true, "{same:?}");
    let writes = |from: usize| {
        server.requests()[from..]
            .iter()
            .filter(|asked| asked.method != "GET" && asked.service == "Azure Resource Manager")
            .count()
    };
    assert_eq!(writes(before), 0, "it has that already");
    let more = enable(&["--user-assigned", world::USER_IDENTITY_RESOURCE]);
    assert_eq!(more.code, 0, "{more:?}");
    let now = show(&[]);
    assert_eq!(
        (&now["system_assigned"], &now["user_assigned"][0]["client_id"]),
        (&json!(true), &json!(world::USER_IDENTITY))
    );
    assert_eq!(more.json(), now);

    let cluster = ["--compute", world::CLUSTER];
    assert_eq!(show(&cluster)["system_assigned"], false);
    let enabled = enable(&["--compute", world::CLUSTER, "--user-assigned", world::USER_IDENTITY_RESOURCE]);
    assert_eq!(
        enabled.json()["user_assigned"][0]["principal_id"],
        world::USER_IDENTITY_OBJECT,
        "{enabled:?}"
    );
    // Both kinds are impossible on a compute, and that is known before anything is written.
    let before = server.requests().len();
    let both = enable(&["--compute", world::CLUSTER, "--system"]);
    assert_eq!(both.code, 2, "{both:?}");
    assert_eq!(writes(before), 0);
    let instance = enable(&["--compute", world::INSTANCE, "--system"]);
    assert_eq!(instance.json()["system_assigned"], true, "{instance:?}");
    assert!(instance.json()["principal_id"].is_string());
    for more in [&[][..], &["--user-assigned", world::USER_IDENTITY], &["--system", "--compute", "a/b"]] {
        assert_eq!(enable(more).code, 2, "{more:?}");
    }
    let table = ask(&server, &["identity", "show"]);
    assert!(table.stdout.starts_with("KIND") && table.stdout.contains(world::USER_IDENTITY), "{table:?}");
}

#[test]
fn identities_that_are_named_go_and_no_other() {
    let server = emulator(Config::default());
    let show = |more: &[&str]| ask(&server, &[&["identity", "show", "-o", "json"], more].concat()).json();
    let disable = |more: &[&str]| ask(&server, &[&["identity", "disable", "-o", "json"], more].concat());
    let assigned = ["--user-assigned", world::USER_IDENTITY_RESOURCE];
    let other = world::USER_IDENTITY_RESOURCE.replace("/ml-identity", "/other");
    let enable = ["identity", "enable", assigned[0], assigned[1], "--user-assigned", &other];
    assert_eq!(ask(&server, &enable).code, 0);
    // Without a name nothing goes.
    for more in [&[][..], &["--user-assigned", world::USER_IDENTITY]] {
        assert_eq!(disable(more).code, 2, "{more:?}");
    }
    assert_eq!(show(&[])["user_assigned"].as_array().unwrap().len(), 2);
    let gone = disable(&assigned);
    assert_eq!(gone.code, 0, "{gone:?}");
    assert_eq!(gone.json(), show(&[]));
    let left = show(&[]);
    assert_eq!((&left["system_assigned"], &left["user_assigned"][0]["id"]), (&json!(true), &json!(other)));
    let writes = || server.requests().iter().filter(|asked| asked.method == "PATCH").count();
    let before = writes();
    let again = disable(&assigned);
    assert_eq!((again.code, again.json(), writes()), (0, left, before), "{again:?}");
    assert!(
        again.stderr.contains(&format!("it did not have {}", world::USER_IDENTITY_RESOURCE)),
        "{again:?}"
    );
    let own = disable(&["--system"]).json();
    assert_eq!((&own["system_assigned"], own["user_assigned"].as_array().unwrap().len()), (&json!(false), 1));
    let none = disable(&["--user-assigned", &other]);
    assert_eq!((none.code, none.json()["user_assigned"].as_array().unwrap().len()), (0, 0), "{none:?}");

    // A compute keeps one; that is known before anything is written.
    let cluster = ["--compute", world::CLUSTER];
    assert_eq!(ask(&server, &[&enable[..], &cluster].concat()).code, 0);
    let one = disable(&[&cluster[..], &assigned].concat());
    assert_eq!(one.json()["user_assigned"][0]["id"], other.as_str(), "{one:?}");
    let last = disable(&[&cluster[..], &["--user-assigned", &other]].concat());
    assert_eq!((last.code, show(&cluster)), (2, one.json()), "{last:?}");
}

#[test]
fn a_role_is_given_to_an_identity_by_the_id_of_its_resource() {
    let server = emulator(Config::default());
    let workspace = format!("{}/{}", workspace_path(), world::WORKSPACE);
    let instance = format!("{workspace}/computes/{}", world::INSTANCE);
    let assign = |id: &str| {
        let words =
            ["role", "assign", "--role", "AzureML Data Scientist", "--scope", &workspace, "--assignee"];
        run(as_app(&server), words.iter().chain(&[id, "-o", "json", "--error-format", "json"]))
    };
    let own = |more: &[&str]| {
        ask(&server, &[&["identity", "show", "-o", "json"], more].concat()).json()["principal_id"].clone()
    };
    let none = assign(&instance);
    assert_eq!(none.code, 1, "{none:?}");
    assert!(none.error()["remedy"].as_str().unwrap().contains("resource id"), "{none:?}");
    assert_eq!(ask(&server, &["identity", "enable", "--system", "--compute", world::INSTANCE]).code, 0);
    for (id, object) in [
        (workspace.replace("resourceGroups", "resourcegroups"), own(&[])),
        (instance.clone(), own(&["--compute", world::INSTANCE])),
        (world::USER_IDENTITY_RESOURCE.to_owned(), json!(world::USER_IDENTITY_OBJECT)),
    ] {
        let assigned = assign(&id);
        assert_eq!((assigned.code, &assigned.json()["principalId"]), (0, &object), "{assigned:?}");
        assert_eq!(assigned.json()["principalType"], "ServicePrincipal");
    }
    // The names that tokens are asked for by hold no resource id.
    let filter = format!(
        "{}/v1.0/servicePrincipals?$filter=servicePrincipalNames/any(c:c%20eq%20'{}')",
        address(&server),
        world::USER_IDENTITY_RESOURCE
    );
    let found = rest(&server, &["GET", &filter]);
    assert_eq!(found.json()["value"], json!([]), "{found:?}");
}

/// A cluster and an instance with everything set that has another default.
fn set_up_with_care(config: &mut Config) {
    let object = |value: Value| value.as_object().cloned().unwrap();
    for compute in &mut config.computes {
        compute.tags = object(json!({ "cost-center": "42" }));
        compute.described = object(json!({ "description": "of team A", "disableLocalAuth": true }));
        compute.made_of = object(match compute.name == world::CLUSTER {
            true => json!({
                "vmPriority": "LowPriority", "isolatedNetwork": true, "enableNodePublicIp": false,
                "remoteLoginPortPublicAccess": "Disabled", "subnet": { "id": "/subscriptions/s/subnet" },
                "scaleSettings": { "minNodeCount": 1, "maxNodeCount": 9 },
                "userAccountCredentials": { "adminUserName": "ada", "adminUserSshPublicKey": "ssh-rsa A" },
            }),
            false => json!({
                "enableSSO": false, "enableNodePublicIp": false, "enableRootAccess": false,
                "applicationSharingPolicy": "Personal", "idleTimeBeforeShutdown": "PT30M",
                "sshSettings": { "sshPublicAccess": "Enabled", "adminPublicKey": "ssh-rsa A" },
                "setupScripts": { "scripts": { "creationScript": { "scriptSource": "inline" } } },
                "schedules": { "computeStartStop": [{ "status": "Enabled", "action": "Stop",
                    "triggerType": "Cron", "cron": { "expression": "0 18 * * *" } }] },
            }),
        });
    }
}

#[test]
fn a_compute_that_is_given_an_identity_keeps_all_else() {
    let mut config = Config::default();
    set_up_with_care(&mut config);
    let server = emulator(config);
    for name in [world::CLUSTER, world::INSTANCE] {
        let address =
            format!("{}/{}/computes/{name}?api-version=2024-10-01", workspace_path(), world::WORKSPACE);
        let told = || rest(&server, &["GET", &address]).json();
        let before = told();
        let enabled = ask(&server, &["identity", "enable", "--compute", name, "--system"]);
        assert_eq!(enabled.code, 0, "{enabled:?}");
        let mut after = told();
        assert_eq!(after["identity"]["type"], "SystemAssigned", "{after}");
        after["identity"] = before["identity"].clone();
        assert_eq!(after, before, "{name}");
    }
    // A password of the nodes cannot be said again: nothing is written.
    let cluster = |server: &Server| {
        let find = |emulator: &entrada_emulator::Emulator| {
            let computes = &emulator.config().computes;
            format!("{:?}", computes.iter().find(|one| one.name == world::CLUSTER))
        };
        server.with(|emulator| find(emulator))
    };
    server.with(|emulator| {
        let computes = &mut emulator.config_mut().computes;
        let cluster = computes.iter_mut().find(|one| one.name == world::CLUSTER).unwrap();
        cluster.made_of["userAccountCredentials"] = json!({ "adminUserName": "ada" });
        cluster.identity = Default::default();
    });
    let before = cluster(&server);
    let refused = ask(&server, &["identity", "enable", "--compute", world::CLUSTER, "--system"]);
    assert_eq!((refused.code, &refused.error()["error"]), (2, &json!("configuration")), "{refused:?}");
    assert_eq!(cluster(&server), before);
}

#[test]
fn rest_sends_each_token_to_its_own_service() {
    let server = emulator(Config::default());
    let base = address(&server);
    // The request sequence of the document about REST.
    let version = "api-version=2024-10-01";
    let groups = rest(
        &server,
        &["GET", &format!("/subscriptions/{}/resourceGroups?api-version=2022-04-01", world::SUBSCRIPTION)],
    );
    assert_eq!(groups.json()["value"][0]["name"], world::RESOURCE_GROUP, "{groups:?}");
    let list = format!("{base}{}?{version}", workspace_path());
    let page = rest(&server, &["GET", &list]).json();
    assert!(page["nextLink"].is_string());
    let all = rest(&server, &["GET", &list, "--all-pages"]).json();
    assert_eq!(all.as_array().unwrap().len(), world::WORKSPACES.len());
    let discovery = all[0]["properties"]["discoveryUrl"].as_str().unwrap().to_owned();
    let api = rest(&server, &["GET", &discovery]).json()["api"].as_str().unwrap().to_owned();
    for (family, last) in [("history", "experiments"), ("modelmanagement", "models")] {
        let url = format!("{api}/{family}/v1.0{}/{}/{last}?{version}", workspace_path(), world::WORKSPACE);
        let ended = rest(&server, &["GET", &url]);
        assert_eq!(ended.json()["value"][0]["name"], format!("{}-{last}", world::WORKSPACE), "{ended:?}");
    }
    let compute = format!("{}/{}/computes/new-cluster?{version}", workspace_path(), world::WORKSPACE);
    let files = Files::new();
    let body = files.put(
        "compute.json",
        r#"{"location":"westeurope","properties":{"computeType":"AmlCompute","properties":{"vmSize":"Standard_D1"}}}"#,
    );
    let made = rest(&server, &["PUT", &compute, "--body", &format!("@{body}"), "--wait"]);
    assert_eq!(made.json()["properties"]["provisioningState"], "Succeeded", "{made:?}");
    // A workspace is made by 202 and a place to look at, and is not there before.
    let workspace = format!("{}/rest-made?{version}", workspace_path());
    let linked = &all[0]["properties"];
    let document = json!({
        "location": "westeurope", "identity": { "type": "systemAssigned" },
        "properties": { "friendlyName": "Made", "storageAccount": linked["storageAccount"],
            "keyVault": linked["keyVault"], "applicationInsights": linked["applicationInsights"] },
    });
    let body = format!("@{}", files.put("workspace.json", document.to_string()));
    let begun = rest(&server, &["PUT", &workspace, "--body", &body]);
    assert_eq!((begun.code, begun.stdout.as_str()), (0, ""), "{begun:?}");
    let state = |ended: &Ended| ended.json()["properties"]["provisioningState"].clone();
    assert_eq!(state(&rest(&server, &["GET", &workspace])), "Creating");
    let made = rest(&server, &["PUT", &workspace, "--body", &body, "--wait"]);
    assert_eq!(state(&made), "Succeeded", "{made:?}");
    assert_eq!(made.json()["properties"]["keyVault"], linked["keyVault"]);
    assert_eq!(rest(&server, &["DELETE", &workspace, "--wait"]).code, 0);
    assert_eq!(rest(&server, &["GET", &workspace]).error()["code"], "ResourceNotFound");
    assert_eq!(rest(&server, &["DELETE", &workspace, "--wait"]).code, 0, "it is gone already");
    for part in ["location", "identity", "properties"] {
        let mut lacking = document.clone();
        lacking.as_object_mut().unwrap().remove(part);
        let body = format!("@{}", files.put("lacking.json", lacking.to_string()));
        assert_eq!(rest(&server, &["PUT", &workspace, "--body", &body]).code, 1, "{part}");
    }
    // Graph, with a token of its own.
    let graph = rest(&server, &["GET", &format!("{base}/v1.0/nothing")]);
    assert_eq!(graph.code, 1, "{graph:?}");
    let tokens: Vec<_> = server
        .requests()
        .iter()
        .filter(|asked| asked.service == "Microsoft Graph")
        .map(|asked| asked.status)
        .collect();
    assert!(tokens.iter().all(|status| *status != 401), "{tokens:?}");
}

#[test]
fn rest_sends_no_token_elsewhere() {
    let server = emulator(Config::default());
    let before = server.requests().len();
    for url in [
        "https://evil.example/subscriptions",
        "https://management.azure.com.evil.example/",
        "http://management.azure.com/",
        "http://127.0.0.1:9/subscriptions",
        "https://vault.azure.net/",
        "nothing",
    ] {
        let ended = rest(&server, &["GET", url]);
        assert_eq!((ended.code, &ended.error()["error"]), (2, &json!("configuration")), "{url}: {ended:?}");
    }
    assert_eq!(server.requests().len(), before, "not even a token is asked for");
    // The address of one cloud and the tokens of another.
    let mut command = entrada();
    command.env("AZURE_AUTHORITY_HOST", "https://login.microsoftonline.us");
    let other =
        run(command, ["rest", "GET", "https://management.azure.com/subscriptions", "--error-format", "json"]);
    assert_eq!(other.code, 2, "{other:?}");
    assert!(other.error()["message"].as_str().unwrap().contains("AzureCloud"), "{other:?}");
    for words in [&["FETCH", "/x"][..], &["GET", "/x", "--body", "{"], &["PUT", "/x", "--all-pages"]] {
        assert_eq!(rest(&server, words).code, 2, "{words:?}");
    }
}

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
    assert_eq!(error["code"], "RoleDefinitionDoesNotExist", "{ended:?}");
    assert!(error["detail"].as_str().unwrap().contains(role), "{ended:?}");
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

#[test]
fn one_key_of_an_endpoint_is_made_anew_and_the_other_stays() {
    let server = emulator(Config::default());
    let keys = || {
        let document = ask(&server, &["endpoint", "auth", "score-key"]).json();
        ["primary_key", "secondary_key"].map(|name| document[name].as_str().unwrap().to_owned())
    };
    let header = |key: &str| format!("Authorization: Bearer {key}");
    let anew = |more: &[&str]| ask(&server, &[&["endpoint", "regenerate-key"], more].concat());
    let before = keys();
    assert_eq!(score(&server, "score-key", &header(&before[1])), 200);
    let new = anew(&["score-key", "--key", "secondary", "-o", "raw"]);
    assert_eq!((new.code, new.stdout.trim()), (0, &*keys()[1]), "{new:?}");
    assert_eq!(keys()[0], before[0], "the other one stays");
    assert_eq!([&before[1], &keys()[1]].map(|key| score(&server, "score-key", &header(key))), [401, 200]);
    let new = anew(&["score-key", "--key", "primary"]);
    assert_eq!(new.json()["primary_key"], keys()[0], "{new:?}");
    assert_ne!(keys()[0], before[0]);
    // Which one is never guessed; where there are no keys, none is made.
    assert_eq!(anew(&["score-key"]).code, 2);
    let none = anew(&["score-aml", "--key", "primary"]);
    assert!(none.code == 1 && none.stdout.is_empty(), "{none:?}");
}
