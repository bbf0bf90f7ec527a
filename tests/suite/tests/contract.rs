//! The contract between a run and its driver, broken in every way a driver can break it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use entrada_core::effect::{Effect, EffectKind, LoopbackAction, Reply, SignatureAlgorithm};
use entrada_core::exchange::{Exchange, RequestSpec, RetryPolicy};
use entrada_core::flow::{self, BoxFlow, Command, Credential, Cx, Flow};
use entrada_core::run::STEP_BUDGET;
use entrada_core::{
    AccessToken, Chain, Endpoint, Error, ErrorKind, Mono, Now, PlainHttp, Run, Secret, Step, TokenRequest,
    Unix,
};
use entrada_tests::choices::{Choices, Seeded};
use entrada_tests::faults::{Faults, HttpFault, Patience};
use entrada_tests::setups::{Kind, Setup};
use entrada_tests::sim::{START, simulate};
use entrada_tests::world::{Az, Metadata};

/// Asks for one effect after another, forever.
#[derive(Debug)]
struct Asking(EffectKind);

impl Flow for Asking {
    type Output = ();

    fn step(&mut self, cx: &mut Cx<'_>, _: Option<Reply>) -> Step<()> {
        let target = Endpoint::authority("https://login.example", PlainHttp::Refused).unwrap();
        match self.0 {
            EffectKind::Http => cx.http(&RequestSpec::get(target, "it")),
            EffectKind::Wait => cx.wait(Duration::from_secs(1), "for nothing"),
            EffectKind::ReadFile => cx.read_file("/f", 10),
            EffectKind::RunCommand => cx.run_command(Command {
                program: "true",
                arguments: Vec::new(),
                variables: &[],
                limit: Duration::from_secs(5),
            }),
            EffectKind::Sign => cx.sign("key", SignatureAlgorithm::Ps256, vec![1]),
            EffectKind::Prompt | EffectKind::Token => cx.token(request()),
            EffectKind::OpenBrowser => cx.open_browser(target.url()),
            _ => cx.loopback(LoopbackAction::Accept, Duration::from_secs(5)),
        }
    }
}

const KINDS: [EffectKind; 8] = [
    EffectKind::Http,
    EffectKind::Wait,
    EffectKind::ReadFile,
    EffectKind::RunCommand,
    EffectKind::Sign,
    EffectKind::Token,
    EffectKind::OpenBrowser,
    EffectKind::Loopback,
];

fn request() -> TokenRequest {
    TokenRequest::new(["https://management.azure.com/.default"]).unwrap()
}

fn asking(kind: EffectKind) -> Run<()> {
    Run::new(Box::new(Asking(kind)))
}

#[track_caller]
fn effect<T: std::fmt::Debug>(step: Step<T>) -> Effect {
    match step {
        Step::Do(effect) => effect,
        Step::Done(result) => panic!("it ended: {result:?}"),
    }
}

#[track_caller]
fn error<T: std::fmt::Debug>(step: Step<T>) -> Error {
    match step {
        Step::Done(Err(error)) => error,
        other => panic!("no error: {other:?}"),
    }
}

fn is_misuse<T: std::fmt::Debug>(step: Step<T>) {
    assert_eq!(error(step).kind(), ErrorKind::Misuse);
}

#[test]
fn a_late_reply_is_misuse_and_harmless() {
    for kind in KINDS {
        let (mut run, mut entropy) = (asking(kind), Seeded(1));
        let first = effect(run.start(START, &mut entropy));
        let second = effect(run.expire(START, &mut entropy));
        let before = format!("{run:?}");
        is_misuse(run.resume(START, &mut entropy, first.unsupported()));
        assert_eq!(format!("{run:?}"), before);
        let _ = effect(run.resume(START, &mut entropy, second.unsupported()));
    }
}

#[test]
fn a_foreign_reply_is_misuse_and_harmless() {
    let (mut one, mut two) = (asking(EffectKind::Http), asking(EffectKind::Http));
    let (mut first, mut second) = (Seeded(1), Seeded(2));
    let of_one = effect(one.start(START, &mut first));
    let of_two = effect(two.start(START, &mut second));
    is_misuse(one.resume(START, &mut first, of_two.unsupported()));
    let _ = effect(one.resume(START, &mut first, of_one.unsupported()));
    // What went astray is lost; its own run can still go on without it.
    let _ = effect(two.expire(START, &mut second));
}

