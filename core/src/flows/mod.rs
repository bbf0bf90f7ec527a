//! The flows: one file, or folder, for each way to a token.

pub mod authority_client;
pub mod authorization_code;
pub mod azure_cli;
pub mod azure_developer_cli;
pub mod azure_ml_on_behalf_of;
pub mod azure_pipelines;
pub mod azure_powershell;
mod begun_by;
pub mod client_assertion;
pub mod client_auth;
pub mod client_certificate;
pub mod client_credentials;
pub mod client_secret;
pub mod device_code;
pub mod expecting;
pub mod interactive_browser;
mod kept_request;
mod latest_refresh_token;
pub mod managed;
pub mod on_behalf_of;
pub mod refresh_token;
pub mod silent;
pub mod token_exchange;
mod tool;
pub mod username_password;
pub mod visual_studio_code;
pub mod workload_identity;
