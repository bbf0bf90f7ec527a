//! A federation service, and what the authority says of it.

use super::{Scripted, UsernamePasswordCredential, ok, status, user};

pub(super) const MEX: &str = "https://sts.contoso.com/adfs/services/trust/mex";
pub(super) const AT_2005: &str = "https://sts.contoso.com/adfs/services/trust/2005/usernamemixed";
pub(super) const AT_13: &str = "https://sts.contoso.com/adfs/services/trust/13/usernamemixed";
pub(super) const TRUST_13: &str = "http://docs.oasis-open.org/ws-sx/ws-trust/200512";
pub(super) const TRUST_2005: &str = "http://schemas.xmlsoap.org/ws/2005/02/trust";
pub(super) const SAML1: &str = "urn:oasis:names:tc:SAML:1.0:assertion";
pub(super) const SAML2: &str = "urn:oasis:names:tc:SAML:2.0:assertion";

pub(super) fn trusting() -> UsernamePasswordCredential {
    user().trusting_federation("sts.contoso.com")
}

pub(super) fn realm(metadata: Option<&str>, active: Option<&str>) -> Scripted {
    let document = serde_json::json!({
        "ver": "1.0", "account_type": "Federated", "domain_name": "contoso.com",
        "federation_protocol": "WSTrust", "federation_metadata_url": metadata,
        "federation_active_auth_url": active, "cloud_audience_urn": "urn:federation:Other&Cloud",
    });
    ok(&document.to_string())
}

/// A port of the metadata, with its policy and its binding.
pub(super) fn port(name: &str, trust: &str, address: &str) -> String {
    let (policy, tokens) = match trust {
        TRUST_13 => {
            ("http://docs.oasis-open.org/ws-sx/ws-securitypolicy/200702", "SignedEncryptedSupportingTokens")
        }
        _ => ("http://schemas.xmlsoap.org/ws/2005/07/securitypolicy", "SignedSupportingTokens"),
    };
    let token = if name.starts_with("UserName") { "UsernameToken" } else { "X509Token" };
    format!(
        r##"<wsp:Policy wsu:Id="{name}_policy"><wsp:ExactlyOne><wsp:All xmlns:sp="{policy}">
        <sp:TransportBinding><wsp:Policy><sp:IncludeTimestamp/></wsp:Policy></sp:TransportBinding>
        <sp:{tokens}><wsp:Policy><sp:{token}><wsp:Policy/></sp:{token}></wsp:Policy></sp:{tokens}>
        </wsp:All></wsp:ExactlyOne></wsp:Policy>
        <wsdl:binding name="{name}" type="tns:x"><wsp:PolicyReference URI="#{name}_policy"/>
        <soap12:binding transport="http://schemas.xmlsoap.org/soap/http"/>
        <wsdl:operation name="Issue"><soap12:operation soapAction="{trust}/RST/Issue" style="document"/>
        </wsdl:operation></wsdl:binding>
        <wsdl:service name="S"><wsdl:port name="{name}" binding="tns:{name}">
        <soap12:address location="https://not.this.example/"/><wsa10:EndpointReference>
        <wsa10:Address>{address}</wsa10:Address></wsa10:EndpointReference></wsdl:port></wsdl:service>"##
    )
}

pub(super) fn mex(ports: &[String]) -> Scripted {
    ok(&format!(
        r#"<?xml version="1.0" encoding="utf-8"?><wsdl:definitions xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/"
        xmlns:soap12="http://schemas.xmlsoap.org/wsdl/soap12/" xmlns:wsa10="http://www.w3.org/2005/08/addressing"
        xmlns:wsp="http://schemas.xmlsoap.org/ws/2004/09/policy" xmlns:tns="urn:t"
        xmlns:wsu="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd">{}</wsdl:definitions>"#,
        ports.concat()
    ))
}

pub(super) fn both() -> Scripted {
    mex(&[
        port("Certificate", TRUST_13, "https://sts.contoso.com/adfs/services/trust/13/certificatemixed"),
        port("UserName2005", TRUST_2005, AT_2005),
        port("UserName13", TRUST_13, AT_13),
    ])
}

pub(super) fn assertion(saml: &str) -> String {
    format!(
        "<saml:Assertion xmlns:saml=\"{saml}\"  ID='_1'>\r\n <ds:Signature xmlns:ds='urn:d'>&#65;+/é</ds:Signature></saml:Assertion >"
    )
}

pub(super) fn issued(trust: &str, kind: &str, assertion: &str) -> Scripted {
    let (open, close) = match trust {
        TRUST_13 => {
            ("<t:RequestSecurityTokenResponseCollection>", "</t:RequestSecurityTokenResponseCollection>")
        }
        _ => ("", ""),
    };
    ok(&format!(
        "<s:Envelope xmlns:s='http://www.w3.org/2003/05/soap-envelope' xmlns:t='{trust}'><s:Header/><s:Body>{open}\
         <t:RequestSecurityTokenResponse><t:RequestedSecurityToken>\n {assertion} </t:RequestedSecurityToken>{kind}\
         </t:RequestSecurityTokenResponse>{close}</s:Body></s:Envelope>"
    ))
}

pub(super) fn kind(kind: &str) -> String {
    format!("<t:TokenType>{kind}</t:TokenType>")
}

pub(super) fn fault(code: &str, subcode: &str, text: &str) -> Scripted {
    status(
        500,
        &format!(
            "<s:Envelope xmlns:s='http://www.w3.org/2003/05/soap-envelope'><s:Body><s:Fault><s:Code><s:Value>s:{code}</s:Value>\
         <s:Subcode><s:Value xmlns:a='urn:a'>a:{subcode}</s:Value></s:Subcode></s:Code><s:Reason>\
         <s:Text xml:lang='en-US'>{text}</s:Text></s:Reason></s:Fault></s:Body></s:Envelope>"
        ),
    )
}
