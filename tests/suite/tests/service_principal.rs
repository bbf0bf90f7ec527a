//! Service principal set-up under every single fault and every pair of faults: no secret that nobody knows, no
//! second app, and no half state that a second run does not finish or that cannot be deleted.

use std::collections::BTreeMap;
use std::fmt::Debug;

use entrada_core::arm::ResourceManager;
use entrada_core::arm::roles::{AssignRole, ListRoles, Role, Scope};
use entrada_core::effect::{Effect, HttpFailure};
use entrada_core::graph::setup::{CreatePrincipal, Created, DeletePrincipal, Life, Plan, Proof, Which};
use entrada_core::graph::{FindPrincipal, Graph, Principal, PrincipalKind};
use entrada_core::{
    BoxFlow, Cloud, Entropy, Error, ErrorKind, Mono, Now, Run, Secret, SecretBytes, Step, Unix,
};
use entrada_emulator::config::{Policy, Replication};
use entrada_emulator::{Config, world as w};
use entrada_tests::choices::Choices;
use entrada_tests::faults::{HttpFault, Patience};
use entrada_tests::world::World;

const NAME: &str = "o'brien ml";
const START: Now = Now { mono: Mono(5_000_000), unix: Unix(1_790_000_000) };

struct Counter(u64);

impl Entropy for Counter {
    fn fill(&mut self, buffer: &mut [u8]) {
        for byte in buffer {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            *byte = (self.0 >> 33) as u8;
        }
    }
}

/// A directory and a subscription, with whoever administers them.
struct Stage {
    world: World,
    now: Now,
    entropy: Counter,
    asked: Vec<String>,
    waited: u64,
    tokens: BTreeMap<String, (Now, String)>,
    /// Whether every step is searched for secrets. Pairs of faults show nothing that single ones do not.
    searched: bool,
}

fn replication() -> Replication {
    Replication {
        application: 12,
        principal: 7,
        typed_principal: 11,
        untyped_principal: 40,
        credential: 3,
        shown: 0,
        assignment: 5,
    }
}

impl Stage {
    fn new(replication: Replication) -> Stage {
        let config = Config { policy: Policy { replication, ..Policy::default() }, ..Config::default() };
        let world = World::fair(config, 3, START);
        Stage {
            world,
            now: START,
            entropy: Counter(5),
            asked: Vec::new(),
            waited: 0,
            tokens: BTreeMap::new(),
            searched: true,
        }
    }

    fn pass(&mut self, span: std::time::Duration) {
        self.now = self.now.after(span);
    }

    fn token(&mut self, scope: &str) -> String {
        let body = format!(
            "grant_type=client_credentials&client_id={}&client_secret={}&scope={scope}",
            w::APP,
            w::SECRET
        );
        let request =
            http::Request::post(format!("https://login.microsoftonline.com/{}/oauth2/v2.0/token", w::TENANT))
                .header("content-type", "application/x-www-form-urlencoded")
                .body(SecretBytes::new(body))
                .unwrap();
        let answer = self.world.emulator.answer(self.now, &request);
        let document: serde_json::Value = serde_json::from_slice(answer.body().expose()).unwrap();
        document["access_token"].as_str().unwrap().to_owned()
    }

