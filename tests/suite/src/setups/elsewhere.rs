//! Tokens of other places than a known cloud's authority: a cluster's proxy, and authorities that
//! somebody has to vouch for, or that are not quite Entra.

use std::sync::Arc;

use entrada_core::authority::Region;
use entrada_core::flow::Credential;
use entrada_core::flows::workload_identity::TokenProxy;
use entrada_core::{
    Authority, ClientCertificateCredential, ClientSecretCredential, Cloud, EntraClient, Environment, Error,
    PlainHttp, WorkloadIdentityCredential,
};
use entrada_emulator::world as w;

use super::apps::certificate;
use super::options::Options;
use super::{AUTHORITY, Kind, METADATA, Twist};
use crate::rules::{PrivateRule, Rules};
use crate::world::World;
use crate::world::files::Node;
use crate::world::renewal::{CERTIFICATES_FILE, TOKEN_FILE};

/// The proxy of a cluster.
const PROXY: &str = "https://10.240.0.10:8443";
const SERVER_NAME: &str = "token-proxy.training.example";
/// The certificates that the proxy's leads to.
const CERTIFICATES: &str = "-----BEGIN CERTIFICATE-----\nAQID\n-----END CERTIFICATE-----\n";
/// A dSTS.
const DSTS: &str = "https://dsts.core.example";
/// The authority of a private cloud.
pub(super) const PRIVATE: &str = "login.private.example";

/// The credentials of this file; nothing for another kind.
pub(super) fn credential_of(
    kind: Kind,
    options: &Options,
    rules: &mut Rules,
    world: &mut World,
) -> Result<Option<Arc<dyn Credential>>, Error> {
    Ok(Some(match kind {
        Kind::WorkloadProxy => {
            let (token, certificates) = (world.place(TOKEN_FILE), world.place(CERTIFICATES_FILE));
            let proxy = Environment::new().with("AZURE_KUBERNETES_TOKEN_PROXY", PROXY);
            let named = proxy.clone().with("AZURE_KUBERNETES_SNI_NAME", SERVER_NAME);
            let (proxy, roots) = match options.twist {
                Twist::PlatformTrust => (proxy, None),
                Twist::CertificatesInData => {
                    // As the library has it: without the blanks around it.
                    (named.with("AZURE_KUBERNETES_CA_DATA", CERTIFICATES), Some(CERTIFICATES.trim()))
                }
                _ => {
                    rules.places.insert(certificates.clone().into());
                    (named.with("AZURE_KUBERNETES_CA_FILE", certificates), Some(CERTIFICATES))
                }
            };
            rules.authority = Some(PROXY.to_owned());
            rules.private = Some(PrivateRule {
                server_name: (options.twist != Twist::PlatformTrust).then(|| SERVER_NAME.to_owned()),
                roots: vec![roots.map(|roots| roots.as_bytes().to_vec())],
            });
            rules.places.insert(token.clone().into());
            let environment = proxy
                .with("AZURE_TENANT_ID", options.tenant)
                .with("AZURE_CLIENT_ID", w::FEDERATED_APP)
                .with("AZURE_FEDERATED_TOKEN_FILE", token);
            let authority = Authority::of_cloud(Cloud::PUBLIC)?;
            let made = WorkloadIdentityCredential::from_environment(&environment, &authority)?;
            match options.twist {
                // By options, where the others are by variables.
                Twist::PlatformTrust => Arc::new(made.through(TokenProxy::new(PROXY)?)),
                _ => Arc::new(made.through_cluster_proxy(&environment)?),
            }
        }
        Kind::UnknownAuthority => {
            let origin = format!("https://{PRIVATE}");
            let authority = match options.twist {
                Twist::Provider => {
                    let issuer = format!("{origin}/{}", options.tenant);
                    rules.discovery = Some(format!("{issuer}/.well-known/openid-configuration"));
                    Authority::provider(&issuer, PlainHttp::Refused)?
                }
                _ => {
                    rules.discovery = Some(format!("{AUTHORITY}/common/discovery/instance"));
                    Authority::new(&origin, PlainHttp::Refused)?
                }
            };
            rules.authority = Some(origin);
            let client = EntraClient::new(options.tenant, w::APP)?.with_authority(authority);
            Arc::new(ClientSecretCredential::of(client, w::SECRET)?)
        }
        Kind::RegionalAuthority => {
            let region = match options.twist {
                Twist::DetectedRegion => {
                    rules.metadata = Some(METADATA.to_owned());
                    Region::detected(&Environment::new())
                }
                _ => Region::named(w::LOCATION)?,
            };
            rules.authority = Some(format!("https://{}.login.microsoft.com", w::LOCATION));
            rules.central = Some(AUTHORITY.to_owned());
            rules.reuse = true;
            let client = EntraClient::new(options.tenant, w::CERTIFICATE_APP)?.in_region(region);
            let certificate = certificate(options.twist, rules, w::CERTIFICATE_APP);
            Arc::new(ClientCertificateCredential::of(client, certificate))
        }
        Kind::ExternalTenant => {
            let address = match options.twist {
                Twist::Policy => format!("{AUTHORITY}/tfp/{}/B2C_1_sign_in", w::TENANT_DOMAIN),
                _ => format!("https://{}", w::EXTERNAL_HOST),
            };
            let authority = Authority::new(&address, PlainHttp::Refused)?;
            rules.authority = Some(authority.host().url().origin().ascii_serialization());
            Arc::new(ClientSecretCredential::of(EntraClient::at(authority, w::APP)?, w::SECRET)?)
        }
        Kind::Dsts => {
            let authority = Authority::new(&format!("{DSTS}/dstsv2/{}", w::DSTS_TENANT), PlainHttp::Refused)?;
            rules.authority = Some(DSTS.to_owned());
            let client = EntraClient::at(authority, w::CERTIFICATE_APP)?;
            let certificate = certificate(options.twist, rules, w::CERTIFICATE_APP);
            Arc::new(ClientCertificateCredential::of(client, certificate))
        }
        _ => return Ok(None),
    }))
}

/// Puts the certificates of the cluster's proxy where they belong.
pub(super) fn put_certificates(world: &mut World) {
    world.files.put(world.place(CERTIFICATES_FILE), Node::File(CERTIFICATES.into()));
}
