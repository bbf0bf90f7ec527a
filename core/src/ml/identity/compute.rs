//! What a compute is, said again: `PUT` replaces it, so that what is left out is lost.

use serde_json::{Map, Value};

use crate::error::{Error, ErrorKind};

/// What the service tells of any resource, and is not told.
const OF_RESOURCE: [&str; 6] = ["id", "name", "type", "systemData", "etag", "identity"];

/// What it tells of any compute: members of `properties` that are marked read-only in the specification of the
/// interface (`Compute`, 2024-10-01).
const OF_COMPUTE: [&str; 5] =
    ["provisioningState", "provisioningErrors", "createdOn", "modifiedOn", "isAttachedCompute"];

/// What it tells of a cluster: read-only members of `AmlComputeProperties`.
const OF_CLUSTER: [&str; 6] = [
    "allocationState",
    "allocationStateTransitionTime",
    "errors",
    "currentNodeCount",
    "targetNodeCount",
    "nodeStateCounts",
];

/// What it tells of an instance: read-only members of `ComputeInstanceProperties`.
const OF_INSTANCE: [&str; 11] = [
    "osImageMetadata",
    "connectivityEndpoints",
    "applications",
    "createdBy",
    "errors",
    "state",
    "lastOperation",
    "containers",
    "dataDisks",
    "dataMounts",
    "versions",
];

/// The document that makes a compute what it is already, but for its identity.
///
/// # Errors
/// `Configuration` where that cannot be said: the compute is of another kind than the two that are made of
/// nothing but what the service tells again, or it has a password.
pub(super) fn with_identity(
    resource: &Map<String, Value>,
    kind: &str,
    identity: Value,
) -> Result<Value, Error> {
    let own = match kind {
        "AmlCompute" => &OF_CLUSTER[..],
        "ComputeInstance" => &OF_INSTANCE[..],
        _ => {
            let what = format!(
                "a compute of the kind {kind} cannot be given an identity from here: not all that it was made of is told again, and what is not said would be lost"
            );
            return Err(Error::new(ErrorKind::Configuration, what)
                .with_remedy("use what it was attached with, and name the identity there"));
        }
    };
    let mut compute = without(resource, &OF_RESOURCE);
    compute.insert("identity".to_owned(), identity);
    if let Some(Value::Object(properties)) = compute.get_mut("properties") {
        *properties = without(properties, &OF_COMPUTE);
        if let Some(Value::Object(made_of)) = properties.get_mut("properties") {
            *made_of = without(made_of, own);
            within(made_of)?;
        }
    }
    Ok(Value::Object(compute))
}

/// All members but these, and but those that are null: that stands for nothing.
fn without(document: &Map<String, Value>, told: &[&str]) -> Map<String, Value> {
    let own = document.iter().filter(|(name, value)| !told.contains(&name.as_str()) && !value.is_null());
    own.map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// Takes out what is told of the parts that a compute is made of.
fn within(made_of: &mut Map<String, Value>) -> Result<(), Error> {
    if let Some(Value::Object(person)) = made_of.get("userAccountCredentials") {
        let key = person.get("adminUserSshPublicKey").and_then(Value::as_str).unwrap_or_default();
        if person.get("adminUserName").is_some_and(|name| !name.is_null()) && key.is_empty() {
            return Err(Error::new(
                ErrorKind::Configuration,
                "the nodes of this cluster have a user with a password, which is not told again and would be lost",
            )
            .with_remedy("make the cluster anew with the identity, or set it where the password can be given"));
        }
    }
    if let Some(Value::Object(ssh)) = made_of.get_mut("sshSettings") {
        *ssh = without(ssh, &["adminUserName", "sshPort"]);
    }
    let schedules = made_of.get_mut("schedules").and_then(|all| all.get_mut("computeStartStop"));
    for schedule in schedules.and_then(Value::as_array_mut).into_iter().flatten() {
        if let Value::Object(schedule) = schedule {
            *schedule = without(schedule, &["id", "provisioningStatus"]);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn said(resource: Value) -> Result<Value, Error> {
        let Value::Object(resource) = resource else { unreachable!("it is an object") };
        let kind = resource["properties"]["computeType"].as_str().unwrap_or_default();
        with_identity(&resource, kind, json!({ "type": "SystemAssigned" }))
    }

    #[test]
    fn all_that_is_told_is_said_again_but_what_only_the_service_tells() {
        let told = json!({
            "id": "/x", "name": "ci", "type": "T", "systemData": {}, "location": "westeurope",
            "tags": { "team": "a" }, "sku": null, "identity": { "type": "None" }, "of": "the future",
            "properties": {
                "computeType": "ComputeInstance", "provisioningState": "Succeeded", "createdOn": "2024",
                "description": "d", "disableLocalAuth": true, "resourceId": null,
                "properties": {
                    "vmSize": "S", "enableNodePublicIp": false, "state": "Running", "idleTimeBeforeShutdown": "PT30M",
                    "sshSettings": { "sshPublicAccess": "Enabled", "adminPublicKey": "ssh-rsa A",
                        "adminUserName": "azureuser", "sshPort": 50000 },
                    "schedules": { "computeStartStop": [{ "id": "1", "provisioningStatus": "Completed",
                        "status": "Enabled", "action": "Stop", "triggerType": "Cron", "cron": { "expression": "0 18 * * *" } }] },
                    "setupScripts": { "scripts": {} }, "of": "the future",
                },
            },
        });
        assert_eq!(
            said(told).unwrap(),
            json!({
                "location": "westeurope", "tags": { "team": "a" }, "of": "the future",
                "identity": { "type": "SystemAssigned" },
                "properties": {
                    "computeType": "ComputeInstance", "description": "d", "disableLocalAuth": true,
                    "properties": {
                        "vmSize": "S", "enableNodePublicIp": false, "idleTimeBeforeShutdown": "PT30M",
                        "sshSettings": { "sshPublicAccess": "Enabled", "adminPublicKey": "ssh-rsa A" },
                        "schedules": { "computeStartStop": [{ "status": "Enabled", "action": "Stop",
                            "triggerType": "Cron", "cron": { "expression": "0 18 * * *" } }] },
                        "setupScripts": { "scripts": {} }, "of": "the future",
                    },
                },
            })
        );
    }

    #[test]
    fn what_cannot_be_said_again_is_not_lost_but_refused() {
        let cluster = |person: Value| {
            said(json!({ "properties": { "computeType": "AmlCompute", "properties": {
                "vmSize": "S", "state": "kept: not one of a cluster", "userAccountCredentials": person,
            } } }))
        };
        let refused = cluster(json!({ "adminUserName": "ada", "adminUserSshPublicKey": null })).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::Configuration);
        let keyed = json!({ "adminUserName": "ada", "adminUserSshPublicKey": "ssh-rsa A" });
        let made_of = cluster(keyed.clone()).unwrap()["properties"]["properties"].clone();
        assert_eq!((&made_of["userAccountCredentials"], made_of["state"].is_string()), (&keyed, true));
        assert!(cluster(Value::Null).is_ok());
        for kind in ["Kubernetes", "VirtualMachine", "HDInsight", ""] {
            assert!(said(json!({ "properties": { "computeType": kind } })).is_err(), "{kind}");
        }
    }
}
