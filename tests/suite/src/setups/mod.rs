//! Every credential and flow of today, in a fair world or in one that the choices make up.

mod apps;
mod credentials;
pub mod directory;
mod drawn;
mod elsewhere;
mod hosts;
mod kept;
mod kind;
mod machine_learning;
mod native;
mod options;
mod people;
mod resumed;
mod tools;
mod twist;
mod worlds;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use entrada_core::arm::roles::{Assigned, RoleAssignment};
use entrada_core::claims::Claims;
use entrada_core::flow::{self, BoxFlow, Credential};
use entrada_core::graph::setup::{Created, NewSecret};
use entrada_core::graph::{Application, Principal, ServicePrincipal};
use entrada_core::ml::{
    EndpointAccess, FindConfig, FoundConfig, GetWorkspace, ListWorkspaces, OnlineEndpoint, ResourceIdentity,
    Workspace, WorkspaceConfig, WorkspaceKeys, WorkspaceScope,
};
use entrada_core::{AccessToken, Error, Now};
use entrada_emulator::{Config, world as w};

use self::credentials::{credential_of, manager, member};
pub use self::kind::Kind;
use self::options::Options;
pub use self::twist::Twist;
use self::worlds::{drawn_world, fair_world, places};
use crate::choices::Choices;
use crate::rules::{ClaimsRule, Rules};
use crate::sim::START;
use crate::world::{Tool, World};

/// What a flow gives.
#[derive(Debug)]
#[allow(clippy::large_enum_variant, reason = "there is one of them a run")]
pub enum Output {
    /// A token.
    Token(AccessToken),
    /// A workspace.
    Workspace(Workspace),
    /// Several.
    Workspaces(Vec<Workspace>),
    /// A configuration file.
    Config(FoundConfig),
    /// The keys of a workspace.
    Keys(WorkspaceKeys),
    /// What an endpoint is called with.
    Access(EndpointAccess),
    /// The identities of a resource.
    Identity(ResourceIdentity),
    /// Online endpoints.
    Endpoints(Vec<OnlineEndpoint>),
    /// A service principal that was set up.
    Created(Box<Created>),
    /// A secret that was added.
    Secret(NewSecret),
    /// The id of a certificate that was added.
    Certificate(String),
    /// Secrets and certificates were removed.
    Removed,
    /// A service principal.
    Principal(ServicePrincipal),
    /// An app registration, if there is one.
    Application(Option<Application>),
    /// Whom a role can be given to.
    Found(Principal),
    /// A role that was given.
    Assigned(Assigned),
    /// Roles that are given, or were.
    Roles(Vec<RoleAssignment>),
}

/// What is broken in the world after a run that ended in this.
pub type After = fn(&World, &Result<Output, Error>) -> Vec<String>;

/// A flow, the world it runs in, and what it may do there.
#[derive(Debug)]
pub struct Setup {
    /// The flow.
    pub flow: BoxFlow<Output>,
    /// What answers [`entrada_core::effect::Effect::Token`].
    pub credential: Option<Arc<dyn Credential>>,
    /// What it may do.
    pub rules: Rules,
    /// The world.
    pub world: World,
    /// The limit of the whole run.
    pub limit: Option<Duration>,
    /// The seed of its randomness.
    pub seed: u64,
    /// The sign-in page that a browser was sent to before, if one was.
    pub page: Option<String>,
    /// What must hold of the world afterwards, where something was changed in it.
    pub after: Option<After>,
}

/// The authority.
pub const AUTHORITY: &str = "https://login.microsoftonline.com";
/// Azure Resource Manager.
pub const MANAGER: &str = "https://management.azure.com";
/// Microsoft Graph.
pub const GRAPH: &str = "https://graph.microsoft.com";
/// The metadata service.
pub const METADATA: &str = "http://169.254.169.254";
/// What is there where the agent of Azure Arc is installed. Whoever asks for a managed identity looks.
pub const ARC_AGENT: &str = "/opt/azcmagent/bin/himds";
/// Where Visual Studio Code leaves the record of who is signed in to it, for somebody whose home is
/// `/home/ada`.
pub const EDITOR_RECORDS: [&str; 2] = [
    "/home/ada/.azure/ms-azuretools.vscode-azureresourcegroups/authRecord.json",
    "/home/ada/.Azure/ms-azuretools.vscode-azureresourcegroups/authRecord.json",
];

/// Azure Pipelines.
pub const PIPELINES: &str = "https://dev.azure.com";
/// The federation service.
pub const FEDERATION: &str = "https://sts.fabrikam.example";

impl Setup {
    /// The flow in a world where all goes well.
    ///
    /// # Panics
    /// If the set-up itself is wrong: a defect of this file.
    #[must_use]
    pub fn fair(kind: Kind) -> Setup {
        Setup::twisted(kind, Twist::None, START)
    }

    /// The same at another time, with one thing about the credential as it should not be.
    ///
    /// # Panics
    /// As above.
    #[must_use]
    pub fn twisted(kind: Kind, twist: Twist, now: Now) -> Setup {
        Setup::below("", kind, twist, now)
    }

