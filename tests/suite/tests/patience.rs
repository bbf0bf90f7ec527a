//! How often and how long things are tried again.

#[path = "patience/authority.rs"]
mod authority;
#[path = "patience/machine.rs"]
mod machine;

use std::time::Duration;

use entrada_core::effect::{Effect, FileFailure, HttpCall, HttpFailure, Reply};
use entrada_core::exchange::{Exchange, RequestSpec, RetryPolicy};
use entrada_core::flow::{BoxFlow, Cx, Flow};
use entrada_core::{AccessToken, Endpoint, Error, Now, PlainHttp, Run, Step};
use entrada_tests::choices::{Choices, Seeded};
use entrada_tests::script::{pass, run};
use entrada_tests::setups::{Kind, Setup};
use entrada_tests::sim::{START, simulate};
use entrada_tests::world::Tool;

/// How many requests a policy makes of a service that always gives this status, and in what time.
fn requests(policy: RetryPolicy, status: u16, header: Option<(&'static str, &str)>) -> (usize, Duration) {
    #[derive(Debug)]
    struct Whole(Exchange);
    impl Flow for Whole {
        type Output = u16;
        fn step(&mut self, cx: &mut Cx<'_>, reply: Option<Reply>) -> Step<u16> {
            let answer = entrada_core::pump!(self.0.step(cx, reply));
            Step::Done(Ok(answer.status()))
        }
    }
    let target = Endpoint::authority("https://login.example", PlainHttp::Refused).unwrap();
    let mut run = Run::new(Box::new(Whole(Exchange::new(RequestSpec::get(target, "it"), policy))));
    let (mut now, mut entropy, mut count) = (START, Seeded(3), 0);
    let mut step = run.start(now, &mut entropy);
    loop {
        let reply = match step {
            Step::Done(result) => {
                assert_eq!(result.unwrap(), status);
                return (count, START.mono.until(now.mono));
            }
            Step::Do(Effect::Wait(wait)) => {
                now = Now { mono: wait.until(), unix: now.unix.after(now.mono.until(wait.until())) };
                wait.ticket().done()
            }
            Step::Do(Effect::Http(call)) => {
                count += 1;
                let mut response = http::Response::new(Vec::new().into());
                *response.status_mut() = http::StatusCode::from_u16(status).unwrap();
                if let Some((name, value)) = header {
                    response.headers_mut().insert(name, value.parse().unwrap());
                }
                call.split().1.reply(Ok(response))
            }
            Step::Do(other) => panic!("{other:?}"),
        };
        step = run.resume(now, &mut entropy, reply);
    }
}

#[test]
fn policies_repeat_what_may_be_repeated() {
    use RetryPolicy as P;
    for (policy, status, count) in [
        (P::AUTHORITY, 503, 4),
        (P::AUTHORITY, 429, 4),
        (P::AUTHORITY, 408, 4),
        (P::AUTHORITY, 400, 1),
        (P::AUTHORITY, 404, 1),
        (P::AUTHORITY, 302, 1),
        (P::AUTHORITY, 200, 1),
        (P::ONCE, 503, 1),
        (P::ONCE, 429, 1),
        (P::NEVER, 503, 1),
        (P::IMDS, 404, 6),
        (P::IMDS, 429, 6),
        (P::IMDS, 500, 6),
        (P::IMDS, 400, 1),
        (P::IMDS, 403, 1),
        (P::RESOURCE_MANAGER, 503, 4),
        (P::RESOURCE_MANAGER, 403, 1),
    ] {
        assert_eq!(requests(policy.clone(), status, None).0, count, "{policy:?} {status}");
    }
    let (_, took) = requests(P::AUTHORITY, 503, None);
    assert!((Duration::from_millis(4200)..=Duration::from_millis(7000)).contains(&took), "{took:?}");
}

#[test]
fn demands_for_patience_are_met_or_reported() {
    use RetryPolicy as P;
    // Each demand alone would be met; two of them are more than the time that a call has.
    assert_eq!(requests(P::AUTHORITY, 429, Some(("retry-after", "60"))), (2, Duration::from_secs(60)));
    assert_eq!(requests(P::AUTHORITY, 429, Some(("retry-after", "29"))), (4, Duration::from_secs(87)));
    assert_eq!(requests(P::PASSWORD, 429, Some(("retry-after", "60"))), (2, Duration::from_secs(60)));
    assert_eq!(
        requests(P::RESOURCE_MANAGER, 503, Some(("retry-after", "60"))),
        (4, Duration::from_secs(180))
    );
    assert_eq!(requests(P::AUTHORITY, 429, Some(("retry-after", "61"))), (1, Duration::ZERO));
    assert_eq!(requests(P::IMDS, 429, Some(("retry-after", "61"))), (1, Duration::ZERO));
    assert_eq!(requests(P::RESOURCE_MANAGER, 503, Some(("retry-after", "61"))), (1, Duration::ZERO));
    assert_eq!(
        requests(P::AUTHORITY, 429, Some(("retry-after-ms", "1500"))),
        (4, Duration::from_millis(4500))
    );
    assert_eq!(requests(P::AUTHORITY, 503, Some(("retry-after", "0"))), (4, Duration::from_millis(150)));
    assert_eq!(
        requests(P::AUTHORITY, 503, Some(("retry-after", "99999999999999999999999"))),
        (1, Duration::ZERO)
    );
}

#[test]
fn a_hanging_tool_is_ended_in_time() {
    let mut setup = Setup::fair(Kind::AzureCli);
    setup.world.az = Tool::Hangs;
    assert_eq!(simulate(setup, &mut Choices::new(&[1])).elapsed, Duration::from_secs(13));
}

/// What came of asking somebody who behaves so, how often it was asked, and in what time.
fn enduring(
    flow: BoxFlow<AccessToken>,
    mut answer: impl FnMut(Box<HttpCall>, &mut Now) -> Reply,
) -> (Result<AccessToken, Error>, usize, Duration) {
    let (mut asked, mut last) = (0, START);
    let (result, told) = run(flow, |effect, now| {
        let reply = match effect {
            Effect::ReadFile(read) => read.split().1.reply(Err(FileFailure::NotFound)),
            Effect::Http(call) => {
                asked += 1;
                answer(call, now)
            }
            other => panic!("{other:?}"),
        };
        last = *now;
        reply
    });
    // No wait follows the last answer.
    assert!(told.waits.len() < asked.max(1), "{told:?}");
    (result, asked, START.mono.until(last.mono))
}

/// Nothing is received, and nothing comes back.
fn swallow(call: Box<HttpCall>, now: &mut Now) -> Reply {
    let limit = call.connect_limit().min(now.mono.until(call.deadline()));
    pass(now, limit);
    call.split().1.reply(Err(HttpFailure::ConnectTimedOut))
}

/// The connection is made, and nothing comes back.
fn hang(call: Box<HttpCall>, now: &mut Now) -> Reply {
    let limit = now.mono.until(call.deadline());
    pass(now, limit);
    call.split().1.reply(Err(HttpFailure::TimedOut))
}
