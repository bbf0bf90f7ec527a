//! The patience with hosts of managed identities.

use std::time::Duration;

use entrada_core::effect::{Effect, FileFailure, HttpCall, HttpFailure, Reply};
use entrada_core::exchange::RetryPolicy;
use entrada_core::flow::{BoxFlow, Credential as _, Entropy as _};
use entrada_core::{
    AccessToken, Environment, ErrorKind, ManagedIdentityCredential, ManagedIdentityId, Now, TokenRequest,
};
use entrada_tests::choices::{Choices, Seeded};
use entrada_tests::script::{pass, respond, run};
use entrada_tests::setups::{Kind, Setup};
use entrada_tests::sim::{START, simulate};
use entrada_tests::world::Metadata;

use super::{enduring, hang, requests, swallow};

#[test]
fn the_metadata_service_gets_its_seventy_seconds() {
    let (count, took) = requests(RetryPolicy::IMDS, 410, None);
    assert!(took >= Duration::from_secs(70) && took < Duration::from_secs(90), "{took:?}");
    assert!(count > 6);
    // What it demands is kept to within reason, and neither shortens its time nor lengthens it.
    let (count, took) = requests(RetryPolicy::IMDS, 410, Some(("retry-after", "3600")));
    assert_eq!((count, took), (3, Duration::from_secs(70)));
    let (count, took) = requests(RetryPolicy::IMDS, 410, Some(("retry-after", "0")));
    assert!(count < 95 && took >= Duration::from_secs(70), "{count} {took:?}");
    let mut setup = Setup::fair(Kind::ManagedIdentity);
    setup.world.metadata = Metadata::Updating(START.mono.0 + 69_000);
    let outcome = simulate(setup, &mut Choices::new(&[1]));
    assert!(outcome.result.is_ok(), "{:?}", outcome.result);
}

#[test]
fn an_absent_metadata_service_costs_a_chain_a_second() {
    for (metadata, most) in [(Metadata::Vanishing, 1000), (Metadata::Refused, 0)] {
        let mut setup = Setup::fair(Kind::DefaultChain);
        setup.world.metadata = metadata;
        let outcome = simulate(setup, &mut Choices::new(&[1]));
        assert!(outcome.result.is_ok());
        // The tool that answers in the end takes its part.
        let most = Duration::from_millis(most + 400);
        assert!(outcome.elapsed <= most, "{metadata:?}: {:?}", outcome.elapsed);
    }
}

#[test]
fn a_metadata_service_that_was_found_is_not_looked_for_again() {
    let credential =
        ManagedIdentityCredential::new(&Environment::new(), ManagedIdentityId::SystemAssigned).probing();
    let asked = || {
        let mut asked = Vec::new();
        let (result, _) = run(
            credential.clone().begin(&TokenRequest::new(["https://a/.default"]).unwrap()),
            |effect, _| match effect {
                Effect::ReadFile(read) => read.split().1.reply(Err(FileFailure::NotFound)),
                Effect::Http(call) => {
                    let wanted = call.request().headers().contains_key("metadata");
                    asked.push(wanted);
                    let token = r#"{"token_type":"Bearer","expires_in":"3599","access_token":"t"}"#;
                    respond(call, if wanted { 200 } else { 400 }, &[], if wanted { token } else { "{}" })
                }
                other => panic!("{other:?}"),
            },
        );
        assert!(result.is_ok(), "{result:?}");
        asked
    };
    assert_eq!(asked(), [false, true]);
    assert_eq!(asked(), [true]);
}

