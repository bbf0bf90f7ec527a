//! An authorization code, which is good for once.

use std::time::Duration;

use entrada_core::effect::{Effect, HttpCall, HttpFailure};
use entrada_core::flow::Credential;
use entrada_core::flows::authorization_code::AuthorizationCodeCredential;
use entrada_core::{
    AccessToken, Authority, EntraClient, Error, ErrorKind, PlainHttp, Run, Step, TokenRequest,
};
use entrada_tests::choices::Seeded;
use entrada_tests::script::{pass, respond, run};
use entrada_tests::sim::START;

const ISSUER: &str = "https://op.example/realms/ml";
const WITH_REFRESH: &str =
    r#"{"token_type":"Bearer","expires_in":3599,"access_token":"t","refresh_token":"renewal"}"#;
const WITHOUT: &str = r#"{"token_type":"Bearer","expires_in":3599,"access_token":"t"}"#;

fn request() -> TokenRequest {
    TokenRequest::new(["https://graph.example/.default"]).unwrap()
}

fn credential(client: EntraClient) -> AuthorizationCodeCredential {
    AuthorizationCodeCredential::of(client, "https://app.example/back", "canary-code").unwrap()
}

fn entra() -> AuthorizationCodeCredential {
    credential(EntraClient::new("contoso.example", "client").unwrap())
}

/// A run that is answered alike at every request, and the forms that it sent.
fn asked(
    credential: &AuthorizationCodeCredential,
    mut answer: impl FnMut(&str) -> (u16, String),
) -> (Result<AccessToken, Error>, Vec<String>) {
    let mut sent = Vec::new();
    let (result, _) = run(credential.begin(&request()), |effect, _| match effect {
        Effect::Http(call) => {
            sent.push(String::from_utf8_lossy(call.request().body().expose()).into_owned());
            let (status, body) = answer(&call.request().uri().to_string());
            respond(call, status, &[], &body)
        }
        other => panic!("{other:?}"),
    });
    (result, sent)
}

fn tokens(body: &str) -> impl FnMut(&str) -> (u16, String) + '_ {
    move |_| (200, body.to_owned())
}

#[test]
fn the_code_comes_first_and_the_refresh_token_after() {
    let credential = entra();
    let (result, sent) = asked(&credential, tokens(WITH_REFRESH));
    assert!(result.is_ok());
    assert_eq!(sent.len(), 1);
    assert!(sent[0].contains("grant_type=authorization_code") && sent[0].contains("code=canary-code"));
    for _ in 0..2 {
        // An answer without a refresh token leaves the one that is known.
        let (result, sent) = asked(&credential.clone(), tokens(WITHOUT));
        assert!(result.is_ok());
        assert!(sent[0].contains("refresh_token=renewal") && !sent[0].contains("canary-code"), "{sent:?}");
    }
}

