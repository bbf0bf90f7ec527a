//! Which proxy stands between, by the variables everybody uses.

use std::fmt;
use std::net::IpAddr;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use entrada_core::endpoint::Route;
use entrada_core::environment::Environment;
use entrada_core::secret::Secret;
use http::Uri;

mod rules;

pub use rules::NoProxy;

/// The proxies that an environment names: `HTTPS_PROXY` for https, `HTTP_PROXY` for http, `ALL_PROXY`
/// for what they leave open, and `NO_PROXY` for what goes direct; each in lower case too, which wins.
///
/// `HTTP_PROXY` in upper case is not heeded under CGI (where `REQUEST_METHOD` is set): there a client
/// of the server could set it, by a header named `Proxy`.
#[derive(Clone, Debug, Default)]
pub struct Proxies {
    https: Option<Proxy>,
    http: Option<Proxy>,
    not_for: NoProxy,
}

impl Proxies {
    /// No proxy for anything.
    #[must_use]
    pub fn none() -> Proxies {
        Proxies::default()
    }

    /// What the environment names.
    #[must_use]
    pub fn of(environment: &Environment) -> Proxies {
        let get = |names: &[&str]| names.iter().find_map(|name| environment.get(name));
        let cgi = environment.get("REQUEST_METHOD").is_some();
        let all = get(&["all_proxy", "ALL_PROXY"]);
        let https = get(&["https_proxy", "HTTPS_PROXY"]).or(all);
        let http = if cgi { get(&["http_proxy"]) } else { get(&["http_proxy", "HTTP_PROXY"]) }.or(all);
        Proxies {
            https: https.map(Proxy::parse),
            http: http.map(Proxy::parse),
            not_for: NoProxy::parse(get(&["no_proxy", "NO_PROXY"]).unwrap_or_default()),
        }
    }

    /// The proxy for a request to this address on this route. Only what goes to the internet is ever
    /// sent through one.
    #[must_use]
    pub fn for_request(&self, uri: &Uri, route: &Route) -> Option<&Proxy> {
        if *route != Route::Internet {
            return None;
        }
        let https = uri.scheme_str() == Some("https");
        let proxy = if https { self.https.as_ref() } else { self.http.as_ref() }?;
        let host = uri.host().unwrap_or_default();
        let port = uri.port_u16().unwrap_or(if https { 443 } else { 80 });
        (!self.not_for.matches(host, port)).then_some(proxy)
    }
}

/// One proxy, which is asked for tunnels (`CONNECT`).
#[derive(Clone, PartialEq, Eq)]
pub struct Proxy {
    address: Option<Uri>,
    authorization: Option<String>,
}

impl Proxy {
    /// Reads `http://user:password@host:port`; the scheme may be left out. What cannot be read is kept
    /// as a proxy that cannot be used, so that nothing goes past it.
    #[must_use]
    pub fn parse(text: &str) -> Proxy {
        Proxy::try_parse(text).unwrap_or(Proxy { address: None, authorization: None })
    }

    fn try_parse(text: &str) -> Option<Proxy> {
        let (scheme, rest) = text.split_once("://").unwrap_or(("http", text));
        let scheme = scheme.to_ascii_lowercase();
        if !matches!(scheme.as_str(), "http" | "https") {
            return None;
        }
        let authority = rest.split(['/', '?', '#']).next()?;
        let (user, host) = match authority.rsplit_once('@') {
            Some((user, host)) => (Some(user), host),
            None => (None, authority),
        };
        let named: Uri = format!("{scheme}://{host}/").parse().ok()?;
        let port = named.port_u16().unwrap_or(if scheme == "https" { 443 } else { 80 });
        let address = format!("{scheme}://{}:{port}/", named.host()?).parse().ok()?;
        Some(Proxy { address: Some(address), authorization: user.map(basic) })
    }

    /// Where it is: `http` or `https`, host and port. `None` for one that cannot be used.
    #[must_use]
    pub fn address(&self) -> Option<&Uri> {
        self.address.as_ref()
    }

    /// The head of the request for a tunnel to this host and port.
    #[must_use]
    pub fn connect_head(&self, host: &str, port: u16) -> Secret {
        let mut head = format!("CONNECT {host}:{port} HTTP/1.1\r\nHost: {host}:{port}\r\n");
        if let Some(authorization) = &self.authorization {
            head.push_str(&format!("Proxy-Authorization: {authorization}\r\n"));
        }
        head.push_str("\r\n");
        Secret::new(head)
    }
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.address {
            Some(address) => write!(f, "Proxy({address})"),
            None => f.write_str("Proxy(unusable)"),
        }
    }
}

/// What a proxy answers to a request for a tunnel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TunnelAnswer {
    /// More has to be read.
    Incomplete,
    /// The tunnel is open.
    Open,
    /// There is no tunnel, or this is no proxy.
    Refused,
}

/// Reads the head of a proxy's answer (RFC 9110 section 9.3.6). Nothing may follow it before the
/// client speaks, so anything that does counts as a refusal.
#[must_use]
pub fn read_tunnel_answer(received: &[u8]) -> TunnelAnswer {
    const MOST: usize = 16 << 10;
    let Some(end) = received.windows(4).position(|window| window == b"\r\n\r\n") else {
        return if received.len() > MOST { TunnelAnswer::Refused } else { TunnelAnswer::Incomplete };
    };
    let status = received.strip_prefix(b"HTTP/1.1 ").or_else(|| received.strip_prefix(b"HTTP/1.0 "));
    let open = status.is_some_and(|rest| rest.starts_with(b"2") && rest.get(3) == Some(&b' '));
    if open && end + 4 == received.len() { TunnelAnswer::Open } else { TunnelAnswer::Refused }
}

/// `Basic` credentials of `user:password`, each percent-decoded (RFC 7617).
fn basic(user_info: &str) -> String {
    let (user, password) = user_info.split_once(':').unwrap_or((user_info, ""));
    let mut plain = percent_decode(user);
    plain.push(b':');
    plain.extend(percent_decode(password));
    format!("Basic {}", BASE64_STANDARD.encode(plain))
}

fn percent_decode(text: &str) -> Vec<u8> {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let hex = (bytes[at] == b'%').then(|| text.get(at + 1..at + 3)).flatten();
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => (decoded.push(byte), at += 3).0,
            None => (decoded.push(bytes[at]), at += 1).0,
        }
    }
    decoded
}

/// An address of a URI's host, brackets or not.
fn address_of(host: &str) -> Option<IpAddr> {
    host.trim_start_matches('[').trim_end_matches(']').parse().ok()
}

#[cfg(test)]
mod tests;
