//! What a compute is made of, as its interface takes it and tells it.

use serde_json::{Map, Value, json};

use crate::config::Compute;
use crate::fault::Fault;

/// What the value of a member has to be.
#[derive(Clone, Copy)]
enum Takes {
    Text,
    Flag,
    Object,
    List,
    OneOf(&'static [&'static str]),
    /// A span of ISO 8601.
    Span,
}

use Takes::{Flag, List, Object, OneOf, Span, Text};

/// Those of every compute, one level further out.
const OF_ANY: [(&str, Takes); 4] =
    [("description", Text), ("disableLocalAuth", Flag), ("computeLocation", Text), ("resourceId", Text)];

const OF_CLUSTER: [(&str, Takes); 11] = [
    ("vmSize", Text),
    ("vmPriority", OneOf(&["Dedicated", "LowPriority"])),
    ("osType", OneOf(&["Linux", "Windows"])),
    ("virtualMachineImage", Object),
    ("isolatedNetwork", Flag),
    ("scaleSettings", Object),
    ("userAccountCredentials", Object),
    ("subnet", Object),
    ("remoteLoginPortPublicAccess", OneOf(&["Enabled", "Disabled", "NotSpecified"])),
    ("enableNodePublicIp", Flag),
    ("propertyBag", Object),
];

const OF_INSTANCE: [(&str, Takes); 16] = [
    ("vmSize", Text),
    ("subnet", Object),
    ("applicationSharingPolicy", OneOf(&["Personal", "Shared"])),
    ("autologgerSettings", Object),
    ("sshSettings", Object),
    ("computeInstanceAuthorizationType", OneOf(&["personal"])),
    ("personalComputeInstanceSettings", Object),
    ("setupScripts", Object),
    ("schedules", Object),
    ("idleTimeBeforeShutdown", Span),
    ("enableNodePublicIp", Flag),
    ("enableOSPatching", Flag),
    ("enableRootAccess", Flag),
    ("enableSSO", Flag),
    ("releaseQuotaOnStop", Flag),
    ("customServices", List),
];

impl Takes {
    fn takes(self, value: &Value) -> bool {
        match self {
            Text => value.is_string(),
            Flag => value.is_boolean(),
            Object => value.is_object(),
            List => value.is_array(),
            OneOf(known) => value.as_str().is_some_and(|text| known.contains(&text)),
            Span => value.as_str().is_some_and(|text| {
                text.strip_prefix('P').is_some_and(|rest| rest.bytes().any(|b| b.is_ascii_digit()))
            }),
        }
    }
}

/// The members that are known and say something. Others are passed over, as the service passes over those that it
/// only tells.
fn known(given: &Value, members: &[(&str, Takes)]) -> Result<Map<String, Value>, Fault> {
    let given = given.as_object().cloned().unwrap_or_default();
    let mut kept = Map::new();
    for (name, value) in given.into_iter().filter(|(_, value)| !value.is_null()) {
        let Some((_, takes)) = members.iter().find(|(member, _)| *member == name) else { continue };
        if !takes.takes(&value) {
            return Err(Fault::new(400, "BadRequest", format!("The value of {name} is not valid.")));
        }
        kept.insert(name, value);
    }
    Ok(kept)
}

/// What a document says of a compute: of the compute, and what it is made of.
pub(super) fn read(kind: &str, properties: &Value) -> Result<[Map<String, Value>; 2], Fault> {
    let members = if kind == "AmlCompute" { &OF_CLUSTER[..] } else { &OF_INSTANCE[..] };
    Ok([known(properties, &OF_ANY)?, known(&properties["properties"], members)?])
}

/// What the service tells: what was said, what is usual where nothing was, and how it is.
pub(super) fn document(compute: &Compute) -> Map<String, Value> {
    let usual = match compute.kind.as_str() {
        "AmlCompute" => json!({
            "vmPriority": "Dedicated", "osType": "Linux", "isolatedNetwork": false, "enableNodePublicIp": true,
            "remoteLoginPortPublicAccess": "NotSpecified", "subnet": null,
            "scaleSettings": { "minNodeCount": 0, "maxNodeCount": 4, "nodeIdleTimeBeforeScaleDown": "PT2M" },
        }),
        _ => json!({
            "enableSSO": true, "enableNodePublicIp": true, "enableRootAccess": true, "subnet": null,
            "applicationSharingPolicy": "Shared", "sshSettings": { "sshPublicAccess": "Disabled" },
        }),
    };
    let state = match compute.kind.as_str() {
        "AmlCompute" => json!({
            "allocationState": "Steady", "currentNodeCount": 0, "targetNodeCount": 0, "errors": null,
            "allocationStateTransitionTime": "2024-05-14T09:30:00.0000000Z",
            "nodeStateCounts": { "idleNodeCount": 0, "runningNodeCount": 0, "preparingNodeCount": 0,
                "unusableNodeCount": 0, "leavingNodeCount": 0, "preemptedNodeCount": 0 },
        }),
        _ => json!({
            "state": "Running", "errors": [], "applications": [], "versions": { "runtime": "1" },
            "lastOperation": { "operationName": "Start", "operationStatus": "Succeeded" },
        }),
    };
    let mut document = Map::from_iter([("vmSize".to_owned(), Value::from(compute.size.as_str()))]);
    for part in [usual, Value::Object(compute.made_of.clone()), state] {
        let Value::Object(part) = part else { continue };
        document.extend(part);
    }
    if let Some(Value::Object(ssh)) = document.get_mut("sshSettings") {
        ssh.insert("adminUserName".to_owned(), "azureuser".into());
        ssh.insert("sshPort".to_owned(), 50_000.into());
    }
    let schedules = document.get_mut("schedules").and_then(|all| all.get_mut("computeStartStop"));
    for (schedule, number) in schedules.and_then(Value::as_array_mut).into_iter().flatten().zip(1..) {
        schedule["id"] = format!("{}-{number}", compute.name).into();
        schedule["provisioningStatus"] = "Completed".into();
    }
    if let Some(person) = document.get_mut("userAccountCredentials").and_then(Value::as_object_mut) {
        person.insert("adminUserPassword".to_owned(), Value::Null);
    }
    document
}
