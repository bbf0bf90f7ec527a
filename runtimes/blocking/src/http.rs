//! The built-in transport: ureq, with connections of our own making.

mod connect;
mod fault;
mod names;
mod tls;

use std::collections::HashMap;
use std::fmt;
use std::io::Read;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use entrada_core::effect::{HttpFailure, HttpRequest, HttpResponse, MAX_BODY};
use entrada_core::endpoint::{PrivateTrust, Route};
use entrada_core::secret::SecretBytes;
use entrada_host::proxy::Proxies;
use entrada_host::tls::Tls;
use ureq::config::AutoHeaderValue;
use ureq::{Agent, AsSendBody, Body};

use crate::plugs::{Http, Limits};
use connect::{Line, Trust};
use names::Names;

/// HTTP/1.1 by ureq. Connections are kept for a while and shared; certificates are read when the first
/// https request is made.
pub struct UreqHttp {
    tls: Arc<Tls>,
    proxies: Arc<Proxies>,
    internet: OnceLock<Agent>,
    local: OnceLock<Agent>,
    pinned: Mutex<HashMap<[u8; 20], Agent>>,
    /// The private trust that was used last: an older one was renewed.
    private: Mutex<Option<(Arc<PrivateTrust>, Agent)>>,
}

impl UreqHttp {
    /// A transport with this trust and these proxies.
    #[must_use]
    pub fn new(tls: Tls, proxies: Proxies) -> UreqHttp {
        UreqHttp {
            tls: Arc::new(tls),
            proxies: Arc::new(proxies),
            internet: OnceLock::new(),
            local: OnceLock::new(),
            pinned: Mutex::default(),
            private: Mutex::default(),
        }
    }

    fn agent(&self, route: Route) -> Agent {
        let direct = || Arc::new(Proxies::none());
        let public = || Trust::Public(self.tls.clone());
        match route {
            Route::Internet => self.internet.get_or_init(|| agent(public(), self.proxies.clone())).clone(),
            Route::Pinned(pin) => {
                let mut pinned = self.pinned.lock().unwrap_or_else(PoisonError::into_inner);
                let make = || agent(Trust::Pinned(self.tls.clone(), pin, OnceLock::new()), direct());
                pinned.entry(pin).or_insert_with(make).clone()
            }
            Route::Private(trust) => {
                let mut private = self.private.lock().unwrap_or_else(PoisonError::into_inner);
                if let Some((_, agent)) = private.as_ref().filter(|(known, _)| *known == trust) {
                    return agent.clone();
                }
                let made = agent(Trust::Private(self.tls.clone(), trust.clone(), OnceLock::new()), direct());
                *private = Some((trust, made.clone()));
                made
            }
            _ => self.local.get_or_init(|| agent(public(), direct())).clone(),
        }
    }
}

impl Http for UreqHttp {
    fn send(&self, request: HttpRequest, route: Route, limits: Limits) -> Result<HttpResponse, HttpFailure> {
        let agent = self.agent(route);
        let (parts, body) = request.into_parts();
        let bare = body.is_empty() && matches!(parts.method.as_str(), "GET" | "HEAD" | "DELETE");
        let result = if bare {
            exchange(&agent, http::Request::from_parts(parts, ()), limits)
        } else {
            exchange(&agent, http::Request::from_parts(parts, body.expose()), limits)
        };
        result.map_err(fault::failure)?
    }
}

fn exchange<B: AsSendBody>(
    agent: &Agent,
    request: http::Request<B>,
    limits: Limits,
) -> Result<Result<HttpResponse, HttpFailure>, ureq::Error> {
    let connect = limits.connect.min(limits.whole);
    let request = agent
        .configure_request(request)
        .timeout_resolve(Some(connect))
        .timeout_connect(Some(connect))
        .timeout_global(Some(limits.whole))
        .build();
    let (parts, body) = agent.run(request)?.into_parts();
    let Some(bytes) = read(body)? else { return Ok(Err(HttpFailure::TooLarge)) };
    let mut response = HttpResponse::new(SecretBytes::new(bytes));
    *response.status_mut() = parts.status;
    *response.version_mut() = parts.version;
    *response.headers_mut() = parts.headers;
    Ok(Ok(response))
}

/// The body, unless there is too much of it.
fn read(body: Body) -> Result<Option<Vec<u8>>, ureq::Error> {
    let mut bytes = Vec::new();
    body.into_reader().take(MAX_BODY as u64 + 1).read_to_end(&mut bytes)?;
    Ok((bytes.len() <= MAX_BODY).then_some(bytes))
}

fn agent(trust: Trust, proxies: Arc<Proxies>) -> Agent {
    let config = Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .user_agent(AutoHeaderValue::None)
        .accept(AutoHeaderValue::None)
        .accept_encoding(AutoHeaderValue::None)
        // Ours are decided request by request.
        .proxy(None)
        .build();
    Agent::with_parts(config, Line::new(trust, proxies.clone()), Names::new(proxies))
}

impl fmt::Debug for UreqHttp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UreqHttp").field("proxies", &self.proxies).finish_non_exhaustive()
    }
}