    fn run<T: Debug>(&mut self, flow: BoxFlow<T>) -> Result<T, Error> {
        let mut run = Run::new(flow);
        let mut choices = Choices::new(&[3]);
        let mut step = run.start(self.now, &mut self.entropy);
        for _ in 0..3000 {
            let effect = match step {
                Step::Done(result) => return result,
                Step::Do(effect) => effect,
            };
            if self.searched
                && let Some(kind) = self.world.canaries.leak(&format!("{run:?} {effect:?}"))
            {
                panic!("{kind:?} shows: {run:?}");
            }
            let reply = match effect {
                Effect::Wait(wait) => {
                    self.pass(wait.span());
                    self.waited += wait.span().as_secs();
                    wait.ticket().done()
                }
                Effect::Token(need) => {
                    let scope = need.request().scopes().joined();
                    let known = self.tokens.get(&scope).cloned();
                    let known = known.filter(|(at, _)| self.now.unix.0 - at.unix.0 < 3000);
                    let (at, text) = known.unwrap_or_else(|| (self.now, self.token(&scope)));
                    self.tokens.insert(scope, (at, text.clone()));
                    let ends = at.unix.after(std::time::Duration::from_secs(3599));
                    let token = entrada_core::AccessToken::new(Secret::new(text), ends, at, "stage");
                    need.split().1.reply(token)
                }
                Effect::Http(call) => {
                    let (request, ticket) = call.split();
                    let host = request.uri().host().unwrap().to_owned();
                    assert!(
                        ["graph.microsoft.com", "management.azure.com"].contains(&host.as_str()),
                        "{host}"
                    );
                    self.asked.push(format!("{} {}", request.method(), request.uri().path()));
                    let (_, fate) = self.world.exchange(&request, self.now, &mut choices);
                    match fate {
                        None => {
                            self.pass(std::time::Duration::from_secs(30));
                            drop(ticket);
                            step = run.expire(self.now, &mut self.entropy);
                            continue;
                        }
                        Some(fate) => {
                            self.pass(fate.took);
                            ticket.reply(fate.result)
                        }
                    }
                }
                other => panic!("{other:?}"),
            };
            step = run.resume(self.now, &mut self.entropy, reply);
        }
        panic!("it does not end: {:?}", self.asked);
    }

    fn create(&mut self, which: Which) -> Result<Created, Error> {
        let plan = Plan {
            which,
            reference: None,
            role: Some(Role::new("AzureML Data Scientist").unwrap()),
            scopes: vec![scope()],
            proof: Proof::Secret(Life { days: 365 }),
        };
        self.run(Box::new(CreatePrincipal::new(&graph(), &manager(), plan)))
    }

    fn delete(&mut self, app_id: &str) -> Result<usize, Error> {
        let flow = DeletePrincipal::new(&graph(), &manager(), app_id, vec![scope()]);
        self.run(Box::new(flow)).map(|removed| removed.len())
    }

    fn apps(&self) -> Vec<&entrada_emulator::config::App> {
        self.world.emulator.config().apps.iter().filter(|app| app.name == NAME).collect()
    }

    fn roles(&self, principal: &str) -> usize {
        let roles = self.world.emulator.config().role_assignments.iter();
        roles.filter(|role| !principal.is_empty() && role.principal == principal).count()
    }

    /// Every secret there is has to be one that somebody knows or was told of.
    fn secrets_are_known(&self, known: &[&str], told: &str) {
        for secret in &self.apps()[0].secrets {
            let is_known = known.contains(&secret.value.expose()) || told.contains(&secret.name);
            assert!(is_known, "nobody knows {} of {:?}; told: {told}", secret.name, self.asked);
        }
    }

    /// Everything is as it should be.
    fn complete(&self, created: &Created, told: &str) {
        let apps = self.apps();
        assert_eq!(apps.len(), 1, "{:?}", self.asked);
        assert_eq!(apps[0].object_id, created.principal.id);
        assert_eq!(self.roles(&created.principal.id), 1, "{:?}", self.asked);
        let secret = created.secret.as_ref().unwrap();
        assert!(apps[0].secrets.iter().any(|known| known.value.expose() == secret.secret.expose()));
        let told = format!("{told} {:?}", secret.left_behind);
        self.secrets_are_known(&[secret.secret.expose()], &told);
    }
}

fn graph() -> Graph {
    Graph::of_cloud(Cloud::PUBLIC).unwrap()
}

fn manager() -> ResourceManager {
    ResourceManager::of_cloud(Cloud::PUBLIC).unwrap()
}

