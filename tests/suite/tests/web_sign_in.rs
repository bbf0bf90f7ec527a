//! People sign in to a web app: begun in one request of its server, finished in another.

use std::convert::Infallible;

use entrada_core::effect::Effect;
use entrada_core::flow::BoxFlow;
use entrada_core::flows::authorization_code::{PendingSignIn, WebSignIn};
use entrada_core::token::TokenResponse;
use entrada_core::{Authority, EntraClient, Error, ErrorKind, PlainHttp, Secret, TokenRequest};
use entrada_emulator::person::{Arrival, Decision, Person};
use entrada_emulator::{Config, Emulator, world as w};
use entrada_tests::choices::Seeded;
use entrada_tests::script::run;
use entrada_tests::sim::START;

fn app() -> WebSignIn {
    let client = EntraClient::new(w::TENANT, w::APP).unwrap().with_secret(w::SECRET).unwrap();
    WebSignIn::new(client, w::APP_REDIRECT).unwrap()
}

/// A sign-in that is begun, and what a browser brings back of it.
struct Begun {
    emulator: Emulator,
    kept: Secret,
    brought: Vec<(String, String)>,
}

fn begun(decision: Decision) -> Begun {
    let mut emulator = Emulator::new(Config::default(), [7; 32]);
    let request = TokenRequest::new([w::MANAGEMENT_SCOPE]).unwrap().with_cae();
    let (address, pending) = app().start(&request, &mut Seeded(1)).unwrap();
    let person = Person { decision, ..Person::default() };
    let send = |request| Ok::<_, Infallible>(emulator.answer(START, &request));
    let arrival: Arrival = person.sign_in(address.as_str(), send).unwrap();
    assert!(arrival.url.starts_with(w::APP_REDIRECT), "{}", arrival.url);
    Begun { kept: pending.to_json(), brought: arrival.parameters(), emulator }
}

impl Begun {
    fn with(&self, name: &str, value: &str) -> Vec<(String, String)> {
        let others = self.brought.iter().filter(|pair| pair.0 != name).cloned();
        others.chain([(name.to_owned(), value.to_owned())]).collect()
    }

    /// The end of the sign-in in another process, and how many requests it took.
    fn finish(
        &mut self,
        app: &WebSignIn,
        brought: &[(String, String)],
    ) -> (Result<TokenResponse, Error>, usize) {
        let pending = PendingSignIn::from_json(&self.kept).unwrap();
        let form = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(brought).finish();
        let flow: BoxFlow<TokenResponse> = app.finish(&pending, form.as_bytes());
        let shown = format!("{flow:?} {pending:?} {app:?}");
        for secret in brought.iter().filter(|pair| ["code", "state"].contains(&pair.0.as_str())) {
            assert!(!shown.contains(&secret.1), "{shown}");
        }
        let (result, told) = run(flow, |effect, now| match effect {
            Effect::Http(call) => {
                let (request, ticket) = call.split();
                ticket.reply(Ok(self.emulator.answer(*now, &request)))
            }
            other => panic!("{other:?}"),
        });
        (result, told.effects.len())
    }
}

#[test]
fn a_person_signs_in() {
    let mut begun = begun(Decision::Approve);
    let brought = begun.brought.clone();
    let (result, requests) = begun.finish(&app(), &brought);
    let response = result.unwrap();
    assert_eq!((response.access.source(), requests), ("authorization-code", 1));
    assert_eq!(response.access.identity().username.as_deref(), Some(w::USER));
    assert!(response.refresh_token.is_some() && response.id_token.is_some());
    // The code is good for that once.
    let (again, _) = begun.finish(&app(), &brought);
    assert_eq!(again.unwrap_err().aadsts(), [54_005]);
}

#[test]
fn the_redirect_uri_that_was_registered_is_the_one_that_is_redeemed() {
    let mut begun = begun(Decision::Approve);
    let client = EntraClient::new(w::TENANT, w::APP).unwrap().with_secret(w::SECRET).unwrap();
    let moved = WebSignIn::new(client, "https://app.contoso.example/elsewhere").unwrap();
    let brought = begun.brought.clone();
    assert!(begun.finish(&moved, &brought).0.is_ok());
}

