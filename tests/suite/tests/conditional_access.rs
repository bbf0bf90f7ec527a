//! Conditional Access with both drivers: a policy, the challenge of Azure Resource Manager, the person who is
//! asked for what it demands and no oftener, and what comes of it where nobody may be asked or all is blocked.

#[path = "three_ways/stage.rs"]
#[allow(dead_code, reason = "each test program uses its part")]
mod stage;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use entrada_core::arm::ResourceManager;
use entrada_core::effect::{BrowserFailure, DevicePrompt, HttpRequest, PromptFailure};
use entrada_core::flow::Credential;
use entrada_core::ml::{GetWorkspace, Workspace, WorkspaceConfig};
use entrada_core::{
    ClientSecretCredential, Cloud, DeviceCodeCredential, EntraClient, Environment, Error, ErrorKind, Memory,
    Remembered, SharedTokenCacheCredential,
};
use entrada_emulator::config::{Block, Demand};
use entrada_emulator::{Config, world as w};
use entrada_tests::world::World;

use stage::{Stage, now};

/// A person who does as they are asked, and how often they were.
#[derive(Clone)]
struct Asked(Stage, Arc<AtomicUsize>);

impl entrada_blocking::Ui for Asked {
    fn prompt(&self, prompt: &DevicePrompt) -> Result<(), PromptFailure> {
        self.1.fetch_add(1, Ordering::Relaxed);
        entrada_blocking::Ui::prompt(&self.0, prompt)
    }

    fn open(&self, _: &str) -> Result<(), BrowserFailure> {
        Err(BrowserFailure::NotFound)
    }
}

impl entrada_tokio::Ui for Asked {
    async fn prompt(&self, prompt: &DevicePrompt) -> Result<(), PromptFailure> {
        entrada_blocking::Ui::prompt(self, prompt)
    }

    async fn open(&self, _: &str) -> Result<(), BrowserFailure> {
        Err(BrowserFailure::NotFound)
    }
}

#[derive(Clone, Copy, Debug)]
enum Runtime {
    Blocking,
    Tokio,
}

/// A world, and a driver that works in it.
struct Play {
    runtime: Runtime,
    stage: Stage,
    asked: Arc<AtomicUsize>,
}

impl Play {
    fn new(runtime: Runtime) -> Play {
        let mut config = Config::default();
        config.policy.device_interval = 1;
        let stage = Stage(Arc::new(Mutex::new(World::fair(config, 7, now()))));
        Play { runtime, stage, asked: Arc::default() }
    }

    fn demand(&self) {
        let scope = format!("/subscriptions/{}", w::SUBSCRIPTION);
        let demand = Demand { scope, acrs: Some("p1".into()), newer_than: None };
        self.stage.0.lock().unwrap().emulator.config_mut().policy.demands.push(demand);
    }

    /// Opens the workspace, as whom the credential says; and how often the person was asked for that.
    fn open(&self, credential: impl Credential + 'static) -> (Result<Workspace, Error>, usize) {
        let manager = ResourceManager::of_cloud(Cloud::PUBLIC).unwrap();
        let config = WorkspaceConfig::new(w::SUBSCRIPTION, w::RESOURCE_GROUP, w::WORKSPACE).unwrap();
        let call = Box::new(GetWorkspace::new(&manager, &config));
        let person = Asked(self.stage.clone(), self.asked.clone());
        let (http, before) = (self.stage.clone(), self.asked.load(Ordering::Relaxed));
        let result = match self.runtime {
            Runtime::Blocking => {
                let driver = entrada_blocking::Driver::builder()
                    .environment(Environment::new())
                    .http(move |request: HttpRequest, _, _| http.http(&request))
                    .store(self.stage.clone())
                    .ui(person)
                    .build()
                    .unwrap();
                entrada_blocking::Credential::with_driver(credential, &driver).call(call)
            }
            Runtime::Tokio => {
                let driver = entrada_tokio::Driver::builder()
                    .environment(Environment::new())
                    .http(move |request: HttpRequest, _, _| std::future::ready(http.http(&request)))
                    .store(self.stage.clone())
                    .ui(person)
                    .build()
                    .unwrap();
                let runtime = ::tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
                let credential = entrada_tokio::Credential::with_driver(credential, &driver);
                runtime.block_on(credential.call(call))
            }
        };
        (result, self.asked.load(Ordering::Relaxed) - before)
    }
}

fn client() -> EntraClient {
    EntraClient::new(w::TENANT, w::DEVELOPER_CLIENT).unwrap()
}

fn person() -> Remembered {
    Remembered::of(DeviceCodeCredential::of(client()), Memory::shared())
}

#[test]
fn the_person_is_asked_for_what_is_demanded_and_no_oftener() {
    for runtime in [Runtime::Blocking, Runtime::Tokio] {
        let play = Play::new(runtime);
        let (opened, asked) = play.open(person());
        assert_eq!((opened.unwrap().name(), asked), (w::WORKSPACE, 1), "{runtime:?}: the first sign-in");
        let (opened, asked) = play.open(person());
        assert!(opened.is_ok() && asked == 0, "{runtime:?}: it is kept");
        play.demand();
        let (refused, asked) = play.open(SharedTokenCacheCredential::of(client(), Memory::shared()));
        let error = refused.unwrap_err();
        assert_eq!((error.kind(), asked), (ErrorKind::InteractionRequired, 0), "{runtime:?}: {error}");
        assert!(error.claims().is_some_and(|claims| claims.to_json().contains("p1")), "{runtime:?}");
        let (opened, asked) = play.open(person());
        assert!(opened.is_ok(), "{runtime:?}: {opened:?}");
        assert_eq!(asked, 1, "{runtime:?}: asked once, for what is demanded");
        let (opened, asked) = play.open(SharedTokenCacheCredential::of(client(), Memory::shared()));
        assert!(opened.is_ok() && asked == 0, "{runtime:?}: what was met is kept: {opened:?}");
    }
}

#[test]
fn an_app_meets_a_demand_by_itself() {
    for runtime in [Runtime::Blocking, Runtime::Tokio] {
        let play = Play::new(runtime);
        play.demand();
        let (opened, asked) = play.open(ClientSecretCredential::new(w::TENANT, w::APP, w::SECRET).unwrap());
        assert!(opened.is_ok() && asked == 0, "{runtime:?}: {opened:?}");
    }
}

#[test]
fn what_is_blocked_is_for_an_administrator() {
    for runtime in [Runtime::Blocking, Runtime::Tokio] {
        let play = Play::new(runtime);
        let block = Block { resource: "797f4846-ba00-4fd7-ba43-dac1f8f63013".into(), principal: "*".into() };
        play.stage.0.lock().unwrap().emulator.config_mut().policy.blocks.push(block);
        let app = ClientSecretCredential::new(w::TENANT, w::APP, w::SECRET).unwrap();
        for result in [play.open(app).0, play.open(person()).0] {
            let error = result.unwrap_err();
            assert_eq!(
                (error.kind(), error.aadsts()),
                (ErrorKind::Refused, &[53_003][..]),
                "{runtime:?}: {error}"
            );
            assert!(error.remedy().unwrap().contains("administrator"), "{runtime:?}: {error:?}");
            assert!(error.correlation_id().is_some(), "{runtime:?}");
        }
    }
}
