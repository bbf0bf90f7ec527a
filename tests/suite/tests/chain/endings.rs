//! What a chain says when none gave a token, when its time is over, and when it asks from the beginning.

use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use entrada_core::chain::Member;
use entrada_core::effect::{CommandFailure, CommandOutput, Effect, HttpFailure};
use entrada_core::flow::{self, BoxFlow, Credential};
use entrada_core::time::{Mono, Now};
use entrada_core::{
    AccessToken, Authority, Chain, Cloud, DefaultChain, Environment, Error, ErrorKind, Run, Secret, Step,
    TokenRequest, Unix,
};
use entrada_tests::choices::Seeded;
use entrada_tests::sim::START;

use super::{Slow, ending, request, run_chain};

fn later(milliseconds: u64) -> Now {
    Now { mono: Mono(START.mono.0 + milliseconds), ..START }
}

/// What this says on its error output, whatever program it is.
fn says(stderr: &str) -> Result<CommandOutput, CommandFailure> {
    let text = |text: &str| text.as_bytes().to_vec().into();
    Ok(CommandOutput { code: Some(1), stdout: text(""), stderr: text(stderr) })
}

/// The default chain where only this tool is there, and says this.
fn only(
    variables: &[(&str, &str)],
    tool: &str,
    stderr: &str,
) -> (Error, Vec<(&'static str, Option<Duration>)>) {
    let environment: Environment = variables.iter().copied().collect();
    let chain = DefaultChain::new(&environment, &Authority::of_cloud(Cloud::PUBLIC).unwrap());
    let flow = chain.build().unwrap().begin(&request());
    let (result, _) = entrada_tests::script::run(flow, |effect, _| match effect {
        Effect::Http(call) => call.split().1.reply(Err(HttpFailure::Refused)),
        Effect::RunCommand(command) if command.program() == tool => command.ticket().reply(says(stderr)),
        Effect::RunCommand(command) => command.ticket().reply(Err(CommandFailure::NotFound)),
        other => other.unsupported(),
    });
    let error = result.unwrap_err();
    let attempts = error.attempts().iter().map(|attempt| (attempt.source, attempt.elapsed)).collect();
    (error, attempts)
}

#[test]
fn the_next_step_is_that_of_the_likeliest_source() {
    let partly = [("AZURE_TENANT_ID", "contoso.com"), ("AZURE_CLIENT_SECRET", "canary")];
    for (variables, tool, stderr, step) in [
        // Nothing at all: the tool that most have.
        (&[][..], "", "", "azure-cli: install it (https://aka.ms/azure-cli) and run `az login`"),
        // What is there comes before what is not.
        (&[], "azd", "ERROR: not logged in, run `azd auth login` to login", "azure-developer-cli: run `azd"),
        (&[], "az", "ERROR: AADSTS50076: more is needed", "azure-cli: run `az login"),
        (&[], "pwsh", "ERROR: AADSTS7000222: expired", "azure-powershell: "),
        (&partly, "", "", "environment: set AZURE_CLIENT_ID"),
        (
            &[("AZURE_CLIENT_SECRET", "canary")],
            "",
            "",
            "environment: set AZURE_TENANT_ID and AZURE_CLIENT_ID",
        ),
        (&[("AZURE_CLIENT_CERTIFICATE_PATH", "/x")], "", "", "environment: set AZURE_TENANT_ID and"),
        (&[("AZURE_PASSWORD", "canary")], "", "", "environment: set AZURE_CLIENT_ID and AZURE_USERNAME"),
        (&[("AZURE_FEDERATED_TOKEN_FILE", "/x")], "", "", "workload-identity: label the pod"),
        (&partly[..1], "az", "ERROR: Please run 'az login' to setup account.", "azure-cli: run `az login`"),
    ] {
        let (error, attempts) = only(variables, tool, stderr);
        assert_eq!(error.kind(), ErrorKind::Unavailable);
        let remedy = error.remedy().unwrap();
        assert!(remedy.starts_with(step), "{step}: {remedy}");
        assert!(remedy.ends_with("; or set up another of them"), "{remedy}");
        assert!(attempts.iter().all(|(_, elapsed)| elapsed.is_some()), "{attempts:?}");
    }
}

#[test]
fn each_attempt_tells_how_long_it_took() {
    /// Absent after a second.
    #[derive(Debug)]
    struct Pausing(&'static str);

    impl Credential for Pausing {
        fn name(&self) -> &'static str {
            self.0
        }

        fn begin(&self, request: &TokenRequest) -> BoxFlow<AccessToken> {
            flow::map(Slow(self.0).begin(request), |_| Err(Error::new(ErrorKind::Unavailable, "nobody")))
        }
    }
    let absent = ending("quick", Some(ErrorKind::Unavailable));
    let chain = Chain::new(vec![Arc::new(Pausing("slow")), absent, Arc::new(Pausing("slower"))]).unwrap();
    let mut run = Run::new(chain.begin(&request()));
    let mut step = run.start(START, &mut Seeded(1));
    for passed in [1000, 3500] {
        let Step::Do(Effect::Wait(wait)) = step else { panic!("{step:?}") };
        step = run.resume(later(passed), &mut Seeded(1), wait.ticket().done());
    }
    let Step::Done(Err(error)) = step else { panic!("{step:?}") };
    let told: Vec<_> = error.attempts().iter().map(|a| (a.source, a.elapsed.unwrap().as_millis())).collect();
    assert_eq!(told, [("slow", 1000), ("quick", 0), ("slower", 2500)]);
}

#[test]
fn a_chain_whose_time_is_over_says_so_and_whom_it_asked() {
    let absent = Some(ErrorKind::Unavailable);
    let third = ending("third", None);
    let chain = Chain::new(vec![ending("first", absent), Arc::new(Slow("second")), third.clone()]).unwrap();
    let mut run = Run::new(chain.begin(&request())).with_deadline(later(500).mono);
    let Step::Do(Effect::Wait(_)) = run.start(START, &mut Seeded(1)) else { panic!() };
    // The wait's deadline is the run's; the second credential answers a little too late, with a token: fine.
    let Step::Done(Ok(_)) = run.expire(later(500), &mut Seeded(1)) else { panic!() };

    // Tools that did not answer, at the end of the time: that is what happened, not that nobody is there.
    let environment = Environment::new().with("AZURE_TOKEN_CREDENTIALS", "dev");
    let chain = DefaultChain::new(&environment, &Authority::of_cloud(Cloud::PUBLIC).unwrap())
        .without(Member::AzureDeveloperCli)
        .build()
        .unwrap();
    let (mut asked, mut at) = (Vec::new(), 0);
    let mut run = Run::new(chain.begin(&request())).with_deadline(later(20_000).mono);
    let mut step = run.start(START, &mut Seeded(1));
    let error = loop {
        let deadline = match &step {
            Step::Do(effect) => effect.deadline(),
            Step::Done(_) => None,
        };
        step = match step {
            Step::Done(result) => break result.unwrap_err(),
            Step::Do(Effect::RunCommand(command)) => {
                asked.push(command.program());
                at = deadline.unwrap().0 - START.mono.0;
                run.expire(later(at), &mut Seeded(1))
            }
            Step::Do(other) => run.resume(later(at), &mut Seeded(1), other.unsupported()),
        };
    };
    assert_eq!((asked, at), (vec!["az", "pwsh"], 20_000));
    assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
    assert!(error.is_cut_short());
    assert!(error.message().contains("the time was over while azure-powershell was asked"), "{error}");
    assert!(!error.message().contains("available") && error.remedy().unwrap().contains("more time"));
    let (last, others) = error.attempts().split_last().unwrap();
    assert_eq!((last.source, last.outcome), ("azure-powershell", ErrorKind::Timeout));
    assert!(last.message.starts_with("its time was over before it was done"), "{last:?}");
    assert!(last.remedy.as_ref().unwrap().contains("more time"), "{last:?}");
    assert!(others.iter().all(|attempt| attempt.outcome == ErrorKind::Unavailable));
}

#[test]
fn who_was_not_asked_any_more_is_told() {
    /// Asks one thing after the other, for ever.
    #[derive(Debug)]
    struct Busy;

    impl flow::Flow for Busy {
        type Output = AccessToken;

        fn step(
            &mut self,
            cx: &mut flow::Cx<'_>,
            _: Option<entrada_core::effect::Reply>,
        ) -> Step<AccessToken> {
            cx.wait(Duration::from_secs(1), "until it is ready")
        }
    }

    impl Credential for Busy {
        fn name(&self) -> &'static str {
            "busy"
        }

        fn begin(&self, _: &TokenRequest) -> BoxFlow<AccessToken> {
            Box::new(Busy)
        }
    }
    let absent = ending("absent", Some(ErrorKind::Unavailable));
    let chain = Chain::new(vec![absent, Arc::new(Busy), ending("idle", None)]).unwrap();
    let mut run = Run::new(chain.begin(&request())).with_deadline(later(1000).mono);
    let Step::Do(Effect::Wait(wait)) = run.start(START, &mut Seeded(1)) else { panic!() };
    let Step::Done(Err(error)) = run.resume(later(1000), &mut Seeded(1), wait.ticket().done()) else {
        panic!()
    };
    assert_eq!(error.kind(), ErrorKind::Timeout);
    let message = error.message();
    assert!(message.contains("while busy was asked; not asked any more: idle"), "{message}");
    let told: Vec<_> = error.attempts().iter().map(|attempt| (attempt.source, attempt.outcome)).collect();
    assert_eq!(told, [("absent", ErrorKind::Unavailable), ("busy", ErrorKind::Timeout)]);
}