#[test]
fn what_belongs_to_another_sign_in_is_not_redeemed() {
    let mut begun = begun(Decision::Approve);
    let without = |name: &str| begun.brought.iter().filter(|pair| pair.0 != name).cloned().collect();
    let [stateless, codeless]: [Vec<_>; 2] = ["state", "code"].map(without);
    let strange = begun.with("state", "canary-of-another");
    let mixed_up = begun.with("iss", "https://login.evil.example/common/v2.0");
    for brought in [stateless, codeless, strange, mixed_up, Vec::new()] {
        let (result, requests) = begun.finish(&app(), &brought);
        let error = result.unwrap_err();
        assert_eq!((error.kind(), requests), (ErrorKind::Malformed, 0), "{error}");
        assert!(!format!("{error} {error:?}").contains("canary"));
    }
    // None of these cost the person the sign-in.
    let brought = begun.brought.clone();
    assert!(begun.finish(&app(), &brought).0.is_ok());
}

#[test]
fn an_id_token_of_another_sign_in_is_noticed() {
    let mut begun = begun(Decision::Approve);
    let mut kept: serde_json::Value = serde_json::from_str(begun.kept.expose()).unwrap();
    kept["nonce"] = "another".into();
    begun.kept = Secret::new(kept.to_string());
    let brought = begun.brought.clone();
    let error = begun.finish(&app(), &brought).0.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Malformed);
    assert!(error.to_string().contains("another sign-in"), "{error}");
}

#[test]
fn a_person_who_says_no_is_believed() {
    let mut begun = begun(Decision::Cancel);
    let brought = begun.brought.clone();
    let (result, requests) = begun.finish(&app(), &brought);
    assert_eq!((result.unwrap_err().kind(), requests), (ErrorKind::Declined, 0));
}

#[test]
fn what_was_kept_is_read_whole_or_not_at_all() {
    let kept = begun(Decision::Approve).kept;
    let text = kept.expose();
    for broken in [
        String::new(),
        "{}".to_owned(),
        "[]".to_owned(),
        text[..text.len() - 1].to_owned(),
        text.replace("\"version\":2", "\"version\":1"),
    ] {
        let error = PendingSignIn::from_json(&broken.into()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration);
    }
}

#[test]
fn a_redirect_uri_is_https_or_on_this_machine() {
    for (uri, fit) in [
        ("https://app.contoso.example/back", true),
        ("http://localhost:3000/back", true),
        ("http://127.0.0.1/back", true),
        ("http://app.contoso.example/back", false),
        ("https://app.contoso.example/back#here", false),
        ("msal://back", false),
        ("back", false),
    ] {
        let client = EntraClient::new(w::TENANT, w::APP).unwrap();
        assert_eq!(WebSignIn::new(client, uri).is_ok(), fit, "{uri}");
    }
}

#[test]
fn a_code_goes_back_only_to_who_gave_it_by_who_asked_for_it() {
    let mut begun = begun(Decision::Approve);
    let brought = begun.brought.clone();
    let of = |address: &str, app: &str| {
        let client = EntraClient::new(w::TENANT, app).unwrap().with_secret(w::SECRET).unwrap();
        let authority = Authority::new(address, PlainHttp::Refused).unwrap().without_discovery();
        WebSignIn::new(client.with_authority(authority), w::APP_REDIRECT).unwrap()
    };
    // Nobody is asked about a host that is not known, either.
    let unknown = Authority::new("https://login.example", PlainHttp::Refused).unwrap();
    let unknown = EntraClient::new(w::TENANT, w::APP).unwrap().with_authority(unknown);
    let unknown = WebSignIn::new(unknown, w::APP_REDIRECT).unwrap();
    for (app, said) in [
        (of("china", w::APP), "at another authority"),
        (
            of("https://login.microsoftonline.com/tfp/contoso.example/b2c_1_in", w::APP),
            "at another authority",
        ),
        (unknown, "at another authority"),
        (of("public", w::CERTIFICATE_APP), "with another app"),
    ] {
        let (result, requests) = begun.finish(&app, &brought);
        let error = result.unwrap_err();
        assert_eq!((error.kind(), requests), (ErrorKind::Configuration, 0), "{error}");
        assert!(error.message().contains(said) && error.remedy().is_some(), "{error}");
    }
    // What was refused has not used up the code; and what has no such binding is not read.
    assert!(begun.finish(&of("public", w::APP), &brought).0.is_ok());
    let unbound = begun.kept.expose().replace("begun_by", "begun");
    assert_eq!(PendingSignIn::from_json(&unbound.into()).unwrap_err().kind(), ErrorKind::Configuration);
}
