//! Chains: absent goes on, broken stops, the first that answered stays.

#[path = "chain/endings.rs"]
mod endings;
#[path = "chain/races.rs"]
mod races;
#[path = "chain/set_up.rs"]
mod set_up;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use entrada_core::chain::{Member, Unusable};
use entrada_core::effect::Reply;
use entrada_core::flow::{self, BoxFlow, Credential, Cx, Flow};
use entrada_core::{
    AccessToken, Authority, Chain, Cloud, DefaultChain, Environment, Error, ErrorKind, Run, Secret, Step,
    TokenRequest, Unix,
};
use entrada_tests::choices::Seeded;
use entrada_tests::sim::START;

fn request() -> TokenRequest {
    TokenRequest::new(["https://management.azure.com/.default"]).unwrap()
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

/// The members that a chain for these variables tries where nothing is there, in order.
fn members(variables: &[(&str, &str)]) -> Result<Vec<&'static str>, String> {
    use entrada_core::effect::{CommandFailure, Effect, HttpFailure};
    use entrada_core::{Authority, Cloud, DefaultChain, Environment};
    let environment: Environment = variables.iter().copied().collect();
    let authority = Authority::of_cloud(Cloud::PUBLIC).unwrap();
    let chain = DefaultChain::new(&environment, &authority).build();
    let chain = chain.map_err(|error| format!("{error}"))?;
    let (result, _) = entrada_tests::script::run(chain.begin(&request()), |effect, _| match effect {
        Effect::Http(call) => call.split().1.reply(Err(HttpFailure::Refused)),
        Effect::RunCommand(command) => command.ticket().reply(Err(CommandFailure::NotFound)),
        other => other.unsupported(),
    });
    let error = result.unwrap_err();
    assert!(error.is_unavailable(), "{error}");
    Ok(error.attempts().iter().map(|attempt| attempt.source).collect())
}

#[test]
fn the_default_chain_and_its_selection() {
    let production = ["environment", "workload-identity", "managed-identity"];
    let tools =
        ["shared-cache", "visual-studio-code", "azure-cli", "azure-powershell", "azure-developer-cli"];
    let all: Vec<_> = production.into_iter().chain(tools).collect();
    assert_eq!(members(&[]).unwrap(), all);
    let of = |value: &str| members(&[("AZURE_TOKEN_CREDENTIALS", value)]);
    assert_eq!(of(" ").unwrap(), all);
    assert_eq!(of(" PROD ").unwrap(), production);
    assert_eq!(of("Dev").unwrap(), tools);
    for (value, member) in [
        ("EnvironmentCredential", "environment"),
        ("workloadidentitycredential", "workload-identity"),
        ("ManagedIdentityCredential", "managed-identity"),
        ("VisualStudioCodeCredential", "visual-studio-code"),
        ("AzureCliCredential", "azure-cli"),
        ("AZUREPOWERSHELLCREDENTIAL", "azure-powershell"),
        ("AzureDeveloperCliCredential", "azure-developer-cli"),
        ("InteractiveBrowserCredential", "interactive-browser"),
    ] {
        assert_eq!(of(value).unwrap(), [member], "{value}");
    }
    // As in Python, the shared cache is a member that cannot be selected alone.
    assert!(of("SharedTokenCacheCredential").is_err());
    let error = of("AzureCLI").unwrap_err();
    assert!(
        error.contains("AZURE_TOKEN_CREDENTIALS")
            && error.contains("AzureCliCredential, AzurePowerShellCredential"),
        "{error}"
    );
    // A partly set environment says so when its turn comes, and keeps nobody from being tried.
    for partly in [
        &[("AZURE_CLIENT_ID", "not a guid"), ("AZURE_FEDERATED_TOKEN_FILE", "/x")][..],
        &[("AZURE_CLIENT_ID", "not a guid"), ("AZURE_TENANT_ID", "..")],
        &[("AZURE_FEDERATED_TOKEN_FILE", "/x"), ("AZURE_TENANT_ID", "..")],
        &[("AZURE_CLIENT_ID", "not a guid"), ("IDENTITY_ENDPOINT", "http://localhost/t")],
    ] {
        assert_eq!(members(partly).unwrap(), all, "{partly:?}");
    }
}

