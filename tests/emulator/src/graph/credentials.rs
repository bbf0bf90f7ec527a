//! Secrets and certificates of an app registration.

use entrada_core::calendar;
use entrada_core::time::Unix;
use serde_json::{Value, json};

use super::access::Caller;
use super::fault;
use super::{Done, Name, bodies};
use crate::Emulator;
use crate::ask::{Ask, is_guid};
use crate::config::{AppCertificate, AppSecret};
use crate::fault::Fault;
use crate::x509::Certificate;

/// How long a secret lives that nothing was said about: two years.
const USUAL_LIFE: i64 = 2 * 365 * 86_400;

fn date(at: i64) -> String {
    calendar::rfc3339(Unix(at))
}

/// A secret as lists have it: never the secret itself.
pub(super) fn secret_object(secret: &AppSecret) -> Value {
    let hint: String = secret.value.expose().chars().take(3).collect();
    json!({
        "keyId": secret.id(), "displayName": secret.name, "hint": hint, "secretText": null,
        "startDateTime": secret.begins.map(date), "endDateTime": secret.expires.map(date),
    })
}

/// A certificate as lists have it: without its key, which is only shown when it is asked for by name.
pub(super) fn key_object(known: &AppCertificate) -> Value {
    json!({
        "keyId": known.id(), "displayName": known.name, "type": "AsymmetricX509Cert", "usage": "Verify",
        "key": null, "startDateTime": known.life.map(|life| date(life.0)),
        "endDateTime": known.life.map(|life| date(life.1)),
    })
}

impl Emulator {
    pub(super) fn credentials(
        &mut self,
        ask: &Ask<'_>,
        caller: &Caller,
        name: &Name<'_>,
        action: &str,
    ) -> Done {
        let place = self.place_of(ask, name)?;
        self.may_change(caller, &self.config.apps[place])?;
        match action {
            "addPassword" => self.add_password(ask, place),
            "removePassword" => {
                let document = bodies::document(ask, &["keyId"])?;
                let id = bodies::text(&document, "keyId")?;
                let secrets = &mut self.config.apps[place].secrets;
                let count = secrets.len();
                secrets.retain(|secret| !secret.id().eq_ignore_ascii_case(&id));
                if secrets.len() == count {
                    return Err(fault::bad(format!("No password credential found with keyId '{id}'.")));
                }
                Ok((204, Value::Null))
            }
            _ => {
                Err(Fault::new(400, "BadRequest", format!("Resource not found for the segment '{action}'.")))
            }
        }
    }

    fn add_password(&mut self, ask: &Ask<'_>, place: usize) -> Done {
        let document = bodies::document(ask, &["passwordCredential"])?;
        let wanted = match document.get("passwordCredential") {
            Some(Value::Object(wanted)) => wanted.clone(),
            None | Some(Value::Null) => serde_json::Map::new(),
            Some(_) => return Err(fault::bad("Invalid value specified for property 'passwordCredential'.")),
        };
        if !self.config.policy.secrets_allowed {
            let message =
                "Credential type not allowed as per assigned policy '5f1cc6f4-6b2e-4a0e-9c52-8d8f6b1f7a21'.";
            return Err(Fault::new(400, "CredentialTypeNotAllowedAsPerAppPolicy", message));
        }
        let now = ask.now.unix.0;
        let begins = bodies::time(&wanted, "startDateTime")?.unwrap_or(now);
        let expires = bodies::time(&wanted, "endDateTime")?.unwrap_or(begins.saturating_add(USUAL_LIFE));
        self.check_life(begins, expires, now)?;
        let id = self.draw.guid();
        // Forty characters of the service's own shape.
        let value = format!("{}~{}", &self.draw.opaque()[3..8], &self.draw.opaque()[3..37]);
        let secret = AppSecret {
            value: value.clone().into(),
            begins: Some(begins),
            expires: Some(expires),
            key_id: id.clone(),
            name: bodies::optional(&wanted, "displayName")?.unwrap_or_default(),
        };
        let mut made = secret_object(&secret);
        made["secretText"] = value.into();
        self.config.apps[place].secrets.push(secret);
        self.store.made(&id, ask.now.mono);
        Ok((200, made))
    }