#[test]
fn a_reply_of_a_run_with_the_same_name_is_foreign_still() {
    // Two runs that drew the same id: their counts differ, since those are drawn too.
    struct SameId(u64, bool);
    impl entrada_core::Entropy for SameId {
        fn fill(&mut self, buffer: &mut [u8]) {
            let value = if self.1 { self.0 } else { 7 };
            self.1 = true;
            buffer.fill(u8::try_from(value).unwrap());
        }
    }
    let (mut one, mut two) = (asking(EffectKind::Wait), asking(EffectKind::Wait));
    let (mut first, mut second) = (SameId(1, false), SameId(2, false));
    let _kept = effect(one.start(START, &mut first));
    let of_two = effect(two.start(START, &mut second));
    is_misuse(one.resume(START, &mut first, of_two.unsupported()));
}

#[test]
fn a_reply_with_the_same_number_is_foreign_still() {
    // The other way round: two runs whose counts begin alike have different ids.
    struct SameCount(u8);
    impl entrada_core::Entropy for SameCount {
        fn fill(&mut self, buffer: &mut [u8]) {
            buffer.fill(std::mem::replace(&mut self.0, 9));
        }
    }
    let (mut one, mut two) = (asking(EffectKind::Wait), asking(EffectKind::Wait));
    let (mut first, mut second) = (SameCount(1), SameCount(2));
    let _kept = effect(one.start(START, &mut first));
    let of_two = effect(two.start(START, &mut second));
    is_misuse(one.resume(START, &mut first, of_two.unsupported()));
}

#[test]
fn out_of_turn() {
    let (mut run, mut entropy) = (asking(EffectKind::Wait), Seeded(1));
    is_misuse(run.expire(START, &mut entropy));
    let outstanding = effect(run.start(START, &mut entropy));
    is_misuse(run.start(START, &mut entropy));
    let _ = effect(run.resume(START, &mut entropy, outstanding.unsupported()));

    let mut over: Run<()> = Run::new(flow::ready(Ok(())));
    assert!(matches!(over.start(START, &mut entropy), Step::Done(Ok(()))));
    is_misuse(over.expire(START, &mut entropy));
    is_misuse(over.start(START, &mut entropy));
    let mut other = asking(EffectKind::Wait);
    let reply = effect(other.start(START, &mut entropy)).unsupported();
    is_misuse(over.resume(START, &mut entropy, reply));
}

#[test]
fn a_run_that_never_ends_is_ended() {
    let (mut run, mut entropy) = (asking(EffectKind::Wait), Seeded(1));
    let mut step = run.start(START, &mut entropy);
    let mut effects = 0;
    let error = loop {
        match step {
            Step::Do(effect) => {
                effects += 1;
                assert!(effects <= STEP_BUDGET, "no budget");
                step = run.resume(START, &mut entropy, effect.unsupported());
            }
            Step::Done(result) => break result.unwrap_err(),
        }
    };
    assert_eq!((error.kind(), effects), (ErrorKind::Stuck, STEP_BUDGET));
    is_misuse(run.expire(START, &mut entropy));
}

#[test]
fn the_runs_deadline_clamps_every_effect() {
    let end = START.mono.after(Duration::from_millis(700));
    for kind in KINDS {
        let mut entropy = Seeded(1);
        let mut run = asking(kind).with_deadline(end);
        let first = effect(run.start(START, &mut entropy));
        match &first {
            Effect::Wait(wait) => assert_eq!(wait.until(), end),
            other => assert_eq!(other.deadline(), Some(end), "{kind:?}"),
        }
        let late = Now { mono: end, unix: Unix(START.unix.0 + 1) };
        let over = error(run.resume(late, &mut entropy, first.unsupported()));
        assert_eq!(over.kind(), ErrorKind::Timeout, "{kind:?}");
        is_misuse(run.expire(late, &mut entropy));
    }
}

#[test]
fn no_flow_outlasts_its_deadline() {
    for kind in Kind::ALL {
        for millis in [0, 1, 900, 5000, 40_000] {
            let mut setup = Setup::fair(kind);
            setup.limit = Some(Duration::from_millis(millis));
            setup.world.faults = Faults::always(HttpFault::Status(503, Patience::Seconds(20)));
            setup.world.az = Az::Hangs;
            setup.world.sitter.takes = Duration::from_secs(10_000);
            let outcome = simulate(setup, &mut Choices::new(&[1]));
            outcome.assert_clean();
            assert!(outcome.elapsed <= Duration::from_millis(millis + 1), "{} {millis}", kind.name());
            assert!(kind == Kind::FindConfig || outcome.result.is_err());
        }
    }
}

