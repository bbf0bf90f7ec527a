//! What was asked for, as it is kept with a sign-in that is pending.

use serde::{Deserialize, Serialize};

use crate::claims::Claims;
use crate::error::Error;
use crate::request::TokenRequest;

/// A request without its tenant, which a pending sign-in has chosen already.
#[derive(Serialize, Deserialize)]
pub(super) struct KeptRequest {
    scopes: String,
    claims: Option<String>,
    cae: bool,
}

impl KeptRequest {
    pub(super) fn of(request: &TokenRequest) -> KeptRequest {
        KeptRequest {
            scopes: request.scopes().joined().to_owned(),
            claims: request.claims().map(Claims::to_json),
            cae: request.cae(),
        }
    }

    /// The request.
    ///
    /// # Errors
    /// `Configuration` where it is not what was kept.
    pub(super) fn read(&self) -> Result<TokenRequest, Error> {
        let request = TokenRequest::new([self.scopes.as_str()])?;
        let request = match &self.claims {
            Some(claims) => request.with_claims(Claims::from_json(claims)?),
            None => request,
        };
        Ok(if self.cae { request.with_cae() } else { request })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_request_is_lost() {
        let plain = TokenRequest::new(["https://graph.example/a https://graph.example/b"]).unwrap();
        let claims =
            Claims::from_json(r#"{"access_token":{"acrs":{"essential":true,"value":"c1"}}}"#).unwrap();
        for request in [plain.clone(), plain.clone().with_cae(), plain.with_claims(claims).with_cae()] {
            let kept = serde_json::to_string(&KeptRequest::of(&request)).unwrap();
            let read = serde_json::from_str::<KeptRequest>(&kept).unwrap().read().unwrap();
            assert_eq!(format!("{read:?}"), format!("{request:?}"));
            assert_eq!(read.claims_parameter(), request.claims_parameter());
        }
    }
}
