//! Signing with a key that the core never sees.

use std::fmt;
use std::path::PathBuf;

use sha2::{Digest, Sha256};

use super::{Outcome, Reply, Ticket};
use crate::error::Error;
use crate::secret::{Secret, SecretBytes};
use crate::time::{Mono, Unix};

/// Where the driver finds a key and its certificate.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum SigningKey {
    /// A file, PEM or PKCS #12, which is read anew when it changes.
    File {
        /// Where it lies.
        path: PathBuf,
        /// What it is encrypted with.
        password: Option<Secret>,
    },
    /// The contents of such a file.
    Bytes {
        /// All of it.
        contents: SecretBytes,
        /// What it is encrypted with.
        password: Option<Secret>,
    },
    /// A key that a signer of the program's own knows by this name: in an HSM, in Key Vault.
    Named(String),
}

impl SigningKey {
    /// What it may be called in logs and errors.
    #[must_use]
    pub fn label(&self) -> String {
        match self {
            SigningKey::File { path, .. } => path.display().to_string(),
            SigningKey::Bytes { .. } => "the certificate that was given".to_owned(),
            SigningKey::Named(name) => name.clone(),
        }
    }
}

/// The public half of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SigningCertificate {
    chain: Vec<Vec<u8>>,
    sha1: Option<[u8; 20]>,
    not_after: Option<Unix>,
}

impl SigningCertificate {
    /// The certificate of a key in DER, with those that lead to its root, each followed by its issuer.
    #[must_use]
    pub fn new(leaf: Vec<u8>, issuers: impl IntoIterator<Item = Vec<u8>>) -> SigningCertificate {
        let chain = std::iter::once(leaf).chain(issuers).collect();
        SigningCertificate { chain, sha1: None, not_after: None }
    }

    /// The same with the SHA-1 fingerprint of the certificate, by which AD FS finds it.
    #[must_use]
    pub fn with_sha1(mut self, sha1: [u8; 20]) -> SigningCertificate {
        self.sha1 = Some(sha1);
        self
    }

    /// The same with the time when it expires.
    #[must_use]
    pub fn until(mut self, not_after: Unix) -> SigningCertificate {
        self.not_after = Some(not_after);
        self
    }

    /// The certificate and its issuers, in DER.
    #[must_use]
    pub fn chain(&self) -> &[Vec<u8>] {
        &self.chain
    }

    /// The SHA-256 fingerprint of the certificate.
    #[must_use]
    pub fn sha256(&self) -> [u8; 32] {
        Sha256::digest(self.chain.first().map_or(&[][..], Vec::as_slice)).into()
    }

    /// The SHA-1 fingerprint of the certificate, if the driver told it.
    #[must_use]
    pub fn sha1(&self) -> Option<[u8; 20]> {
        self.sha1
    }

    /// When it expires, if the driver told it.
    #[must_use]
    pub fn not_after(&self) -> Option<Unix> {
        self.not_after
    }
}

/// What is asked of a signer.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum SignAction {
    /// The key's certificate. An assertion names it, so it has to be known before there is anything to
    /// sign.
    Certificate,
    /// A signature of these bytes (not of their digest), with the key of the certificate of this
    /// SHA-256 fingerprint: [`SignFailure::Changed`] if there is another by now.
    Sign {
        /// How to sign.
        algorithm: SignatureAlgorithm,
        /// What to sign: an assertion but for its end, so `Debug` does not show it.
        message: SecretBytes,
        /// The fingerprint of the certificate that was told.
        certificate: [u8; 32],
    },
}

/// What a signer answers.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Signed {
    /// The certificate of the key.
    Certificate(SigningCertificate),
    /// The signature.
    Signature(SecretBytes),
}

/// Something to ask a signer.
pub struct Sign {
    pub(crate) key: SigningKey,
    pub(crate) action: SignAction,
    pub(crate) deadline: Mono,
    pub(crate) ticket: Ticket,
}

impl Sign {
    /// Which key.
    #[must_use]
    pub fn key(&self) -> &SigningKey {
        &self.key
    }

    /// What is asked.
    #[must_use]
    pub fn action(&self) -> &SignAction {
        &self.action
    }

    /// The ticket to answer with.
    #[must_use]
    pub fn ticket(self) -> SignTicket {
        SignTicket(self.ticket)
    }

    pub(crate) fn summary(&self) -> String {
        let key = self.key.label();
        match &self.action {
            SignAction::Certificate => format!("look at the certificate {key}"),
            SignAction::Sign { algorithm, .. } => format!("sign with the key of {key} ({algorithm:?})"),
        }
    }
}

impl fmt::Debug for Sign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sign({})", self.summary())
    }
}

/// Signature algorithms of RFC 7518 that Entra accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SignatureAlgorithm {
    /// RSASSA-PSS with SHA-256 and a salt of 32 bytes.
    Ps256,
    /// RSASSA-PKCS1-v1_5 with SHA-256, for AD FS.
    Rs256,
}

/// Answers one [`Sign`].
#[derive(Debug)]
#[must_use]
pub struct SignTicket(Ticket);

impl SignTicket {
    /// The reply: what was asked for, or why there is none.
    pub fn reply(self, result: Result<Signed, SignFailure>) -> Reply {
        Reply { ticket: self.0, outcome: Outcome::Signed(result) }
    }
}

/// Why a signer gave nothing.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum SignFailure {
    /// The driver knows no such key.
    UnknownKey,
    /// The key cannot sign in this way.
    WrongAlgorithm,
    /// The signer refused or failed.
    Refused,
    /// The key belongs to another certificate by now.
    Changed,
    /// The key cannot be used, for this reason.
    Failed(Error),
    /// The signer took too long.
    TimedOut,
    /// The driver signs nothing.
    Unsupported,
    /// The reply was of another kind.
    Mismatch,
}

impl fmt::Display for SignFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            SignFailure::UnknownKey => "there is no such key",
            SignFailure::WrongAlgorithm => "the key cannot sign in this way",
            SignFailure::Refused => "the signer failed",
            SignFailure::Changed => "the key was replaced meanwhile",
            SignFailure::Failed(error) => return f.write_str(&error.message()),
            SignFailure::TimedOut => "the signer took too long",
            SignFailure::Unsupported => "this driver has no signer",
            SignFailure::Mismatch => "the reply is not that of a signer",
        })
    }
}
