//! The keys of a workspace. They are made up, and the same whenever they are asked for.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::Below;
use crate::Emulator;
use crate::draw::hex;

/// A key that is the same whenever it is asked for.
pub(super) fn made(text: &str) -> String {
    let hex = hex(&Sha256::digest(text));
    format!("emulated-key-{hex}")
}

impl Emulator {
    pub(super) fn workspace_keys(&self, below: &Below<'_>) -> Value {
        let key = |name: &str| made(&format!("{} {name}", below.id));
        json!({
            "userStorageKey": key("storage"),
            "userStorageArmId": format!("{}/storage", below.id),
            "appInsightsInstrumentationKey": key("insights"),
            "containerRegistryCredentials": {
                "location": below.workspace.location, "username": "registry",
                "passwords": [
                    { "name": "password", "value": key("registry") },
                    { "name": "password2", "value": key("registry 2") },
                ],
            },
            "notebookAccessKeys": {
                "primaryAccessKey": key("notebook"), "secondaryAccessKey": key("notebook 2"),
            },
        })
    }
}
