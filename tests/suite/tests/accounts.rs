//! What is kept of accounts and tokens: the document of other writers, read, changed and written back.

#[path = "accounts/drawn.rs"]
mod drawn;
#[path = "accounts/properties.rs"]
mod properties;
#[path = "accounts/read.rs"]
mod read;
#[path = "accounts/refreshed.rs"]
mod refreshed;
#[path = "accounts/support.rs"]
mod support;
#[path = "accounts/written.rs"]
mod written;
