//! The messages of WS-Trust in SOAP 1.2: reading a request, writing an answer or a fault.

use entrada_core::calendar;
use entrada_core::secret::Secret;
use entrada_core::time::Unix;

use super::Version;
use super::saml::{ENTRA, LIFE, SamlVersion};
use crate::ask::Ask;
use crate::html::escape;
use crate::xml::{self, Element};

const SOAP: &str = "http://www.w3.org/2003/05/soap-envelope";
const ADDRESSING: &str = "http://www.w3.org/2005/08/addressing";
const POLICY: &str = "http://schemas.xmlsoap.org/ws/2004/09/policy";
const SECURITY: &str = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd";
const UTILITY: &str = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd";
/// How far clocks may differ, in seconds.
const SKEW: i64 = 300;

/// A request that can be answered.
pub(super) struct Request {
    pub(super) username: String,
    pub(super) password: Secret,
    /// The form that was asked for, if it was.
    pub(super) saml: Option<SamlVersion>,
}

/// Why a request is refused: a SOAP fault (SOAP 1.2 section 5.4).
#[derive(Debug)]
pub(super) struct Trouble {
    pub(super) status: u16,
    /// Namespace and name of the subcode.
    subcode: (&'static str, &'static str),
    reason: String,
}

impl Trouble {
    fn new(subcode: (&'static str, &'static str), reason: impl Into<String>) -> Trouble {
        // An AD FS answers 500 whoever is to blame.
        Trouble { status: 500, subcode, reason: reason.into() }
    }

    /// The name or the password is wrong, or neither is of use.
    pub(super) fn authentication() -> Trouble {
        let reason = "ID3242: The security token could not be authenticated or authorized.";
        Trouble::new((SECURITY, "FailedAuthentication"), reason)
    }

    fn invalid(version: Version, what: &str) -> Trouble {
        let reason = format!("ID3082: The request scope is not valid or is unsupported: {what}.");
        Trouble::new((version.namespace(), "InvalidRequest"), reason)
    }

    fn addressing(name: &'static str, reason: &str) -> Trouble {
        Trouble::new((ADDRESSING, name), reason)
    }
}

/// Checks everything but the password.
pub(super) fn read(ask: &Ask<'_>, version: Version) -> Result<Request, Trouble> {
    let text = std::str::from_utf8(ask.body()).ok();
    let envelope = text.and_then(xml::parse).filter(|root| root.namespace == SOAP && root.name == "Envelope");
    let malformed = || Trouble {
        status: 400,
        ..Trouble::new((SOAP, "MalformedMessage"), "The message is no SOAP 1.2 envelope.")
    };
    let envelope = envelope.ok_or_else(malformed)?;
    let header = envelope.child(SOAP, "Header").ok_or_else(malformed)?;
    let body = envelope.child(SOAP, "Body").ok_or_else(malformed)?;
    addressed(ask, version, header)?;
    let security = header.child(SECURITY, "Security").ok_or_else(|| {
        Trouble::new(
            (SECURITY, "InvalidSecurity"),
            "An error occurred when verifying security for the message.",
        )
    })?;
    in_time(security, ask.now.unix)?;
    let token = security.child(SECURITY, "UsernameToken").ok_or_else(Trouble::authentication)?;
    let part = |name: &str| token.child(SECURITY, name).ok_or_else(Trouble::authentication);
    let (username, password) = (part("Username")?.text().to_owned(), Secret::new(part("Password")?.exact()));
    let saml = wanted(version, body)?;
    Ok(Request { username, password, saml })
}

fn addressed(ask: &Ask<'_>, version: Version, header: &Element) -> Result<(), Trouble> {
    let text = |name: &str| header.child(ADDRESSING, name).map(Element::text).unwrap_or_default();
    let announced = ask.header("soapaction").map(|action| action.trim_matches('"'));
    let action = text("Action");
    if action != version.action() || announced.is_some_and(|announced| announced != action) {
        let reason = format!(
            "The message with Action '{action}' cannot be processed at the receiver, due to a ContractFilter mismatch \
             at the EndpointDispatcher."
        );
        return Err(Trouble::addressing("ActionNotSupported", &reason));
    }
    if text("To") != format!("{}/adfs/{}", ask.origin, version.path()) {
        let reason = format!(
            "The message with To '{}' cannot be processed at the receiver, due to an AddressFilter mismatch at the \
             EndpointDispatcher.",
            text("To")
        );
        return Err(Trouble::addressing("DestinationUnreachable", &reason));
    }
    if text("MessageID").is_empty() {
        let reason =
            "A required header representing a Message Addressing Property is not present: MessageID.";
        return Err(Trouble::addressing("MessageAddressingHeaderRequired", reason));
    }
    Ok(())
}

