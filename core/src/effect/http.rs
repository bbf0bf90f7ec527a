//! One HTTP exchange.

use std::fmt;
use std::time::Duration;

use super::{Outcome, Reply, Ticket};
use crate::endpoint::Route;
use crate::secret::SecretBytes;
use crate::time::Mono;

/// A request, body included.
pub type HttpRequest = ::http::Request<SecretBytes>;
/// A response, body included.
pub type HttpResponse = ::http::Response<SecretBytes>;

/// The largest response body that is taken, in bytes. A driver stops reading past it and answers
/// [`HttpFailure::TooLarge`].
pub const MAX_BODY: usize = 1 << 20;

/// One HTTP request to send, for one response.
///
/// The transport follows no redirect, keeps no cookie, retries nothing, logs nothing, returns every
/// status and all headers, and gives what [`HttpCall::route`] demands.
pub struct HttpCall {
    pub(crate) request: HttpRequest,
    pub(crate) route: Route,
    pub(crate) connect_limit: Duration,
    pub(crate) deadline: Mono,
    pub(crate) label: &'static str,
    pub(crate) ticket: Ticket,
}

impl HttpCall {
    /// The request.
    #[must_use]
    pub fn request(&self) -> &HttpRequest {
        &self.request
    }

    /// What the transport has to guarantee.
    #[must_use]
    pub fn route(&self) -> &Route {
        &self.route
    }

    /// How long connecting may take, within the deadline.
    #[must_use]
    pub fn connect_limit(&self) -> Duration {
        self.connect_limit
    }

    /// When the whole exchange has to be over.
    #[must_use]
    pub fn deadline(&self) -> Mono {
        self.deadline
    }

    /// What this request is, in the words of the protocol.
    #[must_use]
    pub fn label(&self) -> &'static str {
        self.label
    }

    /// The request to send, and the ticket to answer with.
    #[must_use]
    pub fn split(self) -> (HttpRequest, HttpTicket) {
        (self.request, HttpTicket(self.ticket))
    }

    pub(crate) fn summary(&self) -> String {
        let uri = self.request.uri();
        let path = uri.path();
        let host = uri.authority().map_or("", |authority| authority.as_str());
        let scheme = uri.scheme_str().unwrap_or_default();
        format!("{} {scheme}://{host}{path} ({})", self.request.method(), self.label)
    }
}

impl fmt::Debug for HttpCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HttpCall({} via {:?})", self.summary(), self.route)
    }
}

/// Answers one [`HttpCall`].
#[derive(Debug)]
#[must_use]
pub struct HttpTicket(Ticket);

impl HttpTicket {
    /// The reply: a response of any status, or why there is none.
    pub fn reply(self, result: Result<HttpResponse, HttpFailure>) -> Reply {
        let result = result.and_then(|response| {
            if response.body().len() > MAX_BODY { Err(HttpFailure::TooLarge) } else { Ok(response) }
        });
        Reply { ticket: self.0, outcome: Outcome::Http(result) }
    }
}

/// Why there is no response. It holds no text of others, so it can be shown anywhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum HttpFailure {
    /// The host's name could not be resolved. Nothing was sent.
    Resolve,
    /// The connection was refused: the host is there, nobody listens. Nothing was sent.
    Refused,
    /// There is no way to the host. Nothing was sent.
    Unreachable,
    /// Connecting took too long. Nothing was sent.
    ConnectTimedOut,
    /// The peer could not prove who it is. Nothing was sent.
    Tls(TlsFault),
    /// The proxy could not be used. Nothing was sent to the host.
    Proxy,
    /// The exchange took too long. The request may have been received.
    TimedOut,
    /// The connection broke, or what came was not HTTP. The request may have been received.
    Broken,
    /// The response was longer than [`MAX_BODY`].
    TooLarge,
    /// The driver cannot do this.
    Unsupported,
    /// The reply was of another kind.
    Mismatch,
}

/// How a peer failed to prove who it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TlsFault {
    /// Nobody that is trusted vouches for its certificate.
    UnknownIssuer,
    /// The certificate is for another name.
    WrongName,
    /// The certificate is past its time, or not yet in it.
    Expired,
    /// The certificate is not the pinned one.
    WrongPin,
    /// Anything else that ended the handshake.
    Handshake,
}

impl HttpFailure {
    /// Whether it is certain that the host received nothing of the request.
    #[must_use]
    pub fn nothing_sent(self) -> bool {
        matches!(
            self,
            HttpFailure::Resolve
                | HttpFailure::Refused
                | HttpFailure::Unreachable
                | HttpFailure::ConnectTimedOut
                | HttpFailure::Tls(_)
                | HttpFailure::Proxy
        )
    }

    /// Whether another try may fare better.
    #[must_use]
    pub fn is_transient(self) -> bool {
        matches!(
            self,
            HttpFailure::Resolve
                | HttpFailure::Refused
                | HttpFailure::Unreachable
                | HttpFailure::ConnectTimedOut
                | HttpFailure::TimedOut
                | HttpFailure::Broken
                | HttpFailure::Proxy
        )
    }
}

impl fmt::Display for HttpFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            HttpFailure::Resolve => "the host name could not be resolved",
            HttpFailure::Refused => "the connection was refused",
            HttpFailure::Unreachable => "the host is unreachable",
            HttpFailure::ConnectTimedOut => "connecting took too long",
            HttpFailure::Tls(TlsFault::UnknownIssuer) => {
                "its certificate is from an issuer that is not trusted"
            }
            HttpFailure::Tls(TlsFault::WrongName) => "its certificate is for another name",
            HttpFailure::Tls(TlsFault::Expired) => "its certificate is out of date",
            HttpFailure::Tls(TlsFault::WrongPin) => "its certificate is not the expected one",
            HttpFailure::Tls(TlsFault::Handshake) => "the TLS handshake failed",
            HttpFailure::Proxy => "the proxy could not be used",
            HttpFailure::TimedOut => "no answer came in time",
            HttpFailure::Broken => "the connection broke",
            HttpFailure::TooLarge => "the answer was too large",
            HttpFailure::Unsupported => "this driver has no HTTP",
            HttpFailure::Mismatch => "the reply is not that of an HTTP call",
        })
    }
}
