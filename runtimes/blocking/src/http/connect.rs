//! Connections: straight or through a proxy, plain or with TLS.

use std::fmt;
use std::io::{Read, Write};
use std::sync::{Arc, OnceLock};

use entrada_core::effect::{HttpFailure, TlsFault};
use entrada_core::endpoint::{PrivateTrust, Route};
use entrada_host::proxy::{Proxies, Proxy, TunnelAnswer, read_tunnel_answer};
use entrada_host::tls::Tls;
use http::Uri;
use rustls::ClientConfig;
use ureq::Error;
use ureq::unversioned::resolver::{DefaultResolver, Resolver};
use ureq::unversioned::transport::time::{Duration, Instant};
use ureq::unversioned::transport::{
    ConnectionDetails, Connector, NextTimeout, TcpConnector, Transport, TransportAdapter,
};

use super::fault::{known, while_connecting};
use super::names::Tunnel;
use super::tls::TlsTransport;

/// Whom TLS trusts.
pub(super) enum Trust {
    Public(Arc<Tls>),
    Pinned(Arc<Tls>, [u8; 20], OnceLock<Result<Arc<ClientConfig>, TlsFault>>),
    Private(Arc<Tls>, Arc<PrivateTrust>, OnceLock<Result<Arc<ClientConfig>, TlsFault>>),
}

impl Trust {
    fn config(&self) -> Result<Arc<ClientConfig>, Error> {
        let config = match self {
            Trust::Public(tls) => tls.client_config(),
            Trust::Pinned(tls, pin, config) => config.get_or_init(|| tls.pinned_config(*pin)).clone(),
            Trust::Private(tls, trust, config) => config.get_or_init(|| tls.private_config(trust)).clone(),
        };
        config.map_err(|fault| known(HttpFailure::Tls(fault)))
    }

    /// The name that the server has to prove, where it is not that of its address.
    fn server_name(&self) -> Option<&str> {
        match self {
            Trust::Private(_, trust, _) => trust.server_name.as_deref(),
            _ => None,
        }
    }
}

/// Makes the connections of one agent.
pub(super) struct Line {
    trust: Trust,
    proxies: Arc<Proxies>,
    tcp: TcpConnector,
    names: DefaultResolver,
}

impl Line {
    pub(super) fn new(trust: Trust, proxies: Arc<Proxies>) -> Line {
        Line { trust, proxies, tcp: TcpConnector::default(), names: DefaultResolver::default() }
    }

    fn dial(&self, details: &ConnectionDetails<'_>) -> Result<Box<dyn Transport>, Error> {
        match Connector::<()>::connect(&self.tcp, details, None).map_err(while_connecting)? {
            Some(transport) => Ok(Box::new(transport)),
            None => Err(known(HttpFailure::Unreachable)),
        }
    }

    fn encrypt(
        &self,
        transport: Box<dyn Transport>,
        uri: &Uri,
        details: &ConnectionDetails<'_>,
    ) -> Result<Box<dyn Transport>, Error> {
        let adapter = adapted(transport, details);
        let name = self.trust.server_name().or(uri.host()).unwrap_or_default();
        Ok(Box::new(TlsTransport::connect(self.trust.config()?, name, adapter, details.config)?))
    }

    fn tunnel(&self, proxy: &Proxy, details: &ConnectionDetails<'_>) -> Result<Box<dyn Transport>, Error> {
        let address = proxy.address().ok_or(Error::InvalidProxyUrl)?;
        let to_proxy = ConnectionDetails {
            uri: address,
            addrs: self.names.resolve(address, details.config, details.timeout)?,
            config: details.config,
            request_level: details.request_level,
            resolver: details.resolver,
            now: details.now,
            timeout: remaining(details),
            current_time: details.current_time.clone(),
            run_connector: details.run_connector.clone(),
            register_shutdown: details.register_shutdown.clone(),
        };
        let mut transport = self.dial(&to_proxy)?;
        if to_proxy.needs_tls() {
            transport = self.encrypt(transport, address, details)?;
        }
        let (host, port) = target(details.uri);
        let mut stream = adapted(transport, details);
        stream.write_all(proxy.connect_head(host, port).expose().as_bytes())?;
        let mut received = Vec::new();
        loop {
            // Byte by byte, so as to take nothing of what the host says first.
            let mut byte = [0];
            if stream.read(&mut byte)? == 0 {
                return Err(known(HttpFailure::Proxy));
            }
            received.push(byte[0]);
            match read_tunnel_answer(&received) {
                TunnelAnswer::Incomplete => {}
                TunnelAnswer::Open => return Ok(Box::new(Tunnel(stream.into_inner()))),
                TunnelAnswer::Refused => return Err(known(HttpFailure::Proxy)),
            }
        }
    }
}

impl Connector<()> for Line {
    type Out = Box<dyn Transport>;

    fn connect(&self, details: &ConnectionDetails<'_>, _: Option<()>) -> Result<Option<Self::Out>, Error> {
        let transport = match self.proxies.for_request(details.uri, &Route::Internet) {
            None => self.dial(details)?,
            // Whatever fails on the way to the host fails because of the proxy, for want of one.
            Some(proxy) => self.tunnel(proxy, details).map_err(|_| known(HttpFailure::Proxy))?,
        };
        if details.needs_tls() {
            return self.encrypt(transport, details.uri, details).map(Some);
        }
        Ok(Some(transport))
    }
}

impl fmt::Debug for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Line").field("proxies", &self.proxies).finish_non_exhaustive()
    }
}

fn target(uri: &Uri) -> (&str, u16) {
    let usual = if uri.scheme_str() == Some("https") { 443 } else { 80 };
    (uri.host().unwrap_or_default(), uri.port_u16().unwrap_or(usual))
}

fn adapted(transport: Box<dyn Transport>, details: &ConnectionDetails<'_>) -> TransportAdapter {
    let mut adapter = TransportAdapter::new(transport, details.current_time.clone());
    adapter.set_timeout(remaining(details));
    adapter
}

/// What is left of the time to connect.
fn remaining(details: &ConnectionDetails<'_>) -> NextTimeout {
    let mut timeout = details.timeout;
    let now = (details.current_time)();
    if let (Duration::Exact(limit), Instant::Exact(now), Instant::Exact(then)) =
        (timeout.after, now, details.now)
    {
        timeout.after = Duration::Exact(limit.saturating_sub(now.saturating_duration_since(then)));
    }
    timeout
}
