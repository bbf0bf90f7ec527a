//! The instance metadata service of an Azure virtual machine: tokens of managed identities, and where
//! the machine is.

use entrada_core::effect::HttpResponse;
use serde_json::{Value, json};

use crate::ask::Ask;
use crate::config::ManagedIdentity;
use crate::{Emulator, reply};

/// The versions that are served, the newest last.
const VERSIONS: [&str; 8] = [
    "2018-02-01",
    "2018-10-01",
    "2019-08-01",
    "2019-11-01",
    "2020-06-01",
    "2021-02-01",
    "2021-12-13",
    "2023-07-01",
];

struct Refusal {
    status: u16,
    error: &'static str,
    description: String,
}

impl Refusal {
    fn new(status: u16, error: &'static str, description: impl Into<String>) -> Refusal {
        Refusal { status, error, description: description.into() }
    }
}

impl Emulator {
    pub(crate) fn imds(&mut self, ask: &Ask<'_>) -> HttpResponse {
        let compute = match ask.pieces().as_slice() {
            // MSAL for Node ends the path with a slash.
            ["metadata", "identity", "oauth2", "token"] | ["metadata", "identity", "oauth2", "token", ""] => {
                None
            }
            ["metadata", "instance", "compute"] => Some(false),
            ["metadata", "instance", "compute", "location"] => Some(true),
            _ => return reply::text(404, "Not found"),
        };
        if !ask.is_get() {
            return reply::with(reply::text(405, "Method not allowed"), "allow", "GET");
        }
        if let Some(location) = compute {
            return self.compute(ask, location);
        }
        if let Some(response) = self.busy(ask) {
            return response;
        }
        match self.managed_identity(ask) {
            Ok(document) => reply::json(200, &document),
            Err(refusal) => {
                let document = json!({ "error": refusal.error, "error_description": refusal.description });
                reply::json(refusal.status, &document)
            }
        }
    }

    /// What is said instead of an answer, where that is due; a probe is answered all the same.
    fn busy(&mut self, ask: &Ask<'_>) -> Option<HttpResponse> {
        let busy = &mut self.config.hosts.metadata_busy;
        if busy.is_empty() || ask.header("metadata") != Some("true") {
            return None;
        }
        Some(match busy.remove(0) {
            429 => {
                let document =
                    json!({ "error": "too_many_requests", "error_description": "Too many requests" });
                reply::with(reply::json(429, &document), "retry-after", "1")
            }
            status => reply::text(status, ""),
        })
    }

    /// What machine this is, or its region alone.
    fn compute(&self, ask: &Ask<'_>, location: bool) -> HttpResponse {
        let bad = |document: Value| reply::json(400, &document);
        if ask.header("metadata") != Some("true") || ask.header("x-forwarded-for").is_some() {
            return bad(json!({ "error": "Bad request. Required metadata header not specified" }));
        }
        let version = ask.query.get("api-version").unwrap_or_default();
        if !VERSIONS.contains(&version) {
            return bad(json!({
                "error": "Bad request. api-version is invalid or was not specified in the request. For more \
                          information refer to aka.ms/azureimds",
                "newest-versions": VERSIONS.iter().rev().take(3).collect::<Vec<_>>(),
            }));
        }
        if location {
            // One value is no JSON document.
            return match ask.query.get("format") {
                Some("text") => reply::text(200, &self.config.location),
                _ => {
                    bad(json!({ "error": "Bad request. The requested attribute is only available as text" }))
                }
            };
        }
        let subscription = self.config.subscriptions.first().map(|known| known.id.as_str());
        let group = self.config.resource_groups.first().map(|known| known.name.as_str());
        reply::json(
            200,
            &json!({
                "azEnvironment": "AzurePublicCloud", "location": self.config.location, "name": "entrada-emulator",
                "osType": "Linux", "provider": "Microsoft.Compute", "resourceGroupName": group.unwrap_or_default(),
                "subscriptionId": subscription.unwrap_or_default(), "vmSize": "Standard_D2s_v5",
            }),
        )
    }

    fn managed_identity(&mut self, ask: &Ask<'_>) -> Result<Value, Refusal> {
        let bad = |description: &str| Refusal::new(400, "invalid_request", description);
        if ask.header("metadata") != Some("true") {
            return Err(bad("Required metadata header not specified"));
        }
        // What comes without the header is a probe.
        self.store.token_requests += 1;
        // A forwarded request comes from elsewhere than this machine.
        if ask.header("x-forwarded-for").is_some() {
            return Err(bad("Requests with an X-Forwarded-For header are not accepted"));
        }
        let version = ask
            .query
            .get("api-version")
            .ok_or_else(|| bad("Required query variable 'api-version' is missing"))?;
        if !VERSIONS.contains(&version) {
            let newest = VERSIONS[VERSIONS.len() - 3..].join(", ");
            return Err(bad(&format!("Bad request. api-version is invalid. Newest versions: {newest}")));
        }
        let resource =
            ask.query.get("resource").ok_or_else(|| bad("Required query variable 'resource' is missing"))?;
        let identity = select(&self.config.identities, ask)?.clone();
        let (token, life) = self
            .machine_token(ask, &identity, resource)
            .map_err(|message| Refusal::new(400, "invalid_resource", format!("AADSTS50001: {message}")))?;
        let now = ask.now.unix.0;
        Ok(json!({
            "access_token": token, "client_id": identity.client_id, "refresh_token": "",
            "expires_in": life.to_string(), "expires_on": now.saturating_add(life).to_string(),
            "ext_expires_in": life.to_string(), "not_before": now.to_string(),
            "resource": resource, "token_type": "Bearer",
        }))
    }
}

/// The identity that is meant: by one selector, or the only one there can be.
fn select<'c>(identities: &'c [ManagedIdentity], ask: &Ask<'_>) -> Result<&'c ManagedIdentity, Refusal> {
    let bad = |description: &str| Refusal::new(400, "invalid_request", description);
    let resource_id = ask.query.get("msi_res_id");
    let selectors = [ask.query.get("client_id"), ask.query.get("object_id"), resource_id];
    if selectors.iter().flatten().count() > 1 {
        return Err(bad("Only one of client_id, object_id and msi_res_id can be given"));
    }
    let same =
        |known: &str, asked: Option<&str>| asked.is_some_and(|asked| known.eq_ignore_ascii_case(asked));
    if selectors.iter().any(Option::is_some) {
        let found = identities.iter().find(|identity| {
            same(&identity.client_id, selectors[0])
                || same(&identity.object_id, selectors[1])
                || identity.resource_id.as_deref().is_some_and(|id| same(id, selectors[2]))
        });
        return found.ok_or_else(|| bad("Identity not found"));
    }
    if let Some(system) = identities.iter().find(|identity| identity.resource_id.is_none()) {
        return Ok(system);
    }
    match identities {
        [] => Err(bad("Identity not found")),
        [only] => Ok(only),
        _ => Err(bad(
            "Multiple user assigned identities exist, please specify the clientId / resourceId of the identity in the \
             token request",
        )),
    }
}
