//! Service Fabric: an endpoint with a certificate of its own, which is known by its thumbprint
//! ([documentation]).
//!
//! [documentation]: https://learn.microsoft.com/azure/service-fabric/how-to-managed-identity-service-fabric-app-code

use http::header::HeaderName;

use super::asking::{self, Asking};
use super::reply::{settled, token};
use super::revoked::Evaluation;
use super::source::{ENDPOINT, local};
use super::wanted::Wanted;
use crate::endpoint::{Endpoint, Route};
use crate::error::{Error, ErrorKind};
use crate::exchange::{Answer, RetryPolicy};
use crate::secret::Secret;
use crate::token::{AccessToken, Party};

const API_VERSION: &str = "2019-07-01-preview";
const POLICY: RetryPolicy = RetryPolicy { settled, ..RetryPolicy::SERVICE_FABRIC };

const HEADER: &str = "take IDENTITY_HEADER from the application's own environment";

/// The endpoint, of which no other certificate than that of this SHA-1 thumbprint is accepted: neither
/// the platform's roots nor a name count. The thumbprint is checked before anything is sent.
pub(super) fn endpoint(address: &str, thumbprint: &str) -> Result<Endpoint, Error> {
    let endpoint = local(ENDPOINT, address)?;
    if endpoint.url().scheme() != "https" {
        return Err(Error::new(
            ErrorKind::Configuration,
            "IDENTITY_ENDPOINT: the managed identity endpoint of Service Fabric is not https; its secret is not sent",
        )
        .with_remedy("IDENTITY_ENDPOINT begins with https:// there"));
    }
    let fingerprint = fingerprint(thumbprint).ok_or_else(|| {
        Error::new(ErrorKind::Configuration, "IDENTITY_SERVER_THUMBPRINT is not a SHA-1 thumbprint")
            .with_remedy("it has 40 hexadecimal digits")
    })?;
    Ok(endpoint.routed(Route::Pinned(fingerprint)))
}

/// 40 hexadecimal digits, among which blanks and colons do not matter.
fn fingerprint(text: &str) -> Option<[u8; 20]> {
    let digits: Vec<u32> = text
        .chars()
        .filter(|c| !c.is_whitespace() && *c != ':')
        .map(|c| c.to_digit(16))
        .collect::<Option<_>>()?;
    let bytes: Vec<u8> =
        digits.chunks(2).filter_map(|pair| u8::try_from(pair[0] * 16 + pair.get(1)?).ok()).collect();
    (digits.len() == 40).then(|| bytes.try_into().ok()).flatten()
}

/// The host and its secret.
pub(super) struct Fabric<'a> {
    pub(super) endpoint: &'a Endpoint,
    pub(super) secret: &'a Secret,
}

/// It keeps tokens: what it gives again though a resource refused it is named by its hash
/// (`token_sha256_to_refresh`), and whether challenges can be answered is told (`xms_cc`).
pub(super) fn ask(
    fabric: &Fabric<'_>,
    resource: &str,
    wanted: Wanted,
    evaluation: &Evaluation,
) -> Result<Asking, Error> {
    wanted.only_what_there_is(
        "on Service Fabric the application's configuration in the cluster decides which identity it has",
        "name no identity here; see https://aka.ms/servicefabricmi",
    )?;
    let query = [("api-version", API_VERSION), ("resource", resource)];
    let query = query.into_iter().chain(evaluation.parameters());
    let spec = asking::get(fabric.endpoint, query).secret_header(
        HeaderName::from_static("secret"),
        "",
        fabric.secret,
    );
    Ok(Asking::new(spec, POLICY, wanted, read))
}

fn read(answer: &Answer, _: &Wanted) -> Result<AccessToken, Error> {
    token(answer, Party::App).map_err(|error| {
        let remedy = match error.code() {
            Some("ManagedIdentityNotFound") => {
                "give the application an identity in its manifest, and take IDENTITY_HEADER from its own environment"
            }
            Some("SecretHeaderNotFound") => HEADER,
            Some("ArgumentNullOrEmpty") => "name a resource",
            Some("InternalServerError") => {
                "check the resource, and whether it ends in a slash; if it is right, try again later"
            }
            None if matches!(answer.status(), 401 | 403) && error.aadsts().is_empty() => HEADER,
            _ => return error,
        };
        error.with_remedy(remedy)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEX: &str = "a9993e364706816aba3e25717850c26c9cd0d89d";

    #[test]
    fn thumbprints() {
        let spaced: String = HEX.to_uppercase().chars().map(|c| format!("{c}: \t")).collect();
        for good in [HEX, &spaced, &format!("\u{a0}{HEX}\r\n")] {
            let endpoint = endpoint("https://localhost:2377/x", good).unwrap();
            let Route::Pinned(pin) = endpoint.route() else { panic!("{good}") };
            assert_eq!((pin[0], pin[19]), (0xa9, 0x9d));
        }
        for bad in ["", "a9", &HEX[1..], &format!("{HEX}0"), &format!("{HEX}00"), &HEX.replace('a', "g")] {
            assert!(endpoint("https://localhost:2377/x", bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn nothing_but_https_on_this_machine() {
        for bad in ["http://localhost:2377/x", "https://evil.example/x", "https://u@localhost/", "localhost"]
        {
            assert_eq!(endpoint(bad, HEX).unwrap_err().kind(), ErrorKind::Configuration, "{bad}");
        }
    }
}
