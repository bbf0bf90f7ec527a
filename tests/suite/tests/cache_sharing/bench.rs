//! An authority that answers when it is let, and credentials of both drivers that share one cache.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use entrada_core::effect::{HttpFailure, HttpRequest, HttpResponse};
use entrada_core::{ClientSecretCredential, Credential, Mono, Now, SharedCache, TokenRequest, Unix};
use tokio::sync::Semaphore;

use super::callers::{Call, Callers};

const BEGIN: Now = Now { mono: Mono(0), unix: Unix(1_800_000_000) };

/// An answer that is neither a token nor a refusal.
pub(super) const GARBAGE: &str = "<html>";

/// An authority that answers when it is let: `open` requests, each in turn.
pub(super) struct Authority {
    asked: AtomicUsize,
    gate: Semaphore,
    entered: Mutex<Sender<()>>,
    clocks: Mutex<Now>,
    /// How often somebody looked at them.
    looks: AtomicUsize,
    failing: Mutex<Option<&'static str>>,
}

pub(super) struct Bench {
    authority: Arc<Authority>,
    pub(super) entered: Receiver<()>,
    pub(super) cache: SharedCache,
    credential: Arc<dyn Credential>,
}

impl Authority {
    pub(super) fn now(&self) -> Now {
        self.looks.fetch_add(1, Ordering::SeqCst);
        *self.clocks.lock().unwrap()
    }

    pub(super) async fn answer(&self, request: HttpRequest) -> Result<HttpResponse, HttpFailure> {
        let number = self.asked.fetch_add(1, Ordering::SeqCst) + 1;
        let _ = self.entered.lock().unwrap().send(());
        self.gate.acquire().await.unwrap().forget();
        let body = String::from_utf8_lossy(request.body().expose()).into_owned();
        let claims = if body.contains("claims=") { "-claims" } else { "" };
        let (status, text) = match *self.failing.lock().unwrap() {
            Some(GARBAGE) => (400, GARBAGE.to_owned()),
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
        Bench::around(SharedCache::new())
    }

    pub(super) fn around(cache: SharedCache) -> Bench {
        let (tell, entered) = channel();
        let authority = Authority {
            asked: AtomicUsize::new(0),
            gate: Semaphore::new(0),
            entered: Mutex::new(tell),
            clocks: Mutex::new(BEGIN),
            looks: AtomicUsize::new(0),
            failing: Mutex::new(None),
        };
        Bench { authority: Arc::new(authority), entered, cache, credential: Arc::new(Bench::credential()) }
    }

    /// The same, whose callers have this credential.
    pub(super) fn with(self, credential: impl Credential + 'static) -> Bench {
        Bench { credential: Arc::new(credential), ..self }
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
        entrada_blocking::Credential::with_driver(Arc::clone(&self.credential), &driver)
            .with_cache(&self.cache)
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
        entrada_tokio::Credential::with_driver(Arc::clone(&self.credential), &driver).with_cache(&self.cache)
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

    pub(super) fn fail_with(&self, error: Option<&'static str>) {
        *self.authority.failing.lock().unwrap() = error;
    }

    /// Lets time pass on both clocks.
    pub(super) fn pass(&self, seconds: u64) {
        let mut clocks = self.authority.clocks.lock().unwrap();
        *clocks = clocks.after(Duration::from_secs(seconds));
    }

    /// Sets the wall clock forth or back, while the other stands still.
    pub(super) fn set_wall(&self, seconds: i64) {
        self.authority.clocks.lock().unwrap().unix.0 += seconds;
    }

    /// So many callers who want the same: one asks, and all others wait for that one.
    pub(super) fn gather(&self, callers: &Callers, request: &TokenRequest, number: usize) -> Vec<Call> {
        let looks = || self.authority.looks.load(Ordering::SeqCst);
        let mut all = vec![callers.call(request)];
        self.entered.recv().unwrap();
        let before = looks();
        all.extend((1..number).map(|_| callers.call(request)));
        // Each looks at the clock before it takes its seat, and when it has one, since its time is limited.
        while looks() < before + 2 * (number - 1) {
            thread::yield_now();
        }
        all
    }
}

pub(super) fn text(token: &entrada_core::AccessToken) -> String {
    token.secret().expose().to_owned()
}

pub(super) fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}
