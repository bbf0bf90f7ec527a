//! App registrations.

use http::Method;
use serde_json::{Value, json};

use super::access::Caller;
use super::fault;
use super::{Done, Name, bodies, credentials, list};
use crate::Emulator;
use crate::ask::Ask;
use crate::config::App;
use crate::fault::Fault;

/// How many may be of one owner who is nobody in particular.
const QUOTA: usize = 250;

impl Emulator {
    /// An app registration, with those of its secrets and certificates that the caller's replica knows by now.
    fn registration(&self, ask: &Ask<'_>, app: &App) -> Value {
        let delay = self.config.policy.replication.shown;
        let shown = |id: &str| self.store.knows(id, ask.now.mono, delay);
        let secrets = app.secrets.iter().filter(|secret| shown(&secret.id()));
        let certificates = app.certificates.iter().filter(|known| shown(&known.id()));
        json!({
            "id": app.registration(), "appId": app.client_id, "displayName": app.name,
            "signInAudience": if app.tenant.is_some() { "AzureADMyOrg" } else { "AzureADMultipleOrgs" },
            "identifierUris": [], "tags": [],
            "passwordCredentials": secrets.map(credentials::secret_object).collect::<Vec<_>>(),
            "keyCredentials": certificates.map(credentials::key_object).collect::<Vec<_>>(),
        })
    }

    /// Whether the caller's replica knows this app registration by now. The directory's own tools are in
    /// no directory.
    fn knows_app(&self, ask: &Ask<'_>, app: &App) -> bool {
        let delay = self.config.policy.replication.application;
        app.tenant.is_some() && self.store.knows(&app.registration(), ask.now.mono, delay)
    }

    pub(super) fn applications(&self, ask: &Ask<'_>) -> Done {
        super::access::authenticate(ask)?.may_read()?;
        let known = self.config.apps.iter().filter(|app| self.knows_app(ask, app));
        let known = known.map(|app| self.registration(ask, app)).collect();
        list::page(ask, known, self.config.policy.page_size)
    }

    /// Where the app of this name is in the list of apps.
    pub(super) fn place_of(&self, ask: &Ask<'_>, name: &Name<'_>) -> Result<usize, Fault> {
        let is = |app: &App| match name {
            Name::Id(id) => app.registration().eq_ignore_ascii_case(id),
            Name::AppId(id) => app.client_id.eq_ignore_ascii_case(id),
        };
        let (Name::Id(id) | Name::AppId(id)) = name;
        let found = self.config.apps.iter().position(|app| is(app) && self.knows_app(ask, app));
        found.ok_or_else(|| fault::not_found(id))
    }

    pub(super) fn register(&mut self, ask: &Ask<'_>, caller: &Caller) -> Done {
        self.may_register(caller)?;
        let fields = [
            "displayName",
            "keyCredentials",
            "signInAudience",
            "serviceManagementReference",
            "tags",
            "notes",
        ];
        let document = bodies::document(ask, &fields)?;
        let name = bodies::text(&document, "displayName")?;
        if name.chars().count() > 256 {
            return Err(fault::bad("Invalid value specified for property 'displayName' of resource."));
        }
        let own =
            self.config.apps.iter().filter(|app| app.owners.iter().any(|owner| owner == caller.object()));
        if own.count() >= QUOTA {
            let message = "The directory object quota limit for the Principal has been exceeded. Please ask your \
                           administrator to increase the quota limit or delete objects to reduce the used quota.";
            return Err(Fault::new(403, "Directory_QuotaExceeded", message));
        }
        let certificates = self.key_credentials(ask, &[], document.get("keyCredentials"))?;
        let app = App {
            client_id: self.draw.guid(),
            name,
            tenant: Some(caller.tenant().to_owned()),
            certificates,
            registration: self.draw.guid(),
            owners: vec![caller.object().to_owned()],
            ..App::default()
        };
        self.store.made(&app.registration, ask.now.mono);
        let made = self.registration(ask, &app);
        self.config.apps.push(app);
        Ok((201, made))
    }

    pub(super) fn application(&mut self, ask: &Ask<'_>, caller: &Caller, name: &Name<'_>) -> Done {
        caller.may_read()?;
        let place = self.place_of(ask, name)?;
        match *ask.method() {
            Method::GET => Ok((200, self.registration(ask, &self.config.apps[place]))),
            Method::PATCH => {
                self.may_change(caller, &self.config.apps[place])?;
                let fields = ["displayName", "keyCredentials", "tags", "notes"];
                let document = bodies::document(ask, &fields)?;
                let name = bodies::optional(&document, "displayName")?;
                if let Some(list) = document.get("keyCredentials") {
                    let known = self.config.apps[place].certificates.clone();
                    self.config.apps[place].certificates = self.key_credentials(ask, &known, Some(list))?;
                }
                if let Some(name) = name {
                    self.config.apps[place].name = name;
                }
                Ok((204, Value::Null))
            }
            Method::DELETE => {
                self.may_change(caller, &self.config.apps[place])?;
                // The service principal of the home directory goes with it; its role assignments stay.
                self.config.apps.remove(place);
                Ok((204, Value::Null))
            }
            _ => Err(fault::method(ask.method())),
        }
    }
}