/// A portal of a network that wants people to sign in answers the probe, and drops what is no page's. A service that
/// is known by its answer to the probe and then fails is broken, which is no absence.
#[test]
fn a_portal_that_answers_the_probe_alone_is_no_metadata_service() {
    const PAGE: &str = "<html>Welcome to the hotel. Please sign in.</html>";
    let fail = |call: Box<HttpCall>, _: &mut Now| call.split().1.reply(Err(HttpFailure::Broken));
    let drops: [fn(Box<HttpCall>, &mut Now) -> Reply; 3] = [fail, hang, swallow];
    let looking = |status, body: &str, drop: fn(Box<HttpCall>, &mut Now) -> Reply| {
        let credential =
            ManagedIdentityCredential::new(&Environment::new(), ManagedIdentityId::SystemAssigned).probing();
        let flow = credential.begin(&TokenRequest::new(["https://a/.default"]).unwrap());
        let (result, asked, took) = enduring(flow, |call, now| {
            let wanted = call.request().headers().contains_key("metadata");
            if wanted { drop(call, now) } else { respond(call, status, &[], body) }
        });
        (result.unwrap_err(), asked, took)
    };
    for drop in drops {
        for (status, body) in [
            (200, PAGE),
            (200, "{}"),
            (204, ""),
            (302, ""),
            (400, PAGE),
            (403, PAGE),
            (404, PAGE),
            (502, PAGE),
            (503, PAGE),
            (504, PAGE),
            (511, PAGE),
        ] {
            let (error, asked, took) = looking(status, body, drop);
            assert!(error.is_unavailable(), "{status}: {error}");
            assert!(asked == 2 && took <= Duration::from_secs(10), "{status}: {asked} in {took:?}");
        }
        for (status, body) in
            [(400, "{}"), (404, ""), (404, "{}"), (410, ""), (429, PAGE), (500, PAGE), (503, ""), (503, "{}")]
        {
            let (error, asked, _) = looking(status, body, drop);
            assert!(matches!(error.kind(), ErrorKind::Network | ErrorKind::Timeout), "{status}: {error}");
            assert!(asked > 2, "{status}: {asked}");
        }
    }
    // One that does not know what a probe is, and has tokens.
    let mut answers = [(404, PAGE), (200, r#"{"access_token":"t","expires_in":"60"}"#)].into_iter();
    let credential =
        ManagedIdentityCredential::new(&Environment::new(), ManagedIdentityId::SystemAssigned).probing();
    let flow = credential.begin(&TokenRequest::new(["https://a/.default"]).unwrap());
    let (result, ..) = enduring(flow, |call, _| {
        let (status, body) = answers.next().unwrap();
        respond(call, status, &[], body)
    });
    assert!(result.is_ok(), "{result:?}");
}

/// What answers the probe and the request alike with a page, or knows no such path, is somebody else: other clouds have
/// a server of their own at that address, and gateways answer for what they cannot reach. A chain goes on at once.
#[test]
fn a_page_is_not_asked_for_again() {
    const PAGE: &str = "<html>no such page</html>";
    let looking = |status, body: &str| {
        let credential =
            ManagedIdentityCredential::new(&Environment::new(), ManagedIdentityId::SystemAssigned).probing();
        let flow = credential.begin(&TokenRequest::new(["https://a/.default"]).unwrap());
        enduring(flow, |call, _| respond(call, status, &[], body))
    };
    for (status, body) in
        [(404, PAGE), (403, PAGE), (502, PAGE), (503, PAGE), (503, "upstream connect error"), (504, PAGE)]
    {
        let (result, asked, took) = looking(status, body);
        assert!(result.unwrap_err().is_unavailable(), "{status} {body}");
        assert_eq!((asked, took), (2, Duration::ZERO), "{status} {body}");
    }
    // The service itself keeps its patience, and is broken in the end.
    for (status, body) in [(404, ""), (404, "{}"), (410, ""), (429, ""), (500, PAGE), (503, ""), (503, "{}")]
    {
        let (result, asked, took) = looking(status, body);
        let error = result.unwrap_err();
        assert!(!error.is_unavailable(), "{status} {body}: {error}");
        assert!(asked >= 7 && took > Duration::from_secs(10), "{status} {body}: {asked} in {took:?}");
    }
}

/// The probe shows the service, and something else answers in its place: that is no absence.
#[test]
fn a_stranger_in_the_place_of_a_service_that_was_there_stops_a_chain() {
    let id = ManagedIdentityId::client_id("6a8f0f4e-3b8e-4b61-a8a8-1f1a5e2f9d10").unwrap();
    for identity in [ManagedIdentityId::SystemAssigned, id] {
        for (status, body) in [(200, "<html>"), (401, ""), (403, "no"), (404, "not found"), (302, "")] {
            let credential = ManagedIdentityCredential::new(&Environment::new(), identity.clone()).probing();
            let flow = credential.begin(&TokenRequest::new(["https://a/.default"]).unwrap());
            let (result, ..) = enduring(flow, |call, _| {
                let is_probe = !call.request().headers().contains_key("metadata");
                let missing = r#"{"error":"invalid_request","error_description":"Required metadata header not specified"}"#;
                if is_probe { respond(call, 400, &[], missing) } else { respond(call, status, &[], body) }
            });
            let error = result.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Malformed, "{status}: {error}");
            assert!(error.remedy().unwrap().contains("was there a moment ago"), "{status}: {error}");
        }
    }
}

/// The variables of the hosts that answer one request.
const HOSTS: [&[(&str, &str)]; 5] = [
    &[],
    &[("IDENTITY_ENDPOINT", "http://localhost:1/t"), ("IDENTITY_HEADER", "s")],
    &[
        ("IDENTITY_ENDPOINT", "https://localhost:1/t"),
        ("IDENTITY_HEADER", "s"),
        ("IDENTITY_SERVER_THUMBPRINT", "a9993e364706816aba3e25717850c26c9cd0d89d"),
    ],
    &[("MSI_ENDPOINT", "http://localhost:1/t")],
    &[("MSI_ENDPOINT", "http://localhost:1/t"), ("MSI_SECRET", "s")],
];

/// The most that an exchange with a host of managed identities takes.
const PATIENCE: Duration = Duration::from_secs(120);

fn alone(variables: &[(&str, &str)]) -> BoxFlow<AccessToken> {
    let environment: Environment = variables.iter().copied().collect();
    let credential = ManagedIdentityCredential::new(&environment, ManagedIdentityId::SystemAssigned);
    credential.begin(&TokenRequest::new(["https://a/.default"]).unwrap())
}

#[test]
fn a_managed_identity_alone_is_patient_but_not_without_end() {
    let (result, asked, took) = enduring(alone(&[]), swallow);
    assert!(result.unwrap_err().is_unavailable());
    assert!(asked == 6 && took <= Duration::from_secs(50), "{asked} {took:?}");
    let (result, asked, took) = enduring(alone(&[]), hang);
    assert!(result.unwrap_err().is_unavailable());
    assert!(asked >= 4 && took == PATIENCE, "{asked} {took:?}");
    for host in HOSTS {
        for status in [429, 503] {
            let (result, asked, took) =
                enduring(alone(host), |call, _| respond(call, status, &[("retry-after", "60")], "{}"));
            let error = result.unwrap_err();
            assert_eq!(
                (error.kind(), error.retry_after()),
                (ErrorKind::Service, Some(Duration::from_secs(60)))
            );
            assert_eq!((asked, took), (2, Duration::from_secs(60)), "{host:?} {status}");
        }
    }
    // Its own update is waited for, and what then hangs is not.
    let (_, asked, took) = enduring(alone(&[]), |call, now| match START.mono.until(now.mono).as_secs() {
        0..60 => respond(call, 410, &[("retry-after", "60")], "{}"),
        _ => hang(call, now),
    });
    assert!(asked >= 3 && took <= PATIENCE, "{asked} {took:?}");
}

#[test]
fn whatever_a_host_does_its_time_is_limited() {
    for seed in 1..400 {
        for host in HOSTS {
            let mut bytes = [0; 512];
            Seeded(seed).fill(&mut bytes);
            let mut choices = Choices::new(&bytes);
            let (_, asked, took) = enduring(alone(host), |call, now| {
                let slow = Duration::from_secs(u64::from(choices.byte() % 31));
                match choices.below(8) {
                    0 => swallow(call, now),
                    1 => hang(call, now),
                    what => {
                        let limit = now.mono.until(call.deadline());
                        pass(now, slow.min(limit));
                        let status = [410, 410, 429, 503, 500, 408][what - 2];
                        let demand = choices.below(64).to_string();
                        respond(call, status, &[("retry-after", &demand)], "{}")
                    }
                }
            });
            assert!(took <= PATIENCE && asked < 130, "{host:?} {seed}: {asked} in {took:?}");
        }
    }
}
