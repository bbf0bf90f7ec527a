//! `service_principal_entries.json`: what the service principals prove themselves with that are signed in
//! to the Azure CLI.

use std::path::PathBuf;

use serde::{Deserialize, Deserializer};

use super::super::NAME;
use super::unexpected;
use crate::error::Error;
use crate::flow::{BoxFlow, Credential};
use crate::flows::authority_client::EntraClient;
use crate::flows::client_auth::ClientCertificate;
use crate::flows::client_credentials::client_credentials;
use crate::request::TokenRequest;
use crate::secret::Secret;
use crate::token::AccessToken;

#[derive(Deserialize)]
struct Entry {
    client_id: String,
    tenant: String,
    #[serde(default, deserialize_with = "secret")]
    client_secret: Option<Secret>,
    certificate: Option<PathBuf>,
    #[serde(default)]
    use_cert_sn_issuer: Option<bool>,
    #[serde(default, deserialize_with = "secret")]
    client_assertion: Option<Secret>,
}

fn secret<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Secret>, D::Error> {
    Ok(Option::<String>::deserialize(deserializer)?.map(Secret::new))
}

/// A service principal, with what it proves itself with.
#[derive(Clone, Debug)]
pub(super) struct Principal(EntraClient);

impl Principal {
    /// The one of this client, as the entries say. One that is known in another tenant serves for this
    /// one too, as with the tool.
    pub(super) fn of(client: EntraClient, entries: &[u8]) -> Result<Principal, Error> {
        let entries: Vec<Entry> = serde_json::from_slice(entries)
            .map_err(|_| unexpected("its service principals are not kept in the known form"))?;
        let mut of_app: Vec<Entry> =
            entries.into_iter().filter(|entry| entry.client_id == client.client_id()).collect();
        let own = of_app.iter().position(|entry| client.tenant().is(&entry.tenant)).unwrap_or(0);
        if of_app.is_empty() {
            return Err(unexpected("it keeps nothing that the service principal could prove itself with"));
        }
        let entry = of_app.swap_remove(own);
        Ok(Principal(match (entry.client_secret, entry.certificate, entry.client_assertion) {
            (Some(secret), None, None) => client.with_secret(secret)?,
            // The tool would look in its own working directory.
            (None, Some(path), None) if path.is_absolute() => {
                let certificate = ClientCertificate::file(path);
                let chain = entry.use_cert_sn_issuer == Some(true);
                client.with_assertion(if chain { certificate.sending_chain() } else { certificate })
            }
            // A federated token lives for minutes, and the tool has no other way to a new one either.
            _ => return Err(unexpected("the service principal proves itself in another way")),
        }))
    }

    pub(super) fn client(&self) -> &EntraClient {
        &self.0
    }
}

impl Credential for Principal {
    fn name(&self) -> &'static str {
        NAME
    }

    fn begin(&self, request: &TokenRequest) -> BoxFlow<AccessToken> {
        client_credentials(NAME, &self.0, request)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::flows::client_auth::ClientAuth;

    fn proof(entries: &Value) -> Result<String, String> {
        let client = EntraClient::new("contoso.com", "app").unwrap();
        let principal = Principal::of(client, entries.to_string().as_bytes());
        let principal = principal.map_err(|error| error.message())?;
        assert!(!format!("{principal:?}").contains("canary"));
        Ok(match principal.client().auth() {
            ClientAuth::Secret(secret) => secret.expose().to_owned(),
            ClientAuth::Assertion(source) => format!("{source:?}"),
            ClientAuth::None => "nothing".to_owned(),
        })
    }

    #[test]
    fn what_it_proves_itself_with() {
        let other = json!({"client_id": "other", "tenant": "contoso.com", "client_secret": "canary-other"});
        let elsewhere =
            json!({"client_id": "app", "tenant": "x.example", "client_secret": "canary-elsewhere"});
        let own = json!({"client_id": "app", "tenant": "Contoso.com", "client_secret": "canary-own"});
        assert_eq!(proof(&json!([other, elsewhere, own])).unwrap(), "canary-own");
        assert_eq!(proof(&json!([other, elsewhere])).unwrap(), "canary-elsewhere");
        let certificate = |more: Value| {
            let mut entry = json!({"client_id": "app", "tenant": "contoso.com", "certificate": "/c.pem"});
            entry["use_cert_sn_issuer"] = more;
            proof(&json!([entry])).unwrap()
        };
        assert!(certificate(Value::Null).contains("send_chain: false"));
        assert!(certificate(json!(true)).contains("send_chain: true"));
        assert!(certificate(json!(true)).contains("/c.pem"));
    }

    #[test]
    fn what_is_not_as_expected() {
        for (entries, why) in [
            (json!([]), "nothing"),
            (json!({}), "form"),
            (json!([{"client_id": "app"}]), "form"),
            (json!([{"client_id": "app", "tenant": "contoso.com"}]), "another way"),
            (json!([{"client_id": "app", "tenant": "contoso.com", "client_secret": ""}]), "empty"),
            (json!([{"client_id": "app", "tenant": "contoso.com", "certificate": "c.pem"}]), "another way"),
            (
                json!([{"client_id": "app", "tenant": "contoso.com", "client_assertion": "canary"}]),
                "another way",
            ),
            (
                json!([{"client_id": "app", "tenant": "contoso.com", "client_secret": "canary", "certificate": "/c"}]),
                "another way",
            ),
        ] {
            let error = proof(&entries).unwrap_err();
            assert!(error.contains(why) && !error.contains("canary"), "{why}: {error}");
        }
    }
}
