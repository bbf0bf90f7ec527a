//! An authority that answers when it is let, and credentials of both drivers that share one cache.

use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;

use entrada_core::effect::{HttpFailure, HttpRequest, HttpResponse};
use entrada_core::{ClientSecretCredential, Mono, Now, SharedCache, Unix};
use tokio::sync::Semaphore;

const BEGIN: i64 = 1_800_000_000;

/// An authority that answers when it is let: `open` requests, each in turn.
pub(super) struct Authority {
    pub(super) asked: AtomicUsize,
    pub(super) gate: Semaphore,
    entered: Mutex<Sender<()>>,
    pub(super) seconds: AtomicI64,
    pub(super) failing: Mutex<Option<&'static str>>,
}

pub(super) struct Bench {
    pub(super) authority: Arc<Authority>,
    pub(super) entered: Receiver<()>,
    pub(super) cache: SharedCache,
}

impl Authority {
    pub(super) fn now(&self) -> Now {
        let seconds = self.seconds.load(Ordering::SeqCst);
        Now { mono: Mono(u64::try_from(seconds).unwrap() * 1000), unix: Unix(BEGIN + seconds) }
    }

    pub(super) async fn answer(&self, request: HttpRequest) -> Result<HttpResponse, HttpFailure> {
        let number = self.asked.fetch_add(1, Ordering::SeqCst) + 1;
        let _ = self.entered.lock().unwrap().send(());
        self.gate.acquire().await.unwrap().forget();
        let body = String::from_utf8_lossy(request.body().expose()).into_owned();
        let claims = if body.contains("claims=") { "-claims" } else { "" };
        let (status, text) = match *self.failing.lock().unwrap() {
            Some(error) => {
                (400, format!(r#"{{"error":"{error}","error_description":"AADSTS7000222: it is over"}}"#))
            }
            None => (
                200,
                format!(
                    r#"{{"token_type":"Bearer","expires_in":3600,"refresh_in":1800,"access_token":"token-{number}{claims}"}}"#
                ),
            ),
        };
        Ok(http::Response::builder().status(status).body(text.into_bytes().into()).unwrap())
    }
}

impl Bench {
    pub(super) fn new() -> Bench {
        let (tell, entered) = channel();
        let authority = Authority {
            asked: AtomicUsize::new(0),
            gate: Semaphore::new(0),
            entered: Mutex::new(tell),
            seconds: AtomicI64::new(0),
            failing: Mutex::new(None),
        };
        Bench { authority: Arc::new(authority), entered, cache: SharedCache::new() }
    }

    pub(super) fn credential() -> ClientSecretCredential {
        ClientSecretCredential::new("contoso.com", "client", "secret").unwrap()
    }

    pub(super) fn blocking(&self) -> entrada_blocking::Credential {
        let (http, clock) = (Arc::clone(&self.authority), Arc::clone(&self.authority));
        let waiting = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap();
        let driver = entrada_blocking::Driver::builder()
            .environment(entrada_core::Environment::new())
            .clock(move || clock.now())
            .http(move |request: HttpRequest, _, _| waiting.block_on(http.answer(request)))
            .build()
            .unwrap();
        entrada_blocking::Credential::with_driver(Bench::credential(), &driver).with_cache(&self.cache)
    }

    pub(super) fn tokio(&self) -> entrada_tokio::Credential {
        let (http, clock) = (Arc::clone(&self.authority), Arc::clone(&self.authority));
        let driver = entrada_tokio::Driver::builder()
            .environment(entrada_core::Environment::new())
            .clock(move || clock.now())
            .http(move |request: HttpRequest, _, _| {
                let http = Arc::clone(&http);
                async move { http.answer(request).await }
            })
            .build()
            .unwrap();
        entrada_tokio::Credential::with_driver(Bench::credential(), &driver).with_cache(&self.cache)
    }

    pub(super) fn let_through(&self, requests: usize) {
        self.authority.gate.add_permits(requests);
    }

    /// Waits until no request is under way: the clock must not leap while one is.
    pub(super) fn settled(&self) {
        while self.cache.in_flight() > 0 {
            thread::yield_now();
        }
    }

    pub(super) fn asked(&self) -> usize {
        self.authority.asked.load(Ordering::SeqCst)
    }

    pub(super) fn pass(&self, seconds: i64) {
        self.authority.seconds.fetch_add(seconds, Ordering::SeqCst);
    }
}

pub(super) fn text(token: &entrada_core::AccessToken) -> String {
    token.secret().expose().to_owned()
}

pub(super) fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}
