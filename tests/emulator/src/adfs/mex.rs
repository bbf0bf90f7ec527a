//! The metadata of WS-Trust (WS-MetadataExchange, WSDL 1.1): which address takes which credentials.

use super::Version;

const UTILITY: &str = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd";

/// The document of an AD FS at this base. Addresses for Windows credentials are in it too: who takes the
/// first port does not get far.
pub(super) fn document(base: &str) -> String {
    let windows = (
        policy("CustomBinding_IWSTrustFeb2005Async_policy", "<http:NegotiateAuthentication/>"),
        binding(
            "CustomBinding_IWSTrustFeb2005Async",
            &Version::Trust2005.action(),
            "http://schemas.xmlsoap.org/soap/http",
        ),
        port("CustomBinding_IWSTrustFeb2005Async", &format!("{base}/services/trust/2005/windowstransport")),
    );
    let passwords = Version::ALL.into_iter().map(|version| {
        let name = match version {
            Version::Trust2005 => "UserNameWSTrustBinding_IWSTrustFeb2005Async",
            Version::Trust13 => "UserNameWSTrustBinding_IWSTrust13Async",
        };
        (
            policy(&format!("{name}_policy"), &username_token(version)),
            binding(name, &version.action(), "http://schemas.xmlsoap.org/soap/http"),
            port(name, &format!("{base}/{}", version.path())),
        )
    });
    let parts: Vec<_> = std::iter::once(windows).chain(passwords).collect();
    let join = |part: fn(&(String, String, String)) -> &str| parts.iter().map(part).collect::<String>();
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?><wsdl:definitions name=\"SecurityTokenService\" \
         targetNamespace=\"http://schemas.microsoft.com/ws/2008/06/identity/securitytokenservice\" \
         xmlns:wsdl=\"http://schemas.xmlsoap.org/wsdl/\" xmlns:wsp=\"http://schemas.xmlsoap.org/ws/2004/09/policy\" \
         xmlns:wsu=\"{UTILITY}\" xmlns:wsa10=\"http://www.w3.org/2005/08/addressing\" \
         xmlns:soap12=\"http://schemas.xmlsoap.org/wsdl/soap12/\" \
         xmlns:http=\"http://schemas.microsoft.com/ws/06/2004/policy/http\" \
         xmlns:tns=\"http://schemas.microsoft.com/ws/2008/06/identity/securitytokenservice\">{}{}\
         <wsdl:service name=\"SecurityTokenService\">{}</wsdl:service></wsdl:definitions>",
        join(|part| &part.0),
        join(|part| &part.1),
        join(|part| &part.2)
    )
}

fn policy(id: &str, inside: &str) -> String {
    format!(
        "<wsp:Policy wsu:Id=\"{id}\"><wsp:ExactlyOne><wsp:All>{inside}<wsaw:UsingAddressing \
         xmlns:wsaw=\"http://www.w3.org/2006/05/addressing/wsdl\"/></wsp:All></wsp:ExactlyOne></wsp:Policy>"
    )
}

/// A name and a password over TLS.
fn username_token(version: Version) -> String {
    let (namespace, tokens) = match version {
        Version::Trust2005 => {
            ("http://schemas.xmlsoap.org/ws/2005/07/securitypolicy", "SignedSupportingTokens")
        }
        Version::Trust13 => {
            ("http://docs.oasis-open.org/ws-sx/ws-securitypolicy/200702", "SignedEncryptedSupportingTokens")
        }
    };
    format!(
        "<sp:TransportBinding xmlns:sp=\"{namespace}\"><wsp:Policy><sp:TransportToken><wsp:Policy>\
         <sp:HttpsToken RequireClientCertificate=\"false\"/></wsp:Policy></sp:TransportToken><sp:IncludeTimestamp/>\
         </wsp:Policy></sp:TransportBinding><sp:{tokens} xmlns:sp=\"{namespace}\"><wsp:Policy><sp:UsernameToken \
         sp:IncludeToken=\"{namespace}/IncludeToken/AlwaysToRecipient\"><wsp:Policy><sp:WssUsernameToken10/>\
         </wsp:Policy></sp:UsernameToken></wsp:Policy></sp:{tokens}>"
    )
}

fn binding(name: &str, action: &str, transport: &str) -> String {
    format!(
        "<wsdl:binding name=\"{name}\" type=\"tns:IWSTrust\"><wsp:PolicyReference URI=\"#{name}_policy\"/>\
         <soap12:binding transport=\"{transport}\"/><wsdl:operation name=\"TrustIssue\"><soap12:operation \
         soapAction=\"{action}\" style=\"document\"/><wsdl:input><soap12:body use=\"literal\"/></wsdl:input>\
         <wsdl:output><soap12:body use=\"literal\"/></wsdl:output></wsdl:operation></wsdl:binding>"
    )
}

fn port(binding: &str, address: &str) -> String {
    format!(
        "<wsdl:port name=\"{binding}\" binding=\"tns:{binding}\"><soap12:address location=\"{address}\"/>\
         <wsa10:EndpointReference><wsa10:Address>{address}</wsa10:Address></wsa10:EndpointReference></wsdl:port>"
    )
}
