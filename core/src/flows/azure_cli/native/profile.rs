//! `azureProfile.json`: the subscriptions that the Azure CLI knows, and whose they are.

use serde::Deserialize;

use super::unexpected;
use crate::error::Error;
use crate::tenant::Tenant;

/// The account that the tool would use.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Account {
    /// A person, by the name to sign in with.
    User { name: String, tenant: Tenant },
    /// A service principal, by its client id.
    Principal { client_id: String, tenant: Tenant },
}

impl Account {
    pub(super) fn tenant(&self) -> &Tenant {
        match self {
            Account::User { tenant, .. } | Account::Principal { tenant, .. } => tenant,
        }
    }
}

#[derive(Deserialize)]
struct Profile {
    subscriptions: Vec<Subscription>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Subscription {
    id: String,
    name: String,
    environment_name: String,
    tenant_id: String,
    #[serde(default)]
    is_default: bool,
    user: User,
}

#[derive(Deserialize)]
struct User {
    name: String,
    #[serde(rename = "type")]
    kind: String,
}

/// The account of the subscription of this id or name, else of the current one, in this cloud.
pub(super) fn choose(profile: &[u8], cloud: &str, subscription: Option<&str>) -> Result<Account, Error> {
    let text = profile.strip_prefix(b"\xef\xbb\xbf").unwrap_or(profile);
    let profile: Profile =
        serde_json::from_slice(text).map_err(|_| unexpected("its profile is not of the known form"))?;
    let is_meant = |known: &Subscription| match subscription {
        Some(wanted) => {
            let wanted = wanted.to_lowercase();
            known.id.to_lowercase() == wanted || known.name.to_lowercase() == wanted
        }
        None => known.is_default,
    };
    let of_cloud = profile.subscriptions.into_iter().filter(|known| known.environment_name == cloud);
    let mut meant = of_cloud.filter(is_meant);
    let (Some(Subscription { tenant_id, user, .. }), None) = (meant.next(), meant.next()) else {
        return Err(unexpected("its profile does not tell which account is meant"));
    };
    let tenant = Tenant::new(tenant_id)?;
    match (user.kind.as_str(), user.name.as_str()) {
        // Both are managed identities.
        (_, "" | "systemAssignedIdentity" | "userAssignedIdentity") => {}
        ("user", _) => return Ok(Account::User { name: user.name, tenant }),
        ("servicePrincipal", _) => return Ok(Account::Principal { client_id: user.name, tenant }),
        _ => {}
    }
    Err(unexpected("its account is neither a person's nor a service principal's"))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const ONE: &str = "11111111-1111-1111-1111-111111111111";
    const TWO: &str = "22222222-2222-2222-2222-222222222222";

    fn entry(id: &str, name: &str, more: &Value) -> Value {
        let mut entry = json!({
            "id": id, "name": name, "state": "Enabled", "tenantId": TWO, "environmentName": "AzureCloud",
            "isDefault": false, "user": {"name": format!("{name}@contoso.com"), "type": "user"},
        });
        for (field, value) in more.as_object().unwrap() {
            entry[field] = value.clone();
        }
        entry
    }

    fn chosen(entries: &[Value], subscription: Option<&str>) -> Result<String, String> {
        let text = json!({"installationId": "x", "subscriptions": entries}).to_string();
        for text in [text.clone(), format!("\u{feff}{text}")] {
            match choose(text.as_bytes(), "AzureCloud", subscription) {
                Ok(Account::User { name, .. }) => return Ok(name),
                Ok(Account::Principal { client_id, .. }) => return Ok(client_id),
                Err(error) => assert!(!error.message().is_empty()),
            }
        }
        Err(choose(text.as_bytes(), "AzureCloud", subscription).unwrap_err().message())
    }

    #[test]
    fn the_account_that_the_tool_would_use() {
        let entries = [
            entry(ONE, "one", &json!({})),
            entry(TWO, "Two", &json!({"isDefault": true})),
            entry(TWO, "elsewhere", &json!({"isDefault": true, "environmentName": "AzureChinaCloud"})),
            entry("app", "app", &json!({"user": {"name": "the-app", "type": "servicePrincipal"}})),
        ];
        for (wanted, name) in [
            (None, "Two@contoso.com"),
            (Some(ONE), "one@contoso.com"),
            (Some("TWO"), "Two@contoso.com"),
            (Some("app"), "the-app"),
        ] {
            assert_eq!(chosen(&entries, wanted).as_deref(), Ok(name));
        }
        assert!(chosen(&entries, Some("elsewhere")).unwrap_err().contains("which account"));
    }

    #[test]
    fn what_the_tool_would_not_use_or_would_use_otherwise() {
        let system = json!({"isDefault": true, "user": {"name": "systemAssignedIdentity", "type": "servicePrincipal", "assignedIdentityInfo": "MSI"}});
        let odd = json!({"isDefault": true, "user": {"name": "x", "type": "robot"}});
        let default = json!({"isDefault": true});
        for (entries, wanted, why) in [
            (vec![], None, "which account"),
            (vec![entry(ONE, "one", &json!({}))], None, "which account"),
            (vec![entry(ONE, "one", &default), entry(TWO, "two", &default)], None, "which account"),
            (
                vec![entry(ONE, "same", &json!({})), entry(TWO, "same", &json!({}))],
                Some("same"),
                "which account",
            ),
            (vec![entry(ONE, "one", &system)], None, "neither"),
            (vec![entry(ONE, "one", &odd)], None, "neither"),
            (vec![json!({"id": ONE})], None, "form"),
            (
                vec![entry(ONE, "one", &json!({"isDefault": true, "tenantId": "not a tenant"}))],
                None,
                "tenant",
            ),
        ] {
            let error = chosen(&entries, wanted).unwrap_err();
            assert!(error.contains(why), "{why}: {error}");
        }
        for text in ["", "[]", "{}", "null", r#"{"subscriptions": null}"#] {
            assert!(choose(text.as_bytes(), "AzureCloud", None).is_err(), "{text}");
        }
    }
}
