//! The metadata of a federation service (WS-MetadataExchange, a WSDL): where it takes passwords.

use std::collections::{BTreeMap, BTreeSet};

use super::ws_trust::Version;
use crate::endpoint::Endpoint;
use crate::exchange::RequestSpec;
use crate::xml::{Document, Element};

const WSDL: &str = "http://schemas.xmlsoap.org/wsdl/";
const SOAP12: &str = "http://schemas.xmlsoap.org/wsdl/soap12/";
const OVER_HTTP: &str = "http://schemas.xmlsoap.org/soap/http";
const ADDRESSING: &str = "http://www.w3.org/2005/08/addressing";
const POLICY: &str = "http://schemas.xmlsoap.org/ws/2004/09/policy";
const UTILITY: &str = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd";
/// Both versions of WS-SecurityPolicy that are in use.
const SECURITY_POLICY: [&str; 2] = [
    "http://docs.oasis-open.org/ws-sx/ws-securitypolicy/200702",
    "http://schemas.xmlsoap.org/ws/2005/07/securitypolicy",
];

/// Where a password can be sent, by the word of the service.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) address: String,
    pub(super) version: Version,
}

pub(super) fn ask(place: Endpoint) -> RequestSpec {
    RequestSpec::get(place, "the metadata of the federation service")
        .accepting("application/soap+xml, application/xml, text/xml")
}

/// The place for a user name and a password: bound to SOAP 1.2 over http, under a policy of a
/// `UsernameToken` that is protected by TLS. WS-Trust 1.3 is preferred; http addresses are passed over.
///
/// # Errors
/// Why there is none.
pub(super) fn choose(metadata: &[u8]) -> Result<Place, &'static str> {
    let Ok(document) = Document::parse(metadata) else { return Err("cannot be read") };
    let root = document.root();
    let all = |namespace: &'static str, name: &'static str| {
        std::iter::once(root).chain(root.descendants()).filter(move |element| element.is(namespace, name))
    };
    let policies: BTreeSet<String> = all(POLICY, "Policy")
        .filter(|policy| takes_passwords(*policy))
        .filter_map(|policy| policy.attribute(Some(UTILITY), "Id"))
        .collect();
    let bindings: BTreeMap<String, Version> =
        all(WSDL, "binding").filter_map(|binding| bound(binding, &policies)).collect();
    let places: Vec<Place> = all(WSDL, "port")
        .filter_map(|port| {
            let binding = port.attribute(None, "binding")?;
            let version = *bindings.get(binding.rsplit(':').next()?)?;
            Some(Place { address: address(port)?, version })
        })
        .collect();
    let none = match places.is_empty() {
        true => "names no place for a user name and a password",
        false => "names no place for a user name and a password that is reached by https",
    };
    let is_https =
        |place: &Place| place.address.get(..8).is_some_and(|scheme| scheme.eq_ignore_ascii_case("https://"));
    // The first of the newest: the minimum that comes first is the one that is taken.
    places.into_iter().filter(is_https).min_by_key(|place| place.version != Version::Trust13).ok_or(none)
}

/// Whether a policy asks for a user name and a password, and for TLS.
fn takes_passwords(policy: Element<'_, '_>) -> bool {
    let alternatives = policy
        .children()
        .filter(|one| one.is(POLICY, "ExactlyOne"))
        .flat_map(|one| one.children())
        .filter(|all| all.is(POLICY, "All"));
    let is =
        |element: Element<'_, '_>, name: &str| SECURITY_POLICY.iter().any(|space| element.is(space, name));
    let holds_name = |tokens: Element<'_, '_>| tokens.descendants().any(|token| is(token, "UsernameToken"));
    alternatives.into_iter().any(|all| {
        all.children().any(|binding| is(binding, "TransportBinding"))
            && all.children().any(|tokens| tokens.name().ends_with("SupportingTokens") && holds_name(tokens))
    })
}

/// The name of a binding that passwords can be sent by, and the version it speaks.
fn bound(binding: Element<'_, '_>, policies: &BTreeSet<String>) -> Option<(String, Version)> {
    let soap = binding.child(SOAP12, "binding")?;
    if soap.attribute(None, "transport").as_deref() != Some(OVER_HTTP) {
        return None;
    }
    let mut references = binding.children().filter(|child| child.is(POLICY, "PolicyReference"));
    let named = references.any(|reference| {
        let uri = reference.attribute(None, "URI").unwrap_or_default();
        uri.strip_prefix('#').is_some_and(|id| policies.contains(id))
    });
    let operations = binding.children().filter(|child| child.is(WSDL, "operation"));
    let version = operations
        .filter_map(|operation| operation.child(SOAP12, "operation")?.attribute(None, "soapAction"))
        .find_map(|action| Version::of_action(&action));
    named.then_some((binding.attribute(None, "name")?, version?))
}

fn address(port: Element<'_, '_>) -> Option<String> {
    let reference = port.child(ADDRESSING, "EndpointReference");
    let address = reference.and_then(|reference| reference.child(ADDRESSING, "Address"));
    match address {
        Some(address) => Some(address.text().trim().to_owned()),
        None => port.child(SOAP12, "address")?.attribute(None, "location"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_fit_is_said_to_be_so() {
        for (metadata, why) in [
            (&b"<html><body>"[..], "cannot be read"),
            (b"<!DOCTYPE a><a/>", "cannot be read"),
            (b"<definitions xmlns='http://schemas.xmlsoap.org/wsdl/'/>", "no place"),
        ] {
            assert!(choose(metadata).unwrap_err().contains(why));
        }
    }
}
