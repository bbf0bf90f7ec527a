//! Who is trusted, and who is not.

use std::sync::Arc;

use entrada_core::effect::{HttpFailure, TlsFault};
use entrada_core::endpoint::{PrivateTrust, Route};
use entrada_core::environment::Environment;

use super::{patient, post};
use crate::adapters::{Make, Send};
use crate::pki::{Authority, Identity};
use crate::scratch::Scratch;
use crate::servers::{Server, response};

/// An adapter that trusts this authority.
fn trusting(make: Make, authority: &Authority, scratch: &Scratch) -> Send {
    let file = scratch.put("ca.pem", authority.pem());
    make(&Environment::new().with("SSL_CERT_FILE", file.to_string_lossy()))
}

fn serving(identity: &Identity) -> Server {
    Server::saying_securely(response(200, &[], b"secured"), identity.server())
}

fn asked(send: &Send, server: &Server, host: &str, route: &Route) -> Result<Vec<u8>, HttpFailure> {
    let request = post(&format!("https://{host}:{}/", server.port()), "client_secret=canary");
    patient(send, request, route.clone()).map(|response| response.body().expose().to_vec())
}

/// The authority that `SSL_CERT_FILE` names is trusted, for the names it vouches for.
///
/// # Panics
/// When the adapter does otherwise.
pub fn named_authority(make: Make) {
    let (authority, scratch) = (Authority::new(), Scratch::new());
    let send = trusting(make, &authority, &scratch);
    let server = serving(&authority.issue(&["127.0.0.1", "localhost"]));
    for route in &[Route::Internet, Route::Local] {
        assert_eq!(asked(&send, &server, "127.0.0.1", route).unwrap(), b"secured");
        assert_eq!(asked(&send, &server, "localhost", route).unwrap(), b"secured");
    }
}

/// Unknown issuers, wrong names and dead certificates are refused as such, and hear nothing.
///
/// # Panics
/// When the adapter does otherwise.
pub fn strangers(make: Make) {
    let (authority, scratch) = (Authority::new(), Scratch::new());
    let send = trusting(make, &authority, &scratch);
    for (identity, fault) in [
        (Authority::new().issue(&["127.0.0.1"]), TlsFault::UnknownIssuer),
        (authority.issue(&["login.example", "127.0.0.2"]), TlsFault::WrongName),
        (authority.issue_until(&["127.0.0.1"], 2020), TlsFault::Expired),
    ] {
        let server = serving(&identity);
        for route in &[Route::Internet, Route::Local] {
            assert_eq!(asked(&send, &server, "127.0.0.1", route).unwrap_err(), HttpFailure::Tls(fault));
        }
        assert!(server.heard().is_empty());
    }
    // Without a named authority the platform's stand, and ours is not among them.
    let server = serving(&authority.issue(&["127.0.0.1"]));
    if let Ok(send) = std::panic::catch_unwind(|| make(&Environment::new())) {
        let failure = asked(&send, &server, "127.0.0.1", &Route::Local).unwrap_err();
        assert!(matches!(failure, HttpFailure::Tls(_)), "{failure:?}");
        assert!(server.heard().is_empty());
    }
}

/// A pin trusts its certificate, whatever else is wrong with it, and no other, however good.
///
/// # Panics
/// When the adapter does otherwise.
pub fn pins(make: Make) {
    let (authority, scratch) = (Authority::new(), Scratch::new());
    let send = trusting(make, &authority, &scratch);
    let odd = Authority::new().issue_until(&["service-fabric.internal"], 2020);
    let good = authority.issue(&["127.0.0.1"]);
    let (odd_server, good_server) = (serving(&odd), serving(&good));
    let pinned = Route::Pinned(odd.fingerprint());
    assert_eq!(asked(&send, &odd_server, "127.0.0.1", &pinned).unwrap(), b"secured");
    let refused = asked(&send, &good_server, "127.0.0.1", &pinned).unwrap_err();
    assert_eq!(refused, HttpFailure::Tls(TlsFault::WrongPin));
    assert!(good_server.heard().is_empty());
    // The other way round, and that the pin has not spread to other routes.
    assert_eq!(
        asked(&send, &good_server, "127.0.0.1", &Route::Pinned(good.fingerprint())).unwrap(),
        b"secured"
    );
    assert!(asked(&send, &odd_server, "127.0.0.1", &Route::Local).is_err());
}

/// A private trust counts for its own connections and for no others: its roots and no others, the name
/// it asks for instead of the address, and a renewed one from the next request on.
///
/// # Panics
/// When the adapter does otherwise.
pub fn private_trust(make: Make) {
    let (authority, other, scratch) = (Authority::new(), Authority::new(), Scratch::new());
    let send = trusting(make, &other, &scratch);
    let server = serving(&authority.issue(&["token-proxy.cluster.internal"]));
    let route = |authority: &Authority, name: Option<&str>| {
        Route::Private(Arc::new(PrivateTrust {
            roots: Some(authority.pem().into_bytes()),
            server_name: name.map(str::to_owned),
        }))
    };
    let name = Some("token-proxy.cluster.internal");
    assert_eq!(asked(&send, &server, "127.0.0.1", &route(&authority, name)).unwrap(), b"secured");
    let heard = server.heard().len();
    for (route, fault) in [
        (route(&other, name), TlsFault::UnknownIssuer),
        (route(&authority, None), TlsFault::WrongName),
        (route(&authority, Some("other.cluster.internal")), TlsFault::WrongName),
        (
            Route::Private(Arc::new(PrivateTrust { roots: None, server_name: name.map(str::to_owned) })),
            TlsFault::UnknownIssuer,
        ),
        (
            Route::Private(Arc::new(PrivateTrust { roots: Some(Vec::new()), server_name: None })),
            TlsFault::UnknownIssuer,
        ),
        (Route::Local, TlsFault::UnknownIssuer),
    ] {
        assert_eq!(
            asked(&send, &server, "127.0.0.1", &route).unwrap_err(),
            HttpFailure::Tls(fault),
            "{route:?}"
        );
    }
    assert_eq!(server.heard().len(), heard);
    // Those of the platform, for another name.
    let platform =
        Route::Private(Arc::new(PrivateTrust { roots: None, server_name: Some("a.example".into()) }));
    let server = serving(&other.issue(&["a.example"]));
    assert_eq!(asked(&send, &server, "127.0.0.1", &platform).unwrap(), b"secured");
}
