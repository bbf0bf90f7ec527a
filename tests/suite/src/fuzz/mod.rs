//! The bodies of the fuzz targets, here so that ordinary builds compile them and ordinary tests replay
//! their corpora. Each takes any bytes and asserts properties; none may panic otherwise.

mod documents;
mod orders;
mod texts;

pub use documents::{cli_output, config_file, device_document, token_document};
pub use orders::{flow, reply_order};
pub use texts::{challenge_header, endpoint_url, redirect_request, time_parse};

/// A target's name and its body.
pub type Target = (&'static str, fn(&[u8]));

/// Every target.
pub const TARGETS: [Target; 10] = [
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
];
