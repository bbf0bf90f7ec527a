//! Connections: accepting them, and one request after the other on each.

use std::convert::Infallible;
use std::net::{IpAddr, TcpListener as StdListener};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use entrada_core::effect::{HttpRequest, HttpResponse};
use entrada_core::secret::SecretBytes;
use http::{Request, Response, Uri, header};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::{Body as _, Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;

use super::record::Asked;
use super::{Clock, Shared};
use crate::reply;

/// The largest request body.
const MAX_BODY: usize = 1 << 20;
/// How many requests are remembered.
const MAX_ASKED: usize = 10_000;
/// How long a handshake, the headers of a request (idle time before them included), or its body may
/// take.
const LIMIT: Duration = Duration::from_secs(30);

#[derive(Clone)]
pub(super) struct State {
    pub(super) shared: Arc<Mutex<Shared>>,
    pub(super) clock: Clock,
}

/// Serves until told to stop; connections that are open then end with the runtime.
pub(super) async fn listen(
    plain: Option<StdListener>,
    secure: Vec<(StdListener, TlsAcceptor)>,
    state: State,
    stopped: oneshot::Receiver<()>,
) {
    if let Some(listener) = plain {
        tokio::spawn(accept(listener, None, state.clone()));
    }
    for (listener, acceptor) in secure {
        tokio::spawn(accept(listener, Some(acceptor), state.clone()));
    }
    let _ = stopped.await;
}

async fn accept(listener: StdListener, acceptor: Option<TlsAcceptor>, state: State) {
    let Ok(listener) = TcpListener::from_std(listener) else {
        return;
    };
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            // Out of descriptors, most likely; trying again at once would not help.
            sleep(Duration::from_millis(50)).await;
            continue;
        };
        let _ = stream.set_nodelay(true);
        let state = state.clone();
        match acceptor.clone() {
            None => {
                tokio::spawn(converse(stream, "http", state));
            }
            Some(acceptor) => {
                tokio::spawn(async move {
                    if let Ok(Ok(stream)) = timeout(LIMIT, acceptor.accept(stream)).await {
                        converse(stream, "https", state).await;
                    }
                });
            }
        }
    }
}

async fn converse(stream: impl AsyncRead + AsyncWrite + Unpin, scheme: &'static str, state: State) {
    let service = service_fn(move |request| {
        let state = state.clone();
        async move { Ok::<_, Infallible>(outgoing(answer(request, scheme, &state).await)) }
    });
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(LIMIT).max_headers(100);
    // A connection that breaks is the peer's affair.
    let _ = builder.serve_connection(TokioIo::new(stream), service).await;
}

async fn answer(request: Request<Incoming>, scheme: &str, state: &State) -> HttpResponse {
    let (mut parts, body) = request.into_parts();
    let Some(uri) = absolute(&parts.uri, parts.headers.get(header::HOST), scheme) else {
        return reply::text(421, "The emulator answers for loopback names only.");
    };
    parts.uri = uri;
    let too_large = || reply::text(413, "The request is too large, or broken.");
    if usize::try_from(body.size_hint().lower()).is_ok_and(|announced| announced > MAX_BODY) {
        return too_large();
    }
    let body = match timeout(LIMIT, Limited::new(body, MAX_BODY).collect()).await {
        Err(_) => return reply::text(408, "The request took too long."),
        Ok(Err(_)) => return too_large(),
        Ok(Ok(body)) => SecretBytes::new(body.to_bytes()),
    };
    let request: HttpRequest = Request::from_parts(parts, body);
    let now = state.clock.now();
    let mut shared = state.shared.lock().unwrap_or_else(PoisonError::into_inner);
    let response = shared.emulator.answer(now, &request);
    let Shared { emulator, keys, .. } = &mut *shared;
    if let Some(keys) = keys {
        keys.keep(emulator);
    }
    let asked = Asked::of(now, &request, response.status().as_u16());
    if shared.asked.len() >= MAX_ASKED {
        shared.asked.pop_front();
    }
    shared.asked.extend(asked);
    response
}

/// The address that was asked for. A name that is not loopback is refused: a page elsewhere could have
/// had its own name point here.
fn absolute(uri: &Uri, host: Option<&http::HeaderValue>, scheme: &str) -> Option<Uri> {
    let authority = match uri.authority() {
        Some(authority) => authority.as_str(),
        None => host?.to_str().ok()?,
    };
    let origin: Uri = format!("{scheme}://{authority}/").parse().ok()?;
    let name = origin.host()?;
    let bare = name.trim_start_matches('[').trim_end_matches(']');
    let loopback =
        name.eq_ignore_ascii_case("localhost") || bare.parse().is_ok_and(|ip: IpAddr| ip.is_loopback());
    if !loopback {
        return None;
    }
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    format!("{scheme}://{authority}{path}").parse().ok()
}

fn outgoing(response: HttpResponse) -> Response<Full<Bytes>> {
    let (parts, body) = response.into_parts();
    Response::from_parts(parts, Full::new(Bytes::copy_from_slice(body.expose())))
}
