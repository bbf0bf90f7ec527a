//! The same flow in the simulation, under the blocking driver and under tokio: the same effects and the
//! same replies, in the same order. The services are the emulator in the process; the listener of the
//! browser's sign-in and the files are real ones.

#[path = "three_ways/stage.rs"]
mod stage;

use std::sync::{Arc, Mutex};

use entrada_core::effect::{HttpRequest, RunCommand, SignAction, SigningKey};
use entrada_core::environment::Environment;
use entrada_core::flow::{BoxFlow, Credential};
use entrada_core::{Error, Now, TokenRequest};
use entrada_tests::choices::{Choices, Seeded};
use entrada_tests::model::Case;
use entrada_tests::scratch::Scratch;
use entrada_tests::setups::{Kind, Output, Setup, Twist};
use entrada_tests::sim::{START, simulate};
use entrada_tests::transcript::without_sizes;
use entrada_tests::world::World;

use stage::{Stage, now, to_disk};

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
        .store(stage.clone())
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
        .store(stage.clone())
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
    for case in entrada_tests::model::under_drivers() {
        compare(&case);
    }
}

/// Under a driver a wait takes its time.
#[test]
fn none_of_them_waits_for_long() {
    for case in entrada_tests::model::under_drivers() {
        let scratch = Scratch::new();
        let root = scratch.path().canonicalize().unwrap();
        let Case { name, kind, twist, wrong, .. } = case;
        let play = Play { name, kind, twist, wrong, root: root.to_str().unwrap() };
        let simulated = simulate(setup(play, START), &mut Choices::new(&[0]));
        let waits = simulated.told.iter().filter_map(|line| line.strip_prefix("> wait ")?.split_once(" s ("));
        let seconds: f64 = waits.map(|(seconds, _)| seconds.parse::<f64>().unwrap()).sum();
        assert!(seconds <= 10.0, "{name} waits {seconds} s: {:#?}", simulated.told);
    }
}
