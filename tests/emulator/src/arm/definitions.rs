//! Built-in roles, and what they allow.

use serde_json::{Value, json};

/// A role: its GUID, its name, the actions that it allows, and those of them that it does not.
pub(super) struct Role {
    pub(super) id: &'static str,
    pub(super) name: &'static str,
    allows: &'static [&'static str],
    but_not: &'static [&'static str],
}

const fn role(
    id: &'static str,
    name: &'static str,
    allows: &'static [&'static str],
    but_not: &'static [&'static str],
) -> Role {
    Role { id, name, allows, but_not }
}

pub(super) const ROLES: [Role; 12] = [
    role("8e3af657-a8ff-443c-a75c-2fe8c4bcb635", "Owner", &["*"], &[]),
    role(
        "b24988ac-6180-42a0-ab88-20f7382dd24c",
        "Contributor",
        &["*"],
        &["Microsoft.Authorization/*/Delete", "Microsoft.Authorization/*/Write"],
    ),
    role("acdd72a7-3385-48ef-bd42-f606fba81ae7", "Reader", &["*/read"], &[]),
    role(
        "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9",
        "User Access Administrator",
        &["*/read", "Microsoft.Authorization/*"],
        &[],
    ),
    role(
        "f58310d9-a9f6-439a-9e8d-f62e7b41a168",
        "Role Based Access Control Administrator",
        &[
            "*/read",
            "Microsoft.Authorization/roleAssignments/write",
            "Microsoft.Authorization/roleAssignments/delete",
        ],
        &[],
    ),
    role(
        "f6c7c914-8db3-469d-8ca1-694a8f32e121",
        "AzureML Data Scientist",
        &[
            "Microsoft.MachineLearningServices/workspaces/*/read",
            "Microsoft.MachineLearningServices/workspaces/*/action",
            "Microsoft.MachineLearningServices/workspaces/*/delete",
            "Microsoft.MachineLearningServices/workspaces/*/write",
        ],
        &[
            "Microsoft.MachineLearningServices/workspaces/delete",
            "Microsoft.MachineLearningServices/workspaces/write",
            "Microsoft.MachineLearningServices/workspaces/computes/*/write",
            "Microsoft.MachineLearningServices/workspaces/computes/*/delete",
            "Microsoft.MachineLearningServices/workspaces/listKeys/action",
        ],
    ),
    role(
        "e503ece1-11d0-4e8e-8e2c-7a6c3bf38815",
        "AzureML Compute Operator",
        &[
            "Microsoft.MachineLearningServices/workspaces/computes/*",
            "Microsoft.MachineLearningServices/workspaces/notebooks/vm/*",
        ],
        &[],
    ),
    role(
        "1823dd4f-9b8c-4ab6-ab4e-7397a3684615",
        "AzureML Registry User",
        &["Microsoft.MachineLearningServices/registries/read"],
        &[],
    ),
    role(
        "635dd51f-9968-44d3-b7fb-6d9a6bd613ae",
        "AzureML Metrics Writer (preview)",
        &["Microsoft.MachineLearningServices/workspaces/metrics/*/write"],
        &[],
    ),
    role(
        "ea01e6af-a1c1-4350-9563-ad00f8c72ec5",
        "Azure Machine Learning Workspace Connection Secrets Reader",
        &[
            "Microsoft.MachineLearningServices/workspaces/connections/listsecrets/action",
            "Microsoft.MachineLearningServices/workspaces/metadata/secrets/read",
        ],
        &[],
    ),
    role(
        "b78c5d69-af96-48a3-bf8d-a8b4d589de94",
        "Azure AI Administrator",
        &["*/read", "Microsoft.MachineLearningServices/*"],
        &[],
    ),
    role("2a2b9908-6ea1-4ae2-8e65-a410df84e7d1", "Storage Blob Data Reader", &[], &[]),
];

impl Role {
    pub(super) fn of(id: &str) -> Option<&'static Role> {
        // An assignment of the configuration that names no role is one of Reader.
        let id = if id.is_empty() { "acdd72a7-3385-48ef-bd42-f606fba81ae7" } else { id };
        ROLES.iter().find(|role| role.id.eq_ignore_ascii_case(id))
    }

    pub(super) fn allows(&self, action: &str) -> bool {
        let any = |patterns: &[&str]| patterns.iter().any(|pattern| matches(pattern, action));
        any(self.allows) && !any(self.but_not)
    }

    pub(super) fn document(&self, subscription: &str) -> Value {
        let id = format!(
            "/subscriptions/{subscription}/providers/Microsoft.Authorization/roleDefinitions/{}",
            self.id
        );
        json!({
            "id": id, "name": self.id, "type": "Microsoft.Authorization/roleDefinitions",
            "properties": {
                "roleName": self.name, "type": "BuiltInRole", "description": "", "assignableScopes": ["/"],
                "permissions": [{ "actions": self.allows, "notActions": self.but_not, "dataActions": [],
                    "notDataActions": [] }],
            },
        })
    }
}

/// Whether an action is one of a pattern, where `*` stands for anything; `/*/` also for a single slash.
fn matches(pattern: &str, action: &str) -> bool {
    let (pattern, action) = (pattern.to_ascii_lowercase(), action.to_ascii_lowercase());
    let fits = |pattern: &str| {
        let mut parts = pattern.split('*');
        let Some(mut rest) = action.strip_prefix(parts.next().unwrap_or_default()) else { return false };
        let parts: Vec<_> = parts.collect();
        let Some((last, middle)) = parts.split_last() else { return rest.is_empty() };
        for part in middle {
            match rest.split_once(part) {
                Some((_, after)) => rest = after,
                None => return false,
            }
        }
        rest.ends_with(last)
    };
    fits(&pattern) || (pattern.contains("/*/") && fits(&pattern.replacen("/*/", "/", 1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_roles_allow() {
        let ml = |rest: &str| format!("Microsoft.MachineLearningServices/workspaces/{rest}");
        let role = |name: &str| ROLES.iter().find(|role| role.name == name).unwrap();
        let scientist = role("AzureML Data Scientist");
        assert!(scientist.allows(&ml("read")) && scientist.allows(&ml("jobs/write")));
        assert!(!scientist.allows(&ml("write")) && !scientist.allows(&ml("listKeys/action")));
        assert!(!scientist.allows(&ml("computes/write")));
        assert!(role("Reader").allows(&ml("read")) && !role("Reader").allows(&ml("listKeys/action")));
        assert!(!role("AzureML Compute Operator").allows(&ml("read")));
        let assign = "Microsoft.Authorization/roleAssignments/write";
        assert!(role("Owner").allows(assign) && !role("Contributor").allows(assign));
    }
}