#[test]
fn members_are_replaced_left_out_and_required() {
    use entrada_core::chain::Member;
    use entrada_core::{Authority, Cloud, DefaultChain, Environment};
    let authority = Authority::of_cloud(Cloud::PUBLIC).unwrap();
    let new = |variables: &[(&str, &str)]| {
        DefaultChain::new(&variables.iter().copied().collect::<Environment>(), &authority)
    };
    // A member that is wanted beside those that are selected is asked in its place.
    let person = || Ending("person", None, AtomicUsize::new(0));
    let absent = || Ending("absent", Some(ErrorKind::Unavailable), AtomicUsize::new(0));
    let selected =
        || new(&[("AZURE_TOKEN_CREDENTIALS", "azureclicredential")]).replacing(Member::AzureCli, absent());
    let with = |chain: DefaultChain| chain.replacing(Member::InteractiveBrowser, person());
    assert!(run_chain(&with(selected()).build().unwrap()).unwrap_err().is_unavailable());
    let both = with(selected()).including(Member::InteractiveBrowser);
    assert_eq!(run_chain(&both.build().unwrap()).unwrap().source(), "person");
    let neither = with(selected()).including(Member::InteractiveBrowser).without(Member::InteractiveBrowser);
    assert!(run_chain(&neither.build().unwrap()).unwrap_err().is_unavailable());
    let own = Ending("own", None, AtomicUsize::new(0));
    let broken = || Ending("broken", Some(ErrorKind::Refused), AtomicUsize::new(0));
    let without =
        Member::ALL.into_iter().filter(|member| !member.is_tool()).fold(new(&[]), DefaultChain::without);
    let chain = without
        .without(Member::SharedTokenCache)
        .replacing(Member::AzureCli, broken())
        .replacing(Member::AzurePowerShell, own)
        .build()
        .unwrap();
    assert_eq!(run_chain(&chain).unwrap().source(), "own", "a tool that is broken does not hide another");
    let stops = new(&[]).replacing(Member::Environment, broken()).build().unwrap();
    assert_eq!(run_chain(&stops).unwrap_err().kind(), ErrorKind::Refused);
    assert!(new(&[]).requiring_selection().build().is_err());
    assert!(new(&[("AZURE_TOKEN_CREDENTIALS", "dev")]).requiring_selection().build().is_ok());
    let nobody = new(&[("AZURE_TOKEN_CREDENTIALS", "azureclicredential")]).without(Member::AzureCli).build();
    assert!(nobody.unwrap_err().message().contains("at least one"));
}

/// A credential that answers after one pause.
#[derive(Debug)]
struct Slow(&'static str);

#[derive(Debug)]
struct Pausing(&'static str, bool);

impl Credential for Slow {
    fn name(&self) -> &'static str {
        self.0
    }

    fn begin(&self, _: &TokenRequest) -> BoxFlow<AccessToken> {
        Box::new(Pausing(self.0, false))
    }
}

impl Flow for Pausing {
    type Output = AccessToken;

    fn step(&mut self, cx: &mut Cx<'_>, _: Option<Reply>) -> Step<AccessToken> {
        match std::mem::replace(&mut self.1, true) {
            false => cx.wait(Duration::from_secs(1), "until it answers"),
            true => {
                Step::Done(AccessToken::new(Secret::new("token"), Unix(START.unix.0 + 60), START, self.0))
            }
        }
    }
}

/// Works once, and is refused after that.
#[derive(Debug)]
struct Once(AtomicUsize);

impl Credential for Once {
    fn name(&self) -> &'static str {
        "azure-cli"
    }

    fn begin(&self, _: &TokenRequest) -> BoxFlow<AccessToken> {
        flow::ready(match self.0.fetch_add(1, Ordering::Relaxed) {
            0 => AccessToken::new(Secret::new("token"), Unix(START.unix.0 + 60), START, "azure-cli"),
            _ => Err(Error::new(ErrorKind::InteractionRequired, "more is asked for")),
        })
    }
}

#[test]
fn a_tool_that_answered_once_says_what_is_wrong_with_it() {
    let environment = Environment::new().with("AZURE_TOKEN_CREDENTIALS", "dev");
    let authority = Authority::of_cloud(Cloud::PUBLIC).unwrap();
    let absent =
        || Unusable::new("azure-developer-cli", Error::new(ErrorKind::Unavailable, "it is not installed"));
    let of = |first: usize| {
        DefaultChain::new(&environment, &authority)
            .replacing(Member::AzureCli, Once(AtomicUsize::new(first)))
            .replacing(Member::AzureDeveloperCli, absent())
            .without(Member::SharedTokenCache)
            .without(Member::VisualStudioCode)
            .without(Member::AzurePowerShell)
            .build()
            .unwrap()
    };
    // Before it answered it is, beside others, only not available, whatever it is.
    assert_eq!(run_chain(&of(1)).unwrap_err().kind(), ErrorKind::Unavailable);
    let chain = of(0);
    assert!(run_chain(&chain).is_ok());
    assert_eq!(run_chain(&chain).unwrap_err().kind(), ErrorKind::InteractionRequired);
}
