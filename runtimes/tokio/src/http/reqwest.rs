//! The program's own reqwest client.

use std::fmt;
use std::io::{self, ErrorKind};

use entrada_core::effect::{HttpFailure, HttpRequest, HttpResponse, MAX_BODY};
use entrada_core::endpoint::Route;
use entrada_core::error::{Error, ErrorKind as Kind};
use entrada_core::secret::SecretBytes;
use entrada_host::tls::{self, causes};
use reqwest::redirect::Policy;
use reqwest::{Client, ClientBuilder};

use super::HyperHttp;
use crate::plugs::{Http, Limits};

/// HTTP by reqwest, with the proxies, the TLS and whatever else the program gives its clients.
///
/// It takes not a client but the way to make one, because a client's redirects cannot be turned off
/// afterwards, and a token request that is redirected takes its secret along. What goes to this
/// machine gets a client without proxies; certificates that are pinned stay with the built-in
/// transport. The limit for connecting is the client's own.
pub struct ReqwestHttp {
    internet: Client,
    local: Client,
    pinned: HyperHttp,
}

impl ReqwestHttp {
    /// A transport of the clients that `make` describes.
    ///
    /// # Errors
    /// `Configuration` when reqwest cannot make them.
    pub fn new(make: impl Fn() -> ClientBuilder, pinned: HyperHttp) -> Result<ReqwestHttp, Error> {
        let strict = |builder: ClientBuilder| {
            let builder = builder.redirect(Policy::none()).referer(false).retry(reqwest::retry::never());
            builder.build().map_err(|_| Error::new(Kind::Configuration, "the reqwest client cannot be made"))
        };
        Ok(ReqwestHttp { internet: strict(make())?, local: strict(make().no_proxy())?, pinned })
    }
}

impl Http for ReqwestHttp {
    async fn send(
        &self,
        request: HttpRequest,
        route: Route,
        limits: Limits,
    ) -> Result<HttpResponse, HttpFailure> {
        let client = match route {
            Route::Internet => &self.internet,
            Route::Local => &self.local,
            _ => return self.pinned.send(request, route, limits).await,
        };
        let (parts, body) = request.into_parts();
        let mut sending =
            client.request(parts.method, parts.uri.to_string()).headers(parts.headers).timeout(limits.whole);
        if !body.is_empty() {
            sending = sending.body(body.expose().to_vec());
        }
        let mut response = sending.send().await.map_err(|error| failure(&error))?;
        let mut answer = HttpResponse::new(SecretBytes::default());
        *answer.status_mut() = response.status();
        *answer.version_mut() = response.version();
        *answer.headers_mut() = std::mem::take(response.headers_mut());
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| failure(&error))? {
            if bytes.len() + chunk.len() > MAX_BODY {
                return Err(HttpFailure::TooLarge);
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(answer.map(|_| SecretBytes::new(bytes)))
    }
}

fn failure(error: &reqwest::Error) -> HttpFailure {
    if let Some(found) = tls::find(error) {
        return HttpFailure::Tls(tls::fault(found));
    }
    if error.is_timeout() {
        return if error.is_connect() { HttpFailure::ConnectTimedOut } else { HttpFailure::TimedOut };
    }
    if error.is_builder() {
        return HttpFailure::Unsupported;
    }
    if !error.is_connect() {
        return HttpFailure::Broken;
    }
    // What failed on the way is told by texts alone.
    let texts: Vec<String> = causes(error).map(ToString::to_string).collect();
    let says = |part: &str| texts.iter().any(|text| text.contains(part));
    if says("dns error") {
        return HttpFailure::Resolve;
    }
    if says("tunnel") || says("proxy") {
        return HttpFailure::Proxy;
    }
    let kinds = causes(error).filter_map(|cause| cause.downcast_ref::<io::Error>()).map(io::Error::kind);
    match kinds.last() {
        Some(ErrorKind::ConnectionRefused) => HttpFailure::Refused,
        Some(ErrorKind::TimedOut) => HttpFailure::ConnectTimedOut,
        Some(ErrorKind::ConnectionReset | ErrorKind::UnexpectedEof) => HttpFailure::Broken,
        _ => HttpFailure::Unreachable,
    }
}

impl fmt::Debug for ReqwestHttp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ReqwestHttp")
    }
}
