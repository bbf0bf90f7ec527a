//! The same flow in the simulation, under the blocking driver and under tokio: the same effects and the
//! same replies, in the same order. The services are the emulator in the process; the listener of the
//! browser's sign-in is a real one.

use std::convert::Infallible;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::{Arc, Mutex};
use std::time::{SystemTime, UNIX_EPOCH};

use entrada_core::effect::{
    BrowserFailure, CommandFailure, CommandOutput, DevicePrompt, HttpFailure, HttpRequest, HttpResponse,
    PromptFailure, RunCommand, SignAction, SignFailure, Signed, SigningKey,
};
use entrada_core::environment::Environment;
use entrada_core::flow::{BoxFlow, Credential};
use entrada_core::{Error, Mono, Now, TokenRequest, Unix};
use entrada_emulator::person::{Decision, Person};
use entrada_tests::choices::{Choices, Seeded};
use entrada_tests::model::Case;
use entrada_tests::scratch::Scratch;
use entrada_tests::setups::{Kind, Output, Setup, Twist};
use entrada_tests::sim::{START, simulate};
use entrada_tests::transcript::without_sizes;
use entrada_tests::world::World;
use entrada_tests::world::person::{Mind, to_bytes};

/// The world, as the plugs of a driver see it.
#[derive(Clone)]
struct Stage(Arc<Mutex<World>>);

fn now() -> Now {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    Now { mono: Mono(u64::try_from(since.as_millis()).unwrap()), unix: Unix(since.as_secs().cast_signed()) }
}

impl Stage {
    fn http(&self, request: &HttpRequest) -> Result<HttpResponse, HttpFailure> {
        let mut world = self.0.lock().unwrap();
        let (_, fate) = world.exchange(request, now(), &mut Choices::new(&[0]));
        to_disk(&world);
        fate.map_or(Err(HttpFailure::TimedOut), |fate| fate.result)
    }

    fn sign(&self, key: &SigningKey, action: &SignAction) -> Result<Signed, SignFailure> {
        self.0.lock().unwrap().signer.says(key, action).unwrap_or(Err(SignFailure::TimedOut))
    }

    /// What the person's browser gets, which is not the program's connection.
    fn page(&self, request: &HttpRequest) -> HttpResponse {
        self.0.lock().unwrap().emulator.answer(now(), request)
    }

    fn command(&self, command: &RunCommand) -> Result<CommandOutput, CommandFailure> {
        let said = self.0.lock().unwrap().says(command.program(), command.arguments(), now(), false);
        said.unwrap_or(Err(CommandFailure::TimedOut))
    }

    fn told(&self, prompt: &DevicePrompt) -> Result<(), PromptFailure> {
        if self.0.lock().unwrap().sitter.mind == Mind::Absent {
            return Err(PromptFailure::Nobody);
        }
        let send = |request: HttpRequest| Ok::<_, Infallible>(self.page(&request));
        let (page, code) = (&prompt.verification_uri, prompt.user_code.expose());
        Person::default().approve_device(page, code, send).unwrap();
        Ok(())
    }

    fn open(&self, url: &str) -> Result<(), BrowserFailure> {
        let (stage, url) = (self.clone(), url.to_owned());
        std::thread::spawn(move || {
            let send = |request: HttpRequest| Ok::<_, Infallible>(stage.page(&request));
            let refuses = stage.0.lock().unwrap().sitter.mind == Mind::Refuses;
            let decision = if refuses { Decision::Cancel } else { Decision::Approve };
            let arrival = Person { decision, ..Person::default() }.sign_in(&url, send).unwrap();
            let port = url::Url::parse(&arrival.url).unwrap().port().unwrap();
            let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
            stream.write_all(&to_bytes(&arrival)).unwrap();
            let mut page = String::new();
            stream.read_to_string(&mut page).unwrap();
            assert!(page.starts_with("HTTP/1.1 200 OK"), "{page}");
        });
        Ok(())
    }
}

impl entrada_blocking::Ui for Stage {
    fn prompt(&self, prompt: &DevicePrompt) -> Result<(), PromptFailure> {
        self.told(prompt)
    }

    fn open(&self, url: &str) -> Result<(), BrowserFailure> {
        Stage::open(self, url)
    }
}

impl entrada_tokio::Ui for Stage {
    async fn prompt(&self, prompt: &DevicePrompt) -> Result<(), PromptFailure> {
        self.told(prompt)
    }

    async fn open(&self, url: &str) -> Result<(), BrowserFailure> {
        Stage::open(self, url)
    }
}

/// Puts the files of the world where the drivers look for them.
fn to_disk(world: &World) {
    for (path, bytes) in world.files.below(&world.root).filter(|_| !world.root.is_empty()) {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
}

/// A flow that needs tokens is given them by this.
#[derive(Debug)]
struct Shared(Arc<dyn Credential>);

impl Credential for Shared {
    fn name(&self) -> &'static str {
        self.0.name()
    }

    fn begin(&self, request: &TokenRequest) -> BoxFlow<entrada_core::AccessToken> {
        self.0.begin(request)
    }
}

/// What is played: a flow, and what is wrong with its credential and its world.
#[derive(Clone, Copy)]
struct Play<'p> {
    name: &'static str,
    kind: Kind,
    twist: Twist,
    wrong: fn(&mut World),
    /// The folder of its files.
    root: &'p str,
}

