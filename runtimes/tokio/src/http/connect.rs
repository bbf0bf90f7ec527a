//! Connections: straight or through a proxy, plain or with TLS.

use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use entrada_core::effect::{HttpFailure, TlsFault};
use entrada_core::endpoint::Route;
use entrada_host::proxy::{Proxies, Proxy, TunnelAnswer, read_tunnel_answer};
use entrada_host::tls::{self, Tls};
use http::Uri;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpStream, lookup_host};
use tokio_rustls::TlsConnector;

use super::exchange::Connection;
use super::pool::Key;

/// How long one address of several is tried before the next gets its turn.
const EACH: Duration = Duration::from_secs(4);

/// A byte stream of any kind.
pub(super) trait Io: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Io for T {}

/// The stream of a connection, with the means to see whether it still stands.
pub(super) struct Stream {
    pub(super) io: Box<dyn Io>,
    pub(super) probe: Probe,
}

/// A second handle on the socket. The first learns of its end only when the runtime gets round to it.
pub(super) struct Probe(std::net::TcpStream);

impl Probe {
    /// Whether the other side has neither closed nor spoken out of turn.
    pub(super) fn is_quiet(&self) -> bool {
        matches!(self.0.peek(&mut [0]), Err(error) if error.kind() == ErrorKind::WouldBlock)
    }
}

/// Makes connections.
#[derive(Debug)]
pub(super) struct Line {
    tls: Tls,
    proxies: Proxies,
}

impl Line {
    pub(super) fn new(tls: Tls, proxies: Proxies) -> Line {
        Line { tls, proxies }
    }

    /// A connection to this host, proved to be it, with nothing sent yet.
    pub(super) async fn connect(&self, key: &Key) -> Result<Connection, HttpFailure> {
        let scheme = if key.https { "https" } else { "http" };
        let uri = format!("{scheme}://{}:{}/", key.host, key.port);
        let uri: Uri = uri.parse().map_err(|_| HttpFailure::Unsupported)?;
        let stream = match self.proxies.for_request(&uri, key.route()) {
            None => dial(key.bare_host(), key.port).await?,
            // Whatever fails on the way to the host fails because of the proxy, for want of one.
            Some(proxy) => self.tunnel(proxy, key).await.map_err(|_| HttpFailure::Proxy)?,
        };
        if !key.https {
            return Connection::open(stream).await;
        }
        let config = match key.route() {
            Route::Pinned(pin) => self.tls.pinned_config(*pin),
            Route::Private(trust) => self.tls.private_config(trust),
            _ => self.tls.client_config(),
        };
        let config = config.map_err(HttpFailure::Tls)?;
        let io = encrypt(stream.io, config, key.server_name()).await?;
        Connection::open(Stream { io, ..stream }).await
    }

    async fn tunnel(&self, proxy: &Proxy, key: &Key) -> Result<Stream, HttpFailure> {
        let address = proxy.address().ok_or(HttpFailure::Proxy)?;
        let near = Key::of(address, Route::Local);
        let Stream { mut io, probe } = dial(near.bare_host(), near.port).await?;
        if near.https {
            let config = self.tls.client_config().map_err(HttpFailure::Tls)?;
            io = encrypt(io, config, near.bare_host()).await?;
        }
        let head = proxy.connect_head(&key.host, key.port);
        let broken = |_| HttpFailure::Proxy;
        io.write_all(head.expose().as_bytes()).await.map_err(broken)?;
        io.flush().await.map_err(broken)?;
        let mut received = Vec::new();
        loop {
            // Byte by byte, so as to take nothing of what the host says first.
            received.push(io.read_u8().await.map_err(broken)?);
            match read_tunnel_answer(&received) {
                TunnelAnswer::Incomplete => {}
                TunnelAnswer::Open => return Ok(Stream { io, probe }),
                TunnelAnswer::Refused => return Err(HttpFailure::Proxy),
            }
        }
    }
}

/// Connects to the first address of the host that answers.
async fn dial(host: &str, port: u16) -> Result<Stream, HttpFailure> {
    let found = lookup_host((host, port)).await.map_err(|_| HttpFailure::Resolve)?;
    let addresses: Vec<SocketAddr> = found.collect();
    let mut failed = HttpFailure::Resolve;
    for (at, address) in addresses.iter().enumerate() {
        let connecting = TcpStream::connect(address);
        let last = at + 1 == addresses.len();
        let connected = if last {
            connecting.await
        } else {
            let limited = tokio::time::timeout(EACH, connecting).await;
            limited.unwrap_or(Err(ErrorKind::TimedOut.into()))
        };
        match connected {
            Ok(stream) => return probed(stream).map_err(|_| HttpFailure::Unreachable),
            Err(error) => failed = while_connecting(&error),
        }
    }
    Err(failed)
}

fn probed(stream: TcpStream) -> io::Result<Stream> {
    stream.set_nodelay(true)?;
    let stream = stream.into_std()?;
    let probe = Probe(stream.try_clone()?);
    Ok(Stream { io: Box::new(TcpStream::from_std(stream)?), probe })
}

fn while_connecting(error: &io::Error) -> HttpFailure {
    match error.kind() {
        ErrorKind::ConnectionRefused => HttpFailure::Refused,
        ErrorKind::TimedOut => HttpFailure::ConnectTimedOut,
        _ => HttpFailure::Unreachable,
    }
}

/// Shakes hands to the end, so that nothing is sent to a peer who has not proved who it is.
async fn encrypt(
    stream: Box<dyn Io>,
    config: Arc<ClientConfig>,
    host: &str,
) -> Result<Box<dyn Io>, HttpFailure> {
    let name = ServerName::try_from(host.to_owned());
    let name = name.map_err(|_| HttpFailure::Tls(TlsFault::Handshake))?;
    match TlsConnector::from(config).connect(name, stream).await {
        Ok(stream) => Ok(Box::new(stream)),
        Err(error) => Err(match tls::find(&error) {
            Some(found) => HttpFailure::Tls(tls::fault(found)),
            None => HttpFailure::Broken,
        }),
    }
}
