//! A password for a SAML assertion: WS-Trust 1.3, and its predecessor of 2005.

use std::time::Duration;

use http::header::HeaderName;

use super::Account;
use crate::calendar::rfc3339;
use crate::endpoint::Endpoint;
use crate::error::{Error, ErrorKind};
use crate::exchange::RequestSpec;
use crate::secret::{Secret, SecretBytes};
use crate::time::Unix;
use crate::xml::escape;

/// For how long a request says that it is good.
const LIFE: Duration = Duration::from_secs(600);

/// The version of WS-Trust that a place speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Version {
    Trust13,
    Trust2005,
}

impl Version {
    pub(super) fn action(self) -> &'static str {
        match self {
            Version::Trust13 => "http://docs.oasis-open.org/ws-sx/ws-trust/200512/RST/Issue",
            Version::Trust2005 => "http://schemas.xmlsoap.org/ws/2005/02/trust/RST/Issue",
        }
    }

    pub(super) fn of_action(action: &str) -> Option<Version> {
        [Version::Trust13, Version::Trust2005].into_iter().find(|version| version.action() == action)
    }

    /// What an address gives away. Those of AD FS tell; others are mostly those of 2005, since the
    /// programs that this address was made for speak that.
    pub(super) fn of_address(address: &str) -> Version {
        match address.to_ascii_lowercase().contains("/trust/13/") {
            true => Version::Trust13,
            false => Version::Trust2005,
        }
    }

    pub(super) fn namespace(self) -> &'static str {
        match self {
            Version::Trust13 => "http://docs.oasis-open.org/ws-sx/ws-trust/200512",
            Version::Trust2005 => "http://schemas.xmlsoap.org/ws/2005/02/trust",
        }
    }

    fn key_type(self) -> &'static str {
        match self {
            Version::Trust13 => "http://docs.oasis-open.org/ws-sx/ws-trust/200512/Bearer",
            Version::Trust2005 => "http://schemas.xmlsoap.org/ws/2005/05/identity/NoProofKey",
        }
    }
}

/// What a request says, but for the account.
#[derive(Debug)]
pub(super) struct Envelope<'a> {
    pub(super) version: Version,
    pub(super) audience: &'a str,
    pub(super) message_id: String,
    pub(super) now: Unix,
}

impl Envelope<'_> {
    /// The request for an assertion.
    ///
    /// # Errors
    /// `Configuration` when the user name or the password has a character that XML cannot hold.
    pub(super) fn post(&self, place: Endpoint, account: &Account) -> Result<RequestSpec, Error> {
        let unfit = |what: &str| {
            Error::new(
                ErrorKind::Configuration,
                format!("the {what} has a control character, which the protocol of the federation service cannot carry"),
            )
            .with_remedy("check it for stray characters, or sign in another way")
        };
        let username = escape(&account.username).ok_or_else(|| unfit("user name"))?;
        let password = escape(account.password.expose()).map(Secret::new).ok_or_else(|| unfit("password"))?;
        let to = escape(place.url().as_str()).unwrap_or_default();
        let body = self.write(&to, &username, &password);
        let spec = RequestSpec::post_body(
            place,
            body,
            "application/soap+xml; charset=utf-8",
            "an assertion for the account",
        );
        Ok(spec
            .accepting("application/soap+xml")
            .header(HeaderName::from_static("soapaction"), self.version.action())
            .secret_value(&account.password)
            .secret_value(&password))
    }

    fn write(&self, to: &str, username: &str, password: &Secret) -> SecretBytes {
        let version = self.version;
        let (created, expires) = (rfc3339(self.now), rfc3339(self.now.after(LIFE)));
        let before = format!(
            "<s:Envelope xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\" \
             xmlns:wsa=\"http://www.w3.org/2005/08/addressing\" \
             xmlns:wsu=\"http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd\">\
             <s:Header><wsa:Action s:mustUnderstand=\"1\">{}</wsa:Action>\
             <wsa:MessageID>urn:uuid:{}</wsa:MessageID>\
             <wsa:ReplyTo><wsa:Address>http://www.w3.org/2005/08/addressing/anonymous</wsa:Address></wsa:ReplyTo>\
             <wsa:To s:mustUnderstand=\"1\">{to}</wsa:To>\
             <wsse:Security s:mustUnderstand=\"1\" \
             xmlns:wsse=\"http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd\">\
             <wsu:Timestamp wsu:Id=\"_0\"><wsu:Created>{created}</wsu:Created>\
             <wsu:Expires>{expires}</wsu:Expires></wsu:Timestamp>\
             <wsse:UsernameToken wsu:Id=\"ADALUsernameToken\"><wsse:Username>{username}</wsse:Username>\
             <wsse:Password>",
            version.action(),
            self.message_id,
        );
        let after = format!(
            "</wsse:Password></wsse:UsernameToken></wsse:Security></s:Header><s:Body>\
             <wst:RequestSecurityToken xmlns:wst=\"{0}\">\
             <wsp:AppliesTo xmlns:wsp=\"http://schemas.xmlsoap.org/ws/2004/09/policy\">\
             <wsa:EndpointReference><wsa:Address>{1}</wsa:Address></wsa:EndpointReference></wsp:AppliesTo>\
             <wst:KeyType>{2}</wst:KeyType><wst:RequestType>{0}/Issue</wst:RequestType>\
             </wst:RequestSecurityToken></s:Body></s:Envelope>",
            version.namespace(),
            escape(self.audience).unwrap_or_default(),
            version.key_type(),
        );
        // Put together in one piece, so that no part of the password stays behind.
        SecretBytes::new([before.as_bytes(), password.expose().as_bytes(), after.as_bytes()].concat())
    }
}
