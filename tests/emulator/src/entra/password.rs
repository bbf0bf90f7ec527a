//! Grants without a page: a name and a password (RFC 6749 section 4.3), and a SAML assertion of the AD
//! FS that took them (RFC 7522).

use serde_json::Value;

use super::assertion::decode;
use super::fault::Fault;
use super::scope::Wanted;
use super::tenant::{Place, is_adfs};
use super::token::Request;
use crate::Emulator;
use crate::adfs::{SamlVersion, fingerprint};
use crate::ask::{Ask, is_guid};
use crate::store::Session;

pub(super) const SAML1: &str = "urn:ietf:params:oauth:grant-type:saml1_1-bearer";
pub(super) const SAML2: &str = "urn:ietf:params:oauth:grant-type:saml2-bearer";

impl Emulator {
    pub(crate) fn password(&mut self, ask: &Ask<'_>, request: &Request) -> Result<Value, Fault> {
        let username = request.need("username")?;
        request.need("password")?;
        if self.federation_of(username).is_some() && !is_adfs(ask) {
            // Entra has no password of theirs.
            return Err(Fault::wrong_password());
        }
        let user = self.person(ask, &request.form, request.place.form())?;
        if user.must_register_mfa {
            let message = "Due to a configuration change made by your administrator, or because you moved to a new \
                           location, you must enroll in multi-factor authentication to access the application.";
            return Err(Fault::new("invalid_grant", 50_079, message).suberror("basic_action"));
        }
        if user.mfa {
            let message = "Due to a configuration change made by your administrator, or because you moved to a new \
                           location, you must use multi-factor authentication to access the application.";
            return Err(Fault::new("invalid_grant", 50_076, message).suberror("basic_action"));
        }
        let session = self.session(ask, &user, false, &[]);
        self.tokens_of(ask, request, &session)
    }

    pub(crate) fn saml_bearer(&mut self, ask: &Ask<'_>, request: &Request) -> Result<Value, Fault> {
        let assertion = request.need("assertion")?;
        let invalid =
            |why: &str| Fault::new("invalid_grant", 50_008, format!("SAML assertion is invalid: {why}."));
        let bytes = decode(assertion).ok_or_else(|| invalid("it is not base64"))?;
        let found = self.store.saml.get(&fingerprint(&bytes));
        let found = found.ok_or_else(|| invalid("its signature cannot be verified"))?;
        let grant = if found.version == SamlVersion::V1 { SAML1 } else { SAML2 };
        if request.form.get("grant_type") != Some(grant) {
            return Err(invalid("it is of another version than the grant"));
        }
        if ask.now.unix >= found.expires {
            let message = "Assertion is not within its valid time range.";
            return Err(Fault::new("invalid_grant", 500_133, message));
        }
        let user = self.config.user_of_object(&found.user).cloned();
        let user = user.ok_or_else(|| invalid("its subject is not known"))?;
        let form = request.place.form();
        if is_guid(form) && !user.tenant.eq_ignore_ascii_case(form) {
            return Err(Fault::elsewhere(&user, form));
        }
        let session = self.session(ask, &user, false, &[]);
        self.tokens_of(ask, request, &session)
    }

    fn tokens_of(&mut self, ask: &Ask<'_>, request: &Request, session: &Session) -> Result<Value, Fault> {
        let scope = request.need("scope")?;
        let wanted = Wanted::of_user(&self.config, &ask.origin, scope)?;
        self.demands_met(session, &wanted.audience, &request.demands, request.form.text("claims"))?;
        self.user_document(ask, &request.granted(session, &wanted, scope))
    }
}

/// A password works where its owner's home is named or any organization's will do.
pub(super) fn allowed(place: &Place, grant: &str) -> Result<(), Fault> {
    match place {
        Place::Shared(word) if grant == "password" && word != "organizations" => {
            let message = "The grant type is not supported over the /common or /consumers endpoints. Please use the \
                           /organizations or tenant-specific endpoint.";
            Err(Fault::new("invalid_request", 9_001_023, message))
        }
        _ => Ok(()),
    }
}
