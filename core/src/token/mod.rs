//! Access tokens, and the documents they come in (RFC 6749 section 5).
//!
//! Lenient in, strict out: every shape of reply seen in the wild is read; an [`AccessToken`] is
//! always one that can be sent, by somebody, until a known time.

mod access;
mod document;
mod expiry;
mod refusal;
mod skew;

pub use access::AccessToken;
pub use document::{Issued, TokenResponse, parse};
pub use expiry::{Expiry, expiry};
pub(crate) use refusal::of_app;
pub use refusal::{Party, Refusal};

pub(crate) use refusal::{is_final, is_temporary};
