//! Service principals.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::Method;
use serde_json::{Value, json};

use super::access::Caller;
use super::fault;
use super::{Done, Name, bodies, list};
use crate::Emulator;
use crate::ask::Ask;
use crate::config::{App, ManagedIdentity};
use crate::fault::Fault;

fn of_app(app: &App) -> Value {
    json!({
        "@odata.type": "#microsoft.graph.servicePrincipal", "id": app.object_id, "appId": app.client_id,
        "displayName": app.name, "appDisplayName": app.name, "accountEnabled": true,
        "servicePrincipalType": "Application", "servicePrincipalNames": [app.client_id],
        "alternativeNames": [],
        "appOwnerOrganizationId": app.tenant, "tags": [], "addIns": [], "keyCredentials": [],
        "passwordCredentials": [],
    })
}

/// What the directory has of a managed identity. The id of its resource is among its alternative names, and not
/// among those that tokens are asked for by.
fn of_identity(identity: &ManagedIdentity) -> Value {
    let id = identity.resource_id.as_deref().unwrap_or_default();
    let assigned = id.to_ascii_lowercase().contains("/userassignedidentities/");
    let name = match id.split_once("/workspaces/") {
        Some((_, compute)) if compute.contains("/computes/") => format!("/{compute}"),
        _ => id.rsplit('/').next().filter(|name| !name.is_empty()).unwrap_or("machine").to_owned(),
    };
    let mut others = vec![format!("isExplicit={}", if assigned { "True" } else { "False" })];
    others.extend(identity.resource_id.clone());
    let unique = URL_SAFE_NO_PAD.encode(&identity.client_id);
    json!({
        "@odata.type": "#microsoft.graph.servicePrincipal", "id": identity.object_id,
        "appId": identity.client_id, "displayName": name, "appDisplayName": null, "accountEnabled": true,
        "servicePrincipalType": "ManagedIdentity", "alternativeNames": others,
        "servicePrincipalNames": [identity.client_id, format!("https://identity.azure.net/{unique}")],
        "appOwnerOrganizationId": null, "tags": [], "addIns": [], "keyCredentials": [],
        "passwordCredentials": [],
    })
}

impl Emulator {
    /// The service principals that the caller's replica knows by now.
    pub(super) fn known_principals(&self, ask: &Ask<'_>) -> Vec<Value> {
        let delay = self.config.policy.replication.principal;
        let apps =
            self.config.apps.iter().filter(|app| {
                !app.object_id.is_empty() && self.store.knows(&app.object_id, ask.now.mono, delay)
            });
        let own = self.system_identities();
        let identities = self.config.identities.iter().chain(&own).map(of_identity);
        apps.map(of_app).chain(identities).collect()
    }

    pub(super) fn principals(&self, ask: &Ask<'_>) -> Done {
        super::access::authenticate(ask)?.may_read()?;
        list::page(ask, self.known_principals(ask), self.config.policy.page_size)
    }

    pub(super) fn make_principal(&mut self, ask: &Ask<'_>, caller: &Caller) -> Done {
        self.may_register(caller)?;
        let document = bodies::document(ask, &["appId", "accountEnabled", "tags"])?;
        let id = bodies::text(&document, "appId")?;
        let Ok(place) = self.place_of(ask, &Name::AppId(&id)) else {
            let message = format!(
                "The appId '{id}' of the service principal does not reference a valid application object."
            );
            return Err(fault::bad(message));
        };
        self.may_change(caller, &self.config.apps[place])?;
        if !self.config.apps[place].object_id.is_empty() {
            let message = format!(
                "The service principal cannot be created, updated, or restored because the service principal \
                 name {id} is already in use."
            );
            return Err(Fault::new(409, "Request_MultipleObjectsWithSameKeyValue", message));
        }
        let object = self.draw.guid();
        self.store.made(&object, ask.now.mono);
        self.config.apps[place].object_id = object;
        Ok((201, of_app(&self.config.apps[place])))
    }

    pub(super) fn principal(&mut self, ask: &Ask<'_>, caller: &Caller, name: &Name<'_>) -> Done {
        caller.may_read()?;
        let (Name::Id(wanted) | Name::AppId(wanted)) = name;
        let field = if matches!(name, Name::Id(_)) { "id" } else { "appId" };
        let known = self.known_principals(ask);
        let mut known = known.into_iter();
        let found = known
            .find(|known| known[field].as_str().is_some_and(|id| id.eq_ignore_ascii_case(wanted)))
            .ok_or_else(|| fault::not_found(wanted))?;
        match *ask.method() {
            Method::GET => Ok((200, found)),
            Method::DELETE => {
                let app = self
                    .config
                    .apps
                    .iter()
                    .position(|app| Some(app.object_id.as_str()) == found["id"].as_str());
                let place = app.ok_or_else(fault::denied)?;
                self.may_change(caller, &self.config.apps[place])?;
                self.config.apps[place].object_id = String::new();
                Ok((204, Value::Null))
            }
            _ => Err(fault::method(ask.method())),
        }
    }
}
