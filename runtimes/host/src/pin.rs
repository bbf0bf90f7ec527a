//! Trust in one certificate and no other.

use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{
    CryptoProvider, WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature,
};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, DigitallySignedStruct, Error, SignatureScheme};
use sha1::{Digest, Sha1};

/// Accepts the server whose own certificate has this SHA-1 fingerprint, once it has proved that it
/// holds the key.
///
/// SHA-1 is what the service names the certificate by. Finding another certificate with the same
/// fingerprint would take a second preimage, which nobody can make.
#[derive(Debug)]
pub struct OnlyThisCertificate {
    fingerprint: [u8; 20],
    algorithms: WebPkiSupportedAlgorithms,
}

impl OnlyThisCertificate {
    /// A verifier for the certificate of this fingerprint.
    #[must_use]
    pub fn new(fingerprint: [u8; 20], provider: &Arc<CryptoProvider>) -> OnlyThisCertificate {
        OnlyThisCertificate { fingerprint, algorithms: provider.signature_verification_algorithms }
    }
}

/// The SHA-1 fingerprint of a certificate in DER.
#[must_use]
pub fn fingerprint(certificate: &[u8]) -> [u8; 20] {
    Sha1::digest(certificate).into()
}

impl ServerCertVerifier for OnlyThisCertificate {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        if fingerprint(end_entity) == self.fingerprint {
            Ok(ServerCertVerified::assertion())
        } else {
            Err(Error::InvalidCertificate(CertificateError::ApplicationVerificationFailure))
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signature, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signature, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn fingerprint_of_rfc_3174() {
        let hex: String = super::fingerprint(b"abc").iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, "a9993e364706816aba3e25717850c26c9cd0d89d");
    }
}
