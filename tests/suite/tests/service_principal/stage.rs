//! A directory and a subscription on a virtual clock, and whoever sets something up there.

use std::collections::BTreeMap;
use std::fmt::Debug;

use entrada_core::arm::ResourceManager;
use entrada_core::arm::roles::Role;
use entrada_core::effect::Effect;
use entrada_core::graph::Graph;
use entrada_core::graph::setup::{CreatePrincipal, Created, DeletePrincipal, Life, Plan, Proof, Which};
use entrada_core::{BoxFlow, Cloud, Entropy, Error, Mono, Now, Run, Secret, SecretBytes, Step, Unix};
use entrada_emulator::config::{Policy, Replication};
use entrada_emulator::{Config, world as w};
use entrada_tests::choices::Choices;
use entrada_tests::setups::directory::there;
use entrada_tests::world::World;

const START: Now = Now { mono: Mono(5_000_000), unix: Unix(1_790_000_000) };

pub(crate) struct Counter(u64);

impl Entropy for Counter {
    fn fill(&mut self, buffer: &mut [u8]) {
        for byte in buffer {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            *byte = (self.0 >> 33) as u8;
        }
    }
}

/// A directory and a subscription, with whoever administers them.
pub(crate) struct Stage {
    pub(crate) world: World,
    pub(crate) now: Now,
    entropy: Counter,
    pub(crate) asked: Vec<String>,
    pub(crate) waited: u64,
    tokens: BTreeMap<String, (Now, String)>,
    /// Whether every step is searched for secrets. Pairs of faults show nothing that single ones do not.
    pub(crate) searched: bool,
    /// How long one run may take.
    pub(crate) limit: Option<std::time::Duration>,
}

pub(crate) fn replication() -> Replication {
    Replication {
        application: 12,
        principal: 7,
        typed_principal: 11,
        untyped_principal: 40,
        credential: 3,
        shown: 8,
        assignment: 5,
    }
}

impl Stage {
    pub(crate) fn new(replication: Replication) -> Stage {
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
            limit: None,
        }
    }

    pub(crate) fn pass(&mut self, span: std::time::Duration) {
        self.now = self.now.after(span);
    }

    pub(crate) fn token(&mut self, scope: &str) -> String {
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

    pub(crate) fn run<T: Debug>(&mut self, flow: BoxFlow<T>) -> Result<T, Error> {
        let run = Run::new(flow);
        let mut run = match self.limit {
            Some(limit) => run.with_deadline(self.now.mono.after(limit)),
            None => run,
        };
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
            let deadline = effect.deadline().unwrap_or(self.now.mono);
            let reply = match effect {
                Effect::Wait(wait) => {
                    self.pass(self.now.mono.until(wait.until()));
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
                    match fate.filter(|fate| self.now.mono.after(fate.took) < deadline) {
                        None => {
                            self.pass(self.now.mono.until(deadline));
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

    pub(crate) fn create(&mut self, which: Which, proof: Proof) -> Result<Created, Error> {
        let plan = Plan {
            which,
            reference: None,
            role: Some(Role::new("AzureML Data Scientist").unwrap()),
            scopes: vec![there::scope().unwrap()],
            proof,
        };
        self.run(Box::new(CreatePrincipal::new(&graph(), &manager(), plan)))
    }

    pub(crate) fn delete(&mut self, app_id: &str) -> Result<usize, Error> {
        let flow = DeletePrincipal::new(&graph(), &manager(), app_id, vec![there::scope().unwrap()]);
        self.run(Box::new(flow)).map(|removed| removed.len())
    }

    pub(crate) fn apps(&self) -> Vec<&entrada_emulator::config::App> {
        there::apps(&self.world)
    }

    pub(crate) fn roles(&self, principal: &str) -> usize {
        let roles = self.world.emulator.config().role_assignments.iter();
        roles.filter(|role| !principal.is_empty() && role.principal == principal).count()
    }

    /// Every secret there is has to be one that somebody knows or was told of.
    pub(crate) fn secrets_are_known(&self, known: &[&str], told: &str) {
        for secret in &self.apps()[0].secrets {
            let is_known = known.contains(&secret.value.expose()) || told.contains(&secret.name);
            assert!(is_known, "nobody knows {} of {:?}; told: {told}", secret.name, self.asked);
        }
    }

    /// Everything is as it should be.
    pub(crate) fn complete(&self, created: &Created, told: &str) {
        let apps = self.apps();
        assert_eq!(apps.len(), 1, "{:?}", self.asked);
        assert_eq!(apps[0].object_id, created.principal.id);
        assert_eq!(self.roles(&created.principal.id), 1, "{:?}", self.asked);
        if let Some(id) = &created.certificate {
            assert!(apps[0].certificates.iter().any(|known| known.key_id == *id), "{:?}", self.asked);
        }
        let Some(secret) = &created.secret else { return self.secrets_are_known(&[], told) };
        assert!(apps[0].secrets.iter().any(|known| known.value.expose() == secret.secret.expose()));
        let told = format!("{told} {:?}", secret.left_behind);
        self.secrets_are_known(&[secret.secret.expose()], &told);
    }
}

pub(crate) fn graph() -> Graph {
    Graph::of_cloud(Cloud::PUBLIC).unwrap()
}

pub(crate) fn manager() -> ResourceManager {
    ResourceManager::of_cloud(Cloud::PUBLIC).unwrap()
}

pub(crate) fn named() -> Which {
    Which::New(there::NAME.to_owned())
}

pub(crate) fn reused() -> Which {
    Which::Reused(there::NAME.to_owned())
}

pub(crate) fn secret() -> Proof {
    Proof::Secret(Life { days: 365 })
}

pub(crate) fn certificate() -> Proof {
    Proof::Certificate(there::certificate().unwrap())
}
