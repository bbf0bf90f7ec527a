//! Azure Machine Learning over REST, with client credentials: resource groups, workspaces, where their services
//! are, experiments and models, and a compute and a workspace that are made and removed again.

use entrada_tokio::core::arm::ResourceManager;
use entrada_tokio::core::call::{Audiences, LongRunning, Operation, Pages};
use entrada_tokio::{ClientSecretCredential, Cloud, Credential, Error, ErrorKind};
use serde_json::{Value, json};

/// Where to look.
pub(crate) struct Place {
    /// Azure Resource Manager.
    pub(crate) manager: ResourceManager,
    /// Which tokens may be sent where.
    pub(crate) audiences: Audiences,
    /// The subscription.
    pub(crate) subscription: String,
    /// The resource group.
    pub(crate) group: String,
}

fn missing(what: &'static str) -> Error {
    Error::new(ErrorKind::Malformed, what)
}

/// Goes through the sequence, and tells what it found.
pub(crate) async fn sequence(credential: &Credential, place: &Place) -> Result<Vec<String>, Error> {
    let get = |steps: &[&str], version: &str| place.manager.get(steps.to_vec(), version, "the list");
    let mut found = Vec::new();

    let root = ["subscriptions", &place.subscription, "resourceGroups"];
    for group in credential.call(Box::new(Pages::new(get(&root, "2022-04-01")))).await? {
        found.push(format!("group {}", group["name"].as_str().unwrap_or_default()));
    }

    let provider = ["providers", "Microsoft.MachineLearningServices", "workspaces"];
    let workspaces = [&root[..], &[&place.group], &provider].concat();
    let all = credential.call(Box::new(Pages::new(get(&workspaces, "2024-10-01")))).await?;
    let first = all.first().ok_or_else(|| missing("there is no workspace"))?;
    let name = first["name"].as_str().unwrap_or_default();
    let id = first["id"].as_str().unwrap_or_default();
    found.push(format!("workspace {name}"));

    // The services of the workspace are at hosts of their own, and take tokens of another audience. Which, the
    // address tells; where it is of no service of this cloud, nothing is sent.
    let ask = async |address: &str| -> Result<Value, Error> {
        let service = place.audiences.service(address)?;
        let operation = Operation::get(Vec::<String>::new(), "a service of the workspace");
        let answer = credential.call(Box::new(service.call_at(address, &operation)?)).await?;
        Ok(Value::Object(answer.object().cloned().unwrap_or_default()))
    };
    let discovery = first["properties"]["discoveryUrl"].as_str().unwrap_or_default();
    let services = ask(discovery).await?;
    let api = services["api"].as_str().ok_or_else(|| missing("there is no api"))?;
    for (family, kind) in [("history", "experiments"), ("modelmanagement", "models")] {
        let list = ask(&format!("{api}/{family}/v1.0{id}/{kind}?api-version=2023-10-01")).await?;
        let count = list["value"].as_array().map_or(0, Vec::len);
        found.push(format!("{kind} {count}"));
    }

    let compute = [&workspaces[..], &[name, "computes", "rest-example"]].concat();
    let document = json!({
        "location": first["location"],
        "properties": { "computeType": "AmlCompute", "properties": {
            "vmSize": "Standard_D1", "vmPriority": "Dedicated",
            "scaleSettings": { "minNodeCount": 0, "maxNodeCount": 1, "nodeIdleTimeBeforeScaleDown": "PT30M" },
        } },
    });
    found.push(format!("compute {}", made(credential, place, &compute, &document).await?));
    remove(credential, place, &compute).await?;

    // Another workspace, with the storage account and the key vault of the first.
    let workspace = [&workspaces[..], &["rest-example"]].concat();
    let linked = &first["properties"];
    let document = json!({
        "location": first["location"],
        "identity": { "type": "systemAssigned" },
        "properties": {
            "friendlyName": "An example", "description": "Made over REST",
            "storageAccount": linked["storageAccount"], "keyVault": linked["keyVault"],
            "applicationInsights": linked["applicationInsights"],
            "containerRegistry": linked["containerRegistry"],
        },
    });
    found.push(format!("workspace {}", made(credential, place, &workspace, &document).await?));
    remove(credential, place, &workspace).await?;
    Ok(found)
}

/// Makes what the document describes. It is not there at once: the answer to `PUT` is the beginning of it, and
/// says in one way or another where its end will be seen. Ends in the state that it came to.
async fn made(
    credential: &Credential,
    place: &Place,
    steps: &[&str],
    document: &Value,
) -> Result<String, Error> {
    let make = Operation::put(steps.to_vec(), "a new resource").document(document);
    let making = LongRunning::new(place.manager.call(make, "2024-10-01"));
    let made = Value::Object(credential.call(Box::new(making)).await?.object().cloned().unwrap_or_default());
    Ok(made["properties"]["provisioningState"].as_str().unwrap_or_default().to_owned())
}

/// Removes it again, and waits until it is gone.
async fn remove(credential: &Credential, place: &Place, steps: &[&str]) -> Result<(), Error> {
    let remove = Operation::delete(steps.to_vec(), "a resource").query("underlyingResourceAction", "Delete");
    credential.call(Box::new(LongRunning::new(place.manager.call(remove, "2024-10-01")))).await?;
    Ok(())
}

#[allow(dead_code, reason = "tests go through the sequence themselves")]
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let credential =
        Credential::new(ClientSecretCredential::new("contoso.onmicrosoft.com", "client-id", "secret")?)?;
    let place = Place {
        manager: ResourceManager::of_cloud(Cloud::PUBLIC)?,
        audiences: Audiences::of_cloud(Cloud::PUBLIC),
        subscription: "6a8f0f4e-3b8e-4b61-a8a8-1f1a5e2f9d10".to_owned(),
        group: "ml-rg".to_owned(),
    };
    for line in sequence(&credential, &place).await? {
        println!("{line}");
    }
    Ok(())
}
