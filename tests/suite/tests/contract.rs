//! The contract between a run and its driver, broken in every way a driver can break it.

use entrada_core::effect::{
    DevicePrompt, Effect, EffectKind, LoopbackAction, Reply, SignAction, SigningKey, StoreAction, StoreName,
};
use entrada_core::exchange::RequestSpec;
use entrada_core::flow::{self, Command, Credential, Cx, Flow};
use entrada_core::run::STEP_BUDGET;
use entrada_core::{
    AccessToken, Endpoint, Error, ErrorKind, Mono, Now, PlainHttp, Run, Step, TokenRequest, Unix,
};
use entrada_tests::choices::{Choices, Seeded};
use entrada_tests::faults::{Faults, HttpFault, Patience};
use entrada_tests::setups::{Kind, Output, Setup};
use entrada_tests::sim::{START, simulate};
use entrada_tests::world::Tool;
use std::time::Duration;

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
            EffectKind::Sign => cx.sign(SigningKey::Named("key".into()), SignAction::Certificate),
            EffectKind::Prompt => cx.prompt(DevicePrompt {
                user_code: "code".into(),
                verification_uri: "https://login.example".into(),
                message: "type it in".into(),
                expires_on: START.unix.after(Duration::from_secs(900)),
            }),
            EffectKind::Token => cx.token(request()),
            EffectKind::Forget => {
                let ends = START.unix.after(Duration::from_secs(3600));
                cx.forget(AccessToken::new("t".into(), ends, START, "script").unwrap())
            }
            EffectKind::OpenBrowser => cx.open_browser(target.url()),
            EffectKind::Store => cx.store(StoreName::new("documents").unwrap(), StoreAction::Read),
            EffectKind::Loopback => cx.loopback(LoopbackAction::Accept, Duration::from_secs(5)),
            other => panic!("nobody asks for {other:?}"),
        }
    }

    fn interrupted(&self, error: Error) -> Error {
        let what = format!("{}; by then it had asked", error.message());
        error.saying(what)
    }
}

const KINDS: [EffectKind; 11] = [
    EffectKind::Http,
    EffectKind::Wait,
    EffectKind::ReadFile,
    EffectKind::RunCommand,
    EffectKind::Sign,
    EffectKind::Prompt,
    EffectKind::OpenBrowser,
    EffectKind::Loopback,
    EffectKind::Token,
    EffectKind::Forget,
    EffectKind::Store,
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
fn whoever_ends_a_run_from_outside_hears_what_there_is_by_then() {
    for kind in KINDS {
        let mut run = asking(kind);
        let effect = effect(run.start(START, &mut Seeded(1)));
        let cancelled = run.cancel();
        assert_eq!(cancelled.kind(), ErrorKind::Cancelled);
        assert!(cancelled.to_string().ends_with("cancelled; by then it had asked"), "{cancelled}");
        is_misuse(run.resume(START, &mut Seeded(1), effect.unsupported()));

        let mut late = asking(kind).with_deadline(START.mono.after(Duration::from_secs(1)));
        let effect = self::effect(late.start(START, &mut Seeded(1)));
        let late =
            error(late.resume(START.after(Duration::from_secs(2)), &mut Seeded(1), effect.unsupported()));
        assert_eq!(late.kind(), ErrorKind::Timeout);
        assert!(late.to_string().contains("; by then it had asked"), "{late}");
    }
    let changed = flow::map(Box::new(Asking(EffectKind::Wait)), |()| Ok(7));
    let cancelled = Run::new(changed).cancel();
    assert!(cancelled.to_string().ends_with("by then it had asked"), "{cancelled}");
}

#[test]
fn the_runs_deadline_clamps_every_effect() {
    let end = START.mono.after(Duration::from_millis(700));
    for kind in KINDS {
        let mut entropy = Seeded(1);
        let mut run = asking(kind).with_deadline(end);
        let first = effect(run.start(START, &mut entropy));
        assert_eq!(first.kind(), kind);
        match &first {
            Effect::Wait(wait) => assert_eq!(wait.until(), end),
            // It takes no time.
            Effect::Forget(forget) => assert_eq!(first.deadline(), None, "{forget:?}"),
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
            let world = &mut setup.world;
            (world.az, world.azd, world.pwsh) = (Tool::Hangs, Tool::Hangs, Tool::Hangs);
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

/// What comes of a run whose first request, about a host, is answered like this.
fn asked_about(credential: &dyn Credential, status: u16, body: &str) -> Step<AccessToken> {
    use entrada_tests::script::respond;
    let (mut run, mut entropy) = (Run::new(credential.begin(&request())), Seeded(1));
    let Effect::Http(call) = effect(run.start(START, &mut entropy)) else { panic!("it asks about the host") };
    let uri = call.request().uri().to_string();
    assert!(uri.starts_with("https://login.microsoftonline.com/common/discovery/instance?api-version=1.1&authorization_endpoint=https%3A%2F%2Flogin.microsoftonline.com.example%2Fcontoso%2Foauth2%2Fv2.0%2Fauthorize"), "{uri}");
    assert!(call.request().body().is_empty());
    run.resume(START, &mut entropy, respond(call, status, &[], body))
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
        let no =
            r#"{"error":"invalid_instance","error_description":"AADSTS50049: Unknown or invalid instance."}"#;
        let refused = error(asked_about(&credential, 400, no));
        assert_eq!(refused.kind(), ErrorKind::Configuration, "{}", credential.name());
        assert!(refused.message().contains("login.microsoftonline.com.example"), "{refused}");
        for (status, body) in [(200, "{}"), (200, "<html>"), (404, ""), (302, ""), (400, r#"{"error":"x"}"#)]
        {
            let unclear = error(asked_about(&credential, status, body));
            assert_eq!(unclear.kind(), ErrorKind::Malformed, "{status} {body}");
        }
    }
    let known = r#"{"tenant_discovery_endpoint":"https://x","metadata":[]}"#;
    let secret = ClientSecretCredential::of(client(), "secret").unwrap();
    let Effect::Http(call) = effect(asked_about(&secret, 200, known)) else { panic!("it asks for a token") };
    assert_eq!(call.request().uri().host(), Some("login.microsoftonline.com.example"));
    // It is asked about once.
    let Effect::Http(call) = effect(Run::new(secret.begin(&request())).start(START, &mut Seeded(2))) else {
        panic!("it asks for a token")
    };
    assert_eq!(call.request().uri().path(), "/contoso/oauth2/v2.0/token");
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

#[test]
fn a_token_lives_from_the_moment_it_was_asked_for() {
    let mut setup = Setup::fair(Kind::ClientSecret);
    setup.world.faults = Faults::always(HttpFault::Slow(20_000));
    let outcome = simulate(setup, &mut Choices::new(&[1]));
    assert!(outcome.elapsed >= Duration::from_secs(20));
    let Ok(Output::Token(token)) = outcome.result else { panic!("{:?}", outcome.result) };
    // The answer says 3599 seconds; how long it was under way is not known, so all of it is taken off.
    assert_eq!(token.expires_on(), Unix(START.unix.0 + 3599));
    assert!(!token.is_alive(Now { mono: START.mono.after(Duration::from_secs(3599)), unix: START.unix }));
}
