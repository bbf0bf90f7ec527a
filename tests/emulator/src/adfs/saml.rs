//! The assertions an AD FS makes: SAML 1.1 and 2.0.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use entrada_core::calendar;
use entrada_core::time::Unix;
use sha2::{Digest, Sha256};

use crate::config::User;
use crate::html::escape;
use crate::jwt;

/// How long an assertion lives, in seconds.
pub(super) const LIFE: i64 = 3600;
/// Whom assertions are for: Entra, as an AD FS knows it.
pub(super) const ENTRA: &str = "urn:federation:MicrosoftOnline";

/// The form of an assertion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SamlVersion {
    V1,
    V2,
}

impl SamlVersion {
    /// The token types that ask for it, its own one first.
    pub(super) fn token_types(self) -> [&'static str; 2] {
        match self {
            SamlVersion::V1 => [
                "urn:oasis:names:tc:SAML:1.0:assertion",
                "http://docs.oasis-open.org/wss/oasis-wss-saml-token-profile-1.1#SAMLV1.1",
            ],
            SamlVersion::V2 => [
                "urn:oasis:names:tc:SAML:2.0:assertion",
                "http://docs.oasis-open.org/wss/oasis-wss-saml-token-profile-1.1#SAMLV2.0",
            ],
        }
    }
}

/// What is remembered of an assertion.
#[derive(Clone)]
pub(crate) struct Issued {
    pub(crate) version: SamlVersion,
    /// The person, by object id.
    pub(crate) user: String,
    pub(crate) expires: Unix,
}

/// By which an assertion is found again. Every byte counts: whoever writes it anew breaks its signature.
pub(crate) fn fingerprint(assertion: &[u8]) -> [u8; 32] {
    Sha256::digest(assertion).into()
}

/// The assertion of a person, on one line, signed with the published key over its text. That is no
/// canonical form (XML Signature), and nobody but the emulator needs to check it.
pub(super) fn assertion(version: SamlVersion, id: &str, issuer: &str, user: &User, now: Unix) -> String {
    let at = |seconds: i64| calendar::rfc3339(Unix(now.0.saturating_add(seconds))).replace('Z', ".000Z");
    let (from, until) = (at(0), at(LIFE));
    let (name, immutable) = (escape(&user.username), STANDARD.encode(&user.object_id));
    let (open, inside, close) = match version {
        SamlVersion::V1 => (
            format!(
                "<saml:Assertion MajorVersion=\"1\" MinorVersion=\"1\" AssertionID=\"{id}\" Issuer=\"{issuer}\" \
                 IssueInstant=\"{from}\" xmlns:saml=\"urn:oasis:names:tc:SAML:1.0:assertion\">"
            ),
            format!(
                "<saml:Conditions NotBefore=\"{from}\" NotOnOrAfter=\"{until}\"><saml:AudienceRestrictionCondition>\
                 <saml:Audience>{ENTRA}</saml:Audience></saml:AudienceRestrictionCondition></saml:Conditions>\
                 <saml:AttributeStatement><saml:Subject><saml:NameIdentifier>{immutable}</saml:NameIdentifier>\
                 </saml:Subject><saml:Attribute AttributeName=\"UPN\" AttributeNamespace=\
                 \"http://schemas.xmlsoap.org/claims\"><saml:AttributeValue>{name}</saml:AttributeValue>\
                 </saml:Attribute></saml:AttributeStatement>"
            ),
            "</saml:Assertion>",
        ),
        SamlVersion::V2 => (
            format!(
                "<Assertion ID=\"{id}\" IssueInstant=\"{from}\" Version=\"2.0\" \
                 xmlns=\"urn:oasis:names:tc:SAML:2.0:assertion\"><Issuer>{issuer}</Issuer>"
            ),
            format!(
                "<Subject><NameID>{immutable}</NameID></Subject><Conditions NotBefore=\"{from}\" \
                 NotOnOrAfter=\"{until}\"><AudienceRestriction><Audience>{ENTRA}</Audience></AudienceRestriction>\
                 </Conditions><AttributeStatement><Attribute Name=\"http://schemas.xmlsoap.org/claims/UPN\">\
                 <AttributeValue>{name}</AttributeValue></Attribute></AttributeStatement>"
            ),
            "</Assertion>",
        ),
    };
    let digest = STANDARD.encode(fingerprint(format!("{open}{inside}{close}").as_bytes()));
    let signature = STANDARD.encode(jwt::signature(digest.as_bytes()));
    let signature = format!(
        "<ds:Signature xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"><ds:SignedInfo><ds:SignatureMethod \
         Algorithm=\"http://www.w3.org/2001/04/xmldsig-more#rsa-sha256\"/><ds:Reference URI=\"#{id}\">\
         <ds:DigestValue>{digest}</ds:DigestValue></ds:Reference></ds:SignedInfo>\
         <ds:SignatureValue>{signature}</ds:SignatureValue></ds:Signature>"
    );
    format!("{open}{inside}{signature}{close}")
}
