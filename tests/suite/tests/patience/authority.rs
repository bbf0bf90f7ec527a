//! The time that an app gives its authority.

use std::time::Duration;

use entrada_core::effect::Effect;
use entrada_core::flow::{BoxFlow, Credential, Entropy as _};
use entrada_core::{
    AccessToken, Authority, ClientSecretCredential, DeviceCodeCredential, EntraClient, ErrorKind, PlainHttp,
    RefreshTokenCredential, Run, Step, TokenRequest, UsernamePasswordCredential,
};
use entrada_tests::choices::{Choices, Seeded};
use entrada_tests::script::{pass, respond};
use entrada_tests::sim::START;

use super::{enduring, hang, swallow};

fn app(seconds: u64) -> EntraClient {
    EntraClient::new("t", "app").unwrap().within(Duration::from_secs(seconds))
}

fn begun(credential: &dyn Credential) -> BoxFlow<AccessToken> {
    credential.begin(&TokenRequest::new(["https://a/.default"]).unwrap())
}

fn as_itself(app: EntraClient) -> BoxFlow<AccessToken> {
    begun(&ClientSecretCredential::of(app, "secret").unwrap())
}

#[test]
fn whatever_is_asked_of_an_authority_ends_in_the_time_that_it_was_given() {
    let unknown = || Authority::new("https://login.private.example", PlainHttp::Refused).unwrap();
    for seconds in [1, 10, 29, 45, 89] {
        for (name, flow) in [
            ("itself", as_itself(app(seconds))),
            ("discovery", as_itself(app(seconds).with_authority(unknown()))),
            ("a device", begun(&DeviceCodeCredential::of(app(seconds)))),
            ("a refresh token", begun(&RefreshTokenCredential::of(app(seconds), "refresh").unwrap())),
            ("a realm", begun(&UsernamePasswordCredential::of(app(seconds), "jo", "password").unwrap())),
        ] {
            let (result, asked, took) = enduring(flow, hang);
            assert_eq!(result.unwrap_err().kind(), ErrorKind::Timeout, "{name}");
            assert!(took <= Duration::from_secs(seconds), "{name} {seconds}: {asked} in {took:?}");
            assert!(took >= Duration::from_secs(seconds.saturating_sub(5)), "{name} {seconds}: {took:?}");
        }
    }
}

/// More time is more patience, and no more tries.
#[test]
fn more_time_lets_every_try_have_its_own() {
    let (result, asked, took) = enduring(as_itself(app(600)), hang);
    assert_eq!((result.unwrap_err().kind(), asked), (ErrorKind::Timeout, 4));
    assert!((Duration::from_secs(124)..Duration::from_secs(128)).contains(&took), "{took:?}");
    let busy = [("retry-after", "60")];
    let (result, asked, took) = enduring(as_itself(app(600)), |call, _| respond(call, 503, &busy, "{}"));
    assert_eq!((result.unwrap_err().kind(), asked), (ErrorKind::Service, 4));
    assert_eq!(took, Duration::from_secs(180));
}

#[test]
fn a_deadline_that_is_nearer_goes_before_it() {
    for (run, app_has, effective) in [(5, 600, 5), (600, 7, 7), (600, 600, 30)] {
        let mut run =
            Run::new(as_itself(app(app_has))).with_deadline(START.mono.after(Duration::from_secs(run)));
        let Step::Do(Effect::Http(call)) = run.start(START, &mut Seeded(1)) else {
            panic!("it asks at once")
        };
        assert_eq!(START.mono.until(call.deadline()), Duration::from_secs(effective));
    }
}

/// Whatever an authority does, a call to it ends within a minute and a half.
#[test]
fn the_time_for_an_authority_is_limited() {
    let flow = || {
        let app = EntraClient::new("t", "app").unwrap();
        let request = TokenRequest::new(["https://a/.default"]).unwrap();
        ClientSecretCredential::of(app, "secret").unwrap().begin(&request)
    };
    const MOST: Duration = Duration::from_secs(90);
    let (result, asked, took) = enduring(flow(), hang);
    assert_eq!((result.unwrap_err().kind(), took), (ErrorKind::Timeout, MOST), "{asked}");
    for seed in 1..400 {
        let mut bytes = [0; 512];
        Seeded(seed).fill(&mut bytes);
        let mut choices = Choices::new(&bytes);
        let (_, asked, took) = enduring(flow(), |call, now| {
            let slow = Duration::from_secs(u64::from(choices.byte() % 31));
            match choices.below(6) {
                0 => swallow(call, now),
                1 => hang(call, now),
                what => {
                    let limit = now.mono.until(call.deadline());
                    pass(now, slow.min(limit));
                    let demand = choices.below(64).to_string();
                    respond(call, [429, 503, 500, 408][what - 2], &[("retry-after", &demand)], "{}")
                }
            }
        });
        assert!(took <= MOST && asked <= 4, "{seed}: {asked} in {took:?}");
    }
}
