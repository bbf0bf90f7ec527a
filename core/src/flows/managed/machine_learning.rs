//! Azure Machine Learning compute (jobs, clusters, compute instances), and the endpoint of version
//! `2017-09-01` of old App Service plans, which is the same.
//!
//! On a compute instance with single sign-on a request that names no client id is answered with a token
//! of the *person*, not of a managed identity. So a client id is sent wherever one is known: the
//! caller's, else that of `DEFAULT_IDENTITY_CLIENT_ID`.

use http::header::HeaderName;

use super::ManagedIdentityId;
use super::asking::{self, Asking};
use super::reply::{self, said, settled, token};
use super::wanted::{NamedBy, Place, Wanted};
use crate::aadsts;
use crate::endpoint::Endpoint;
use crate::error::{Error, ErrorKind};
use crate::exchange::{Answer, RetryPolicy};
use crate::secret::Secret;
use crate::token::{AccessToken, Party, Refusal};

const API_VERSION: &str = "2017-09-01";
const PLACE: Place = Place {
    name: "this compute",
    own: "give the compute a managed identity, or name one by its client id (serverless jobs need that)",
    assign: "attach the identity to the compute (for serverless jobs to the workspace)",
    names: " (it has to be the client id, not the object id)",
};
const POLICY: RetryPolicy = RetryPolicy { settled: is_settled, ..RetryPolicy::LOCAL_HOST };

const SECRET: &str = "take MSI_ENDPOINT and MSI_SECRET from the environment of this very compute";

/// Entra knows no app with the client id that was named.
const NO_APP: u64 = 700_016;

/// What it says of a compute instance whose user it has no token of.
const NO_USER: &str = "sso failure";
/// What it says of an identity that it does not have.
const NO_IDENTITY: &str = "status code: 404";
/// What it says of a secret that is not its own.
const NO_SECRET: &str = "invalid secret";

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
            let identity = ManagedIdentityId::ClientId(id.to_owned());
            Wanted { identity, named_by: NamedBy::Compute, ..wanted }
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
    Ok(Asking::new(spec, POLICY, wanted, read))
}

fn read(answer: &Answer, wanted: &Wanted) -> Result<AccessToken, Error> {
    let text = String::from_utf8_lossy(answer.body()).to_ascii_lowercase();
    let failed = |kind: ErrorKind, what: &'static str, remedy: &'static str| {
        let error = Error::new(kind, what).with_remedy(remedy);
        Err(error.with_status(answer.status()).with_detail(said(answer)))
    };
    // A reply of any status, and one that is no JSON, since that is how it refuses.
    if answer.object().is_none_or(|document| !document.contains_key("access_token")) {
        if text.contains(NO_USER) {
            return failed(
                ErrorKind::InteractionRequired,
                "single sign-on of this compute instance has no token of its user",
                "sign in to the compute instance in the studio, or restart it; or give it a managed identity",
            );
        }
        if text.contains(NO_SECRET) {
            return failed(ErrorKind::Refused, "this compute does not accept MSI_SECRET", SECRET);
        }
        let silent = answer.body().is_empty() && (answer.is_success() || answer.status() == 404);
        let numbered = !aadsts::numbers_in(&text.to_ascii_uppercase()).is_empty();
        let named = answer.status() == 404 && !numbered && reply::text(answer).is_some();
        let named = named || text.contains(NO_IDENTITY);
        if silent || named || Wanted::is_unknown(answer) {
            return Err(wanted.unassigned(answer, &PLACE));
        }
    }
    let access = granted(answer).map_err(|error| advised(error, wanted))?;
    wanted.confirm(answer, &PLACE, false)?;
    Ok(access)
}

/// The token, or what is refused: a text is as good as a document here.
fn granted(answer: &Answer) -> Result<AccessToken, Error> {
    match reply::text(answer) {
        Some(text) if (400..500).contains(&answer.status()) => {
            Err(reply::refused(Refusal::of_text(&text), answer, Party::App))
        }
        _ => token(answer, Party::App),
    }
}

/// What to do about what the host refuses by itself.
fn advised(error: Error, wanted: &Wanted) -> Error {
    let by = match wanted.named_by {
        NamedBy::Caller => "",
        NamedBy::AzureClientId => " in AZURE_CLIENT_ID",
        NamedBy::Compute => " in DEFAULT_IDENTITY_CLIENT_ID",
    };
    let name = format!("the name of the identity{by}: it has to be the client id, not the object id");
    match error.status() {
        _ if error.kind() != ErrorKind::Refused => error,
        _ if !wanted.is_system() && error.aadsts().contains(&NO_APP) => {
            error.with_remedy(format!("check {name}"))
        }
        _ if !error.aadsts().is_empty() => error,
        Some(401 | 403) => error.with_remedy(SECRET),
        Some(400 | 404) if !wanted.is_system() => {
            error.with_remedy(format!("check the resource, and {name}"))
        }
        _ => error,
    }
}

/// Whether an answer stays what it is: what no other try mends comes as a 500 too.
fn is_settled(answer: &Answer) -> bool {
    let text = String::from_utf8_lossy(answer.body()).to_ascii_lowercase();
    settled(answer) || [NO_USER, NO_IDENTITY, NO_SECRET].iter().any(|known| text.contains(known))
}
