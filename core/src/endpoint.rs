//! Addresses that a credential may be sent to.
//!
//! An [`Endpoint`] can only be made from what the caller configured, and a request only from an
//! [`Endpoint`]: so a secret cannot go anywhere else, whatever a server answers. What a server says
//! becomes one in two cases: a link that stays at the same service ([`Endpoint::follow`]), and an
//! address at a host that the caller trusts by name ([`Endpoint::trusted`]).

mod check;
#[cfg(test)]
mod tests;
mod trusted;

use std::fmt;
use std::sync::{Arc, OnceLock};

use http::Uri;
use url::Url;

use self::check::{is_link_local, is_loopback, is_named_loopback, parse, refused, with_scheme};
use crate::environment::Environment;
use crate::error::{Error, ErrorKind};

pub(crate) use self::check::read;
pub use self::trusted::TrustedHosts;

/// What the transport has to guarantee.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Route {
    /// TLS with a certificate that the platform trusts. A proxy may stand between.
    Internet,
    /// This machine or its host: never through a proxy.
    Local,
    /// TLS with exactly the certificate of this SHA-1 fingerprint and no other trust; never through
    /// a proxy. Service Fabric's local endpoint is of this kind.
    Pinned([u8; 20]),
    /// TLS by a trust of its own; never through a proxy. The token proxy of a Kubernetes cluster is of
    /// this kind.
    Private(Arc<PrivateTrust>),
}

/// Whom a connection trusts that does not go by the platform's certificates.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct PrivateTrust {
    /// The certificates that are trusted and no others, in PEM; those of the platform where there are
    /// none.
    pub roots: Option<Vec<u8>>,
    /// The name that the server is asked for and has to prove, where it is not that of its address.
    pub server_name: Option<String>,
}

impl fmt::Debug for PrivateTrust {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let roots = self.roots.as_ref().map(|pem| format!("{} bytes of PEM", pem.len()));
        f.debug_struct("PrivateTrust").field("roots", &roots).field("server_name", &self.server_name).finish()
    }
}

/// Whether an address may be `http://` on the loopback interface, for emulators and tests. Nowhere
/// else is it ever accepted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PlainHttp {
    /// `https://` only.
    #[default]
    Refused,
    /// The caller opted in to `http://127.0.0.1`, `http://[::1]` and `http://localhost`.
    OnLoopback,
}

impl PlainHttp {
    /// What `ENTRADA_ALLOW_HTTP_LOOPBACK` (`1` or `true`) opts in to.
    #[must_use]
    pub fn from_environment(environment: &Environment) -> PlainHttp {
        match environment.get("ENTRADA_ALLOW_HTTP_LOOPBACK") {
            Some("1" | "true") => PlainHttp::OnLoopback,
            _ => PlainHttp::Refused,
        }
    }
}

/// An address that the caller configured, checked. Clones share it.
#[derive(Clone)]
pub struct Endpoint(Arc<Place>);

struct Place {
    url: Url,
    route: Route,
    /// The address as requests have it, read when the first is made.
    uri: OnceLock<Option<Uri>>,
}

impl Endpoint {
    fn of(url: Url, route: Route) -> Endpoint {
        Endpoint(Arc::new(Place { url, route, uri: OnceLock::new() }))
    }

    /// Another address of the same guarantee.
    fn altered(&self, alter: impl FnOnce(&mut Url)) -> Endpoint {
        let mut url = self.0.url.clone();
        alter(&mut url);
        Endpoint::of(url, self.0.route.clone())
    }

    /// An authority or a service: `https://`, without user info, query or fragment. The scheme may be
    /// left out.
    ///
    /// # Errors
    /// `Configuration`, saying which rule the address breaks.
    pub fn authority(address: &str, http: PlainHttp) -> Result<Endpoint, Error> {
        let url = parse(&with_scheme(address.trim())?)?;
        let loopback = is_loopback(&url);
        match (url.scheme(), loopback, http) {
            ("https", _, _) => {}
            ("http", true, PlainHttp::OnLoopback) if is_named_loopback(&url) => {}
            ("http", true, PlainHttp::Refused) => {
                return Err(refused(&url, "it is not https")
                    .with_remedy("plain http is accepted for this machine alone, and only where it is allowed (ENTRADA_ALLOW_HTTP_LOOPBACK=1)"));
            }
            _ => return Err(refused(&url, "it is not https").with_remedy("use an https:// address")),
        }
        if url.query().is_some() {
            return Err(refused(&url, "it has a query"));
        }
        let route = if loopback { Route::Local } else { Route::Internet };
        Ok(Endpoint::of(url, route))
    }

