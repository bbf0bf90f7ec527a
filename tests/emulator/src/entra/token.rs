//! The token endpoint: what every grant goes through, and the choice of the grant.

use entrada_core::effect::HttpResponse;
use serde_json::Value;

use super::client::{ON_BEHALF_OF, Proof};
use super::demands::Demands;
use super::fault::Fault;
use super::issue::UserGrant;
use super::password::{self, SAML1, SAML2};
use super::scope::Wanted;
use super::tenant::{ADFS, DSTS, Place};
use crate::Emulator;
use crate::ask::{Ask, Params};
use crate::config::App;
use crate::store::Session;

/// What must not stand in an address, where logs would keep it.
const SECRETS: [&str; 8] = [
    "assertion",
    "client_secret",
    "client_assertion",
    "refresh_token",
    "code",
    "code_verifier",
    "device_code",
    "password",
];

/// A token request that got as far as its grant.
pub(crate) struct Request {
    pub(crate) place: Place,
    pub(crate) app: App,
    pub(crate) proof: Proof,
    pub(crate) form: Params,
    pub(crate) demands: Demands,
}

impl Request {
    pub(crate) fn need(&self, parameter: &str) -> Result<&str, Fault> {
        self.form.get(parameter).ok_or_else(|| Fault::missing(parameter))
    }

    fn client_info(&self) -> bool {
        // An AD FS does not know it.
        self.form.get("client_info") == Some("1") && self.place.form() != ADFS
    }

    /// What is granted in a session, which is not that of a page that asked for a `nonce`. The person agreed to
    /// `scope` at first.
    pub(crate) fn granted<'a>(
        &'a self,
        session: &'a Session,
        wanted: &'a Wanted,
        scope: &'a str,
    ) -> UserGrant<'a> {
        UserGrant {
            app: &self.app,
            proof: self.proof,
            session,
            wanted,
            scope,
            nonce: None,
            capable: self.demands.capable,
            client_info: self.client_info(),
        }
    }
}

impl Emulator {
    pub(crate) fn token(&mut self, ask: &Ask<'_>, tenant: &str) -> HttpResponse {
        let place = Place::find(&self.config, tenant);
        match self.grant(ask, place) {
            Ok(document) => self.accept(ask, &document),
            Err(fault) => self.refuse(ask, &fault),
        }
    }

    pub(crate) fn grant(&mut self, ask: &Ask<'_>, place: Result<Place, Fault>) -> Result<Value, Fault> {
        self.store.token_requests += 1;
        if !ask.is_post() {
            return Err(Fault::verb("POST, OPTIONS", ask.method()));
        }
        if SECRETS.into_iter().any(|name| ask.query.get(name).is_some()) {
            return Err(Fault::malformed());
        }
        let form = ask.form();
        if let Some(name) = form.doubled() {
            return Err(Fault::doubled(name));
        }
        let grant = form.get("grant_type").ok_or_else(|| Fault::missing("grant_type"))?.to_owned();
        let place = place?;
        let client_id = form.get("client_id").ok_or_else(|| Fault::missing("client_id"))?;
        let known = matches!(
            grant.as_str(),
            "client_credentials"
                | "authorization_code"
                | "refresh_token"
                | "device_code"
                | "urn:ietf:params:oauth:grant-type:device_code"
                | ON_BEHALF_OF
                | "password"
                | SAML1
                | SAML2
        );
        let own_only = matches!(place, Place::Apart(DSTS)) && grant != "client_credentials";
        if !known || own_only {
            let message = format!("The app requested an unsupported grant type '{grant}'.");
            return Err(Fault::new("unsupported_grant_type", 70_003, message));
        }
        if let (Place::Shared(_), "client_credentials") = (&place, grant.as_str()) {
            let message = "No tenant-identifying information found in either the request or implied by any \
                           provided credentials.";
            return Err(Fault::new("invalid_request", 50_059, message));
        }
        password::allowed(&place, &grant)?;
        let app = self.app_as_known(ask, &place, place.app(&self.config, client_id)?)?;
        let proof = self.authenticate(ask, &place, &app, &form, &grant)?;
        if ask.origin.region().is_some() {
            regional(&app, proof, &grant)?;
        }
        let demands = Demands::read(&form)?;
        let request = Request { place, app, proof, form, demands };
        match grant.as_str() {
            "client_credentials" => self.client_credentials(ask, &request),
            "authorization_code" => self.authorization_code(ask, &request),
            "refresh_token" => self.refresh_token(ask, &request),
            ON_BEHALF_OF => self.on_behalf_of(ask, &request),
            "password" => self.password(ask, &request),
            SAML1 | SAML2 => self.saml_bearer(ask, &request),
            _ => self.device_token(ask, &request),
        }
    }
}

/// A regional host serves apps for themselves, and of those few.
fn regional(app: &App, proof: Proof, grant: &str) -> Result<(), Fault> {
    if grant == "client_credentials" && (app.regional || proof == Proof::SubjectNameIssuer) {
        return Ok(());
    }
    let message = "AAD Regional ONLY supports auth either for MSIs OR for requests from MSAL using SN+I for 1P apps or 3P \
                   apps in Microsoft infrastructure tenants.";
    Err(Fault::new("invalid_request", 100_007, message))
}
