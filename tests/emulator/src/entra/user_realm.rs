//! Where people of a name sign in: at Entra or at an AD FS.

use entrada_core::effect::HttpResponse;
use serde_json::{Value, json};

use super::fault::Fault;
use crate::Emulator;
use crate::ask::Ask;
use crate::config::Federation;

impl Emulator {
    /// The federation that the name's domain is in.
    pub(crate) fn federation_of(&self, username: &str) -> Option<&Federation> {
        let (_, domain) = username.trim().rsplit_once('@')?;
        self.config.federations.iter().find(|known| known.domain.eq_ignore_ascii_case(domain))
    }

    pub(super) fn user_realm(&mut self, ask: &Ask<'_>, username: &str) -> HttpResponse {
        self.document(ask, |emulator| {
            if ask.query.get("api-version") != Some("1.0") {
                let message = "The provided value for the input parameter 'api-version' is not valid.";
                return Err(Fault::new("invalid_request", 90_023, message));
            }
            let domain = username.rsplit_once('@').map(|(_, domain)| domain).unwrap_or_default();
            let cloud = ask.origin.cloud().map_or("microsoftonline.com", |cloud| {
                cloud.authority.split_once('.').map_or(cloud.authority, |(_, rest)| rest)
            });
            let mut realm: Value = json!({
                "ver": "1.0", "account_type": "Unknown", "cloud_instance_name": cloud,
                "cloud_audience_urn": "urn:federation:MicrosoftOnline",
            });
            if let Some(federation) = emulator.federation_of(username) {
                // On loopback everything has one host.
                let base = match ask.origin.cloud() {
                    Some(_) => format!("https://{}", federation.host),
                    None => ask.origin.to_string(),
                };
                realm["account_type"] = "Federated".into();
                realm["domain_name"] = federation.domain.clone().into();
                realm["federation_protocol"] = "WSTrust".into();
                realm["federation_metadata_url"] = format!("{base}/adfs/services/trust/mex").into();
                realm["federation_active_auth_url"] =
                    format!("{base}/adfs/services/trust/2005/usernamemixed").into();
            } else if emulator.config.tenant(domain).is_some() {
                realm["account_type"] = "Managed".into();
                realm["domain_name"] = domain.into();
            }
            Ok(realm)
        })
    }
}
