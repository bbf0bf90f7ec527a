//! App Service, Functions, Container Apps and Automation: the endpoint of version `2019-08-01`
//! ([App Service], [Container Apps]).
//!
//! [App Service]: https://learn.microsoft.com/azure/app-service/overview-managed-identity
//! [Container Apps]: https://learn.microsoft.com/azure/container-apps/managed-identity

use http::header::HeaderName;

use super::asking::{self, Asking};
use super::reply::{settled, token};
use super::wanted::{Place, Wanted};
use crate::endpoint::Endpoint;
use crate::error::{Error, ErrorKind};
use crate::exchange::{Answer, RetryPolicy};
use crate::secret::Secret;
use crate::token::{AccessToken, Party};

const API_VERSION: &str = "2019-08-01";
const PLACE: Place = Place::with_settings("this app");
const POLICY: RetryPolicy = RetryPolicy { settled, ..RetryPolicy::APP_SERVICE };

pub(super) fn ask(endpoint: &Endpoint, header: &Secret, resource: &str, wanted: Wanted) -> Asking {
    let query = [("api-version", API_VERSION), ("resource", resource)];
    let selector = wanted.selector(["client_id", "object_id", "mi_res_id"]);
    let spec = asking::get(endpoint, query.into_iter().chain(selector))
        .secret_header(HeaderName::from_static("x-identity-header"), "", header)
        // The sandbox of Azure Automation insists on it; elsewhere it does no harm.
        .header(HeaderName::from_static("metadata"), "true");
    Asking::new(spec, POLICY, wanted, read)
}

fn read(answer: &Answer, wanted: &Wanted) -> Result<AccessToken, Error> {
    if answer.status() >= 400 && Wanted::is_unknown(answer) {
        return Err(wanted.unassigned(answer, &PLACE));
    }
    let access = token(answer, Party::App).map_err(|error| match error.kind() {
        // An identity or a resource that it does not know is a 500 with hardly a word, too.
        ErrorKind::Service if answer.status() == 500 => error.with_remedy(
            "check the resource, and that the identity is assigned to this app; if both are right, try again later",
        ),
        ErrorKind::Refused if matches!(answer.status(), 401 | 403) && error.aadsts().is_empty() => error
            .with_remedy("IDENTITY_HEADER is renewed when the app starts: take it from the app's own environment"),
        _ => error,
    })?;
    wanted.confirm(answer, &PLACE, false)?;
    Ok(access)
}
