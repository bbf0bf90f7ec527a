//! The bodies of the fuzz targets, here so that ordinary builds compile them and ordinary tests replay
//! their corpora. Each takes any bytes and asserts properties; none may panic otherwise.

mod agent;
mod assertions;
mod audiences;
mod authorities;
mod checks;
mod documents;
mod environment;
#[cfg(feature = "keys")]
mod keys;
mod managed;
mod orders;
mod refusals;
mod sign_ins;
mod texts;
mod tools;
mod xml;

pub use agent::arc_challenge;
pub use assertions::client_assertion;
pub use audiences::audience;
pub use authorities::authority_rules;
pub use documents::{config_file, device_document, token_document};
pub use environment::environment;
#[cfg(feature = "keys")]
pub use keys::key_file;
pub use managed::managed_reply;
pub use orders::{flow, reply_order};
pub use refusals::aadsts_document;
pub use sign_ins::{kept_sign_in, web_redirect};
pub use texts::{challenge_header, endpoint_url, redirect_request, time_parse};
pub use tools::cli_output;
pub use xml::xml_document;

/// A target's name and its body.
pub type Target = (&'static str, fn(&[u8]));

/// Every target.
pub const TARGETS: &[Target] = &[
    ("flow", flow),
    ("redirect_request", redirect_request),
    ("token_document", token_document),
    ("device_document", device_document),
    ("challenge_header", challenge_header),
    ("cli_output", cli_output),
    ("config_file", config_file),
    ("reply_order", reply_order),
    ("time_parse", time_parse),
    ("endpoint_url", endpoint_url),
    ("audience", audience),
    ("aadsts_document", aadsts_document),
    ("managed_reply", managed_reply),
    ("arc_challenge", arc_challenge),
    ("environment", environment),
    ("authority_rules", authority_rules),
    ("kept_sign_in", kept_sign_in),
    ("web_redirect", web_redirect),
    ("client_assertion", client_assertion),
    ("xml_document", xml_document),
    #[cfg(feature = "keys")]
    ("key_file", key_file),
];