/// A source that is there at times.
#[derive(Debug)]
struct AtTimes(&'static str, Arc<Mutex<Option<ErrorKind>>>);

impl Credential for AtTimes {
    fn name(&self) -> &'static str {
        self.0
    }

    fn begin(&self, _: &TokenRequest) -> BoxFlow<AccessToken> {
        flow::ready(match *self.1.lock().unwrap() {
            Some(kind) => Err(Error::new(kind, "it ended")),
            None => AccessToken::new(Secret::new("token"), Unix(START.unix.0 + 60), START, self.0),
        })
    }
}

#[test]
fn sources_are_asked_again_where_that_is_wanted() {
    let absent = Some(ErrorKind::Unavailable);
    let (first, second) = (Arc::new(Mutex::new(absent)), Arc::new(Mutex::new(None)));
    let chain = |retrying: bool| {
        let links: Vec<Arc<dyn Credential>> = vec![
            Arc::new(AtTimes("first", Arc::clone(&first))),
            Arc::new(AtTimes("second", Arc::clone(&second))),
        ];
        let chain = Chain::new(links).unwrap();
        if retrying { chain.retrying_sources() } else { chain }
    };
    let source = |chain: &Chain| run_chain(chain).map(|token| token.source()).map_err(|error| error.kind());
    let set = |state: &Mutex<Option<ErrorKind>>, kind| *state.lock().unwrap() = kind;
    for retrying in [false, true] {
        let chain = chain(retrying);
        set(&first, absent);
        set(&second, None);
        assert_eq!(source(&chain), Ok("second"));
        // The first appears, the second goes.
        set(&first, None);
        assert_eq!(source(&chain), Ok(if retrying { "first" } else { "second" }));
        set(&second, absent);
        set(&first, absent);
        assert_eq!(source(&chain), Err(ErrorKind::Unavailable));
        // A source that is broken stops, as at the first time.
        set(&first, Some(ErrorKind::Refused));
        set(&second, None);
        let expected = if retrying { Err(ErrorKind::Refused) } else { Ok("second") };
        assert_eq!(source(&chain), expected);
    }
    // The default chain has the same.
    let own = || super::Ending("azure-cli", None, AtomicUsize::new(0));
    let environment = Environment::new().with("AZURE_TOKEN_CREDENTIALS", "AzureCliCredential");
    let authority = Authority::of_cloud(Cloud::PUBLIC).unwrap();
    let chain = DefaultChain::new(&environment, &authority).replacing(Member::AzureCli, own());
    let chain = chain.retrying_sources().build().unwrap();
    assert!(run_chain(&chain).is_ok() && run_chain(&chain).is_ok());
    assert_eq!(chain.winner(), Some("azure-cli"));
}