    /// The endpoint of a managed identity: `http://` or `https://` on this machine (loopback) or its
    /// host (link-local). A query is kept.
    ///
    /// # Errors
    /// `Configuration`, saying which rule the address breaks.
    pub fn local(address: &str) -> Result<Endpoint, Error> {
        const FORM: &str = "give it as in http://127.0.0.1:40342/token, on the machine itself";
        let url = parse(address.trim()).map_err(|error| error.with_remedy(FORM))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(refused(&url, "it is neither http nor https").with_remedy(FORM));
        }
        if !is_loopback(&url) && !is_link_local(&url) {
            return Err(refused(&url, "its host is neither this machine nor a link-local address")
                .with_remedy(
                    "managed identity endpoints answer on the machine itself; nothing is sent elsewhere",
                ));
        }
        Ok(Endpoint::of(url, Route::Local))
    }

    /// The address below this one: each segment is percent-encoded and becomes one step of the path. The
    /// segments `.` and `..` are dropped, so that nothing leads out of the path of this address.
    #[must_use]
    pub fn join<S: AsRef<str>>(&self, segments: impl IntoIterator<Item = S>) -> Endpoint {
        // `Url` drops these after it has looked for `..`, which could then be a step upwards.
        let plain = |segment: S| segment.as_ref().replace(['\t', '\n', '\r'], "");
        self.altered(|url| {
            if let Ok(mut path) = url.path_segments_mut() {
                path.pop_if_empty().extend(segments.into_iter().map(plain));
            }
        })
    }

    /// As [`Endpoint::join`], for steps that are percent-encoded already.
    pub(crate) fn join_encoded<'a>(&self, steps: impl Iterator<Item = &'a str>) -> Endpoint {
        let mut path = self.url().path().trim_end_matches('/').to_owned();
        for step in steps {
            path.push('/');
            path.push_str(step);
        }
        self.altered(|url| url.set_path(&path))
    }

    /// The same address with these added to its query, each percent-encoded.
    #[must_use]
    pub fn with_query<'a>(&self, pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Endpoint {
        let own = self.url().query().map(str::to_owned);
        // A blank is `%20` to everybody, and `+` to those who read it as a form: a service that takes
        // OData filters may not.
        let pairs = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        let pairs = pairs.replace('+', "%20");
        let query = [own, Some(pairs)].into_iter().flatten().filter(|part| !part.is_empty());
        let query: Vec<_> = query.collect();
        self.altered(|url| url.set_query(Some(&query.join("&"))))
    }

    /// A link that the service behind this endpoint gave (`nextLink`), taken as it stands, if it
    /// leads to that very service: the same scheme, host and port, and no user info.
    ///
    /// # Errors
    /// `Malformed` when the link leads elsewhere. Nothing may be sent there.
    pub fn follow(&self, link: &str) -> Result<Endpoint, Error> {
        let elsewhere = || {
            Error::new(
                ErrorKind::Malformed,
                format!("{} gave a link to another place; it was not followed", self.host()),
            )
        };
        let mut url = read(link).ok_or_else(elsewhere)?;
        url.set_fragment(None);
        let plain = url.username().is_empty() && url.password().is_none();
        if plain && url.origin() == self.url().origin() && url.origin().is_tuple() {
            Ok(Endpoint::of(url, self.route().clone()))
        } else {
            Err(elsewhere())
        }
    }

    /// The same address at another host, of which the caller is sure.
    pub(crate) fn at_host(&self, host: &str) -> Option<Endpoint> {
        let mut url = self.url().clone();
        url.set_host(Some(host)).ok()?;
        Some(Endpoint::of(url, self.route().clone()))
    }

    /// The same address with another guarantee of the transport.
    #[must_use]
    pub fn routed(self, route: Route) -> Endpoint {
        Endpoint::of(self.url().clone(), route)
    }

    /// The address.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.0.url
    }

    /// What the transport has to guarantee.
    #[must_use]
    pub fn route(&self) -> &Route {
        &self.0.route
    }

    /// The host, without a port.
    #[must_use]
    pub fn host(&self) -> &str {
        self.url().host_str().unwrap_or_default()
    }

    /// Whether this is the machine itself.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        is_loopback(self.url())
    }

    /// The address as a request has it, if one can.
    pub(crate) fn uri(&self) -> Option<&Uri> {
        self.0.uri.get_or_init(|| self.url().as_str().parse().ok()).as_ref()
    }
}

impl PartialEq for Endpoint {
    fn eq(&self, other: &Endpoint) -> bool {
        self.url() == other.url() && self.route() == other.route()
    }
}

impl Eq for Endpoint {}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Endpoint({} via {:?})", self.url(), self.route())
    }
}
