//! Keeping access tokens: one request for any number of callers, and nobody waits for a renewal.
//!
//! [`TokenCache`] decides and is pure; [`SharedCache`] is the same behind a lock, for threads and tasks
//! alike. The credentials of the drivers use one each, unless they are given one to share.
//!
//! ```text
//!            plan                                   what the caller does
//!  a live token, not due ──────────▶ Use            nothing
//!  a live token, due     ──────────▶ Refresh        uses it; renews it behind its back, then settles
//!  no live token, nobody asks ─────▶ Lead           asks, then settles: all who joined get the same
//!  no live token, somebody asks ───▶ Wait           waits for the one who asks
//!  the same was just refused, or
//!  the service wants peace ────────▶ Fail           gets the same error, and nobody asks
//! ```
//!
//! - No lock is held while anybody asks; scopes, tenants and users do not wait for one another.
//! - A token is handed out only while it lives on both clocks: see [`crate::time`].
//! - A renewal that fails hurts nobody while the token lives, and is not tried again for
//!   [`HOLD_OFF`], or as long as the service asked for.
//! - All waiters get the same error. The next caller tries again, except:
//!   - until a `Retry-After` has passed (one hour at most), renewals and requests with claims included;
//!   - for [`SAME_ANSWER`] after a refusal, for the same credential, unless it may ask a person.
//! - If the caller who asks is cancelled, one waiter takes over.
//! - A request with claims is answered by a fresh token, which takes the place of the one there was.
//! - What is dead leaves, when another token comes some minutes later; what lives, and a failure that is still the
//!   answer, makes place only where there is too much: the least recently used goes first.
//! - A clone of a handle answers from its own copy for up to one second, without the lock: see [`Recent`].
//!
//! What outlives the process, accounts and refresh tokens too, is in [`accounts`].

pub mod accounts;
#[cfg(test)]
mod asked;
mod flight;
mod key;
mod peace;
mod recent;
mod renewal;
mod shared;
mod slots;
mod spared;
mod sync;
mod token_cache;

pub use key::Partition;
pub use recent::Recent;
pub use renewal::HOLD_OFF;
pub use shared::{Joined, Lead, Revision, SharedCache, Turn, Waiting};
pub use spared::SAME_ANSWER;
pub use token_cache::{Permit, Plan, Seat, Settled, TokenCache, Turned};
