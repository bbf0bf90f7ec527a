//! Service principals and roles: what is set up in the directory, and given in a subscription.

mod after;
pub mod there;

use std::sync::Arc;

use entrada_core::Cloud;
use entrada_core::arm::roles::{AssignRole, ListRoles, Role};
use entrada_core::error::Error;
use entrada_core::flow::{self, BoxFlow, Credential};
use entrada_core::graph::setup::{
    AddCertificate, AddSecret, CreatePrincipal, DeletePrincipal, Life, Plan, Proof, RemoveCredentials,
    ShowApplication, ShowPrincipal, TakenRoles, Which,
};
use entrada_core::graph::{FindPrincipal, Graph, Principal, PrincipalKind};
use entrada_emulator::config::Replication;
use entrada_emulator::world as w;

use self::there::Changed;
use super::credentials::{manager, member};
use super::options::Options;
use super::{After, GRAPH, Kind, Output, Twist};
use crate::rules::Rules;
use crate::world::World;

const LIFE: Life = Life { days: 365 };

/// Replication that takes a while for everything, and for each thing another.
#[must_use]
pub fn lagging() -> Replication {
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

/// A flow, the credential whose token it goes with, and what must hold afterwards.
type Started = (BoxFlow<Output>, Arc<dyn Credential>, After);

/// The flow of a kind that is one of these, whose token it goes with, and what must hold afterwards.
pub(super) fn flow_of(
    kind: Kind,
    options: &Options,
    rules: &mut Rules,
    world: &mut World,
) -> Result<Option<Started>, Error> {
    if !is_one(kind) {
        return Ok(None);
    }
    if kind != Kind::CreatePrincipal || options.twist == Twist::Again {
        there::put(world);
    }
    let manager = manager(rules)?;
    rules.graph = Some(GRAPH.to_owned());
    let graph = Graph::of_cloud(Cloud::PUBLIC)?.with_cae();
    let scope = there::scope()?;
    let certified = options.twist == Twist::Certified;
    let (flow, after): (BoxFlow<Output>, After) = match kind {
        Kind::CreatePrincipal => {
            let name = there::NAME.to_owned();
            let plan = Plan {
                which: if options.twist == Twist::Again { Which::Reused(name) } else { Which::New(name) },
                reference: None,
                role: Some(Role::new("AzureML Data Scientist")?),
                scopes: vec![scope],
                proof: if certified {
                    Proof::Certificate(there::certificate()?)
                } else {
                    Proof::Secret(LIFE)
                },
            };
            let create = CreatePrincipal::new(&graph, &manager, plan);
            (flow::map(Box::new(create), |created| Ok(Output::Created(Box::new(created)))), after::created)
        }
        Kind::AddCredential if certified => {
            let certificate = there::certificate()?;
            let add = Changed::new(&graph, move |graph, app| {
                Box::new(AddCertificate::new(graph, app, &certificate))
            });
            (flow::map(Box::new(add), |id| Ok(Output::Certificate(id))), after::added)
        }
        Kind::AddCredential => {
            let add = Changed::new(&graph, |graph, app| Box::new(AddSecret::new(graph, app, LIFE)));
            (flow::map(Box::new(add), |secret| Ok(Output::Secret(secret))), after::added)
        }
        Kind::RemoveCredentials => {
            let remove = Changed::new(&graph, |graph, app| match there::doomed(app) {
                Ok(doomed) => Box::new(RemoveCredentials::new(graph, app, &doomed)),
                Err(error) => flow::ready(Err(error)),
            });
            (flow::map(Box::new(remove), |()| Ok(Output::Removed)), after::removed)
        }
        Kind::ShowPrincipal => {
            let id = if options.twist == Twist::ByObject { there::PRINCIPAL } else { there::APP_ID };
            let show = ShowPrincipal::new(&graph, id);
            (flow::map(Box::new(show), |found| Ok(Output::Principal(found))), after::nothing)
        }
        Kind::ShowApplication => {
            let show = ShowApplication::new(&graph, there::APP_ID);
            (flow::map(Box::new(show), |found| Ok(Output::Application(found))), after::nothing)
        }
        Kind::DeletePrincipal => {
            let delete = DeletePrincipal::new(&graph, &manager, there::APP_ID, TakenRoles::At(vec![scope]));
            (flow::map(Box::new(delete), |deleted| Ok(Output::Roles(deleted.roles))), after::deleted)
        }
        Kind::FindPrincipal => {
            let name = match options.twist {
                Twist::ByClient => there::APP_ID,
                Twist::ByObject => there::PRINCIPAL,
                Twist::ByResource => w::USER_IDENTITY_RESOURCE,
                _ => w::USER,
            };
            let find = FindPrincipal::new(&graph, name)?;
            (flow::map(Box::new(find), |found| Ok(Output::Found(found))), after::nothing)
        }
        Kind::AssignRole => {
            let principal = Principal::of_object(there::PRINCIPAL, Some(PrincipalKind::ServicePrincipal))?;
            let assign = AssignRole::new(&manager, &scope, &Role::new("AzureML Data Scientist")?, &principal);
            (flow::map(Box::new(assign), |assigned| Ok(Output::Assigned(assigned))), after::assigned)
        }
        _ => {
            let list = ListRoles::new(&manager, &scope, None);
            (flow::map(Box::new(list), |roles| Ok(Output::Roles(roles))), after::nothing)
        }
    };
    // Who administers a directory is an app that may, or a person.
    let administrator = [0, 0, 0, 2, 4][options.member % 5];
    Ok(Some((flow, member(administrator, options, rules)?, after)))
}

/// Whether a kind is one of these.
pub(super) fn is_one(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::CreatePrincipal
            | Kind::AddCredential
            | Kind::RemoveCredentials
            | Kind::ShowPrincipal
            | Kind::ShowApplication
            | Kind::DeletePrincipal
            | Kind::FindPrincipal
            | Kind::AssignRole
            | Kind::ListRoles
    )
}
