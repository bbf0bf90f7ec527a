//! Every implementation of HTTP behind one face, for the suite.

use std::time::Duration;

use entrada_core::effect::{HttpFailure, HttpRequest, HttpResponse};
use entrada_core::endpoint::Route;
use entrada_core::environment::Environment;
use entrada_host::proxy::Proxies;
use entrada_host::tls::Tls;
use entrada_tokio::{HyperHttp, ReqwestHttp};

/// Sends a request, with limits for connecting and for the whole exchange.
pub type Send =
    Box<dyn Fn(HttpRequest, Route, Duration, Duration) -> Result<HttpResponse, HttpFailure> + Sync>;

/// Makes an adapter for an environment.
pub type Make = fn(&Environment) -> Send;

fn tls(environment: &Environment) -> Tls {
    Tls::new(environment).expect("cryptography")
}

/// The transport of `entrada-blocking`.
#[must_use]
pub fn ureq(environment: &Environment) -> Send {
    use entrada_blocking::{Http, Limits, UreqHttp};
    let http = UreqHttp::new(tls(environment), Proxies::of(environment));
    Box::new(move |request, route, connect, whole| http.send(request, route, Limits { connect, whole }))
}

/// The transport of `entrada-tokio`.
#[must_use]
pub fn hyper(environment: &Environment) -> Send {
    on_tokio(built_in(environment))
}

/// A client of the program's own, in `entrada-tokio`.
#[must_use]
pub fn reqwest(environment: &Environment) -> Send {
    let trust = tls(environment).client_config().expect("certificates");
    let proxy = environment.get("HTTPS_PROXY").map(str::to_owned);
    let not_for = environment.get("NO_PROXY").map(str::to_owned).unwrap_or_default();
    let make = move || {
        let builder = ::reqwest::Client::builder().tls_backend_preconfigured((*trust).clone());
        match &proxy {
            None => builder.no_proxy(),
            Some(proxy) => {
                let proxy = ::reqwest::Proxy::all(proxy).expect("a proxy");
                builder.proxy(proxy.no_proxy(::reqwest::NoProxy::from_string(&not_for)))
            }
        }
    };
    on_tokio(ReqwestHttp::new(make, built_in(environment)).expect("a client"))
}

fn built_in(environment: &Environment) -> HyperHttp {
    HyperHttp::new(tls(environment), Proxies::of(environment))
}

/// One runtime of one thread for each adapter, so that connections can be kept.
fn on_tokio(http: impl entrada_tokio::Http + 'static) -> Send {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    Box::new(move |request, route, connect, whole| {
        runtime.block_on(http.send(request, route, entrada_tokio::Limits { connect, whole }))
    })
}
