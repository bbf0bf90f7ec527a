//! A directory and a subscription on a virtual clock, and whoever sets something up there.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::rc::Rc;
use std::time::Duration;

use entrada_core::arm::ResourceManager;
use entrada_core::arm::roles::{Role, Scope};
use entrada_core::effect::{Effect, HttpRequest};
use entrada_core::error::MadeKind;
use entrada_core::graph::Graph;
use entrada_core::graph::setup::{
    CreatePrincipal, Created, DeletePrincipal, Deleted, Life, Plan, Proof, TakenRoles, Which,
};
use entrada_core::{BoxFlow, Cloud, Entropy, Error, Mono, Now, Run, Secret, SecretBytes, Step, Unix};
use entrada_emulator::config::{App, Policy, Replication};
use entrada_emulator::{Config, world as w};
use entrada_tests::canaries::{Canaries, Kind};
use entrada_tests::choices::Choices;
use entrada_tests::faults::{Fate, HttpFault};
use entrada_tests::setups::directory::there;
use entrada_tests::world::{Answer, World};

const START: Now = Now { mono: Mono(5_000_000), unix: Unix(1_790_000_000) };

#[derive(Clone)]
pub(crate) struct Counter(u64);

impl Entropy for Counter {
    fn fill(&mut self, buffer: &mut [u8]) {
        for byte in buffer {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            *byte = (self.0 >> 33) as u8;
        }
    }
}

/// The request that is followed by a change of somebody else's, and that change.
type Meddler = (http::Method, fn(&mut App));

/// A directory and a subscription, with whoever administers them. A clone goes its own way from here on.
#[derive(Clone)]
pub(crate) struct Stage {
    pub(crate) world: World,
    pub(crate) now: Now,
    entropy: Counter,
    pub(crate) asked: Vec<String>,
    pub(crate) waited: u64,
    tokens: BTreeMap<String, (Now, String)>,
    /// When the run is given up.
    pub(crate) cut: Option<Cut>,
    /// How long a run may take.
    pub(crate) limit: Option<Duration>,
    /// What another does to the app once a request of this method was answered.
    pub(crate) meddler: Option<Meddler>,
    /// Takes note of what is exchanged.
    noted: Option<Trunk>,
    /// The exchanges of another run, and how many of them are those of this one too.
    past: Option<(Trunk, usize)>,
}

/// One exchange of a run: what was asked, what came of it, and the world before.
pub(crate) struct Had {
    asked: String,
    fate: Option<Fate>,
    world: World,
}

/// The exchanges of a run, in their order.
pub(crate) type Trunk = Rc<Vec<Had>>;

/// How many requests two runs have in common at their beginning.
pub(crate) fn common(one: &Trunk, other: &Trunk) -> usize {
    one.iter().zip(other.iter()).take_while(|(one, other)| one.asked == other.asked).count()
}