fn scope() -> Scope {
    let workspace = format!(
        "/subscriptions/{}/resourceGroups/{}/providers/Microsoft.MachineLearningServices/workspaces/{}",
        w::SUBSCRIPTION,
        w::RESOURCE_GROUP,
        w::WORKSPACE
    );
    Scope::new(&workspace).unwrap()
}

fn named() -> Which {
    Which::New(NAME.to_owned())
}

fn reused() -> Which {
    Which::Reused(NAME.to_owned())
}

const FAULTS: [HttpFault; 16] = [
    HttpFault::Fails(HttpFailure::Broken, true),
    HttpFault::Fails(HttpFailure::Broken, false),
    HttpFault::Fails(HttpFailure::Refused, false),
    HttpFault::Silent(true),
    HttpFault::Silent(false),
    HttpFault::Truncated(128),
    HttpFault::Empty,
    HttpFault::WrongType,
    HttpFault::Huge,
    HttpFault::Page(200),
    HttpFault::Status(503, Patience::None),
    HttpFault::Status(429, Patience::Seconds(3)),
    HttpFault::Status(500, Patience::None),
    HttpFault::Status(403, Patience::None),
    HttpFault::Status(404, Patience::None),
    HttpFault::Status(409, Patience::None),
];

/// What comes of one run with these faults, and that a second run finishes it, or deletion cleans it.
fn survives(faults: &[(usize, HttpFault)], delete: bool) {
    let mut stage = Stage::new(replication());
    stage.world.faults.planned = faults.iter().copied().collect();
    stage.searched = faults.len() < 2;
    let first = stage.create(named());
    stage.world.faults.planned.clear();
    let told = match &first {
        Ok(created) => {
            stage.complete(created, "");
            String::new()
        }
        Err(error) => {
            assert!(stage.apps().len() <= 1, "{faults:?}: {:?}", stage.asked);
            let told = error.to_string();
            if !stage.apps().is_empty() {
                stage.secrets_are_known(&[], &told);
                assert!(told.contains("--app-id") || told.contains("--reuse"), "{faults:?}: {told}");
            }
            told
        }
    };
    stage.pass(std::time::Duration::from_secs(300));
    if delete {
        let Some(app) = stage.apps().first().map(|app| app.client_id.clone()) else { return };
        let principal = stage.apps()[0].object_id.clone();
        stage.delete(&app).unwrap();
        assert_eq!((stage.apps().len(), stage.roles(&principal)), (0, 0), "{faults:?}");
    } else if first.is_err() {
        let second = stage.create(reused()).unwrap_or_else(|error| panic!("{faults:?}: {error}"));
        stage.complete(&second, &told);
    }
}

#[test]
fn without_faults_it_takes_its_steps_once() {
    let mut stage = Stage::new(Replication::default());
    let created = stage.create(named()).unwrap();
    stage.complete(&created, "");
    assert!(created.is_new);
    let steps: Vec<_> = stage.asked.iter().map(|line| line.split(' ').next().unwrap()).collect();
    // The role, the name, the app, its principal looked for and made, the assignment, the secret.
    assert_eq!(steps, ["GET", "GET", "POST", "GET", "POST", "PUT", "POST"], "{:?}", stage.asked);
    assert_eq!(stage.waited, 0);
    // Again: refused, and nothing is lost.
    let error = stage.create(named()).unwrap_err();
    assert!(error.kind() == ErrorKind::Refused && error.to_string().contains("--reuse"), "{error}");
    let again = stage.create(reused()).unwrap();
    assert!(!again.is_new && again.assigned[0].existed);
    assert_eq!(stage.apps()[0].secrets.len(), 2, "the old secret stays");
    assert_eq!(stage.roles(&again.principal.id), 1);
    assert_eq!(stage.delete(&again.application.app_id).unwrap(), 1);
    assert!(stage.apps().is_empty());
}