    /// The same with its files below this folder, where they can be put on a real disk.
    ///
    /// # Panics
    /// As above.
    #[must_use]
    pub fn below(root: &str, kind: Kind, twist: Twist, now: Now) -> Setup {
        let options = Options::fair().and_then(|options| options.twisted(twist)).expect("fair options");
        Setup::of(kind, &options, fair_world(kind, Config::default(), 1, now, root), None, 1)
            .expect("a fair set-up can be built")
    }

    /// The flow in a world that the choices make up. Nothing, if what they chose cannot be built.
    #[must_use]
    pub fn drawn(kind: Kind, choices: &mut Choices<'_>) -> Option<Setup> {
        Setup::drawn_by(kind, choices, |choices| Twist::drawn(choices, kind.twists()))
    }

    /// The same, twisted in this way.
    #[must_use]
    pub fn drawn_twisted(kind: Kind, twist: Twist, choices: &mut Choices<'_>) -> Option<Setup> {
        Setup::drawn_by(kind, choices, |_| twist)
    }

    fn drawn_by(
        kind: Kind,
        choices: &mut Choices<'_>,
        twist: impl FnOnce(&mut Choices<'_>) -> Twist,
    ) -> Option<Setup> {
        // The first steps' places are far from those that the run begins with.
        choices.step(5000);
        let seed = choices.long();
        let options = Options::drawn(choices).ok()?;
        let world = drawn_world(kind, choices, seed);
        let options = options.twisted(twist(choices)).ok()?;
        let seconds = choices.weighted(&[(16, 0), (2, 600), (2, 60), (1, 10), (1, 1)]);
        let limit = (seconds > 0).then(|| Duration::from_secs(seconds));
        Setup::of(kind, &options, world, limit, seed).ok()
    }

    fn of(
        kind: Kind,
        options: &Options,
        mut world: World,
        limit: Option<Duration>,
        seed: u64,
    ) -> Result<Setup, Error> {
        if options.twist == Twist::AdFs {
            // Nobody else has an account there.
            world.sitter.person.username = w::FEDERATED_USER.into();
            world.sitter.person.password = w::FEDERATED_PASSWORD.into();
        }
        let mut rules = Rules::default();
        let (mut credential, mut page, mut after) = (None, None, None);
        let token = |credential: &dyn Credential| {
            flow::map(credential.begin(&options.request), |token| Ok(Output::Token(token)))
        };
        let flow = match kind {
            Kind::GetWorkspace => {
                credential = Some(member(options.member, options, &mut rules)?);
                let config = WorkspaceConfig::new(w::SUBSCRIPTION, w::RESOURCE_GROUP, w::WORKSPACE)?;
                let workspace = GetWorkspace::new(&manager(&mut rules)?, &config);
                flow::map(Box::new(workspace), |workspace| Ok(Output::Workspace(workspace)))
            }
            Kind::ListWorkspaces => {
                credential = Some(member(options.member, options, &mut rules)?);
                let scope = match options.group {
                    true => WorkspaceScope::Group {
                        subscription: w::SUBSCRIPTION.to_owned(),
                        group: w::RESOURCE_GROUP.to_owned(),
                    },
                    false => WorkspaceScope::Subscription(w::SUBSCRIPTION.to_owned()),
                };
                let list = ListWorkspaces::new(&manager(&mut rules)?, &scope)?;
                flow::map(Box::new(list), |workspaces| Ok(Output::Workspaces(workspaces)))
            }
            _ if machine_learning::is_one(kind) => {
                credential = Some(member(options.member, options, &mut rules)?);
                machine_learning::flow_of(kind, options.twist, &manager(&mut rules)?)?
            }
            Kind::FindConfig => {
                rules.places = places(&world, Path::new(options.start));
                let find = FindConfig::from_path(options.start);
                flow::map(Box::new(find), |found| Ok(Output::Config(found)))
            }
            Kind::AuthorizationCode => {
                let (flow, address) = people::web_sign_in(options, &mut rules, &mut world, seed)?;
                page = Some(address);
                flow
            }
            _ => match directory::flow_of(kind, options, &mut rules, &mut world)? {
                Some((flow, administrator, must_hold)) => {
                    (credential, after) = (Some(administrator), Some(must_hold));
                    flow
                }
                None => {
                    rules.claims = Some(ClaimsRule {
                        parameter: options.request.claims_parameter(),
                        demanded: options.request.claims().map(Claims::to_base64),
                    });
                    token(&*made(kind, options, &mut rules, &mut world)?)
                }
            },
        };
        if rules.programs.is_empty() {
            world.az = Tool::NotFound;
        }
        Ok(Setup { flow, credential, rules, world, limit, seed, page, after })
    }
}

/// The credential of a kind that is one.
fn made(
    kind: Kind,
    options: &Options,
    rules: &mut Rules,
    world: &mut World,
) -> Result<Arc<dyn Credential>, Error> {
    let rooms = [
        apps::credential_of,
        people::credential_of,
        hosts::credential_of,
        elsewhere::credential_of,
        kept::credential_of,
        native::credential_of,
        tools::credential_of,
    ];
    for credential_of in rooms {
        if let Some(made) = credential_of(kind, options, rules, world)? {
            return Ok(made);
        }
    }
    credential_of(kind, options, rules)
}
