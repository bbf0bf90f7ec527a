//! Asking for a token that is at hand allocates nothing, with both drivers. One test alone: the counter counts
//! what the whole program allocates.

use std::alloc::System;

use entrada_core::effect::HttpRequest;
use entrada_core::{ClientSecretCredential, Environment, TokenRequest};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static COUNTING: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const SCOPE: &str = "https://management.azure.com/.default";

fn answer() -> http::Response<entrada_core::SecretBytes> {
    let token = r#"{"token_type":"Bearer","expires_in":3600,"access_token":"token"}"#;
    http::Response::new(token.as_bytes().to_vec().into())
}

fn app() -> ClientSecretCredential {
    ClientSecretCredential::new("contoso.com", "client", "secret").unwrap()
}

#[track_caller]
fn allocates_nothing(mut work: impl FnMut()) {
    let region = Region::new(COUNTING);
    (0..100).for_each(|_| work());
    let change = region.change();
    assert_eq!((change.allocations, change.reallocations), (0, 0));
}

#[test]
fn a_token_at_hand_costs_no_allocation() {
    let request = TokenRequest::new([SCOPE]).unwrap();

    let driver = entrada_blocking::Driver::builder()
        .environment(Environment::new())
        .http(|_: HttpRequest, _, _| Ok(answer()))
        .build();
    let credential = entrada_blocking::Credential::with_driver(app(), &driver.unwrap());
    let handle = credential.for_request(request.clone());
    assert_eq!(handle.authorization().unwrap(), "Bearer token");
    allocates_nothing(|| drop(handle.token().unwrap()));
    allocates_nothing(|| drop(handle.authorization().unwrap()));
    allocates_nothing(|| drop(credential.get_token(&request).unwrap()));

    let driver = entrada_tokio::Driver::builder()
        .environment(Environment::new())
        .http(|_: HttpRequest, _, _| async { Ok(answer()) })
        .build();
    let credential = entrada_tokio::Credential::with_driver(app(), &driver.unwrap());
    let handle = credential.for_request(request.clone());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        assert_eq!(handle.authorization().await.unwrap(), "Bearer token");
    });
    allocates_nothing(|| runtime.block_on(async { drop(handle.token().await.unwrap()) }));
    allocates_nothing(|| runtime.block_on(async { drop(handle.authorization().await.unwrap()) }));
    allocates_nothing(|| runtime.block_on(async { drop(credential.get_token(&request).await.unwrap()) }));
}
