//! `NO_PROXY`.

use std::net::IpAddr;

use super::address_of;

/// The hosts that no proxy stands before, as curl reads them: names with everything below them
/// (with or without a leading dot), addresses, blocks of addresses (`10.0.0.0/8`), each with a port
/// if only that port is meant, or `*` for everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NoProxy(Vec<Rule>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Rule {
    what: What,
    port: Option<u16>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum What {
    Everything,
    Address(IpAddr),
    Block(IpAddr, u8),
    Name(String),
}

impl NoProxy {
    /// Reads the list; commas or blanks stand between. What makes no sense matches nothing.
    #[must_use]
    pub fn parse(text: &str) -> NoProxy {
        let parts = text.split([',', ' ', '\t']).filter(|part| !part.is_empty());
        NoProxy(parts.filter_map(rule).collect())
    }

    /// Whether this host and port go direct.
    #[must_use]
    pub fn matches(&self, host: &str, port: u16) -> bool {
        let address = address_of(host);
        let name = host.trim_end_matches('.').to_ascii_lowercase();
        self.0.iter().any(|rule| {
            rule.port.is_none_or(|wanted| wanted == port)
                && match &rule.what {
                    What::Everything => true,
                    What::Address(wanted) => address == Some(*wanted),
                    What::Block(block, length) => {
                        address.is_some_and(|address| in_block(address, *block, *length))
                    }
                    What::Name(wanted) => {
                        address.is_none()
                            && name
                                .strip_suffix(wanted.as_str())
                                .is_some_and(|before| before.is_empty() || before.ends_with('.'))
                    }
                }
        })
    }
}

fn rule(text: &str) -> Option<Rule> {
    if text == "*" {
        return Some(Rule { what: What::Everything, port: None });
    }
    if let Some((block, length)) = text.split_once('/') {
        let block = address_of(block)?;
        let most = if block.is_ipv4() { 32 } else { 128 };
        let length = length.parse().ok().filter(|length| *length <= most)?;
        return Some(Rule { what: What::Block(block, length), port: None });
    }
    if let Some(address) = address_of(text) {
        return Some(Rule { what: What::Address(address), port: None });
    }
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) => (host, Some(port.parse().ok()?)),
        None => (text, None),
    };
    let what = match address_of(host) {
        Some(address) => What::Address(address),
        None => {
            let name = host.trim_start_matches('*').trim_matches('.').to_ascii_lowercase();
            What::Name(Some(name).filter(|name| !name.is_empty())?)
        }
    };
    Some(Rule { what, port })
}

fn in_block(address: IpAddr, block: IpAddr, length: u8) -> bool {
    match (address, block) {
        (IpAddr::V4(address), IpAddr::V4(block)) => {
            let mask = u32::MAX.checked_shl(32 - u32::from(length)).unwrap_or(0);
            u32::from(address) & mask == u32::from(block) & mask
        }
        (IpAddr::V6(address), IpAddr::V6(block)) => {
            let mask = u128::MAX.checked_shl(128 - u32::from(length)).unwrap_or(0);
            u128::from(address) & mask == u128::from(block) & mask
        }
        _ => false,
    }
}
