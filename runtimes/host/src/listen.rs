//! The listeners of a sign-in on this machine.

use std::io::ErrorKind;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};

use entrada_core::effect::{LoopbackFailure, LoopbackHosts};

/// How often a port that is free on one address may turn out to be taken on the other.
const TRIES: u32 = 16;

/// The most connections that a listener should keep open at once.
pub const MAX_CONNECTIONS: usize = 64;

/// Listeners on the addresses asked for, all on one port, with that port. They do not block.
///
/// # Errors
/// `PortTaken` when the port, or every port that was tried, is in use; `Broken` when the machine has
/// no such address.
pub fn bind(port: Option<u16>, hosts: LoopbackHosts) -> Result<(Vec<TcpListener>, u16), LoopbackFailure> {
    let v4 = |port| listen(SocketAddr::from((Ipv4Addr::LOCALHOST, port)));
    let v6 = |port| listen(SocketAddr::from((Ipv6Addr::LOCALHOST, port)));
    let first = match hosts {
        LoopbackHosts::V6 => v6,
        _ => v4,
    };
    for _ in 0..TRIES {
        let one = first(port.unwrap_or(0)).map_err(failure)?;
        let got = one.local_addr().map_err(|_| LoopbackFailure::Broken)?.port();
        if hosts != LoopbackHosts::Both {
            return Ok((vec![one], got));
        }
        match v6(got) {
            Ok(two) => return Ok((vec![one, two], got)),
            Err(ErrorKind::AddrInUse) if port.is_none() => {}
            Err(ErrorKind::AddrInUse) => return Err(LoopbackFailure::PortTaken),
            // A machine without IPv6.
            Err(_) => return Ok((vec![one], got)),
        }
    }
    Err(LoopbackFailure::PortTaken)
}

fn listen(address: SocketAddr) -> Result<TcpListener, ErrorKind> {
    let listener = TcpListener::bind(address).map_err(|error| error.kind())?;
    listener.set_nonblocking(true).map_err(|error| error.kind())?;
    Ok(listener)
}

fn failure(kind: ErrorKind) -> LoopbackFailure {
    match kind {
        ErrorKind::AddrInUse | ErrorKind::PermissionDenied => LoopbackFailure::PortTaken,
        _ => LoopbackFailure::Broken,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_addresses_have_the_same_port() {
        let (listeners, port) = bind(None, LoopbackHosts::Both).unwrap();
        for listener in &listeners {
            assert_eq!(listener.local_addr().unwrap().port(), port);
        }
        assert_eq!(bind(Some(port), LoopbackHosts::Both).unwrap_err(), LoopbackFailure::PortTaken);
        assert_eq!(bind(Some(port), LoopbackHosts::V4).unwrap_err(), LoopbackFailure::PortTaken);
        drop(listeners);
        assert_eq!(bind(Some(port), LoopbackHosts::V4).unwrap().1, port);
    }

    #[test]
    fn a_port_taken_on_one_address_is_taken() {
        let Ok(taken) = TcpListener::bind((Ipv6Addr::LOCALHOST, 0)) else { return };
        let port = taken.local_addr().unwrap().port();
        assert_eq!(bind(Some(port), LoopbackHosts::Both).unwrap_err(), LoopbackFailure::PortTaken);
        assert!(bind(None, LoopbackHosts::Both).is_ok());
    }
}
