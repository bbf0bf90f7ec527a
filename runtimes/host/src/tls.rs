//! Which cryptography, which certificates: made when first needed, and once.

use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::sync::{Arc, OnceLock};

use entrada_core::effect::TlsFault;
use entrada_core::endpoint::PrivateTrust;
use entrada_core::environment::Environment;
use entrada_core::error::{Error, ErrorKind};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{CertificateError, ClientConfig};

use crate::pin::OnlyThisCertificate;
use crate::roots::NamedRoots;

/// The TLS of a driver.
///
/// Making it costs nothing; certificates are read at the first use of [`Tls::client_config`].
pub struct Tls {
    provider: Arc<CryptoProvider>,
    named: Option<NamedRoots>,
    config: OnceLock<Result<Arc<ClientConfig>, TlsFault>>,
}

impl Tls {
    /// TLS by the rules of [`provider`], trusting what the environment names or the platform trusts.
    ///
    /// # Errors
    /// As for [`provider`].
    pub fn new(environment: &Environment) -> Result<Tls, Error> {
        Ok(Tls::with_provider(environment, provider(None)?))
    }

    /// The same with this cryptography.
    #[must_use]
    pub fn with_provider(environment: &Environment, provider: Arc<CryptoProvider>) -> Tls {
        Tls { provider, named: NamedRoots::of(environment), config: OnceLock::new() }
    }

    /// For hosts on the internet and on this machine: certificates are checked in full.
    ///
    /// # Errors
    /// `Handshake` when the platform's certificates cannot be had, or the cryptography is unfit.
    pub fn client_config(&self) -> Result<Arc<ClientConfig>, TlsFault> {
        self.config.get_or_init(|| self.build().map_err(|error| fault(&error))).clone()
    }

    /// For [`entrada_core::endpoint::Route::Pinned`]: the one certificate of this SHA-1 fingerprint
    /// is trusted, whatever name it bears and whoever signed it; nothing else is.
    ///
    /// # Errors
    /// `Handshake` when the cryptography is unfit.
    pub fn pinned_config(&self, fingerprint: [u8; 20]) -> Result<Arc<ClientConfig>, TlsFault> {
        let verifier = OnlyThisCertificate::new(fingerprint, &self.provider);
        let builder = ClientConfig::builder_with_provider(self.provider.clone())
            .with_safe_default_protocol_versions()
            .map_err(|error| fault(&error))?;
        let config = builder.dangerous().with_custom_certificate_verifier(Arc::new(verifier));
        Ok(Arc::new(config.with_no_client_auth()))
    }

    /// For [`entrada_core::endpoint::Route::Private`]: the certificates that it names are trusted and no
    /// others; those of [`Tls::client_config`] where it names none.
    ///
    /// # Errors
    /// `UnknownIssuer` when there is no certificate in what it names, `Handshake` when the cryptography is
    /// unfit.
    pub fn private_config(&self, trust: &PrivateTrust) -> Result<Arc<ClientConfig>, TlsFault> {
        let Some(pem) = &trust.roots else { return self.client_config() };
        let mut roots = rustls::RootCertStore::empty();
        let certificates = CertificateDer::pem_slice_iter(pem).filter_map(Result::ok);
        roots.add_parsable_certificates(certificates);
        if roots.is_empty() {
            return Err(TlsFault::UnknownIssuer);
        }
        let builder = ClientConfig::builder_with_provider(self.provider.clone())
            .with_safe_default_protocol_versions()
            .map_err(|error| fault(&error))?;
        Ok(Arc::new(builder.with_root_certificates(roots).with_no_client_auth()))
    }

    fn build(&self) -> Result<Arc<ClientConfig>, rustls::Error> {
        let builder = ClientConfig::builder_with_provider(self.provider.clone())
            .with_safe_default_protocol_versions()?;
        let config = match &self.named {
            Some(named) => builder.with_root_certificates(named.load()).with_no_client_auth(),
            None => {
                let platform = rustls_platform_verifier::Verifier::new(self.provider.clone())?;
                // The builder calls every verifier of others dangerous; this one checks everything.
                builder.dangerous().with_custom_certificate_verifier(Arc::new(platform)).with_no_client_auth()
            }
        };
        Ok(Arc::new(config))
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls").field("named", &self.named).finish_non_exhaustive()
    }
}

