//! A pending sign-in as JSON.

use serde::{Deserialize, Serialize};

use super::attempt::Attempt;
use super::web::PendingSignIn;
use crate::error::{Error, ErrorKind};
use crate::flows::begun_by::BegunBy;
use crate::flows::kept_request::KeptRequest;
use crate::secret::Secret;
use crate::tenant::Tenant;

/// The form on which it is kept. [`Secret`] cannot be serialised, so that this happens here and nowhere
/// by accident.
#[derive(Serialize, Deserialize)]
struct Kept<'a> {
    version: u8,
    begun_by: BegunBy,
    tenant: &'a str,
    redirect_uri: String,
    request: KeptRequest,
    state: &'a str,
    nonce: &'a str,
    code_verifier: &'a str,
}

const VERSION: u8 = 2;

pub(super) fn write(pending: &PendingSignIn) -> Secret {
    let PendingSignIn { begun_by, attempt, tenant, request } = pending;
    let kept = Kept {
        version: VERSION,
        begun_by: begun_by.clone(),
        tenant: tenant.as_str(),
        redirect_uri: attempt.redirect_uri.clone(),
        request: KeptRequest::of(request),
        state: attempt.state.expose(),
        nonce: attempt.nonce.expose(),
        code_verifier: attempt.verifier.expose(),
    };
    Secret::new(serde_json::to_string(&kept).unwrap_or_default())
}

pub(super) fn read(kept: &Secret) -> Result<PendingSignIn, Error> {
    let broken = || {
        Error::new(ErrorKind::Configuration, "what was kept of the sign-in cannot be read")
            .with_remedy("let the person sign in again")
    };
    let kept: Kept<'_> = serde_json::from_str(kept.expose()).map_err(|_| broken())?;
    if kept.version != VERSION || kept.state.is_empty() || kept.code_verifier.is_empty() {
        return Err(broken());
    }
    Ok(PendingSignIn {
        begun_by: kept.begun_by,
        attempt: Attempt {
            redirect_uri: kept.redirect_uri,
            verifier: Secret::new(kept.code_verifier),
            state: Secret::new(kept.state),
            nonce: Secret::new(kept.nonce),
        },
        tenant: Tenant::new(kept.tenant)?,
        request: kept.request.read()?,
    })
}
