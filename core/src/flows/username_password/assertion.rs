//! What a federation service answers: an assertion, or a fault.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::refused;
use super::ws_trust::Version;
use crate::error::{Error, ErrorKind};
use crate::exchange::Answer;
use crate::secret::Secret;
use crate::xml::{Document, Element};

const SAML1: &str = "urn:oasis:names:tc:SAML:1.0:assertion";
const SAML2: &str = "urn:oasis:names:tc:SAML:2.0:assertion";
const PROFILE: &str = "http://docs.oasis-open.org/wss/oasis-wss-saml-token-profile-1.1#";

/// The codes of WS-Trust, WS-Security and of the services that speak them. Others are not shown.
const CODES: [&str; 15] = [
    "AuthenticationBadElements",
    "BadRequest",
    "ExpiredData",
    "FailedAuthentication",
    "FailedCheck",
    "InternalServiceFault",
    "InvalidRequest",
    "InvalidScope",
    "InvalidSecurity",
    "InvalidSecurityToken",
    "InvalidTimeRange",
    "MessageExpired",
    "RequestFailed",
    "SecurityTokenUnavailable",
    "UnsupportedSecurityToken",
];

/// A SAML assertion, as the token endpoint takes it.
#[derive(Debug)]
pub(super) struct Assertion {
    /// The grant (RFC 7522, and Microsoft's own for SAML 1.1).
    pub(super) grant: &'static str,
    /// Its very bytes, in base64url: it is signed.
    pub(super) encoded: Secret,
}

/// Reads an answer, whatever its status: a wrong password comes with 500.
pub(super) fn read(answer: &Answer) -> Result<Assertion, Error> {
    let Ok(document) = Document::parse(answer.body()) else { return Err(nonsense(answer)) };
    // By their names alone: some services have the wrong namespace for them.
    let envelope = Some(document.root()).filter(|root| root.name() == "Envelope");
    let body = envelope.and_then(|envelope| named(envelope, &["Body"])).ok_or_else(|| nonsense(answer))?;
    if let Some(fault) = named(body, &["Fault"]) {
        return Err(refusal(answer, fault));
    }
    // Version 1.3 has a collection around the responses.
    let mut responses = body.children().flat_map(|child| std::iter::once(child).chain(child.children()));
    let found = responses.find_map(|response| {
        let is = |version: Version| response.is(version.namespace(), "RequestSecurityTokenResponse");
        let version = [Version::Trust13, Version::Trust2005].into_iter().find(|version| is(*version))?;
        let mut tokens = response.child(version.namespace(), "RequestedSecurityToken")?.children();
        let token = tokens.next().filter(|_| tokens.next().is_none())?;
        let kind = response.child(version.namespace(), "TokenType").map(|kind| kind.text());
        Some((token, grant(kind.as_deref().unwrap_or_default().trim(), token)))
    });
    match found {
        None => Err(nonsense(answer)),
        Some((_, None)) => Err(Error::new(
            ErrorKind::Malformed,
            format!("{} answered {} with a token that is no SAML assertion", answer.host(), answer.label()),
        )
        .with_status(answer.status())
        .with_remedy(
            "an administrator has to set up the federation service to issue SAML 1.1 or 2.0 assertions",
        )),
        Some((token, Some(grant))) => {
            let encoded = Secret::new(URL_SAFE_NO_PAD.encode(token.standalone().as_bytes()));
            Ok(Assertion { grant, encoded })
        }
    }
}

/// The grant for a token of this kind; where the kind is not told, the token itself tells it.
fn grant(kind: &str, token: Element<'_, '_>) -> Option<&'static str> {
    let kind = kind.strip_prefix(PROFILE).unwrap_or(kind);
    match (kind, token.namespace()) {
        (SAML1 | "SAMLV1.1", _) | ("", Some(SAML1)) => {
            Some("urn:ietf:params:oauth:grant-type:saml1_1-bearer")
        }
        (SAML2 | "SAMLV2.0", _) | ("", Some(SAML2)) => Some("urn:ietf:params:oauth:grant-type:saml2-bearer"),
        _ => None,
    }
}

/// The element to which these names lead, whatever their namespaces.
fn named<'d, 'a>(element: Element<'d, 'a>, path: &[&str]) -> Option<Element<'d, 'a>> {
    path.iter().try_fold(element, |element, name| element.children().find(|child| child.name() == *name))
}

/// A fault of SOAP 1.2 (`Code`, `Subcode`, `Reason`) or 1.1 (`faultcode`, `faultstring`).
fn refusal(answer: &Answer, fault: Element<'_, '_>) -> Error {
    let text = |path: &[&str]| named(fault, path).map(|element| element.text());
    let last = |code: String| code.trim().rsplit(':').next().unwrap_or_default().to_owned();
    let outer = text(&["Code", "Value"]).or_else(|| text(&["faultcode"])).map(last).unwrap_or_default();
    let inner = text(&["Code", "Subcode", "Value"]).map(last).unwrap_or_else(|| outer.clone());
    let code = CODES.into_iter().find(|known| *known == inner);
    let reason = text(&["Reason", "Text"]).or_else(|| text(&["faultstring"])).unwrap_or_default();
    let (kind, why, remedy) = match code {
        Some("FailedAuthentication" | "FailedCheck" | "InvalidSecurityToken") => {
            (ErrorKind::Refused, "refused the user name or the password", refused::REMEDY)
        }
        Some("MessageExpired" | "InvalidSecurity" | "InvalidTimeRange" | "ExpiredData") => (
            ErrorKind::Refused,
            "did not take the request as one that is good now",
            "check the clock of this machine, and that the federation service takes user names and passwords",
        ),
        Some("InternalServiceFault") => (ErrorKind::Service, "failed", "try again later"),
        None if matches!(&*outer, "Receiver" | "Server") => (ErrorKind::Service, "failed", "try again later"),
        _ => (
            ErrorKind::Refused,
            "refused to give an assertion for the account",
            "check the user name and the password, and whether the account can sign in at the federation service; an administrator finds the reason in its log",
        ),
    };
    Error::new(kind, format!("the federation service {} {why}", answer.host()))
        .with_remedy(remedy)
        .with_code(code)
        .with_status(answer.status())
        .with_retry_after(answer.retry_after(answer.received().unix))
        .with_detail(answer.clean(&reason))
}

/// An answer that is neither an assertion nor a fault.
fn nonsense(answer: &Answer) -> Error {
    let status = answer.status();
    let (kind, remedy) = match status {
        429 | 500.. => {
            (ErrorKind::Service, "try again later; a proxy between may also have answered in its place")
        }
        _ => (
            ErrorKind::Malformed,
            "something between may have answered in its place, such as a proxy; or the service does not take passwords there",
        ),
    };
    // An assertion that could not be read is one still.
    let body = answer.body();
    let holds_one = body.windows(b"ssertion".len()).any(|part| part == b"ssertion");
    Error::new(
        kind,
        format!("{} answered {} with a {status} that makes no sense", answer.host(), answer.label()),
    )
    .with_remedy(remedy)
    .with_status(status)
    .with_retry_after(answer.retry_after(answer.received().unix))
    .with_detail(if holds_one || body.is_empty() { String::new() } else { answer.excerpt() })
}
