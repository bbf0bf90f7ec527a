//! Signing with a key that the core never sees.

use std::fmt;

use super::{Outcome, Reply, Ticket};
use crate::time::Mono;

/// A message to sign.
pub struct Sign {
    pub(crate) key: String,
    pub(crate) algorithm: SignatureAlgorithm,
    pub(crate) message: Vec<u8>,
    pub(crate) deadline: Mono,
    pub(crate) ticket: Ticket,
}

impl Sign {
    /// The name of the key, as the credential was given it. The driver knows which key it means.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// How to sign.
    #[must_use]
    pub fn algorithm(&self) -> SignatureAlgorithm {
        self.algorithm
    }

    /// What to sign: the bytes themselves, not their digest.
    #[must_use]
    pub fn message(&self) -> &[u8] {
        &self.message
    }

    /// The ticket to answer with.
    #[must_use]
    pub fn ticket(self) -> SignTicket {
        SignTicket(self.ticket)
    }
}

impl fmt::Debug for Sign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sign({} with {:?}, {} bytes)", self.key, self.algorithm, self.message.len())
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
    /// The reply: the signature, or why there is none.
    pub fn reply(self, result: Result<Vec<u8>, SignFailure>) -> Reply {
        Reply { ticket: self.0, outcome: Outcome::Signature(result) }
    }
}

/// Why there is no signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SignFailure {
    /// The driver knows no key of this name.
    UnknownKey,
    /// The key cannot sign in this way.
    WrongAlgorithm,
    /// The signer refused or failed.
    Refused,
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
            SignFailure::UnknownKey => "there is no key of this name",
            SignFailure::WrongAlgorithm => "the key cannot sign in this way",
            SignFailure::Refused => "the signer failed",
            SignFailure::TimedOut => "the signer took too long",
            SignFailure::Unsupported => "this driver has no signer",
            SignFailure::Mismatch => "the reply is not that of a signer",
        })
    }
}
