//! entrada, by its tokio driver.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use entrada_core::ClientSecretCredential;
use entrada_core::effect::{HttpFailure, HttpRequest};
use entrada_host::{Clock as _, SystemClock};
use entrada_tokio::{Credential, Driver, ScopedCredential};

use super::{Authority, SCOPE, Subject};

/// What is asked for again and again is asked for by a prepared handle, which is the way to do that.
#[derive(Clone)]
pub(super) struct Entrada {
    pub(super) credential: Credential,
    pub(super) prepared: ScopedCredential,
}

impl Subject for Entrada {
    const AHEAD: u64 = 3400;

    fn new(authority: Arc<Authority>) -> Entrada {
        let (machine, ahead) = (SystemClock::new(), Arc::clone(&authority));
        let clock = move || machine.now().after(Duration::from_secs(ahead.ahead.load(Ordering::Relaxed)));
        let http = move |_: HttpRequest, _, _| {
            let authority = Arc::clone(&authority);
            async move {
                let (status, body) = authority.answer().await;
                let response = http::Response::builder().status(status);
                response.body(body.into_bytes().into()).map_err(|_| HttpFailure::Broken)
            }
        };
        let driver = Driver::builder()
            .environment(entrada_core::Environment::new())
            .http(http)
            .clock(clock)
            .build()
            .unwrap();
        let credential = ClientSecretCredential::new("contoso.com", "client", "secret").unwrap();
        let credential = Credential::with_driver(credential, &driver);
        Entrada { prepared: credential.for_scopes([SCOPE]).unwrap(), credential }
    }

    async fn get(&self, scope: &str) -> bool {
        match scope {
            SCOPE => self.prepared.token().await.is_ok(),
            other => self.credential.token([other]).await.is_ok(),
        }
    }
}
