//! One request and its response on one connection.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::{Context, Poll};

use entrada_core::effect::{HttpFailure, HttpRequest, HttpResponse, MAX_BODY};
use entrada_core::secret::SecretBytes;
use http::header::HOST;
use http::{HeaderValue, Request, Uri};
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;

use super::connect::{Io, Probe, Stream};

type Wire = Request<Full<Bytes>>;
type Background = http1::Connection<TokioIo<Box<dyn Io>>, Full<Bytes>>;

/// An open connection. Nothing drives it but the exchange that uses it, so that dropping the exchange
/// closes it.
pub(super) struct Connection {
    sender: SendRequest<Full<Bytes>>,
    background: Background,
    probe: Probe,
}

/// What came of an exchange.
pub(super) enum Outcome {
    /// An answer, and the connection if it can be used again.
    Answered(HttpResponse, Option<Box<Connection>>),
    /// Nothing was sent; the request is as it was.
    Untouched(Box<Wire>),
    /// No answer.
    Failed(HttpFailure),
}

/// Bytes that are wiped when the transport is done with them.
struct Wiped(SecretBytes);

impl AsRef<[u8]> for Wiped {
    fn as_ref(&self) -> &[u8] {
        self.0.expose()
    }
}

/// The request as it goes over the wire: path and query, the host in a header.
pub(super) fn wire(request: HttpRequest) -> Result<Wire, HttpFailure> {
    let (mut parts, body) = request.into_parts();
    let authority = parts.uri.authority().ok_or(HttpFailure::Unsupported)?.as_str();
    let host = HeaderValue::from_str(authority).map_err(|_| HttpFailure::Unsupported)?;
    parts.headers.entry(HOST).or_insert(host);
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    parts.uri = path.parse::<Uri>().map_err(|_| HttpFailure::Unsupported)?;
    parts.version = http::Version::HTTP_11;
    Ok(Request::from_parts(parts, Full::new(Bytes::from_owner(Wiped(body)))))
}

impl Connection {
    pub(super) async fn open(stream: Stream) -> Result<Connection, HttpFailure> {
        let opened = http1::handshake(TokioIo::new(stream.io)).await;
        let (sender, background) = opened.map_err(|_| HttpFailure::Broken)?;
        Ok(Connection { sender, background, probe: stream.probe })
    }

    /// Whether a connection that was kept still stands.
    pub(super) fn is_quiet(&self) -> bool {
        self.probe.is_quiet()
    }

    pub(super) async fn exchange(self, request: Wire) -> Outcome {
        let Connection { mut sender, background, probe } = self;
        let mut driven = Driven { background, over: false };
        if driven.during(sender.ready()).await.is_err() {
            return Outcome::Untouched(Box::new(request));
        }
        let response = match driven.during(sender.try_send_request(request)).await {
            Ok(response) => response,
            Err(mut error) => {
                let back = error.take_message();
                return back
                    .map_or(Outcome::Failed(HttpFailure::Broken), |back| Outcome::Untouched(Box::new(back)));
            }
        };
        let (parts, body) = response.into_parts();
        let bytes = match driven.during(read(body)).await {
            Ok(bytes) => bytes,
            Err(failure) => return Outcome::Failed(failure),
        };
        let mut response = HttpResponse::new(SecretBytes::new(bytes));
        *response.status_mut() = parts.status;
        *response.version_mut() = parts.version;
        *response.headers_mut() = parts.headers;
        // Ready means that the whole answer was read and that the server said nothing of closing.
        let reusable = driven.settled(&mut sender).await;
        let again = reusable.then(|| Box::new(Connection { sender, background: driven.background, probe }));
        Outcome::Answered(response, again)
    }
}

/// The body, unless there is too much of it.
async fn read(mut body: Incoming) -> Result<Vec<u8>, HttpFailure> {
    let mut bytes = Vec::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| HttpFailure::Broken)?;
        if let Some(data) = frame.data_ref() {
            if bytes.len() + data.len() > MAX_BODY {
                return Err(HttpFailure::TooLarge);
            }
            bytes.extend_from_slice(data);
        }
    }
    Ok(bytes)
}

/// A connection while it is being driven.
struct Driven {
    background: Background,
    over: bool,
}

impl Driven {
    fn poll(&mut self, cx: &mut Context<'_>) {
        if !self.over {
            self.over = Pin::new(&mut self.background).poll(cx).is_ready();
        }
    }

    async fn during<T>(&mut self, work: impl Future<Output = T>) -> T {
        let mut work = pin!(work);
        poll_fn(|cx| {
            if let Poll::Ready(done) = work.as_mut().poll(cx) {
                return Poll::Ready(done);
            }
            self.poll(cx);
            work.as_mut().poll(cx)
        })
        .await
    }

    /// Whether the connection is open and wants another request, now and without waiting.
    async fn settled(&mut self, sender: &mut SendRequest<Full<Bytes>>) -> bool {
        poll_fn(|cx| {
            self.poll(cx);
            let ready = matches!(sender.poll_ready(cx), Poll::Ready(Ok(())));
            Poll::Ready(ready && !self.over)
        })
        .await
    }
}
