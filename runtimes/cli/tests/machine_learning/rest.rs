//! `entrada rest`.

use entrada_emulator::{Config, world};
use serde_json::json;

use crate::support::{Ended, Files, address, emulator, entrada, run};
use crate::{rest, workspace_path};

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
