//! The documents by which clients find their way: metadata, keys, and which hosts are known.

use entrada_core::cloud::Cloud;
use entrada_core::effect::HttpResponse;
use serde_json::{Value, json};
use url::Url;

use super::fault::Fault;
use super::issue::issuer;
use super::tenant::Place;
use crate::Emulator;
use crate::ask::Ask;
use crate::config::TokenVersion;
use crate::jwt;

/// What a metadata document (OpenID Connect Discovery 1.0 section 3) says of one authority.
pub(super) struct Addresses {
    pub(super) issuer: String,
    pub(super) authorize: String,
    pub(super) token: String,
    pub(super) device: String,
    pub(super) keys: String,
}

impl Addresses {
    /// Those of an authority with the endpoints of Entra's version 2.
    fn of(issuer: String, base: &str) -> Addresses {
        Addresses {
            issuer,
            authorize: format!("{base}/oauth2/v2.0/authorize"),
            token: format!("{base}/oauth2/v2.0/token"),
            device: format!("{base}/oauth2/v2.0/devicecode"),
            keys: format!("{base}/discovery/v2.0/keys"),
        }
    }

    pub(super) fn document(&self) -> Value {
        json!({
            "issuer": self.issuer,
            "authorization_endpoint": self.authorize,
            "token_endpoint": self.token,
            "device_authorization_endpoint": self.device,
            "jwks_uri": self.keys,
            "response_modes_supported": ["query", "form_post"],
            "response_types_supported": ["code"],
            "subject_types_supported": ["pairwise"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt"],
            "code_challenge_methods_supported": ["S256"],
            "scopes_supported": ["openid", "profile", "email", "offline_access"],
            "claims_supported": ["sub", "iss", "aud", "exp", "iat", "auth_time", "nonce",
                "preferred_username", "name", "tid", "ver"],
        })
    }
}

impl Emulator {
    /// Answers a GET with a document that does not change.
    pub(super) fn document(
        &mut self,
        ask: &Ask<'_>,
        make: impl FnOnce(&mut Emulator) -> Result<Value, Fault>,
    ) -> HttpResponse {
        let made = if ask.is_get() { make(self) } else { Err(Fault::verb("GET, OPTIONS", ask.method())) };
        match made {
            Ok(document) => self.accept(ask, &document),
            Err(fault) => self.refuse(ask, &fault),
        }
    }

    pub(crate) fn metadata(&mut self, ask: &Ask<'_>, tenant: &str) -> HttpResponse {
        self.document(ask, |emulator| {
            let place = Place::find(&emulator.config, tenant)?;
            let host = ask.origin.authority();
            let issuer = match &place {
                Place::Tenant(tenant) => issuer(ask, TokenVersion::V2, &tenant.id),
                Place::Shared(_) | Place::Apart(_) => format!("{host}/{{tenantid}}/v2.0"),
            };
            Ok(Addresses::of(issuer, &format!("{host}/{}", place.form())).document())
        })
    }

    /// The metadata of an OpenID provider that is not known to be Entra: its issuer is its own address.
    pub(crate) fn provider_metadata(&mut self, ask: &Ask<'_>, tenant: &str) -> HttpResponse {
        self.document(ask, |emulator| {
            Place::find(&emulator.config, tenant)?;
            let base = format!("{}/{tenant}", ask.origin);
            Ok(Addresses::of(base.clone(), &base).document())
        })
    }

    pub(crate) fn keys(&mut self, ask: &Ask<'_>, tenant: &str) -> HttpResponse {
        self.document(ask, |emulator| {
            let place = Place::find(&emulator.config, tenant)?;
            let issuer = match &place {
                Place::Tenant(tenant) => tenant.id.clone(),
                Place::Shared(_) | Place::Apart(_) => "{tenantid}".to_owned(),
            };
            Ok(jwt::key_set(&format!("{}/{issuer}/v2.0", ask.origin.authority())))
        })
    }

    pub(crate) fn instance(&mut self, ask: &Ask<'_>) -> HttpResponse {
        self.document(ask, |emulator| {
            let version = ask.query.get("api-version").ok_or_else(|| Fault::missing("api-version"))?;
            let endpoint = ask.query.get("authorization_endpoint");
            let endpoint = endpoint.ok_or_else(|| Fault::missing("authorization_endpoint"))?;
            let own = ask.origin.to_string();
            let (host, tenant) = known(endpoint, &own, &emulator.config.instances).ok_or_else(|| {
                let message = "Unknown or invalid instance.";
                Fault::new("invalid_instance", 50_049, message)
            })?;
            let mut document = json!({
                "tenant_discovery_endpoint": format!("{host}/{tenant}/v2.0/.well-known/openid-configuration"),
                "api-version": version,
            });
            if version == "1.1" {
                document["metadata"] = Cloud::ALL
                    .into_iter()
                    .filter(|cloud| cloud.closed.is_none())
                    .map(|cloud| {
                        let aliases: Vec<_> = std::iter::once(&cloud.authority).chain(cloud.aliases).collect();
                        let cache = cloud.aliases.first().unwrap_or(&cloud.authority);
                        json!({ "preferred_network": cloud.authority, "preferred_cache": cache, "aliases": aliases })
                    })
                    .collect();
            }
            Ok(document)
        })
    }
}

/// Origin and tenant of an authorization endpoint, if its host is one of Entra's, of a private cloud, or
/// this one.
fn known(endpoint: &str, own: &str, private: &[String]) -> Option<(String, String)> {
    let url = Url::parse(endpoint).ok()?;
    let origin = url.origin().ascii_serialization();
    let of_cloud = url.scheme() == "https" && Cloud::of_authority(url.host_str()?).ok().flatten().is_some();
    let of_private = url.scheme() == "https" && private.iter().any(|host| url.host_str() == Some(host));
    let tenant = url.path_segments()?.next()?.to_owned();
    ((of_cloud || of_private || origin == own) && !tenant.is_empty()).then_some((origin, tenant))
}