fn in_time(security: &Element, now: Unix) -> Result<(), Trouble> {
    let time = |name: &str| {
        let text = security.at(&[(UTILITY, "Timestamp"), (UTILITY, name)])?.text();
        calendar::parse(text).map(|stamp| stamp.or_utc())
    };
    let (created, expires) = (time("Created"), time("Expires"));
    let fresh = created.is_some_and(|at| at.0 <= now.0.saturating_add(SKEW))
        && expires.is_some_and(|at| at.0 > now.0.saturating_sub(SKEW))
        && created < expires;
    if fresh {
        return Ok(());
    }
    let reason =
        "An error occurred when verifying security for the message: its timestamp is missing or stale.";
    Err(Trouble::new((UTILITY, "MessageExpired"), reason))
}

/// Checks what is asked for, and gives its form.
fn wanted(version: Version, body: &Element) -> Result<Option<SamlVersion>, Trouble> {
    let trust = version.namespace();
    let request = body
        .child(trust, "RequestSecurityToken")
        .ok_or_else(|| Trouble::invalid(version, "nothing is asked for"))?;
    let text = |name: &str| request.child(trust, name).map(Element::text);
    if text("RequestType") != Some(&format!("{trust}/Issue")) {
        return Err(Trouble::invalid(version, "RequestType"));
    }
    if text("KeyType") != Some(version.key_type()) {
        return Err(Trouble::invalid(version, "KeyType"));
    }
    let scope = [(POLICY, "AppliesTo"), (ADDRESSING, "EndpointReference"), (ADDRESSING, "Address")];
    if request.at(&scope).map(Element::text) != Some(ENTRA) {
        return Err(Trouble::invalid(version, "AppliesTo"));
    }
    match text("TokenType") {
        None => Ok(None),
        Some(kind) => {
            let known =
                [SamlVersion::V1, SamlVersion::V2].into_iter().find(|v| v.token_types().contains(&kind));
            known.map(Some).ok_or_else(|| Trouble::invalid(version, "TokenType"))
        }
    }
}

fn enveloped(action: &str, body: &str) -> String {
    format!(
        "<s:Envelope xmlns:s=\"{SOAP}\" xmlns:a=\"{ADDRESSING}\"><s:Header><a:Action s:mustUnderstand=\"1\">{action}\
         </a:Action></s:Header><s:Body>{body}</s:Body></s:Envelope>"
    )
}

pub(super) fn fault(trouble: &Trouble) -> String {
    let (namespace, name) = trouble.subcode;
    let body = format!(
        "<s:Fault><s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value xmlns:e=\"{namespace}\">e:{name}</s:Value>\
         </s:Subcode></s:Code><s:Reason><s:Text xml:lang=\"en-US\">{}</s:Text></s:Reason></s:Fault>",
        escape(&trouble.reason)
    );
    enveloped("http://www.w3.org/2005/08/addressing/soap/fault", &body)
}

/// The answer with this assertion, every byte of it as it is.
pub(super) fn answer(version: Version, saml: SamlVersion, assertion: &str, now: Unix) -> String {
    let trust = version.namespace();
    let at = |seconds: i64| calendar::rfc3339(Unix(now.0.saturating_add(seconds))).replace('Z', ".000Z");
    let response = format!(
        "<t:RequestSecurityTokenResponse xmlns:t=\"{trust}\"><t:Lifetime><u:Created xmlns:u=\"{UTILITY}\">{}\
         </u:Created><u:Expires xmlns:u=\"{UTILITY}\">{}</u:Expires></t:Lifetime><p:AppliesTo xmlns:p=\"{POLICY}\">\
         <a:EndpointReference><a:Address>{ENTRA}</a:Address></a:EndpointReference></p:AppliesTo>\
         <t:RequestedSecurityToken>{assertion}</t:RequestedSecurityToken><t:TokenType>{}</t:TokenType>\
         <t:RequestType>{trust}/Issue</t:RequestType><t:KeyType>{}</t:KeyType></t:RequestSecurityTokenResponse>",
        at(0),
        at(LIFE),
        saml.token_types()[0],
        version.key_type()
    );
    match version {
        Version::Trust2005 => enveloped(&format!("{trust}/RSTR/Issue"), &response),
        Version::Trust13 => {
            let whole = format!(
                "<t:RequestSecurityTokenResponseCollection xmlns:t=\"{trust}\">{response}\
                 </t:RequestSecurityTokenResponseCollection>"
            );
            enveloped(&format!("{trust}/RSTRC/IssueFinal"), &whole)
        }
    }
}
