//! Azure Resource Manager's error envelope, and what its codes mean.

use serde_json::{Map, Value};

use crate::challenge;
use crate::error::{Error, ErrorKind};
use crate::exchange::Answer;
use crate::tenant::is_guid;

/// What is known of a code: the kind of error it is, what it means, and what helps.
struct Entry {
    code: &'static str,
    kind: ErrorKind,
    cause: &'static str,
    remedy: &'static str,
}

const fn entry(code: &'static str, kind: ErrorKind, cause: &'static str, remedy: &'static str) -> Entry {
    Entry { code, kind, cause, remedy }
}

const REFUSED: ErrorKind = ErrorKind::Refused;
const FORBIDDEN: ErrorKind = ErrorKind::Forbidden;

const TABLE: [Entry; 18] = [
    entry(
        "InvalidAuthenticationTokenTenant",
        REFUSED,
        "the token is of another tenant than the subscription",
        "sign in to the tenant of the subscription",
    ),
    entry(
        "InvalidAuthenticationTokenAudience",
        REFUSED,
        "the token is for another service or another cloud",
        "let authority, ARM endpoint and scope be of one cloud",
    ),
    entry(
        "InvalidAuthenticationToken",
        REFUSED,
        "the token is not valid here",
        "let authority and ARM endpoint be of one cloud; sign in again",
    ),
    entry("ExpiredAuthenticationToken", REFUSED, "the token has expired", "check the clock of this machine"),
    entry("AuthenticationFailed", REFUSED, "the token was not accepted", "sign in again"),
    entry(
        "AuthorizationFailed",
        FORBIDDEN,
        "the identity has no role that allows this, or the scope does not exist",
        "assign a role to the identity (Reader is enough to open a workspace; AzureML Data Scientist to work in it), check the names, and allow up to 10 minutes for a new role",
    ),
    entry(
        "LinkedAuthorizationFailed",
        FORBIDDEN,
        "the identity lacks a role on a linked resource",
        "assign a role on the linked resource too",
    ),
    entry(
        "RequestDisallowedByPolicy",
        FORBIDDEN,
        "an Azure Policy forbids it",
        "ask whoever administers the policies",
    ),
    entry("ResourceNotFound", REFUSED, "there is no such resource", "check the name of the workspace"),
    entry(
        "ResourceGroupNotFound",
        REFUSED,
        "there is no such resource group",
        "check the name of the resource group",
    ),
    entry(
        "SubscriptionNotFound",
        REFUSED,
        "the subscription is not known in this tenant",
        "check the subscription id, and that the token is of the tenant the subscription belongs to",
    ),
    entry(
        "InvalidSubscriptionId",
        REFUSED,
        "the subscription id is not one",
        "use the GUID of the subscription",
    ),
    entry(
        "MissingSubscriptionRegistration",
        REFUSED,
        "the subscription is not registered for Azure Machine Learning",
        "run `az provider register --namespace Microsoft.MachineLearningServices`",
    ),
    entry(
        "InvalidApiVersionParameter",
        REFUSED,
        "the api-version is not supported there",
        "choose another api-version",
    ),
    entry("MissingApiVersionParameter", REFUSED, "the api-version is missing", "give an api-version"),
    entry(
        "NoRegisteredProviderFound",
        REFUSED,
        "the api-version or the location is not supported there",
        "choose another api-version",
    ),
    entry(
        "SubscriptionRequestsThrottled",
        ErrorKind::Service,
        "the subscription makes too many requests",
        "wait, and ask less often",
    ),
    entry("TooManyRequests", ErrorKind::Service, "too many requests were made", "wait, and ask less often"),
];

/// The error that an answer other than success is.
pub(super) fn of_answer(answer: &Answer) -> Error {
    let nothing = Map::new();
    let document = answer.object().unwrap_or(&nothing);
    let envelope = document.get("error").and_then(Value::as_object).unwrap_or(document);
    let text = |name: &str| envelope.get(name).and_then(Value::as_str).unwrap_or_default();
    let (code, message) = (text("code"), text("message"));
    let known = TABLE.iter().find(|entry| entry.code.eq_ignore_ascii_case(code));
    let kind = known.map_or_else(|| kind_of_status(answer.status()), |entry| entry.kind);
    let failed = if kind == ErrorKind::Service { "failed at" } else { "refused" };
    let cause = private_link(message).or(known.map(|entry| (entry.cause, entry.remedy)));
    let what = match cause {
        Some((cause, _)) => format!("{} {failed} {}: {cause}", answer.host(), answer.label()),
        None => format!("{} {failed} {} (HTTP {})", answer.host(), answer.label(), answer.status()),
    };
    let detail = match (code, message) {
        ("", "") if answer.body().is_empty() => String::new(),
        ("", "") => answer.excerpt(),
        (code, message) => answer.clean(&format!("{code}: {message}")),
    };
    let correlation =
        answer.header("x-ms-correlation-request-id").or_else(|| answer.header("x-ms-request-id"));
    let error = Error::new(kind, what)
        .with_code(known.map(|entry| entry.code))
        .with_status(answer.status())
        .with_ids(correlation, answer.header("x-ms-request-id"))
        .with_retry_after(answer.retry_after(answer.received().unix))
        .with_detail(detail);
    match (tenant_hint(answer, code, message), cause) {
        (Some(tenant), _) => error.with_remedy(format!("sign in to tenant {tenant}")),
        (None, Some((_, remedy))) => error.with_remedy(remedy),
        (None, None) => error,
    }
}

fn kind_of_status(status: u16) -> ErrorKind {
    match status {
        403 => ErrorKind::Forbidden,
        400..=402 | 404..=407 | 409..=428 => ErrorKind::Refused,
        408 | 429 | 500.. => ErrorKind::Service,
        _ => ErrorKind::Malformed,
    }
}

/// A private workspace refuses from outside; that is the network, not a role.
fn private_link(message: &str) -> Option<(&'static str, &'static str)> {
    message.contains("private link configuration").then_some((
        "the workspace is reached through a private endpoint only",
        "connect from a network that has the private endpoint",
    ))
}

/// The tenant that the subscription belongs to: in the challenge, or the second issuer in the text.
fn tenant_hint(answer: &Answer, code: &str, message: &str) -> Option<String> {
    if code != "InvalidAuthenticationTokenTenant" {
        return None;
    }
    let challenged = challenge::of_headers(answer.headers()).iter().find_map(challenge::Challenge::tenant);
    let named = || message.rsplit("sts.windows.net/").next()?.get(..36).map(str::to_owned);
    challenged.or_else(named).filter(|tenant| is_guid(tenant))
}
