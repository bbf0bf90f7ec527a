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
    PromptFailure, RunCommand,
};
use entrada_core::environment::Environment;
use entrada_core::flow::{BoxFlow, Credential};
use entrada_core::{Error, Mono, Now, TokenRequest, Unix};
use entrada_emulator::person::Person;
use entrada_tests::choices::{Choices, Seeded};
use entrada_tests::setups::{Kind, Output, Setup};
use entrada_tests::sim::simulate;
use entrada_tests::transcript::without_sizes;
use entrada_tests::world::World;
use entrada_tests::world::person::to_bytes;

/// The world, as the plugs of a driver see it.
#[derive(Clone)]
struct Stage(Arc<Mutex<World>>);

fn now() -> Now {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    Now { mono: Mono(u64::try_from(since.as_millis()).unwrap()), unix: Unix(since.as_secs().cast_signed()) }
}

impl Stage {
    fn http(&self, request: &HttpRequest) -> Result<HttpResponse, HttpFailure> {
        Ok(self.0.lock().unwrap().emulator.answer(now(), request))
    }

    fn command(&self, command: &RunCommand) -> Result<CommandOutput, CommandFailure> {
        let said = self.0.lock().unwrap().az_says(command.arguments(), now(), false);
        said.unwrap_or(Err(CommandFailure::TimedOut))
    }

    fn told(&self, prompt: &DevicePrompt) -> Result<(), PromptFailure> {
        let send = |request: HttpRequest| Ok::<_, Infallible>(self.http(&request).unwrap());
        let (page, code) = (&prompt.verification_uri, prompt.user_code.expose());
        Person::default().approve_device(page, code, send).unwrap();
        Ok(())
    }

    fn open(&self, url: &str) -> Result<(), BrowserFailure> {
        let (stage, url) = (self.clone(), url.to_owned());
        std::thread::spawn(move || {
            let send = |request: HttpRequest| Ok::<_, Infallible>(stage.http(&request).unwrap());
            let arrival = Person::default().sign_in(&url, send).unwrap();
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

fn setup(kind: Kind) -> Setup {
    let mut setup = Setup::fair(kind);
    setup.world.emulator.config_mut().policy.device_interval = 1;
    setup.world.sitter.takes = std::time::Duration::ZERO;
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

fn blocking(kind: Kind) -> (Result<Output, Error>, Vec<String>) {
    let setup = setup(kind);
    let stage = Stage(Arc::new(Mutex::new(setup.world)));
    let told = Told::default();
    let (http, commands, noted) = (stage.clone(), stage.clone(), told.clone());
    let driver = entrada_blocking::Driver::builder()
        .environment(Environment::new())
        .http(move |request: HttpRequest, _, _| http.http(&request))
        .commands(move |command: &RunCommand, _, _: &entrada_blocking::Cancel| commands.command(command))
        .ui(stage)
        .entropy(|| Box::new(Seeded(5)))
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

fn tokio(kind: Kind) -> (Result<Output, Error>, Vec<String>) {
    let setup = setup(kind);
    let stage = Stage(Arc::new(Mutex::new(setup.world)));
    let told = Told::default();
    let (http, commands, noted) = (stage.clone(), stage.clone(), told.clone());
    let driver = entrada_tokio::Driver::builder()
        .environment(Environment::new())
        .http(move |request: HttpRequest, _, _| std::future::ready(http.http(&request)))
        .commands(move |command: &RunCommand, _| std::future::ready(commands.command(command)))
        .ui(stage)
        .entropy(|| Box::new(Seeded(5)))
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

#[test]
fn one_transcript() {
    // Files are real ones under a driver; `both_drivers` compares those.
    for kind in Kind::ALL.into_iter().filter(|kind| *kind != Kind::FindConfig) {
        let simulated = simulate(setup(kind), &mut Choices::new(&[0]));
        assert!(simulated.result.is_ok(), "{}: {:?}", kind.name(), simulated.result);
        let (result, told) = blocking(kind);
        assert!(result.is_ok(), "{} blocking: {result:?} {told:#?}", kind.name());
        assert_eq!(told, simulated.told, "{} blocking", kind.name());
        let (result, told) = tokio(kind);
        assert!(result.is_ok(), "{} tokio: {result:?} {told:#?}", kind.name());
        assert_eq!(told, simulated.told, "{} tokio", kind.name());
    }
}