    fn check_life(&self, begins: i64, expires: i64, now: i64) -> Result<(), Fault> {
        if expires <= begins || expires <= now {
            return Err(fault::bad("Key credential end date is invalid."));
        }
        let longest = self.config.policy.longest_credential;
        if longest.is_some_and(|longest| expires - begins > longest) {
            let message = "Credential lifetime exceeds the max value allowed as per assigned policy \
                           '5f1cc6f4-6b2e-4a0e-9c52-8d8f6b1f7a21'.";
            return Err(Fault::new(400, "CredentialInvalidLifetimeAsPerAppPolicy", message));
        }
        Ok(())
    }

    /// The list of certificates that takes the place of the one there is. One that is kept is named by its
    /// id and comes without its key.
    pub(super) fn key_credentials(
        &mut self,
        ask: &Ask<'_>,
        known: &[AppCertificate],
        list: Option<&Value>,
    ) -> Result<Vec<AppCertificate>, Fault> {
        let list = match list {
            None | Some(Value::Null) => return Ok(known.to_vec()),
            Some(Value::Array(list)) => list,
            Some(_) => {
                return Err(fault::bad("Invalid value specified for property 'keyCredentials' of resource."));
            }
        };
        let mut certificates: Vec<AppCertificate> = Vec::new();
        for item in list {
            let Value::Object(item) = item else {
                return Err(fault::bad("Invalid value specified for property 'keyCredentials' of resource."));
            };
            let id = bodies::optional(item, "keyId")?;
            if id.as_deref().is_some_and(|id| !is_guid(id)) {
                return Err(fault::bad("Invalid value specified for property 'keyId' of resource."));
            }
            let kept =
                id.as_deref().and_then(|id| known.iter().find(|known| known.id().eq_ignore_ascii_case(id)));
            let certificate = match (kept, bodies::optional(item, "key")?) {
                (Some(kept), None) => kept.clone(),
                (_, Some(key)) => self.new_certificate(ask, item, &key)?,
                (None, None) => {
                    return Err(fault::bad("A value is required for property 'key' of resource."));
                }
            };
            if certificates.iter().any(|known| known.id() == certificate.id()) {
                return Err(fault::bad("Duplicate values specified for property 'keyId' of resource."));
            }
            certificates.push(certificate);
        }
        Ok(certificates)
    }

    fn new_certificate(
        &mut self,
        ask: &Ask<'_>,
        item: &serde_json::Map<String, Value>,
        key: &str,
    ) -> Result<AppCertificate, Fault> {
        for (name, wanted) in [("type", "AsymmetricX509Cert"), ("usage", "Verify")] {
            if bodies::text(item, name)? != wanted {
                return Err(fault::bad(format!(
                    "Invalid value specified for property '{name}' of resource."
                )));
            }
        }
        let Some(certificate) = Certificate::of_base64(key) else {
            return Err(fault::bad("Key credential 'key' is not a valid X.509 certificate."));
        };
        let (from, to) = certificate.valid;
        let begins = bodies::time(item, "startDateTime")?.unwrap_or(from);
        let expires = bodies::time(item, "endDateTime")?.unwrap_or(to);
        if begins < from - 1 || expires > to + 1 {
            let message = "Key credential end date is invalid: it lies outside the certificate's validity.";
            return Err(Fault::new(400, "KeyCredentialsInvalidEndDate", message));
        }
        self.check_life(begins, expires, ask.now.unix.0)?;
        let id = bodies::optional(item, "keyId")?.unwrap_or_else(|| self.draw.guid());
        self.store.made(&id, ask.now.mono);
        let packed: String = key.chars().filter(|c| !c.is_whitespace()).collect();
        Ok(AppCertificate {
            pem: format!("-----BEGIN CERTIFICATE-----\n{packed}\n-----END CERTIFICATE-----\n"),
            key_id: id,
            name: bodies::optional(item, "displayName")?.unwrap_or_default(),
            life: Some((begins, expires)),
        })
    }
}
