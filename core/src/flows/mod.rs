//! The flows: one file, or folder, for each way to a token.

pub mod authority_client;
pub mod azure_cli;
pub mod client_auth;
pub mod client_credentials;
pub mod client_secret;
pub mod device_code;
pub mod interactive_browser;
pub mod managed;
pub mod token_exchange;
pub mod username_password;
