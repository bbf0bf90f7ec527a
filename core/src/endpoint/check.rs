//! What an address may look like.

use std::borrow::Cow;

use url::{Host, Url};

use crate::error::{Error, ErrorKind};

/// The URL that a text is, if its host is written in ASCII and without percent signs. Other hosts do not
/// reach the parser: one of the two Unicode parts that `url` may be built with accepts them, the other stops
/// a debug build at some.
pub(crate) fn read(text: &str) -> Option<Url> {
    let rest = text.split_once(':').map_or(text, |(_, rest)| rest).trim_start_matches(['/', '\\']);
    let host = rest.split(['/', '\\', '?', '#']).next().unwrap_or_default();
    let legible = host.is_ascii() && !host.contains('%') && !text.contains(char::is_control);
    legible.then(|| Url::parse(text).ok()).flatten()
}

/// The address with `https://` before it, where it has no scheme.
pub(super) fn with_scheme(address: &str) -> Result<Cow<'_, str>, Error> {
    if address.contains("://") || address.is_empty() {
        return Ok(address.into());
    }
    // `https:/host` would become a host of the name `https`.
    let scheme = address.split_once(':').map_or("", |(scheme, _)| scheme);
    if ["http", "https"].iter().any(|known| scheme.eq_ignore_ascii_case(known)) {
        let what = "an address cannot be used: its scheme is not followed by two slashes";
        return Err(Error::new(ErrorKind::Configuration, what).with_remedy("use an https:// address"));
    }
    Ok(format!("https://{address}").into())
}

/// The parts of the check that every address has to pass.
pub(super) fn parse(text: &str) -> Result<Url, Error> {
    let bad = |why: &str| {
        Error::new(ErrorKind::Configuration, format!("an address cannot be used: {why}"))
            .with_remedy("give it as in https://login.example")
    };
    // `Url` quietly drops tabs and line ends and turns a backslash into a slash; an address that has
    // one is a mistake or a trick.
    if text.is_empty() || text.contains(|c: char| c.is_control() || c.is_whitespace() || c == '\\') {
        return Err(bad("it is empty or has blanks, control characters or backslashes"));
    }
    let url = read(text).ok_or_else(|| bad("it is not a URL, or its host is not in ASCII"))?;
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
        .with_remedy("give scheme, host and path alone, as in https://login.example")
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

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn hosts_are_written_in_ascii() {
        for bad in [
            "https://LOGIN.\u{e9}.example/",
            "https://A%C3%A9/",
            "https:A\u{e9}",
            "https:\\\\A\u{e9}\\x",
            "https:////A\u{ff0e}com?x",
            "https://u:p@A\u{e9}#x",
            "https:/\t/A%C3%A9",
            "https://a\n.example",
        ] {
            assert_eq!(read(bad), None, "{bad:?}");
        }
        for good in ["https://LOGIN.example/\u{e9}%20?x=%C3%A9#\u{e9}", "http://[::1]:80", "urn:x"] {
            assert!(read(good).is_some(), "{good}");
        }
    }
}
