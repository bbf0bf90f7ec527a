//! Somebody signs in once and is served from what is kept, against the emulator.

#[path = "silent/apart.rs"]
mod apart;
#[path = "silent/apps.rs"]
mod apps;
#[path = "silent/asked.rs"]
mod asked;
#[path = "silent/forgotten.rs"]
mod forgotten;
#[path = "silent/served.rs"]
mod served;
#[path = "silent/support.rs"]
mod support;
