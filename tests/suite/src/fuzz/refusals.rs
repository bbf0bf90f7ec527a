//! Refusals with AADSTS numbers.

use entrada_core::aadsts::{Class, Entry, TABLE, numbers_in};
use entrada_core::effect::Effect;
use entrada_core::flow::{Credential, map};
use entrada_core::{
    ClientSecretCredential, EntraClient, Error, ErrorKind, RefreshTokenCredential, TokenRequest,
};
use serde_json::json;

use super::checks::{check_error, check_hidden, shown};
use crate::script;

const SECRET: &str = "canary0secret0of0the0app";
const REFRESH: &str = "canary0refresh0token0of0a0person";

/// Codes of RFC 6749 and RFC 8628, and what a program can do about each.
const CODES: [(&str, Means); 8] = [
    ("invalid_grant", Means::PersonUnlessKnown),
    ("invalid_client", Means::Nothing),
    ("interaction_required", Means::Person),
    ("consent_required", Means::Person),
    ("temporarily_unavailable", Means::Later),
    ("access_denied", Means::Is(ErrorKind::Declined)),
    ("expired_token", Means::Is(ErrorKind::Expired)),
    ("something_new", Means::Nothing),
];

#[derive(Clone, Copy, PartialEq)]
enum Means {
    Nothing,
    Person,
    PersonUnlessKnown,
    Later,
    Is(ErrorKind),
}

/// The description of a refusal: who asks and the code by the first byte, then the text.
pub fn aadsts_document(bytes: &[u8]) {
    let (first, text) = bytes.split_first().unwrap_or((&0, &[]));
    let text = String::from_utf8_lossy(text);
    let numbers = numbers(&text);
    assert_eq!(numbers_in(&text), numbers, "{text}");
    let (code, means) = CODES[usize::from(*first) % CODES.len()];
    let trace = text.lines().last().unwrap_or_default();
    let document =
        json!({"error": code, "error_description": text, "error_codes": numbers, "trace_id": trace});
    for person in [false, true] {
        let (error, waits) = refused(person, &document.to_string());
        check_error(&error, document.to_string().as_bytes());
        check_hidden(&error, [if person { REFRESH } else { SECRET }]);
        assert_eq!(error.aadsts(), numbers);
        let known = known(&numbers);
        assert_eq!(error.kind(), kind(means, known, person), "{code} {numbers:?}");
        assert_eq!(waits > 0, error.kind() == ErrorKind::Service, "{code} {numbers:?}: {waits} waits");
        if let Some(entry) = known {
            assert!(shown(&error).contains(entry.cause), "{error}");
            // What a number would say of another kind of error is not said.
            let fits = match error.kind() {
                ErrorKind::InteractionRequired => entry.class == Class::InteractionRequired,
                ErrorKind::Refused => entry.class != Class::InteractionRequired,
                ErrorKind::Service => entry.class == Class::Transient,
                ErrorKind::Expired => entry.class == Class::Expired,
                _ => true,
            };
            let told = error.remedy().expect("there is something to do");
            assert!(!fits || told == entry.remedy, "{error}");
        }
        let id = |b: u8| b.is_ascii_hexdigit() || b == b'-';
        assert!(error.trace_id().is_none_or(|trace| trace.len() <= 64 && trace.bytes().all(id)));
    }
}

/// The numbers in a text, found in another way.
fn numbers(text: &str) -> Vec<u64> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find("AADSTS") {
        rest = &rest[at + 6..];
        let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
        match digits.parse() {
            Ok(number) if digits.len() <= 12 && !found.contains(&number) => found.push(number),
            _ => {}
        }
    }
    found
}

fn known(numbers: &[u64]) -> Option<&'static Entry> {
    numbers.iter().find_map(|number| TABLE.iter().find(|entry| entry.number == *number))
}

/// What a program is told. An app cannot do what a person is asked for.
fn kind(means: Means, known: Option<&Entry>, person: bool) -> ErrorKind {
    let class = known.map(|entry| entry.class);
    let asks = match class {
        _ if means == Means::Person => true,
        Some(class) => class == Class::InteractionRequired,
        None => means == Means::PersonUnlessKnown,
    };
    match means {
        _ if means == Means::Later || class == Some(Class::Transient) => ErrorKind::Service,
        // A policy says it as a person does; its number tells.
        Means::Is(ErrorKind::Declined) if class == Some(Class::Refused) => ErrorKind::Refused,
        Means::Is(kind) => kind,
        _ if class == Some(Class::Expired) => ErrorKind::Expired,
        _ if asks && person => ErrorKind::InteractionRequired,
        _ => ErrorKind::Refused,
    }
}

/// What comes of the request of an app, or for a person, that is refused so; and how often it waited.
fn refused(person: bool, document: &str) -> (Error, usize) {
    let flow = || {
        let request = TokenRequest::new(["https://management.azure.com/.default"])?;
        if person {
            let client = EntraClient::new("contoso.example", "client")?;
            let credential = RefreshTokenCredential::of(client, REFRESH)?;
            return Ok(map(credential.redeem(&request), |response| Ok(response.access)));
        }
        let credential = ClientSecretCredential::new("contoso.example", "client", SECRET)?;
        Ok::<_, Error>(credential.begin(&request))
    };
    let flow = flow().expect("the set-up is right");
    let (result, told) = script::run(flow, |effect, _| {
        let Effect::Http(call) = effect else { panic!("{effect:?}") };
        script::respond(call, 400, &[("content-type", "application/json")], document)
    });
    (result.expect_err("it was refused"), told.waits.len())
}
