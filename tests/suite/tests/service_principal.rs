//! Service principals and roles: set up, changed and deleted, with and without faults.

#[path = "service_principal/credentials.rs"]
mod credentials;
#[path = "service_principal/faults.rs"]
mod faults;
#[path = "service_principal/first_sign_in.rs"]
mod first_sign_in;
#[path = "service_principal/interrupted.rs"]
mod interrupted;
#[path = "service_principal/links.rs"]
mod links;
#[path = "service_principal/set_up.rs"]
mod set_up;
#[path = "service_principal/stage/mod.rs"]
mod stage;
