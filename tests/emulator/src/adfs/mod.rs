//! WS-Trust at an AD FS: how people of a federated domain sign in without a browser.

mod envelope;
mod mex;
mod saml;

use entrada_core::effect::HttpResponse;
use entrada_core::time::Unix;

use crate::ask::Ask;
use crate::config::User;
use crate::{Emulator, reply};
use envelope::{Request, Trouble};
pub(crate) use saml::{Issued, SamlVersion, fingerprint};

/// The two versions of WS-Trust in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Version {
    /// February 2005.
    Trust2005,
    /// 1.3.
    Trust13,
}

impl Version {
    const ALL: [Version; 2] = [Version::Trust2005, Version::Trust13];

    /// Its namespace.
    fn namespace(self) -> &'static str {
        match self {
            Version::Trust2005 => "http://schemas.xmlsoap.org/ws/2005/02/trust",
            Version::Trust13 => "http://docs.oasis-open.org/ws-sx/ws-trust/200512",
        }
    }

    /// Where people with a password ask, below `/adfs`.
    fn path(self) -> &'static str {
        match self {
            Version::Trust2005 => "services/trust/2005/usernamemixed",
            Version::Trust13 => "services/trust/13/usernamemixed",
        }
    }

    /// The action of a request.
    fn action(self) -> String {
        format!("{}/RST/Issue", self.namespace())
    }

    /// The kind of key of a token that needs none.
    fn key_type(self) -> &'static str {
        match self {
            Version::Trust2005 => "http://schemas.xmlsoap.org/ws/2005/05/identity/NoProofKey",
            Version::Trust13 => "http://docs.oasis-open.org/ws-sx/ws-trust/200512/Bearer",
        }
    }
}

/// What an AD FS is asked for below `/adfs/services/trust`.
pub(crate) fn metadata(ask: &Ask<'_>) -> HttpResponse {
    if !ask.is_get() {
        return reply::with(reply::text(405, "Method not allowed"), "allow", "GET");
    }
    reply::body(200, "application/soap+xml; charset=utf-8", mex::document(&format!("{}/adfs", ask.origin)))
}

impl Emulator {
    /// An AD FS answers what concerns passwords; `version` is the piece of the path.
    pub(crate) fn ws_trust(&mut self, ask: &Ask<'_>, version: &str) -> HttpResponse {
        let version = if version == "13" { Version::Trust13 } else { Version::Trust2005 };
        if !ask.is_post() {
            return reply::with(reply::text(405, "Method not allowed"), "allow", "POST");
        }
        let kind = ask.header("content-type").and_then(|kind| kind.split(';').next()).unwrap_or_default();
        if !kind.trim().eq_ignore_ascii_case("application/soap+xml") {
            return reply::text(415, "The content type is not that of SOAP 1.2.");
        }
        self.store.token_requests += 1;
        let answered = envelope::read(ask, version).and_then(|request| {
            let user = self.federated_person(ask, &request)?;
            Ok(self.security_token(ask, version, &request, &user))
        });
        match answered {
            Ok(envelope) => reply::body(200, "application/soap+xml; charset=utf-8", envelope),
            Err(trouble) => {
                let envelope = envelope::fault(&trouble);
                reply::body(trouble.status, "application/soap+xml; charset=utf-8", envelope)
            }
        }
    }

    /// Whether the AD FS that is asked is the one of this name. A host that is none in particular is any.
    pub(crate) fn is_federated_here(&self, ask: &Ask<'_>, username: &str) -> bool {
        let host = ask.origin.host();
        self.federation_of(username).is_some_and(|federation| {
            federation.host == host || self.config.federations.iter().all(|known| known.host != host)
        })
    }

    fn federated_person(&self, ask: &Ask<'_>, request: &Request) -> Result<User, Trouble> {
        let user = self.config.user(&request.username).filter(|user| {
            self.is_federated_here(ask, &request.username)
                && user.password.matches(request.password.expose())
                && !(user.disabled || user.locked || user.password_expired)
        });
        user.cloned().ok_or(Trouble::authentication())
    }

    fn security_token(&mut self, ask: &Ask<'_>, version: Version, request: &Request, user: &User) -> String {
        let default = self.federation_of(&user.username).is_some_and(|federation| federation.saml2);
        let saml = request.saml.unwrap_or(if default { SamlVersion::V2 } else { SamlVersion::V1 });
        let issuer = format!("http://{}/adfs/services/trust", ask.origin.host());
        let id = format!("_{}", self.draw.guid());
        let assertion = saml::assertion(saml, &id, &issuer, user, ask.now.unix);
        let issued = Issued {
            version: saml,
            user: user.object_id.clone(),
            expires: Unix(ask.now.unix.0.saturating_add(saml::LIFE)),
        };
        self.store.saml.insert(fingerprint(assertion.as_bytes()), issued);
        envelope::answer(version, saml, &assertion, ask.now.unix)
    }
}
