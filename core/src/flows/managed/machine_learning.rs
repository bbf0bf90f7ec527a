//! Azure Machine Learning compute (jobs, clusters, compute instances), and the endpoint of version
//! `2017-09-01` of old App Service plans, which is the same.
//!
//! On a compute instance with single sign-on a request that names no client id is answered with a token
//! of the *person*, not of a managed identity. So a client id is sent wherever one is known: the
//! caller's, else that of `DEFAULT_IDENTITY_CLIENT_ID`.

use http::header::HeaderName;

use super::ManagedIdentityId;
use super::asking::{self, Asking};
use super::reply::{said, token};
use super::wanted::{NamedBy, Wanted};
use crate::endpoint::Endpoint;
use crate::error::{Error, ErrorKind};
use crate::exchange::{Answer, RetryPolicy};
use crate::secret::Secret;
use crate::token::{AccessToken, Party};

const API_VERSION: &str = "2017-09-01";
const PLACE: &str = "this compute";

pub(super) fn ask(
    endpoint: &Endpoint,
    secret: &Secret,
    default_identity: Option<&str>,
    resource: &str,
    wanted: Wanted,
    guessing: bool,
) -> Result<Asking, Error> {
    let wanted = match (wanted.identity, default_identity) {
        (ManagedIdentityId::SystemAssigned, Some(id)) => {
            Wanted { identity: ManagedIdentityId::ClientId(id.to_owned()), named_by: NamedBy::Compute }
        }
        (identity, _) => Wanted { identity, ..wanted },
    };
    let client_id = match &wanted.identity {
        ManagedIdentityId::ClientId(id) => Some(("clientid", id.as_str())),
        ManagedIdentityId::SystemAssigned if guessing => None,
        ManagedIdentityId::SystemAssigned => {
            return Err(Error::new(
                ErrorKind::Configuration,
                "no identity is named, and Azure Machine Learning compute may answer for a person then",
            )
            .with_remedy("name a managed identity by its client id"));
        }
        other => {
            return Err(Error::new(
                ErrorKind::Configuration,
                format!("{other} cannot be asked for: Azure Machine Learning compute takes client ids only"),
            )
            .with_remedy("name the identity by its client id"));
        }
    };
    let query = [("api-version", API_VERSION), ("resource", resource)];
    let spec = asking::get(endpoint, query.into_iter().chain(client_id)).secret_header(
        HeaderName::from_static("secret"),
        "",
        secret,
    );
    Ok(Asking::new(spec, RetryPolicy::LOCAL_HOST, wanted, read))
}

fn read(answer: &Answer, wanted: &Wanted) -> Result<AccessToken, Error> {
    let text = String::from_utf8_lossy(answer.body()).to_ascii_lowercase();
    let failed = |kind: ErrorKind, what: &'static str, remedy: &'static str| {
        let error = Error::new(kind, what).with_remedy(remedy);
        Err(error.with_status(answer.status()).with_detail(said(answer)))
    };
    // A reply of any status, and one that is no JSON, since that is how it refuses.
    if answer.object().is_none_or(|document| !document.contains_key("access_token")) {
        if text.contains("sso failure") {
            return failed(
                ErrorKind::InteractionRequired,
                "single sign-on of this compute instance has no token of its user",
                "sign in to the compute instance in the studio, or restart it; or give it a managed identity",
            );
        }
        if text.contains("invalid secret") {
            return failed(
                ErrorKind::Refused,
                "this compute does not accept MSI_SECRET",
                "take MSI_ENDPOINT and MSI_SECRET from the environment of this very compute",
            );
        }
        let silent = answer.body().is_empty() && (answer.is_success() || answer.status() == 404);
        if silent || text.contains("status code: 404") || Wanted::is_unknown(answer) {
            return Err(wanted.unassigned(answer, PLACE).with_remedy(match wanted.is_system() {
                true => "give the compute a managed identity, or name one by its client id (serverless jobs need that)",
                false => "attach the identity to the compute, or for serverless jobs to the workspace",
            }));
        }
    }
    let access = token(answer, Party::App)?;
    wanted.confirm(answer, PLACE, false)?;
    Ok(access)
}
