//! What every implementation of HTTP has to do, whoever wrote it.
//!
//! Each check is a function of the adapter; [`crate::http_suite!`] makes a test of each.

mod faults;
mod plain;
mod proxies;
mod trust;

use std::time::Duration;

use entrada_core::effect::{HttpFailure, HttpRequest, HttpResponse};
use entrada_core::endpoint::Route;
use entrada_core::environment::Environment;
use entrada_core::secret::SecretBytes;

use crate::adapters::{Make, Send};

pub use faults::{broken_answers, nobody_there, silence};
pub use plain::{
    bodies_are_capped, connections_serve_again, connections_that_closed, every_status, redirects,
    the_request_as_it_is,
};
pub use proxies::{local_goes_direct, proxies_that_fail, through_a_proxy};
pub use trust::{named_authority, pins, private_trust, strangers};

/// Long enough for any machine: what takes this long has failed.
pub const PATIENT: Duration = Duration::from_secs(60);

/// A `GET`.
///
/// # Panics
/// When the address is none.
#[must_use]
pub fn get(uri: &str) -> HttpRequest {
    let request =
        http::Request::get(uri).header("accept", "application/json").header("user-agent", "entrada/0");
    request.body(SecretBytes::default()).expect("a request")
}

/// A `POST` of a form.
///
/// # Panics
/// When the address is none.
#[must_use]
pub fn post(uri: &str, body: &str) -> HttpRequest {
    let request = http::Request::post(uri)
        .header("accept", "application/json")
        .header("user-agent", "entrada/0")
        .header("content-type", "application/x-www-form-urlencoded");
    request.body(SecretBytes::new(body)).expect("a request")
}

fn plain_adapter(make: Make) -> Send {
    make(&Environment::new())
}

fn patient(send: &Send, request: HttpRequest, route: Route) -> Result<HttpResponse, HttpFailure> {
    send(request, route, PATIENT, PATIENT)
}

/// Makes a test of each check, for one adapter.
#[macro_export]
macro_rules! http_suite {
    ($adapter:path) => {
        $crate::http_suite! { $adapter:
            redirects every_status the_request_as_it_is bodies_are_capped connections_serve_again
            connections_that_closed
            nobody_there silence broken_answers
            named_authority strangers pins private_trust
            local_goes_direct through_a_proxy proxies_that_fail
        }
    };
    ($adapter:path: $($check:ident)*) => {
        $(#[test] fn $check() { $crate::http_suite::$check($adapter); })*
    };
}
