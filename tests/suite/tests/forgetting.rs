//! A token that a service rejects is given to nobody else, with both drivers.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use entrada_core::arm::ResourceManager;
use entrada_core::effect::{HttpFailure, HttpRequest, HttpResponse};
use entrada_core::{AccessToken, ClientSecretCredential, Cloud, Environment, Error, ErrorKind};

const SCOPE: &str = "https://management.azure.com/.default";

/// An authority that gives a new token each time, and a service that rejects the first.
#[derive(Clone, Default)]
struct World(Arc<AtomicUsize>);

impl World {
    fn answer(&self, request: &HttpRequest) -> Result<HttpResponse, HttpFailure> {
        let (status, body) = match request.headers().get("authorization") {
            None => {
                let number = self.0.fetch_add(1, Ordering::SeqCst) + 1;
                let token =
                    format!(r#""token_type":"Bearer","expires_in":3600,"access_token":"token-{number}""#);
                (200, format!("{{{token}}}"))
            }
            Some(header) if header == "Bearer token-1" => {
                (401, r#"{"error":{"code":"ExpiredAuthenticationToken","message":"no"}}"#.to_owned())
            }
            Some(_) => (200, r#"{"value":[]}"#.to_owned()),
        };
        Ok(http::Response::builder().status(status).body(body.into_bytes().into()).unwrap())
    }
}

fn app() -> ClientSecretCredential {
    ClientSecretCredential::new("contoso.com", "client", "secret").unwrap()
}

fn blocking() -> entrada_blocking::Credential {
    let world = World::default();
    let driver = entrada_blocking::Driver::builder()
        .environment(Environment::new())
        .http(move |request: HttpRequest, _, _| world.answer(&request))
        .build();
    entrada_blocking::Credential::with_driver(app(), &driver.unwrap())
}

fn tokio() -> entrada_tokio::Credential {
    let world = World::default();
    let driver = entrada_tokio::Driver::builder()
        .environment(Environment::new())
        .http(move |request: HttpRequest, _, _| {
            let world = world.clone();
            async move { world.answer(&request) }
        })
        .build();
    entrada_tokio::Credential::with_driver(app(), &driver.unwrap())
}

fn text(token: Result<AccessToken, Error>) -> String {
    token.unwrap().secret().expose().to_owned()
}

/// Each token once more: by name, and by a call that is rejected.
#[test]
fn with_the_blocking_driver() {
    let manager = ResourceManager::of_cloud(Cloud::PUBLIC).unwrap();
    let call = || Box::new(manager.get(["subscriptions"], "2022-12-01", "the list"));
    let credential = blocking();
    let first = credential.token([SCOPE]).unwrap();
    assert_eq!(text(credential.token([SCOPE])), "token-1");
    credential.forget(&first).unwrap();
    assert_eq!(text(credential.token([SCOPE])), "token-2");
    credential.forget(&first).unwrap();
    assert_eq!(text(credential.token([SCOPE])), "token-2", "another came in its place");

    let credential = blocking();
    assert_eq!(credential.call(call()).unwrap_err().kind(), ErrorKind::Refused);
    assert_eq!(credential.call(call()).unwrap().status(), 200);
    assert_eq!(text(credential.token([SCOPE])), "token-2");
}

#[test]
fn with_the_tokio_driver() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let manager = ResourceManager::of_cloud(Cloud::PUBLIC).unwrap();
    let call = || Box::new(manager.get(["subscriptions"], "2022-12-01", "the list"));
    runtime.block_on(async {
        let credential = tokio();
        let first = credential.token([SCOPE]).await.unwrap();
        credential.forget(&first).await.unwrap();
        assert_eq!(text(credential.token([SCOPE]).await), "token-2");
        credential.forget(&first).await.unwrap();
        assert_eq!(text(credential.token([SCOPE]).await), "token-2", "another came in its place");

        let credential = tokio();
        assert_eq!(credential.call(call()).await.unwrap_err().kind(), ErrorKind::Refused);
        assert_eq!(credential.call(call()).await.unwrap().status(), 200);
        assert_eq!(text(credential.token([SCOPE]).await), "token-2");
    });
}
