//! Calls to services looked at closely: what is repeated, what is followed, and how errors are told.

#[path = "calls/again.rs"]
mod again;
#[path = "calls/links.rs"]
mod links;
#[path = "calls/long_running.rs"]
mod long_running;
#[path = "calls/rejected.rs"]
mod rejected;
#[path = "calls/support.rs"]
mod support;
#[path = "calls/told.rs"]
mod told;