/// When a run is given up: at the effect of this number.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Cut {
    /// Before it is carried out.
    Before(usize),
    /// While it is, or the next request is: that is received, and its answer is not.
    During(usize),
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
            cut: None,
            limit: None,
            meddler: None,
            noted: None,
            past: None,
        }
    }

    /// One at which the tokens are there already, to be cloned: signing them is most of a short run's work.
    pub(crate) fn ready(replication: Replication) -> Stage {
        let mut stage = Stage::new(replication);
        for scopes in [graph().request().scopes().joined(), manager().request().scopes().joined()] {
            stage.token_of(scopes);
        }
        stage
    }

    /// The same, whose steps are not searched for secrets. What shows in them with two faults shows with one.
    pub(crate) fn unsearched(mut self) -> Stage {
        self.world.canaries = Canaries::idle();
        self
    }

    /// What a run of this exchanges, with these faults.
    pub(crate) fn trunk(&self, faults: &[(usize, HttpFault)], proof: &Proof) -> Trunk {
        let mut stage = self.clone();
        stage.noted = Some(Trunk::default());
        stage.world.faults.planned = faults.iter().copied().collect();
        let _ = stage.create(named(), proof.clone());
        stage.noted.unwrap_or_default()
    }

    /// One whose run is that of a trunk until the exchange of this number: up to there nobody is asked again, and the
    /// same is answered. The flow itself goes through all of it, and has to ask the same.
    pub(crate) fn after(&self, trunk: &Trunk, number: usize) -> Stage {
        Stage {
            world: trunk[number].world.clone(),
            entropy: self.entropy.clone(),
            asked: Vec::new(),
            tokens: self.tokens.clone(),
            meddler: None,
            noted: None,
            past: Some((Rc::clone(trunk), number)),
            ..*self
        }
    }

    /// What comes of the request that was asked last.
    fn exchange(&mut self, request: &HttpRequest, choices: &mut Choices<'_>) -> Option<Fate> {
        let number = self.asked.len() - 1;
        if let Some(had) = self.past.as_ref().and_then(|(trunk, end)| trunk[..*end].get(number)) {
            assert_eq!(had.asked, self.asked[number], "it goes another way");
            return had.fate.clone();
        }
        let before = self.noted.is_some().then(|| self.world.clone());
        let (_, fate) = self.world.exchange(request, self.now, choices);
        if let (Some(world), Some(noted)) = (before, self.noted.as_mut().and_then(Rc::get_mut)) {
            noted.push(Had { asked: self.asked[number].clone(), fate: fate.clone(), world });
        }
        fate
    }

    pub(crate) fn pass(&mut self, span: Duration) {
        self.now = self.now.after(span);
    }

    /// The token of a scope, and when it was got: the last one, as long as it lives.
    fn token_of(&mut self, scope: &str) -> (Now, String) {
        let known = self.tokens.get(scope).filter(|(at, _)| self.now.unix.0 - at.unix.0 < 3000);
        if let Some(known) = known {
            return known.clone();
        }
        let new = (self.now, self.token(scope));
        self.world.canaries.add(Kind::AccessToken, &new.1);
        self.tokens.insert(scope.to_owned(), new.clone());
        new
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
        let mut run = Run::new(flow);
        if let Some(limit) = self.limit {
            run = run.with_deadline(self.now.mono.after(limit));
        }
        let mut choices = Choices::new(&[3]);
        let mut step = run.start(self.now, &mut self.entropy);
        for number in 0..3000 {
            let effect = match step {
                Step::Done(result) => return result,
                Step::Do(effect) => effect,
            };
            if matches!(self.cut, Some(Cut::Before(cut)) if cut == number) {
                return Err(run.cancel());
            }
            let is_cut = matches!(self.cut, Some(Cut::During(cut)) if cut <= number);
            if !self.world.canaries.is_idle()
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
                    let (at, text) = self.token_of(need.request().scopes().joined());
                    let ends = at.unix.after(Duration::from_secs(3599));
                    let token = entrada_core::AccessToken::new(Secret::new(text), ends, at, "stage");
                    need.split().1.reply(token)
                }
                Effect::Http(call) => {
                    let (request, ticket) = call.split();
                    let host = request.uri().host().unwrap().to_owned();
                    let known = ["graph.microsoft.com", "management.azure.com", "login.microsoftonline.com"];
                    assert!(known.contains(&host.as_str()), "{host}");
                    self.asked.push(format!("{} {}", request.method(), request.uri().path()));
                    let fate = self.exchange(&request, &mut choices);
                    self.meddle(request.method());
                    let in_time = |fate: &Fate| self.now.mono.after(fate.took) < deadline;
                    match fate.filter(|fate| !is_cut && in_time(fate)) {
                        None if is_cut => return Err(run.cancel()),
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
                sign @ Effect::Sign(_) => match self.world.answer(sign, self.now, &mut choices) {
                    Answer::Reply { reply, .. } => reply,
                    silence @ Answer::Silence { .. } => panic!("{silence:?}"),
                },
                other => panic!("{other:?}"),
            };
            step = run.resume(self.now, &mut self.entropy, reply);
        }
        panic!("it does not end: {:?}", self.asked);
    }

    fn meddle(&mut self, method: &http::Method) {
        let apps = &mut self.world.emulator.config_mut().apps;
        let app = apps.iter_mut().find(|app| app.name == there::NAME);
        if let Some((_, meddle)) = self.meddler.take_if(|(wanted, _)| wanted == method)
            && let Some(app) = app
        {
            meddle(app);
        }
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

    pub(crate) fn delete(&mut self, app_id: &str, roles: TakenRoles) -> Result<Deleted, Error> {
        self.run(Box::new(DeletePrincipal::new(&graph(), &manager(), app_id, roles)))
    }

    /// Does what an error suggests to undo it: the command as it stands. Nothing, where it suggests none.
    pub(crate) fn undo(&mut self, told: &str) -> Option<Result<Deleted, Error>> {
        let (_, command) = told.split_once("undo with: entrada sp delete ")?;
        let mut words = command.lines().next()?.split_whitespace();
        let app = words.next()?.to_owned();
        let scopes = match words.next() {
            Some("--scopes") => words.map(|scope| Scope::new(scope).unwrap()).collect(),
            other => panic!("{other:?}: {told}"),
        };
        Some(self.delete(&app, TakenRoles::At(scopes)))
    }

    /// Goes on as an error suggests: with the id that it names, or by the name.
    pub(crate) fn go_on(&mut self, told: &str, proof: Proof) -> Result<Created, Error> {
        let which = match told.split_once("same command and --app-id ") {
            Some((_, rest)) => Which::Of(rest.split_whitespace().next().unwrap().to_owned()),
            None => reused(),
        };
        self.create(which, proof)
    }

    pub(crate) fn apps(&self) -> Vec<&App> {
        there::apps(&self.world)
    }

    pub(crate) fn roles(&self, principal: &str) -> usize {
        let roles = self.world.emulator.config().role_assignments.iter();
        roles.filter(|role| !principal.is_empty() && role.principal == principal).count()
    }

    /// Every secret there is has to be one that somebody knows or was told of.
    pub(crate) fn secrets_are_known(&self, known: &[&str], told: &str) {
        for secret in self.apps().iter().flat_map(|app| &app.secrets) {
            let is_known = known.contains(&secret.value.expose()) || told.contains(&secret.name);
            assert!(is_known, "nobody knows {} of {:?}; told: {told}", secret.name, self.asked);
        }
    }

    /// What there is after an error has to be told by it, in words and for programs; and what it says is there
    /// has to be there.
    pub(crate) fn is_told(&self, error: &Error) {
        let told = error.to_string();
        let said =
            |what: MadeKind, id: &str| error.made().iter().any(|made| made.what == what && made.id == id);
        let apps = self.apps();
        assert!(apps.len() <= 1, "{:?}", self.asked);
        for app in &apps {
            let by_id = said(MadeKind::Application, &app.client_id) && told.contains(&app.client_id);
            let by_name = said(MadeKind::Application, there::NAME) && told.contains("--reuse");
            assert!(by_id || by_name, "an app that nobody was told of: {told} {:?}", self.asked);
            for role in self.world.emulator.config().role_assignments.iter() {
                let is_told = role.principal != app.object_id || told.contains(&role.scope);
                assert!(is_told, "a role that nobody was told of: {told}");
            }
            for certificate in &app.certificates {
                assert!(said(MadeKind::Certificate, &certificate.key_id), "its key would be lost: {told}");
            }
            for secret in &app.secrets {
                let by_name = said(MadeKind::Secret, &secret.name) && told.contains(&secret.name);
                let by_id = said(MadeKind::Secret, &secret.id());
                assert!(by_name || by_id, "{told}");
                let named = if by_id { secret.id() } else { format!("'{}'", secret.name) };
                let command = format!("sp reset {} --no-password --remove-key {named}", app.client_id);
                assert!(told.contains(&command), "{told}");
            }
        }
        for made in error.made().iter().filter(|made| made.certain) {
            let there = match made.what {
                MadeKind::Application => apps.iter().any(|app| app.client_id == made.id),
                MadeKind::ServicePrincipal => apps.iter().any(|app| app.object_id == made.id),
                MadeKind::Secret => {
                    apps.iter().any(|app| app.secrets.iter().any(|known| known.id() == made.id))
                }
                MadeKind::Role => apps.iter().any(|app| self.roles(&app.object_id) > 0),
                MadeKind::Certificate => {
                    apps.iter().any(|app| app.certificates.iter().any(|known| known.key_id == made.id))
                }
                _ => panic!("{made:?} is never certain"),
            };
            assert!(there, "{made:?} is not there: {:?}", self.asked);
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
