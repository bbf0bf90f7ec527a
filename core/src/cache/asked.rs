//! A credential of a cache and what it is asked for, for tests.

use super::{Partition, Plan, TokenCache};
use crate::error::Error;
use crate::flows::authority_client::EntraClient;
use crate::request::TokenRequest;
use crate::time::Now;

/// Each time another credential of the same app.
pub(super) fn credential() -> Partition {
    Partition::of_app("client-secret", &EntraClient::new("t", "app").unwrap())
}

pub(super) fn request() -> TokenRequest {
    TokenRequest::new(["s"]).unwrap()
}

/// The error that a caller gets without anybody asking; nothing where somebody has to ask, and nobody does.
pub(super) fn told(
    cache: &mut TokenCache,
    partition: &Partition,
    wanted: &TokenRequest,
    now: Now,
) -> Option<Error> {
    match cache.plan(partition, wanted, now) {
        Plan::Fail(error) => Some(error),
        Plan::Lead(permit) => {
            assert!(cache.abandon(permit).is_empty());
            None
        }
        other => panic!("{other:?}"),
    }
}
