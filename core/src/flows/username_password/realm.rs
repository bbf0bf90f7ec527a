//! The realm of an account: whether the authority checks its password, or a federation service does.

use serde_json::Value;

use crate::endpoint::Endpoint;
use crate::error::{Error, ErrorKind};
use crate::exchange::{Answer, RequestSpec};
use crate::token::{Party, Refusal};

/// What a federation service is asked a token for, unless the realm says otherwise.
const AUDIENCE: &str = "urn:federation:MicrosoftOnline";

/// Who checks the password.
#[derive(Debug)]
pub(super) enum Realm {
    /// The authority.
    Managed,
    /// Somebody else, who gives a SAML assertion for it.
    Federated(Federation),
}

/// A federation service, as the authority describes it. The addresses are of its choice: nothing goes
/// there that the caller has not allowed.
#[derive(Clone, Debug)]
pub(super) struct Federation {
    /// Where its metadata is (MEX).
    pub(super) metadata: Option<String>,
    /// Where it takes passwords, if there is no metadata to say so.
    pub(super) active: Option<String>,
    /// For whom the assertion has to be.
    pub(super) audience: String,
}

pub(super) fn ask(place: Endpoint) -> RequestSpec {
    RequestSpec::get(place, "the realm of the account")
}

pub(super) fn read(answer: &Answer) -> Result<Realm, Error> {
    // An authority without realms checks every password itself.
    if answer.status() == 404 {
        return Ok(Realm::Managed);
    }
    if let Some(refusal) = Refusal::of(answer) {
        return Err(refusal.into_error(answer, Party::User));
    }
    let malformed = |what: &str| {
        let what = format!("{} gave a realm of the account that {what}", answer.host());
        Error::new(ErrorKind::Malformed, what).with_status(answer.status())
    };
    let document =
        answer.object().ok_or_else(|| malformed("cannot be read").with_detail(answer.excerpt()))?;
    let text = |name: &str| document.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    let kind = text("account_type").ok_or_else(|| malformed("lacks its account_type"))?;
    match kind.to_ascii_lowercase().as_str() {
        "managed" => Ok(Realm::Managed),
        "federated" => Ok(Realm::Federated(Federation {
            metadata: text("federation_metadata_url").map(str::to_owned),
            active: text("federation_active_auth_url").map(str::to_owned),
            audience: text("cloud_audience_urn").unwrap_or(AUDIENCE).to_owned(),
        })),
        "unknown" => Err(Error::new(
            ErrorKind::Refused,
            format!("{} does not know the domain of the user name; no password was sent", answer.host()),
        )
        .with_remedy("check the spelling of the user name, and the cloud; a personal account cannot sign in with a password this way")),
        _ => Err(malformed("is of no known kind")),
    }
}
