//! A directory and a subscription on a virtual clock, and whoever sets something up there.

mod asked;
mod run;
mod told;
mod trunk;

use std::collections::BTreeMap;
use std::time::Duration;

use entrada_core::{Now, SecretBytes};
use entrada_emulator::config::{App, Policy, Replication};
use entrada_emulator::{Config, world as w};
use entrada_tests::canaries::{Canaries, Kind};
use entrada_tests::choices::Seeded;
use entrada_tests::script;
use entrada_tests::sim::START;
use entrada_tests::world::World;

pub(crate) use asked::{certificate, graph, manager, named, reused, secret};
pub(crate) use trunk::common;

use trunk::Trunk;

/// The request that is followed by a change of somebody else's, and that change.
type Meddler = (http::Method, fn(&mut App));

/// A directory and a subscription, with whoever administers them. A clone goes its own way from here on.
#[derive(Clone)]
pub(crate) struct Stage {
    pub(crate) world: World,
    pub(crate) now: Now,
    entropy: Seeded,
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

/// When a run is given up: at the effect of this number.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Cut {
    /// Before it is carried out.
    Before(usize),
    /// While it is, or the next request is: that is received, and its answer is not.
    During(usize),
}

impl Stage {
    pub(crate) fn new(replication: Replication) -> Stage {
        let config = Config { policy: Policy { replication, ..Policy::default() }, ..Config::default() };
        let world = World::fair(config, 3, START);
        Stage {
            world,
            now: START,
            entropy: Seeded(5),
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

    pub(crate) fn pass(&mut self, span: Duration) {
        script::pass(&mut self.now, span);
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
}
