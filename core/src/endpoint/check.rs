//! What an address may look like.

use url::{Host, Url};

use crate::error::{Error, ErrorKind};

/// The parts of the check that every address has to pass.
pub(super) fn parse(text: &str) -> Result<Url, Error> {
    let bad = |why: &str| Error::new(ErrorKind::Configuration, format!("an address cannot be used: {why}"));
    // `Url` quietly drops tabs and line ends and turns a backslash into a slash; an address that has
    // one is a mistake or a trick.
    if text.is_empty() || text.contains(|c: char| c.is_control() || c.is_whitespace() || c == '\\') {
        return Err(bad("it is empty or has blanks, control characters or backslashes"));
    }
    let url = Url::parse(text).map_err(|_| bad("it is not a URL"))?;
    if url.host().is_none() {
        return Err(bad("it names no host"));
    }
    // `Url` lets through what no other parser, and no resolver, takes for a host.
    if let Some(Host::Domain(name)) = url.host()
        && !name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_'))
    {
        return Err(bad("its host has characters that none has"));
    }
    if !url.username().is_empty() || url.password().is_some() || text.contains('@') {
        return Err(bad("it holds a user name or a password"));
    }
    if url.fragment().is_some() {
        return Err(refused(&url, "it has a fragment"));
    }
    Ok(url)
}

pub(super) fn refused(url: &Url, why: &str) -> Error {
    let host = url.host_str().unwrap_or_default();
    Error::new(ErrorKind::Configuration, format!("the address {}://{host} is refused: {why}", url.scheme()))
}

pub(super) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

/// The three names that plain http may be spoken to.
pub(super) fn is_named_loopback(url: &Url) -> bool {
    matches!(url.host_str(), Some("127.0.0.1" | "[::1]" | "localhost"))
}

pub(super) fn is_link_local(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_link_local(),
        Some(Host::Ipv6(address)) => address.is_unicast_link_local(),
        _ => false,
    }
}
