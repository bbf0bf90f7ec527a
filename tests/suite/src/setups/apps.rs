//! Apps that prove themselves by what they sign, or by what somebody else says of them.

use std::sync::Arc;

use entrada_core::effect::SigningKey;
use entrada_core::environment::System;
use entrada_core::flow::Credential;
use entrada_core::flows::client_auth::{ClientCertificate, CredentialAssertion};
use entrada_core::{
    Authority, AzurePipelinesCredential, ClientAssertionCredential, ClientCertificateCredential, Cloud,
    EntraClient, Environment, Error, ManagedIdentityCredential, ManagedIdentityId, PipelineJob, PlainHttp,
    WorkloadIdentityCredential,
};
use entrada_emulator::world as w;

use super::options::{Options, adfs};
use super::{ARC_AGENT, AUTHORITY, Kind, METADATA, PIPELINES, Twist};
use crate::rules::Rules;
use crate::world::World;
use crate::world::renewal::TOKEN_FILE;
use crate::world::signer::{KEY_FILE, KEY_NAME, KEY_PASSWORD};

/// An authority that is none of the known clouds.
const PRIVATE: &str = "https://login.contoso.example";

/// The credentials of this file; nothing for another kind.
pub(super) fn credential_of(
    kind: Kind,
    options: &Options,
    rules: &mut Rules,
    world: &mut World,
) -> Result<Option<Arc<dyn Credential>>, Error> {
    let made: Arc<dyn Credential> = match kind {
        Kind::ClientCertificate => {
            let (authority, origin, tenant) = match options.twist {
                Twist::PrivateAuthority => {
                    let authority = Authority::new(PRIVATE, PlainHttp::Refused)?.without_discovery();
                    (authority, PRIVATE.to_owned(), options.tenant)
                }
                Twist::AdFs => {
                    let origin = options.origin();
                    (adfs(&origin)?.without_discovery(), origin, "adfs")
                }
                _ => (Authority::of_cloud(Cloud::PUBLIC)?, AUTHORITY.to_owned(), options.tenant),
            };
            rules.authority = Some(origin);
            rules.reuse = authority.cloud().is_some();
            let client = EntraClient::new(tenant, w::CERTIFICATE_APP)?.with_authority(authority);
            let certificate = certificate(options.twist, rules, w::CERTIFICATE_APP);
            Arc::new(ClientCertificateCredential::of(client, certificate))
        }
        Kind::ClientAssertion => {
            rules.metadata = Some(METADATA.to_owned());
            rules.places.insert(ARC_AGENT.into());
            rules.lends_tokens = true;
            let identity = match options.twist {
                Twist::OtherIdentity => ManagedIdentityId::SystemAssigned,
                _ => ManagedIdentityId::client_id(w::USER_IDENTITY)?,
            };
            let managed = ManagedIdentityCredential::new(&Environment::new().on(System::Linux), identity);
            let managed = if options.probing { managed.probing() } else { managed };
            let source = CredentialAssertion::of(Arc::new(managed));
            Arc::new(ClientAssertionCredential::new(options.tenant, w::FEDERATED_APP, source)?)
        }
        Kind::WorkloadIdentity => {
            let file = world.place(TOKEN_FILE);
            rules.places.insert(file.clone().into());
            let environment = Environment::new()
                .with("AZURE_TENANT_ID", options.tenant)
                .with("AZURE_CLIENT_ID", w::FEDERATED_APP)
                .with("AZURE_FEDERATED_TOKEN_FILE", file);
            let authority = Authority::of_cloud(Cloud::PUBLIC)?;
            match options.twist {
                // The same pod, asked for its managed identity.
                Twist::Managed => {
                    let environment = environment.with("AZURE_AUTHORITY_HOST", AUTHORITY);
                    let system = ManagedIdentityId::SystemAssigned;
                    Arc::new(ManagedIdentityCredential::new(&environment, system))
                }
                _ => Arc::new(WorkloadIdentityCredential::from_environment(&environment, &authority)?),
            }
        }
        Kind::AzurePipelines => {
            rules.pipelines = Some(PIPELINES.to_owned());
            let job = PipelineJob::new(w::PIPELINES_URI, w::SYSTEM_ACCESS_TOKEN, PlainHttp::Refused)?;
            let client = EntraClient::new(options.tenant, w::FEDERATED_APP)?;
            Arc::new(AzurePipelinesCredential::of(client, w::SERVICE_CONNECTION, &job)?)
        }
        _ => return Ok(None),
    };
    rules.authority.get_or_insert_with(|| AUTHORITY.to_owned());
    Ok(Some(made))
}

/// The certificate whose key the world's signer has, and the rule that allows its use to this app.
pub(super) fn certificate(twist: Twist, rules: &mut Rules, client: &str) -> ClientCertificate {
    let certificate = match twist {
        Twist::KeyInBytes => ClientCertificate::bytes(w::CERTIFICATE_PEM.as_bytes().to_vec()),
        Twist::KeyByName => ClientCertificate::new(SigningKey::Named(KEY_NAME.to_owned())),
        Twist::KeyPassword => ClientCertificate::file(KEY_FILE).with_password("another-certificate-password"),
        _ => ClientCertificate::file(KEY_FILE).with_password(KEY_PASSWORD),
    };
    let label = match twist {
        Twist::KeyInBytes => "the certificate that was given",
        Twist::KeyByName => KEY_NAME,
        _ => KEY_FILE,
    };
    rules.key = Some((label.to_owned(), client.to_owned()));
    if twist == Twist::Chain { certificate.sending_chain() } else { certificate }
}
