//! What a proxy changes: who resolves names, and where encryption ends.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use entrada_core::effect::HttpFailure;
use entrada_core::endpoint::Route;
use entrada_host::proxy::Proxies;
use http::Uri;
use ureq::Error;
use ureq::config::Config;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{Buffers, NextTimeout, Transport};

use super::fault::known;

/// A connection through a proxy. What was encrypted so far ends there, so it counts as plain.
#[derive(Debug)]
pub(super) struct Tunnel(pub(super) Box<dyn Transport>);

impl Transport for Tunnel {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.0.buffers()
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        self.0.transmit_output(amount, timeout)
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        self.0.await_input(timeout)
    }

    fn is_open(&mut self) -> bool {
        self.0.is_open()
    }
}

/// Resolves names, except those that a proxy resolves.
pub(super) struct Names {
    proxies: Arc<Proxies>,
    system: DefaultResolver,
}

impl Names {
    pub(super) fn new(proxies: Arc<Proxies>) -> Names {
        Names { proxies, system: DefaultResolver::default() }
    }
}

impl Resolver for Names {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, Error> {
        if self.proxies.for_request(uri, &Route::Internet).is_some() {
            return Ok(self.empty());
        }
        // An address needs no look-up, and so no thread that could be left behind by its limit.
        if let Some(address) = literal(uri) {
            let mut found = self.empty();
            found.push(address);
            return Ok(found);
        }
        self.system.resolve(uri, config, timeout).map_err(|error| match error {
            Error::Timeout(_) => known(HttpFailure::ConnectTimedOut),
            _ => known(HttpFailure::Resolve),
        })
    }
}

/// The address that a host is written as, with its port.
fn literal(uri: &Uri) -> Option<SocketAddr> {
    let host = uri.host()?;
    let address: IpAddr = host.trim_start_matches('[').trim_end_matches(']').parse().ok()?;
    let usual = if uri.scheme_str() == Some("https") { 443 } else { 80 };
    Some(SocketAddr::new(address, uri.port_u16().unwrap_or(usual)))
}

impl fmt::Debug for Names {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Names")
    }
}
