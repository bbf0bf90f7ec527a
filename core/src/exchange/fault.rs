//! Faults of the transport, said so that a person can do something about them.

use super::RequestSpec;
use crate::effect::{HttpFailure, TlsFault};
use crate::endpoint::Route;
use crate::error::{Error, ErrorKind};

/// The error that a fault ends an exchange with.
pub(super) fn error(failure: HttpFailure, spec: &RequestSpec, tries: u32) -> Error {
    let kind = match failure {
        HttpFailure::TimedOut | HttpFailure::ConnectTimedOut => ErrorKind::Timeout,
        HttpFailure::TooLarge => ErrorKind::Malformed,
        HttpFailure::Unsupported => ErrorKind::Unavailable,
        _ => ErrorKind::Network,
    };
    let times = if tries > 1 { format!(", {tries} times") } else { String::new() };
    let what = format!("{} could not be asked for {}{times}: {failure}", spec.target().host(), spec.label());
    let error = Error::new(kind, what).asked_as(spec.request_id());
    match remedy(failure, spec.route()) {
        Some(remedy) => error.with_remedy(remedy),
        None => error,
    }
}

fn remedy(failure: HttpFailure, route: &Route) -> Option<&'static str> {
    Some(match (failure, route) {
        (HttpFailure::Resolve, _) => "check the host name and the DNS of this machine",
        (HttpFailure::Refused | HttpFailure::Unreachable, Route::Internet) => {
            "check the network, the firewall, and HTTPS_PROXY if a proxy is needed"
        }
        (HttpFailure::Refused | HttpFailure::Unreachable, _) => {
            "check that the service runs and listens there"
        }
        (HttpFailure::TimedOut | HttpFailure::ConnectTimedOut, Route::Internet) => {
            "check the network, the firewall, and HTTPS_PROXY if a proxy is needed"
        }
        (HttpFailure::Tls(TlsFault::UnknownIssuer), Route::Private(_)) => {
            "check AZURE_KUBERNETES_CA_FILE or AZURE_KUBERNETES_CA_DATA: the cluster's certificate is of another issuer"
        }
        (HttpFailure::Tls(TlsFault::UnknownIssuer), _) => {
            "if a proxy of yours inspects TLS, name its CA certificate in SSL_CERT_FILE"
        }
        (HttpFailure::Tls(TlsFault::Expired), _) => "check the clock of this machine",
        (HttpFailure::Tls(TlsFault::WrongName), _) => "check the host name; somebody else answers there",
        (HttpFailure::Tls(TlsFault::WrongPin), _) => {
            "the thumbprint in IDENTITY_SERVER_THUMBPRINT is of another certificate"
        }
        (HttpFailure::Proxy, _) => "check HTTPS_PROXY and NO_PROXY",
        _ => return None,
    })
}
