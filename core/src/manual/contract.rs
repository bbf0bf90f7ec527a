//! # The contract between core and driver
//!
//! A *flow* is a protocol exchange as a state machine. A *run* is one execution of it. A *driver*
//! carries out what the run asks for. There are two sides to keep.
//!
//! ## What a driver has to keep
//!
//! 1. Call [`Run::start`](crate::Run::start) once. While the answer is
//!    [`Step::Do`](crate::Step::Do), carry the effect out and call
//!    [`Run::resume`](crate::Run::resume) with its reply.
//! 2. When [`Effect::deadline`](crate::effect::Effect::deadline) passes first, stop what was being
//!    done and call [`Run::expire`](crate::Run::expire). A wait has no deadline: it ends by itself.
//! 3. Hand in both clocks as they are, with every call. [`Mono`](crate::Mono) should go on while the
//!    machine sleeps. [`Unix`](crate::Unix) may jump.
//! 4. Hand in randomness that is fit for cryptography.
//! 5. Do only what is asked: follow no redirect, keep no cookie, retry nothing, add no credential. A
//!    status of 400 or 500 is a response, not a failure.
//! 6. Give what [`Route`](crate::Route) demands: no proxy for `Local`, exactly one certificate for
//!    `Pinned`, the roots and the server name of its own for `Private`.
//! 7. Log [`Effect::summary`](crate::effect::Effect::summary) and
//!    [`Reply::summary`](crate::effect::Reply::summary), never a request, a response or an output.
//! 8. End an effect that cannot be carried out with
//!    [`Effect::unsupported`](crate::effect::Effect::unsupported). A chain then goes on to the next
//!    credential.
//!
//! ## What a driver can rely on
//!
//! - Exactly one effect is outstanding. There is nothing to poll, to drain or to correlate.
//! - A run ends: after at most [`STEP_BUDGET`](crate::run::STEP_BUDGET) effects, and by its own
//!   deadline if it has one.
//! - No reply can make the core panic, and no answer of a server can make it ask for a request to a
//!   host that was not configured.
//! - Dropping a run cancels it. Nothing is left behind in the core. What a flow made elsewhere by then is told by
//!   the error of [`Run::cancel`](crate::Run::cancel), which says it in words and as
//!   [`Error::made`](crate::Error::made).
//!
//! ## Tokens for calls
//!
//! Calls to Azure Resource Manager are flows too. They ask for their token with
//! [`Effect::Token`](crate::effect::Effect::Token), which the driver answers from the credential that
//! the call was made with: it runs that credential's flow, or takes the token from its cache. A call
//! that is answered with a claims challenge asks once more, with the claims. It names the token
//! that a service rejected ([`NeedToken::rejected`](crate::effect::NeedToken::rejected), and
//! [`Effect::Forget`](crate::effect::Effect::Forget) where none is asked for in its place), so that the cache
//! gives that one to nobody else.
