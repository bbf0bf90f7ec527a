//! How an app, or a person, proves who they are: what may be sent how often, and what may be signed.

use std::collections::BTreeSet;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use entrada_core::effect::{HttpRequest, Sign, SignAction};
use entrada_core::jwt::Jwt;
use entrada_core::time::Now;
use serde_json::Value;

use super::requests::To;
use super::{Watch, field, form, origin};
use crate::canaries::{Canaries, Kind};

/// What was sent so far.
#[derive(Debug, Default)]
pub(super) struct Proofs {
    /// The `jti` of the assertions that were sent.
    assertions: BTreeSet<String>,
    /// Where the password went.
    password_at: Option<String>,
    /// Whether a federation service received a password, or answered it.
    asked_for_saml: bool,
    /// Whether the authority may have compared a password.
    compared: bool,
}

impl Proofs {
    pub(super) fn delivered(&mut self, request: &HttpRequest) {
        self.asked_for_saml |= is_ws_trust(request);
        self.compared |= has_password(request);
    }

    pub(super) fn answered(&mut self, request: &HttpRequest, status: u16) {
        self.asked_for_saml |= is_ws_trust(request);
        if has_password(request) {
            // With these the authority says that it turned the request away unread.
            self.compared = !matches!(status, 429 | 503);
        }
    }
}

fn is_ws_trust(request: &HttpRequest) -> bool {
    request.headers().get("content-type").is_some_and(|kind| kind.as_bytes().starts_with(b"application/soap"))
}

fn has_password(request: &HttpRequest) -> bool {
    field(&form(request), "grant_type") == Some("password")
}

impl Watch {
    pub(super) fn proof(
        &mut self,
        request: &HttpRequest,
        form: &[(String, String)],
        to: To,
        canaries: &Canaries,
    ) {
        let soap = is_ws_trust(request);
        if soap && self.proofs.asked_for_saml {
            self.broken("a federation service gets a password again although it received one");
        }
        if has_password(request) && self.proofs.compared {
            self.broken("the authority gets a password again although it may have compared it");
        }
        let body = String::from_utf8_lossy(request.body().expose()).into_owned();
        let is_password = |text: &str| canaries.leak_of(text, |kind| kind == Kind::Password).is_some();
        if (soap && is_password(&body)) || form.iter().any(|(_, value)| is_password(value)) {
            let grant = field(form, "grant_type");
            if !(to == To::Federation(true) || (to == To::TokenEndpoint && grant == Some("password"))) {
                self.broken(format!("a password for {}", request.uri()));
            }
            let here = origin(request);
            if self.proofs.password_at.get_or_insert_with(|| here.clone()) != &here {
                self.broken("a password goes to two places");
            }
        }
        if let Some(assertion) = field(form, "client_assertion") {
            self.assertion(request, form, assertion);
        }
    }

    /// An assertion of the app's own making (RFC 7523 section 3).
    fn assertion(&mut self, request: &HttpRequest, form: &[(String, String)], assertion: &str) {
        let Some(jwt) = Jwt::decode(assertion) else { return };
        let client = field(form, "client_id");
        if self.rules.key.is_none() || jwt.text("iss") != client || jwt.text("sub") != client {
            if self.rules.key.is_some() {
                self.broken("an assertion that says that another app made it");
            }
            return;
        }
        let audience = jwt.text("aud").unwrap_or_default();
        let asked = match &self.rules.central {
            Some(central) => format!("{central}{}", request.uri().path()),
            None => request.uri().to_string(),
        };
        if asked != audience {
            self.broken(format!("an assertion for {audience} is sent to {}", request.uri()));
        }
        let id = jwt.text("jti").unwrap_or_default().to_owned();
        if id.is_empty() || !(self.proofs.assertions.insert(id) || self.rules.reuse) {
            self.broken("an assertion is sent a second time to an authority that may not take it");
        }
    }

    pub(super) fn sign(&mut self, sign: &Sign, now: Now, canaries: &Canaries) {
        let Some((key, client)) = self.rules.key.clone() else {
            return self.broken("something is to be signed");
        };
        if sign.key().label() != key {
            self.broken(format!("the key {} is to sign", sign.key().label()));
        }
        let SignAction::Sign { message, .. } = sign.action() else { return };
        let message = String::from_utf8_lossy(message.expose());
        let claims = message.split_once('.').and_then(|(_, claims)| {
            serde_json::from_slice::<Value>(&URL_SAFE_NO_PAD.decode(claims).ok()?).ok()
        });
        let Some(claims) = claims else {
            return self.broken("what is to be signed is no statement of claims");
        };
        let text = |name: &str| claims.get(name).and_then(Value::as_str).unwrap_or_default();
        let time = |name: &str| claims.get(name).and_then(Value::as_i64).unwrap_or_default();
        let home = self.rules.central.as_ref().or(self.rules.authority.as_ref()).cloned().unwrap_or_default();
        if !text("aud").strip_prefix(&home).is_some_and(|path| path.starts_with('/')) {
            self.broken(format!("an assertion for {:?} is to be signed", text("aud")));
        }
        if (text("iss"), text("sub")) != (&client, &client) || text("jti").len() != 36 {
            self.broken("an assertion that names another app, or has no id, is to be signed");
        }
        let life = Duration::from_secs(600);
        if time("nbf") != now.unix.0 || now.unix.until(entrada_core::Unix(time("exp"))) > life {
            self.broken("an assertion is to be signed that lives longer than ten minutes from now");
        }
        if let Some(kind) = canaries.leak(&claims.to_string()) {
            self.broken(format!("{kind:?} is to be signed"));
        }
    }
}