/// The cryptography to use: the one given, else the one that the program installed for the whole
/// process, else the one of our feature, `ring` before `aws-lc-rs`.
///
/// So another crate that enables a provider of its own changes nothing, and two at once do no harm.
///
/// # Errors
/// `Configuration` when there is none at all.
pub fn provider(given: Option<Arc<CryptoProvider>>) -> Result<Arc<CryptoProvider>, Error> {
    given.or_else(|| CryptoProvider::get_default().cloned()).or_else(featured).ok_or_else(|| {
        Error::new(ErrorKind::Configuration, "there is no cryptography to speak TLS with").with_remedy(
            "enable the feature `ring` or `aws-lc-rs`, or install a rustls CryptoProvider before the driver is made",
        )
    })
}

#[cfg(feature = "ring")]
fn featured() -> Option<Arc<CryptoProvider>> {
    Some(Arc::new(rustls::crypto::ring::default_provider()))
}

#[cfg(all(feature = "aws-lc-rs", not(feature = "ring")))]
fn featured() -> Option<Arc<CryptoProvider>> {
    Some(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
}

#[cfg(not(any(feature = "ring", feature = "aws-lc-rs")))]
fn featured() -> Option<Arc<CryptoProvider>> {
    None
}

/// How the peer failed, in the words of the core.
#[must_use]
pub fn fault(error: &rustls::Error) -> TlsFault {
    let rustls::Error::InvalidCertificate(why) = error else {
        return TlsFault::Handshake;
    };
    match why {
        // Somebody who calls himself like an issuer that is trusted is as unknown as any.
        CertificateError::UnknownIssuer | CertificateError::BadSignature => TlsFault::UnknownIssuer,
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            TlsFault::WrongName
        }
        CertificateError::Expired
        | CertificateError::ExpiredContext { .. }
        | CertificateError::NotValidYet
        | CertificateError::NotValidYetContext { .. } => TlsFault::Expired,
        CertificateError::ApplicationVerificationFailure => TlsFault::WrongPin,
        // A bare self-signed certificate, seen by webpki: an authority posing as a server.
        CertificateError::Other(other) if other.0.to_string().contains("CaUsedAsEndEntity") => {
            TlsFault::UnknownIssuer
        }
        _ => TlsFault::Handshake,
    }
}

/// The rustls error in this chain of causes, if there is one.
#[must_use]
pub fn find<'a>(error: &'a (dyn StdError + 'static)) -> Option<&'a rustls::Error> {
    causes(error).find_map(|cause| cause.downcast_ref())
}

/// The error and what stands behind it, link by link. What an [`io::Error`] carries is not its source,
/// but a link of its own here.
pub fn causes<'a>(error: &'a (dyn StdError + 'static)) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |error: &&'a (dyn StdError + 'static)| {
        match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            Some(inside) => Some(inside as &(dyn StdError + 'static)),
            None => (*error).source(),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_told_apart() {
        use rustls::Error::InvalidCertificate as Invalid;
        for (error, told) in [
            (Invalid(CertificateError::UnknownIssuer), TlsFault::UnknownIssuer),
            (Invalid(CertificateError::BadSignature), TlsFault::UnknownIssuer),
            (Invalid(CertificateError::NotValidForName), TlsFault::WrongName),
            (Invalid(CertificateError::Expired), TlsFault::Expired),
            (Invalid(CertificateError::NotValidYet), TlsFault::Expired),
            (Invalid(CertificateError::ApplicationVerificationFailure), TlsFault::WrongPin),
            (Invalid(CertificateError::BadEncoding), TlsFault::Handshake),
            (rustls::Error::DecryptError, TlsFault::Handshake),
        ] {
            assert_eq!(fault(&error), told, "{error:?}");
        }
    }

    #[test]
    fn found_however_deep() {
        let inner = std::io::Error::new(std::io::ErrorKind::InvalidData, rustls::Error::DecryptError);
        let outer = std::io::Error::other(inner);
        assert_eq!(find(&outer), Some(&rustls::Error::DecryptError));
        assert_eq!(find(&std::io::Error::other("x")), None);
    }

    #[cfg(any(feature = "ring", feature = "aws-lc-rs"))]
    #[test]
    fn a_provider_without_asking_rustls_to_guess() {
        let tls = Tls::new(&Environment::new().with("SSL_CERT_FILE", "/nowhere/at/all")).unwrap();
        let one = tls.client_config().unwrap();
        assert!(Arc::ptr_eq(&one, &tls.client_config().unwrap()));
        assert!(tls.pinned_config([0; 20]).is_ok());
    }
}