#[test]
fn a_driver_that_can_do_nothing_is_told_apart_from_a_broken_one() {
    for kind in Kind::ALL {
        let setup = Setup::fair(kind);
        let (mut run, mut entropy) = (Run::new(setup.flow), Seeded(1));
        let mut step = run.start(START, &mut entropy);
        let result = loop {
            match step {
                Step::Do(effect) => step = run.resume(START, &mut entropy, effect.unsupported()),
                Step::Done(result) => break result,
            }
        };
        assert_eq!(result.unwrap_err().kind(), ErrorKind::Unavailable, "{}", kind.name());
    }
}

#[test]
fn sizes() {
    assert!(size_of::<Effect>() <= 80, "{}", size_of::<Effect>());
    assert!(size_of::<Reply>() <= 320, "{}", size_of::<Reply>());
    assert!(size_of::<Step<AccessToken>>() <= 512, "{}", size_of::<Step<AccessToken>>());
    assert_eq!(size_of::<Error>(), size_of::<usize>());
}

/// A credential that ends in one way, and counts how often it was asked.
#[derive(Debug)]
struct Ending(&'static str, Option<ErrorKind>, AtomicUsize);

fn ending(name: &'static str, end: Option<ErrorKind>) -> Arc<Ending> {
    Arc::new(Ending(name, end, AtomicUsize::new(0)))
}

impl Credential for Ending {
    fn name(&self) -> &'static str {
        self.0
    }

    fn begin(&self, _: &TokenRequest) -> BoxFlow<AccessToken> {
        self.2.fetch_add(1, Ordering::Relaxed);
        flow::ready(match self.1 {
            Some(kind) => Err(Error::new(kind, "it ended").with_remedy("do something").from_source(self.0)),
            None => AccessToken::new(Secret::new("token"), Unix(START.unix.0 + 60), START, self.0),
        })
    }
}

fn run_chain(chain: &Chain) -> Result<AccessToken, Error> {
    match Run::new(chain.begin(&request())).start(START, &mut Seeded(1)) {
        Step::Done(result) => result,
        Step::Do(effect) => panic!("{effect:?}"),
    }
}

#[test]
fn absent_goes_on_broken_stops() {
    for kind in ErrorKind::ALL {
        let chain = Chain::new(vec![ending("one", Some(kind)), ending("two", None)]).unwrap();
        let result = run_chain(&chain);
        if kind == ErrorKind::Unavailable {
            assert_eq!(result.unwrap().source(), "two");
            assert_eq!(chain.winner(), Some("two"));
        } else {
            let error = result.unwrap_err();
            assert_eq!(error.kind(), kind);
            let attempts: Vec<_> = error.attempts().iter().map(|a| (a.source, a.outcome)).collect();
            assert_eq!(attempts, [("one", kind)]);
            assert_eq!(chain.winner(), None);
        }
    }
}

#[test]
fn every_attempt_is_recorded_with_its_remedy() {
    let absent = Some(ErrorKind::Unavailable);
    let inner = Chain::new(vec![ending("a", absent), ending("b", absent)]).unwrap();
    let chain = Chain::new(vec![Arc::new(inner), ending("c", absent)]).unwrap();
    let error = run_chain(&chain).unwrap_err();
    assert!(error.is_unavailable());
    let attempts: Vec<_> = error.attempts().iter().map(|a| (a.source, a.remedy.as_deref())).collect();
    assert_eq!(
        attempts,
        [("a", Some("do something")), ("b", Some("do something")), ("c", Some("do something"))]
    );
    assert!(Chain::new(Vec::new()).is_err());
}

