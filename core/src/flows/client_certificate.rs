//! Client credentials with a certificate (RFC 7523 section 2.2): an app signs in as itself, by a
//! statement that it signs.

use super::authority_client::EntraClient;
use super::client_auth::ClientCertificate;
use super::client_credentials::acts_as_itself;
use crate::error::Error;

const NAME: &str = "client-certificate";

/// A service principal with a certificate.
///
/// The private key stays with the driver, or with a signer of the program's own: what is sent is a
/// signed statement that lives for ten minutes.
///
/// ```
/// use entrada_core::{ClientCertificate, ClientCertificateCredential};
///
/// // PEM or PKCS #12, read anew when it is renewed; the chain is for apps that trust by subject and issuer.
/// let certificate = ClientCertificate::file("/etc/contoso/app.pfx").with_password("password").sending_chain();
/// let app = ClientCertificateCredential::new("contoso.onmicrosoft.com", "client-id", certificate)?;
/// # Ok::<(), entrada_core::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct ClientCertificateCredential {
    client: EntraClient,
}

impl ClientCertificateCredential {
    /// The service principal of the app `client_id` in `tenant`, in the public cloud.
    ///
    /// # Errors
    /// `Configuration` when a value is missing or cannot be what it is meant to be.
    pub fn new(
        tenant: impl Into<String>,
        client_id: impl Into<String>,
        certificate: ClientCertificate,
    ) -> Result<ClientCertificateCredential, Error> {
        Ok(ClientCertificateCredential::of(EntraClient::new(tenant, client_id)?, certificate))
    }

    /// The service principal of this app.
    #[must_use]
    pub fn of(client: EntraClient, certificate: ClientCertificate) -> ClientCertificateCredential {
        ClientCertificateCredential { client: client.with_assertion(certificate) }
    }
}

acts_as_itself!(ClientCertificateCredential, NAME);
