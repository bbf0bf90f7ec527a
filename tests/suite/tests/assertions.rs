//! Assertions that an app signs itself: what they say, how long they serve, and what a signer may do.

#[path = "assertions/says.rs"]
mod says;
#[path = "assertions/serves.rs"]
mod serves;
#[path = "assertions/signer.rs"]
mod signer;
#[path = "assertions/support.rs"]
mod support;