#[test]
fn the_first_that_answered_stays() {
    let (first, second) = (ending("first", Some(ErrorKind::Unavailable)), ending("second", None));
    let chain = Chain::new(vec![first.clone(), second.clone()]).unwrap();
    assert_eq!(chain.winner(), None);
    assert!(run_chain(&chain).is_ok());
    assert_eq!(chain.winner(), Some("second"));
    // From now on the first is not asked any more, by a copy of the chain neither.
    assert!(run_chain(&chain.clone()).is_ok());
    let asked = |credential: &Ending| credential.2.load(Ordering::Relaxed);
    assert_eq!((asked(&first), asked(&second)), (1, 2));
}

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
    assert_eq!(requests(P::AUTHORITY, 429, Some(("retry-after", "60"))), (4, Duration::from_secs(180)));
    assert_eq!(requests(P::AUTHORITY, 429, Some(("retry-after", "61"))), (1, Duration::ZERO));
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
fn the_metadata_service_gets_its_seventy_seconds() {
    let (count, took) = requests(RetryPolicy::IMDS, 410, None);
    assert!(took >= Duration::from_secs(70) && took < Duration::from_secs(90), "{took:?}");
    assert!(count > 6);
    let mut setup = Setup::fair(Kind::ManagedIdentity);
    setup.world.metadata = Metadata::Updating(START.mono.0 + 69_000);
    let outcome = simulate(setup, &mut Choices::new(&[1]));
    assert!(outcome.result.is_ok(), "{:?}", outcome.result);
}

#[test]
fn an_absent_metadata_service_costs_a_chain_a_second() {
    for metadata in [Metadata::Vanishing, Metadata::Refused] {
        let mut setup = Setup::fair(Kind::DefaultChain);
        setup.world.metadata = metadata;
        let outcome = simulate(setup, &mut Choices::new(&[1]));
        assert!(outcome.result.is_ok());
        assert!(outcome.elapsed < Duration::from_millis(2000), "{metadata:?}: {:?}", outcome.elapsed);
    }
}

#[test]
fn a_hanging_tool_is_ended_in_time() {
    let mut setup = Setup::fair(Kind::AzureCli);
    setup.world.az = Az::Hangs;
    assert_eq!(simulate(setup, &mut Choices::new(&[1])).elapsed, Duration::from_secs(13));
}

#[test]
fn the_clocks_may_begin_and_end_anywhere() {
    for (mono, unix) in [(0, 0), (u64::MAX, i64::MAX), (0, i64::MIN), (u64::MAX - 5, -1)] {
        let now = Now { mono: Mono(mono), unix: Unix(unix) };
        for kind in Kind::ALL {
            let mut setup = Setup::fair(kind);
            let (mut run, mut entropy) = (Run::new(setup.flow), Seeded(1));
            let mut step = run.start(now, &mut entropy);
            let mut choices = Choices::new(&[1]);
            for _ in 0..200 {
                let Step::Do(effect) = step else { break };
                step = match setup.world.answer(effect, now, &mut choices) {
                    entrada_tests::world::Answer::Reply { reply, .. } => run.resume(now, &mut entropy, reply),
                    entrada_tests::world::Answer::Silence { .. } => run.expire(now, &mut entropy),
                };
            }
        }
    }
}

#[test]
fn nothing_is_sent_to_a_host_that_nobody_vouched_for() {
    use entrada_core::{
        Authority, ClientSecretCredential, DeviceCodeCredential, EntraClient, InteractiveBrowserCredential,
    };
    let authority =
        || Authority::new("https://login.microsoftonline.com.example", PlainHttp::Refused).unwrap();
    let client = || EntraClient::new("contoso", "client").unwrap().with_authority(authority());
    let credentials: [Box<dyn Credential>; 3] = [
        Box::new(ClientSecretCredential::of(client(), "secret").unwrap()),
        Box::new(DeviceCodeCredential::of(client())),
        Box::new(InteractiveBrowserCredential::of(client())),
    ];
    for credential in credentials {
        let step = Run::new(credential.begin(&request())).start(START, &mut Seeded(1));
        assert_eq!(error(step).kind(), ErrorKind::Configuration, "{}", credential.name());
    }
    let vouched = client().with_authority(authority().without_discovery());
    let credential = ClientSecretCredential::of(vouched, "secret").unwrap();
    let _ = effect(Run::new(credential.begin(&request())).start(START, &mut Seeded(1)));
}

#[test]
fn a_body_has_its_limit() {
    let mut setup = Setup::fair(Kind::ClientSecret);
    setup.world.faults = Faults::always(HttpFault::Huge);
    let outcome = simulate(setup, &mut Choices::new(&[1]));
    assert!(outcome.result.unwrap_err().to_string().contains("too large"));
}
