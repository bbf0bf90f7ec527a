//! A device code that is kept between two requests of a server.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::effect::DevicePrompt;
use crate::error::{Error, ErrorKind};
use crate::flows::begun_by::BegunBy;
use crate::flows::kept_request::KeptRequest;
use crate::request::TokenRequest;
use crate::secret::Secret;
use crate::tenant::Tenant;
use crate::time::Unix;

/// A device code that waits for a person. It holds secrets: `Debug` shows none of them.
///
/// A request that has less time than the code waits for as long as it has
/// ([`DeviceCodeCredential::within`](super::DeviceCodeCredential::within), or the limit of the run). It then ends in
/// `Expired`, as it does where the code is dead; until `prompt().expires_on` the next request can resume the same value.
///
/// A server without a memory of its own begins the sign-in in one process and finishes it in another:
///
/// ```
/// use entrada_core::flow::BoxFlow;
/// use entrada_core::flows::device_code::PendingDeviceCode;
/// use entrada_core::token::TokenResponse;
/// use entrada_core::{DeviceCodeCredential, EntraClient, Error, Secret, TokenRequest};
///
/// fn sign_in() -> Result<DeviceCodeCredential, Error> {
///     Ok(DeviceCodeCredential::of(EntraClient::developer()?))
/// }
///
/// /// For the first request of the browser. A driver runs the flow; the person is shown
/// /// `prompt().message` of what comes, and `to_json()` of it is kept: it holds secrets.
/// fn begin() -> Result<BoxFlow<PendingDeviceCode>, Error> {
///     let wanted = TokenRequest::new(["https://management.azure.com/.default"])?;
///     Ok(sign_in()?.start(&wanted))
/// }
///
/// /// For a later one, in whichever process: this flow waits for the person.
/// fn finish(kept: &Secret) -> Result<BoxFlow<TokenResponse>, Error> {
///     Ok(sign_in()?.resume(&PendingDeviceCode::from_json(kept)?))
/// }
/// ```
#[derive(Clone, Debug)]
pub struct PendingDeviceCode {
    pub(super) begun_by: BegunBy,
    pub(super) device_code: Secret,
    pub(super) prompt: DevicePrompt,
    pub(super) interval: Duration,
    pub(super) tenant: Tenant,
    pub(super) request: TokenRequest,
}

/// The form in which it is kept. [`Secret`] cannot be serialised, so that this happens here and nowhere by
/// accident.
#[derive(Serialize, Deserialize)]
struct Kept {
    version: u8,
    begun_by: BegunBy,
    device_code: String,
    user_code: String,
    verification_uri: String,
    message: String,
    expires_on: i64,
    interval_ms: u64,
    tenant: String,
    request: KeptRequest,
}

const VERSION: u8 = 2;

impl PendingDeviceCode {
    /// What to show to the person.
    #[must_use]
    pub fn prompt(&self) -> &DevicePrompt {
        &self.prompt
    }

    /// All of it as JSON, to be kept at the server.
    #[must_use]
    pub fn to_json(&self) -> Secret {
        let kept = Kept {
            version: VERSION,
            begun_by: self.begun_by.clone(),
            device_code: self.device_code.expose().to_owned(),
            user_code: self.prompt.user_code.expose().to_owned(),
            verification_uri: self.prompt.verification_uri.clone(),
            message: self.prompt.message.clone(),
            expires_on: self.prompt.expires_on.0,
            interval_ms: u64::try_from(self.interval.as_millis()).unwrap_or(u64::MAX),
            tenant: self.tenant.to_string(),
            request: KeptRequest::of(&self.request),
        };
        Secret::new(serde_json::to_string(&kept).unwrap_or_default())
    }

    /// Reads what [`PendingDeviceCode::to_json`] wrote.
    ///
    /// # Errors
    /// `Configuration` when it is not that.
    pub fn from_json(kept: &Secret) -> Result<PendingDeviceCode, Error> {
        let broken = || {
            Error::new(ErrorKind::Configuration, "what was kept of the device code cannot be read")
                .with_remedy("start the sign-in again")
        };
        let kept: Kept = serde_json::from_str(kept.expose()).map_err(|_| broken())?;
        if kept.version != VERSION || kept.device_code.is_empty() {
            return Err(broken());
        }
        Ok(PendingDeviceCode {
            begun_by: kept.begun_by,
            device_code: Secret::new(kept.device_code),
            prompt: DevicePrompt {
                user_code: Secret::new(kept.user_code),
                message: kept.message,
                verification_uri: kept.verification_uri,
                expires_on: Unix(kept.expires_on),
            },
            interval: Duration::from_millis(kept.interval_ms),
            tenant: Tenant::new(kept.tenant)?,
            request: kept.request.read()?,
        })
    }
}
