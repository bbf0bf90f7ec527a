//! The contract between a run and its driver, broken in every way a driver can break it.

#[path = "contract/every_flow.rs"]
mod every_flow;
#[path = "contract/unknown_host.rs"]
mod unknown_host;

use std::time::Duration;

use entrada_core::effect::{
    DevicePrompt, Effect, EffectKind, LoopbackAction, Reply, SignAction, SigningKey, StoreAction, StoreName,
};
use entrada_core::exchange::RequestSpec;
use entrada_core::flow::{self, Command, Cx, Flow};
use entrada_core::run::STEP_BUDGET;
use entrada_core::{AccessToken, Endpoint, Error, ErrorKind, Now, PlainHttp, Run, Step, TokenRequest, Unix};
use entrada_tests::choices::Seeded;
use entrada_tests::sim::START;

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
fn sizes() {
    assert!(size_of::<Effect>() <= 80, "{}", size_of::<Effect>());
    assert!(size_of::<Reply>() <= 320, "{}", size_of::<Reply>());
    assert!(size_of::<Step<AccessToken>>() <= 512, "{}", size_of::<Step<AccessToken>>());
    assert_eq!(size_of::<Error>(), size_of::<usize>());
}