#[test]
fn a_code_that_was_sent_is_not_sent_again() {
    let answers = [(200, WITHOUT), (400, r#"{"error":"invalid_grant"}"#), (503, "")];
    for (status, body) in answers {
        let credential = entra();
        let (_, sent) = asked(&credential, |_| (status, body.to_owned()));
        assert_eq!(sent.len(), 1, "{status}");
        let (result, sent) = asked(&credential, tokens(WITHOUT));
        let error = result.unwrap_err();
        assert_eq!((error.kind(), sent.len()), (ErrorKind::InteractionRequired, 0), "{error}");
        assert!(error.remedy().is_some() && !format!("{error:?}").contains("canary"));
    }
}

#[test]
fn a_code_that_was_not_sent_is_kept() {
    let credential = entra();
    drop(credential.begin(&request()));
    assert!(asked(&credential, tokens(WITHOUT)).0.is_ok());

    let provider = Authority::provider(ISSUER, PlainHttp::Refused).unwrap();
    let client = EntraClient::new("contoso.example", "client").unwrap().with_authority(provider);
    let credential = unlucky(client);
    let metadata = format!(
        r#"{{"issuer":"{ISSUER}","token_endpoint":"{ISSUER}/token","authorization_endpoint":"{ISSUER}/auth"}}"#
    );
    let (result, sent) = asked(&credential, |uri| match uri.ends_with("/token") {
        true => (200, WITHOUT.to_owned()),
        false => (200, metadata.clone()),
    });
    assert!(result.is_ok(), "{result:?}");
    assert!(sent[1].contains("canary-code"));
}

#[test]
fn a_code_that_nobody_received_is_kept() {
    let failing = |credential: &AuthorizationCodeCredential, failure| {
        let (result, _) = run(credential.begin(&request()), |effect, _| match effect {
            Effect::Http(call) => call.split().1.reply(Err(failure)),
            other => panic!("{other:?}"),
        });
        assert_eq!(result.unwrap_err().nothing_was_sent(), failure.nothing_sent());
    };
    for failure in [HttpFailure::Refused, HttpFailure::Resolve, HttpFailure::Broken, HttpFailure::TimedOut] {
        let credential = entra();
        failing(&credential, failure);
        let (result, sent) = asked(&credential, tokens(WITHOUT));
        assert_eq!(result.is_ok(), failure.nothing_sent(), "{failure:?}");
        assert_eq!(sent.len(), usize::from(failure.nothing_sent()), "{failure:?}");
    }
}

#[test]
fn of_callers_at_the_same_time_one_has_the_code() {
    use std::sync::atomic::{AtomicUsize, Ordering};
    const ROUNDS: usize = 1000;
    let credentials: Vec<_> = (0..ROUNDS).map(|_| entra()).collect();
    let arrived = AtomicUsize::new(0);
    let sends = |credential: &AuthorizationCodeCredential| {
        let mut run = Run::new(credential.begin(&request()));
        match run.start(START, &mut Seeded(1)) {
            Step::Do(Effect::Http(call)) => {
                String::from_utf8_lossy(call.request().body().expose()).contains("canary-code")
            }
            // The other one has it, or has had it.
            Step::Do(Effect::Wait(_)) => false,
            Step::Done(Err(error)) if error.kind() == ErrorKind::InteractionRequired => false,
            other => panic!("{other:?}"),
        }
    };
    let caller = || {
        let round = |(number, credential)| {
            // Both are here before either goes on.
            arrived.fetch_add(1, Ordering::SeqCst);
            let mut looks = 0_u32;
            while arrived.load(Ordering::SeqCst) < 2 * (number + 1) {
                looks += 1;
                if looks.is_multiple_of(10_000) { std::thread::yield_now() } else { std::hint::spin_loop() }
            }
            sends(credential)
        };
        credentials.iter().enumerate().map(round).collect::<Vec<_>>()
    };
    let [one, two] = std::thread::scope(|scope| {
        let other = scope.spawn(caller);
        [caller(), other.join().unwrap()]
    });
    for (number, (one, two)) in one.into_iter().zip(two).enumerate() {
        assert!(one != two, "round {number}: {}", if one { "both had it" } else { "nobody had it" });
    }
}

/// A redemption that was sent, and not answered yet.
fn under_way(credential: &AuthorizationCodeCredential) -> (Run<AccessToken>, Box<HttpCall>) {
    let mut run = Run::new(credential.begin(&request()));
    match run.start(START, &mut Seeded(1)) {
        Step::Do(Effect::Http(call)) => (run, call),
        other => panic!("{other:?}"),
    }
}

#[test]
fn who_asks_while_the_code_is_redeemed_waits_for_that() {
    for (status, body) in [(200, WITH_REFRESH), (200, WITHOUT), (400, r#"{"error":"invalid_grant"}"#)] {
        let credential = entra();
        let (mut first, call) = under_way(&credential);
        let mut second = Run::new(credential.begin(&request()));
        let mut now = START;
        let mut entropy = Seeded(2);
        let mut step = second.start(now, &mut entropy);
        for _ in 0..3 {
            let Step::Do(Effect::Wait(wait)) = step else { panic!("{step:?}") };
            assert!(wait.why().contains("code"), "{}", wait.why());
            pass(&mut now, wait.span());
            step = second.resume(now, &mut entropy, wait.ticket().done());
        }
        // The first run is over, though it is not dropped.
        let ended = first.resume(now, &mut Seeded(1), respond(call, status, &[], body));
        assert_eq!(matches!(ended, Step::Done(Ok(_))), status == 200);
        let Step::Do(Effect::Wait(wait)) = step else { panic!("{step:?}") };
        match second.resume(now, &mut entropy, wait.ticket().done()) {
            Step::Do(Effect::Http(call)) => {
                let sent = String::from_utf8_lossy(call.request().body().expose()).into_owned();
                assert!(body == WITH_REFRESH && sent.contains("refresh_token=renewal"), "{body} {sent}");
            }
            Step::Done(Err(error)) => {
                assert_eq!(error.kind(), ErrorKind::InteractionRequired, "{error}");
                assert_ne!(body, WITH_REFRESH);
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn nobody_waits_for_ever_or_for_somebody_who_gave_up() {
    let credential = entra();
    let held = under_way(&credential);
    let (result, told) = run(credential.begin(&request()), |effect, _| panic!("{effect:?}"));
    let error = result.unwrap_err();
    assert_eq!((error.kind(), error.source_name()), (ErrorKind::Timeout, Some("authorization-code")));
    assert!(error.remedy().is_some());
    assert_eq!(told.waits.iter().sum::<Duration>(), Duration::from_secs(30));
    drop(held);
    let (result, sent) = asked(&credential, tokens(WITH_REFRESH));
    assert_eq!((result.unwrap_err().kind(), sent.len()), (ErrorKind::InteractionRequired, 0));
}

/// The credential of this client, after a run that learned nothing of the authority.
fn unlucky(client: EntraClient) -> AuthorizationCodeCredential {
    let credential = credential(client);
    let (result, sent) = asked(&credential, |_| (404, String::new()));
    assert!(result.is_err() && sent.iter().all(String::is_empty), "{sent:?}");
    credential
}
