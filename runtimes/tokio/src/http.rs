//! The built-in transport: hyper over connections of our own making.

mod connect;
mod exchange;
mod pool;
#[cfg(feature = "reqwest")]
mod reqwest;

use std::fmt;

use entrada_core::effect::{HttpFailure, HttpRequest, HttpResponse};
use entrada_core::endpoint::Route;
use entrada_host::proxy::Proxies;
use entrada_host::tls::Tls;
use tokio::time::{Instant, timeout_at};

#[cfg(feature = "reqwest")]
pub use self::reqwest::ReqwestHttp;

use crate::plugs::{Http, Limits};
use connect::Line;
use exchange::{Outcome, wire};
use pool::{Key, Pool};

/// HTTP/1.1 by hyper. Connections are kept for a while and shared; certificates are read when the
/// first https request is made.
pub struct HyperHttp {
    line: Line,
    pool: Pool,
}

impl HyperHttp {
    /// A transport with this trust and these proxies.
    #[must_use]
    pub fn new(tls: Tls, proxies: Proxies) -> HyperHttp {
        HyperHttp { line: Line::new(tls, proxies), pool: Pool::default() }
    }

    async fn exchange(
        &self,
        request: HttpRequest,
        route: Route,
        connect_by: Instant,
    ) -> Result<HttpResponse, HttpFailure> {
        let key = Key::of(request.uri(), route);
        let mut request = wire(request)?;
        while let Some(idle) = self.pool.take(&key) {
            if !idle.is_quiet() {
                continue;
            }
            match idle.exchange(request).await {
                Outcome::Answered(response, again) => {
                    self.pool.keep(key, again);
                    return Ok(response);
                }
                // It had died in its sleep, before it took anything.
                Outcome::Untouched(back) => request = *back,
                Outcome::Failed(failure) => return Err(failure),
            }
        }
        let fresh = timeout_at(connect_by, self.line.connect(&key)).await;
        match fresh.unwrap_or(Err(HttpFailure::ConnectTimedOut))?.exchange(request).await {
            Outcome::Answered(response, again) => {
                self.pool.keep(key, again);
                Ok(response)
            }
            Outcome::Untouched(_) => Err(HttpFailure::Broken),
            Outcome::Failed(failure) => Err(failure),
        }
    }
}

impl Http for HyperHttp {
    async fn send(
        &self,
        request: HttpRequest,
        route: Route,
        limits: Limits,
    ) -> Result<HttpResponse, HttpFailure> {
        let began = Instant::now();
        let connect_by = began + limits.connect.min(limits.whole);
        let exchanged = timeout_at(began + limits.whole, self.exchange(request, route, connect_by)).await;
        exchanged.unwrap_or(Err(HttpFailure::TimedOut))
    }
}

impl fmt::Debug for HyperHttp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HyperHttp").field("line", &self.line).finish_non_exhaustive()
    }
}