#[test]
fn replication_is_waited_for() {
    let mut stage = Stage::new(replication());
    let created = stage.create(named()).unwrap();
    stage.complete(&created, "");
    assert!(stage.waited >= 20);
    // More than three minutes are not.
    let mut slow = Stage::new(Replication { application: 200, ..Replication::default() });
    let error = slow.create(named()).unwrap_err();
    assert_eq!(slow.waited, 36 * 5);
    assert!(error.to_string().contains("entrada sp delete"), "{error}");
}

#[test]
fn a_role_waits_for_its_principal() {
    let mut stage = Stage::new(replication());
    let created = stage.create(named()).unwrap();
    for (seconds, waits) in [(30, 6), (180, 36), (181, 36)] {
        let late = Replication { typed_principal: seconds, ..Replication::default() };
        let mut stage = Stage::new(late);
        let result = stage.create(named());
        assert_eq!((result.is_ok(), stage.waited / 5), (seconds <= 180, waits), "{seconds}");
    }
    let list = ListRoles::new(&manager(), &scope(), Some(&created.principal.id));
    let listed = stage.run(Box::new(list)).unwrap();
    assert_eq!(listed[0].role.as_deref(), Some("AzureML Data Scientist"));
    let principal =
        Principal::of_object(&created.principal.id, Some(PrincipalKind::ServicePrincipal)).unwrap();
    let role = Role::new("f6c7c914-8db3-469d-8ca1-694a8f32e121").unwrap();
    let again = stage.run(Box::new(AssignRole::new(&manager(), &scope(), &role, &principal))).unwrap();
    assert!(again.existed);
}

#[test]
fn principals_are_found_by_every_name() {
    let mut stage = Stage::new(Replication::default());
    for (name, object, kind) in [
        (w::APP, w::APP_OBJECT, PrincipalKind::ServicePrincipal),
        (w::APP_OBJECT, w::APP_OBJECT, PrincipalKind::ServicePrincipal),
        (w::USER, w::USER_OBJECT, PrincipalKind::User),
        (w::USER_OBJECT, w::USER_OBJECT, PrincipalKind::User),
        (w::USER_IDENTITY, w::USER_IDENTITY_OBJECT, PrincipalKind::ServicePrincipal),
        (w::USER_IDENTITY_RESOURCE, w::USER_IDENTITY_OBJECT, PrincipalKind::ServicePrincipal),
    ] {
        let found = stage.run(Box::new(FindPrincipal::new(&graph(), name).unwrap())).unwrap();
        assert_eq!((found.object_id.as_str(), found.kind), (object, Some(kind)), "{name}");
    }
    for nobody in ["nobody@x.example", "no-such-app", "11111111-1111-4111-8111-111111111111"] {
        let error = stage.run(Box::new(FindPrincipal::new(&graph(), nobody).unwrap())).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Refused, "{nobody}");
    }
}

#[test]
fn every_single_fault() {
    for number in 0..22 {
        for fault in FAULTS {
            survives(&[(number, fault)], false);
            survives(&[(number, fault)], true);
        }
    }
}

/// Every pair whose first fault strikes one of these requests.
fn pairs(firsts: impl Iterator<Item = usize>) {
    // One of each kind: lost on its way there and back, cut off, refused, busy, in conflict.
    let kinds = [FAULTS[0], FAULTS[4], FAULTS[5], FAULTS[9], FAULTS[10], FAULTS[13], FAULTS[15]];
    for first in firsts {
        for second in first + 1..16 {
            for one in kinds {
                for other in kinds {
                    survives(&[(first, one), (second, other)], (first + second) % 2 == 0);
                }
            }
        }
    }
}

// Halves of about the same length, each on a processor of its own.
#[test]
fn every_pair_of_faults_that_begins_early() {
    pairs(0..4);
}

#[test]
fn every_pair_of_faults_that_begins_late() {
    pairs(4..14);
}
