//! Signing in once: the account is kept between runs of the command, and forgotten when it is told to.

#![cfg(unix)]

#[path = "kept/accounts.rs"]
mod accounts;
#[path = "kept/apps.rs"]
mod apps;
#[path = "kept/machine.rs"]
mod machine;
#[path = "kept/served.rs"]
mod served;
mod support;
#[path = "kept/told.rs"]
mod told;
#[path = "kept/trouble.rs"]
mod trouble;
