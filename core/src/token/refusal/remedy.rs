//! What to do about a refusal.

use super::Refusal;
use super::codes::DEMANDS;
use crate::aadsts::{self, Class};
use crate::error::{Error, ErrorKind, Suberror};

/// Where a person is demanded of an app that signs in as itself.
const NOBODY: &str = "no sign-in helps an app that acts as itself: have an administrator consent for it or exempt it from what demands a person, or use a credential of a person";

/// What a Conditional Access policy blocks.
const BLOCKED: u64 = 53003;

/// The refusal of an app that signs in as itself: where a policy for workload identities blocks it, no other device
/// helps.
pub(crate) fn of_app(error: Error, client_id: &str) -> Error {
    match error.aadsts().contains(&BLOCKED) {
        true => error.with_remedy(format!(
            "an administrator finds this sign-in among those of service principals in the tenant's sign-in logs by its \
             correlation id, and the policy beside it; let the policy exclude or allow this workload identity (app id \
             {client_id}), or sign in from a place that it allows"
        )),
        false => error,
    }
}

/// The word beside the refusal decides first, then the kind, and the number where it speaks of the same.
pub(super) fn of(refusal: &Refusal, kind: ErrorKind) -> Option<&'static str> {
    let known = aadsts::first_known(&refusal.numbers);
    let fitting = known.filter(|entry| fits(kind, entry.class)).map(|entry| entry.remedy);
    refusal.suberror.and_then(Suberror::remedy).or(fitting).or_else(|| usual(refusal, kind))
}

/// Whether the remedy of a number of this class is one for an error of this kind.
fn fits(kind: ErrorKind, class: Class) -> bool {
    match kind {
        ErrorKind::InteractionRequired => class == Class::InteractionRequired,
        ErrorKind::Service => class == Class::Transient,
        ErrorKind::Expired => class == Class::Expired,
        // Where nobody can be asked, it is of no use to say what a person would have to do.
        ErrorKind::Refused => class != Class::InteractionRequired,
        _ => true,
    }
}

fn usual(refusal: &Refusal, kind: ErrorKind) -> Option<&'static str> {
    match kind {
        ErrorKind::InteractionRequired => Some("sign in again, interactively"),
        ErrorKind::Declined => Some("sign in again and accept"),
        ErrorKind::Expired => Some("start the sign-in again"),
        ErrorKind::Service => Some("try again later"),
        ErrorKind::Refused if refusal.class() == Some(Class::InteractionRequired) => Some(NOBODY),
        ErrorKind::Refused if refusal.is(&DEMANDS) => Some(NOBODY),
        // An unknown number leads to its own page.
        ErrorKind::Refused if refusal.numbers.is_empty() => refusal.code.and_then(of_code),
        _ => None,
    }
}

/// What a code alone tells, where the service gives no number (RFC 6749 sections 4.1.2.1 and 5.2, RFC 8628 section
/// 3.5, RFC 8707 section 2).
fn of_code(code: &str) -> Option<&'static str> {
    Some(match code {
        "invalid_client" => {
            "check the client id, and the secret, key or assertion that proves it, at this very authority"
        }
        "invalid_grant" => {
            "check that what was sent as proof (code, assertion, user) is valid still, and was issued for this app and tenant"
        }
        "invalid_scope" => "check the scopes: whether they exist there, and whether this app may have them",
        "invalid_target" | "invalid_resource" => {
            "check the resource that the token is for, and whether it is known to this tenant"
        }
        "unauthorized_client" => {
            "allow the app this kind of sign-in in its registration, or use another credential"
        }
        "unsupported_grant_type" => "use another credential: this authority has no such kind of sign-in",
        "unsupported_response_type" => {
            "allow the app the authorization code flow in its registration, or use another credential"
        }
        "invalid_request" => {
            "check the options against what this authority expects; its own words say which it means"
        }
        "invalid_tenant" => "check the tenant",
        "invalid_instance" => "check the address of the authority",
        "access_denied" => "have an administrator see which policy or permission denies it",
        _ => return None,
    })
}
