//! Where the services of a cloud are. It is asked without a token, by tools that are told of a cloud by the
//! address of its Azure Resource Manager alone (`az cloud register`).

use entrada_core::cloud::Cloud;
use serde_json::{Value, json};

use super::access::audiences;
use super::version;
use crate::ask::Ask;
use crate::fault::Fault;

/// The versions that describe one cloud; older ones list several.
const VERSIONS: [&str; 1] = ["2022-09-01"];

pub(super) fn document(ask: &Ask<'_>) -> Result<Value, Fault> {
    version(ask, "endpoints", &VERSIONS)?;
    let own = ask.origin.to_string();
    // A server on loopback plays the public cloud at its own address.
    let (cloud, manager) = match ask.origin.cloud() {
        Some(cloud) => (cloud, cloud.resource_manager),
        None => (Cloud::PUBLIC, Some(own.as_str())),
    };
    let slashed = |address: &str| format!("{}/", address.trim_end_matches('/'));
    let audiences: Vec<_> = audiences(ask)
        .iter()
        .filter(|audience| **audience != own)
        .map(|audience| slashed(audience))
        .collect();
    Ok(json!({
        "name": cloud.name,
        "portal": cloud.portal,
        "authentication": {
            "loginEndpoint": ask.origin.authority(),
            "audiences": audiences,
            "tenant": "common",
            "identityProvider": "AAD",
        },
        "resourceManager": manager.map(slashed),
        "microsoftGraphResourceId": cloud.graph.map(slashed),
        "suffixes": {},
    }))
}