/// The simulation begins when it always does; the drivers begin now.
fn setup(play: Play<'_>, now: Now) -> Setup {
    let mut setup = Setup::below(play.root, play.kind, play.twist, now);
    (play.wrong)(&mut setup.world);
    setup.world.emulator.config_mut().policy.device_interval = 1;
    setup.world.sitter.takes = std::time::Duration::ZERO;
    to_disk(&setup.world);
    setup
}

type Told = Arc<Mutex<Vec<String>>>;

fn note(told: &Told, line: &entrada_blocking::TraceLine) {
    let line = match line {
        entrada_blocking::TraceLine::Reply { summary, .. } => format!("< {}", without_sizes(summary)),
        entrada_blocking::TraceLine::Effect { summary, .. } => format!("> {}", without_sizes(summary)),
        other => other.to_string(),
    };
    told.lock().unwrap().push(line);
}

fn blocking(play: Play<'_>) -> (Result<Output, Error>, Vec<String>) {
    let setup = setup(play, now());
    let stage = Stage(Arc::new(Mutex::new(setup.world)));
    let told = Told::default();
    let (http, commands, signer, noted) = (stage.clone(), stage.clone(), stage.clone(), told.clone());
    let driver = entrada_blocking::Driver::builder()
        .environment(Environment::new())
        .http(move |request: HttpRequest, _, _| http.http(&request))
        .commands(move |command: &RunCommand, _, _: &entrada_blocking::Cancel| commands.command(command))
        .signer(move |key: &SigningKey, action: &SignAction| signer.sign(key, action))
        .ui(stage)
        .entropy(move || Box::new(Seeded(setup.seed)))
        .trace(move |line| note(&noted, line))
        .build()
        .unwrap();
    let result = match setup.credential {
        Some(credential) => {
            entrada_blocking::Credential::with_driver(Shared(credential), &driver).call(setup.flow)
        }
        None => driver.run(setup.flow),
    };
    let told = told.lock().unwrap().clone();
    (result, told)
}

fn tokio(play: Play<'_>) -> (Result<Output, Error>, Vec<String>) {
    let setup = setup(play, now());
    let stage = Stage(Arc::new(Mutex::new(setup.world)));
    let told = Told::default();
    let (http, commands, signer, noted) = (stage.clone(), stage.clone(), stage.clone(), told.clone());
    let driver = entrada_tokio::Driver::builder()
        .environment(Environment::new())
        .http(move |request: HttpRequest, _, _| std::future::ready(http.http(&request)))
        .commands(move |command: &RunCommand, _| std::future::ready(commands.command(command)))
        .signer(move |key: &SigningKey, action: &SignAction| std::future::ready(signer.sign(key, action)))
        .ui(stage)
        .entropy(move || Box::new(Seeded(setup.seed)))
        .trace(move |line| note(&noted, line))
        .build()
        .unwrap();
    let runtime = ::tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let result = runtime.block_on(async {
        match setup.credential {
            Some(credential) => {
                entrada_tokio::Credential::with_driver(Shared(credential), &driver).call(setup.flow).await
            }
            None => driver.run(setup.flow).await,
        }
    });
    let told = told.lock().unwrap().clone();
    (result, told)
}

fn ending(result: &Result<Output, Error>) -> String {
    entrada_tests::transcript::result(result)
}

fn compare(case: &Case) {
    let scratch = Scratch::new();
    let root = scratch.path().canonicalize().unwrap();
    let Case { name, kind, twist, wrong, .. } = *case;
    let play = Play { name, kind, twist, wrong, root: root.to_str().unwrap() };
    let simulated = simulate(setup(play, START), &mut Choices::new(&[0]));
    for (driver, (result, told)) in [("blocking", blocking(play)), ("tokio", tokio(play))] {
        assert_eq!(told, simulated.told, "{} {driver}", play.name);
        assert_eq!(ending(&result), ending(&simulated.result), "{} {driver}", play.name);
    }
}

#[test]
fn flows_that_go_well() {
    // Files are real ones under a driver; `find_config_three_ways` compares those.
    for kind in Kind::ALL.into_iter().filter(|kind| *kind != Kind::FindConfig) {
        compare(&Case::fair(kind));
    }
}

#[test]
fn flows_that_do_not() {
    let wanted = [
        "client-secret-one-503",
        "client-secret-redirect",
        "client-secret-untrusted",
        "client-secret-wrong",
        "device-code-nobody",
        "browser-refused",
        "browser-code-503",
        "azure-cli-missing",
        "azure-cli-signed-out",
        "azure-cli-nonsense",
        "imds-absent",
        "imds-one-404",
        "chain-no-metadata",
        "chain-portal",
        "chain-nothing",
        "workspace-forbidden",
        "workspace-challenge",
        "workspace-challenge-forever",
        "workspaces-elsewhere",
        "certificate-unregistered",
        "certificate-renewed",
        "certificate-with-chain",
        "certificate-at-adfs",
        "certificate-private-repeated",
        "assertion-other-identity",
        "workload-expired",
        "workload-missing",
        "pipelines-other-job",
        "pipelines-token-503",
        "on-behalf-of-certified",
        "on-behalf-of-app-token",
        "on-behalf-of-more-needed",
        "code-used",
        "code-other-state",
        "code-received",
        "refresh-revoked",
        "refresh-stranger",
        "password-wrong",
        "password-mfa",
        "password-lured",
        "federated-wrong",
        "federated-distrusted",
        "federated-received",
    ];
    let cases = entrada_tests::model::cases();
    for name in wanted {
        compare(cases.iter().find(|case| case.name == name).unwrap_or_else(|| panic!("no case {name}")));
    }
}
