//! Connections that wait for their next request.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use entrada_core::endpoint::Route;
use http::Uri;

use super::exchange::Connection;

/// How long a connection is kept without use: less than servers and middle boxes commonly do.
const KEEP: Duration = Duration::from_secs(15);

/// How many are kept of one kind.
const MOST: usize = 4;

/// What a connection is good for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Key {
    pub(super) https: bool,
    pub(super) host: String,
    pub(super) port: u16,
    route: Route,
}

impl Key {
    pub(super) fn of(uri: &Uri, route: Route) -> Key {
        let https = uri.scheme_str() == Some("https");
        Key {
            https,
            host: uri.host().unwrap_or_default().to_ascii_lowercase(),
            port: uri.port_u16().unwrap_or(if https { 443 } else { 80 }),
            route,
        }
    }

    pub(super) fn route(&self) -> &Route {
        &self.route
    }

    /// The name that the server has to prove.
    pub(super) fn server_name(&self) -> &str {
        match &self.route {
            Route::Private(trust) => trust.server_name.as_deref().unwrap_or(self.bare_host()),
            _ => self.bare_host(),
        }
    }

    /// The host as an address or a name, without brackets.
    pub(super) fn bare_host(&self) -> &str {
        self.host.trim_start_matches('[').trim_end_matches(']')
    }
}

/// The connections that wait, the youngest last.
#[derive(Default)]
pub(super) struct Pool(Mutex<Idle>);

/// Connections by what they are good for, with the time of their last use.
type Idle = HashMap<Key, Vec<(Instant, Box<Connection>)>>;

impl Pool {
    /// The connection of this kind that was used last, if one is still open.
    pub(super) fn take(&self, key: &Key) -> Option<Box<Connection>> {
        let mut idle = self.lock();
        let (since, connection) = idle.get_mut(key)?.pop()?;
        if since.elapsed() < KEEP {
            return Some(connection);
        }
        idle.remove(key);
        None
    }

    /// Keeps a connection, if there is one to keep.
    pub(super) fn keep(&self, key: Key, connection: Option<Box<Connection>>) {
        let mut idle = self.lock();
        idle.retain(|_, kept| {
            kept.retain(|(since, _)| since.elapsed() < KEEP);
            !kept.is_empty()
        });
        if let Some(connection) = connection {
            let kept = idle.entry(key).or_default();
            if kept.len() < MOST {
                kept.push((Instant::now(), connection));
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Idle> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
