//! What the stage is asked for: to create, to delete, and what an error suggests after it.

use entrada_core::arm::ResourceManager;
use entrada_core::arm::roles::{Role, Scope};
use entrada_core::graph::Graph;
use entrada_core::graph::setup::{
    CreatePrincipal, Created, DeletePrincipal, Deleted, Life, Plan, Proof, TakenRoles, Which,
};
use entrada_core::{Cloud, Error};
use entrada_tests::setups::directory::there;

use super::Stage;

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

impl Stage {
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
}
