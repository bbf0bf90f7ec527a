//! Every credential and flow of today, in a fair world or in one that the choices make up.

mod credentials;
mod options;
mod worlds;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use entrada_core::flow::{self, BoxFlow, Credential};
use entrada_core::ml::{
    FindConfig, FoundConfig, GetWorkspace, ListWorkspaces, Workspace, WorkspaceConfig, WorkspaceScope,
};
use entrada_core::{AccessToken, Error};
use entrada_emulator::{Config, world as w};

use self::credentials::{credential_of, manager, member};
use self::options::Options;
use self::worlds::{drawn_world, fair_world, places};
use crate::choices::Choices;
use crate::rules::Rules;
use crate::world::{Az, World};

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
}

/// The flows that are simulated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Client secret.
    ClientSecret,
    /// Device code.
    DeviceCode,
    /// Interactive browser.
    InteractiveBrowser,
    /// Azure CLI.
    AzureCli,
    /// Managed identity.
    ManagedIdentity,
    /// The environment's service principal.
    Environment,
    /// The default chain.
    DefaultChain,
    /// A chain of one's own.
    ExplicitChain,
    /// Opening a workspace.
    GetWorkspace,
    /// Listing workspaces.
    ListWorkspaces,
    /// Finding the workspace's file.
    FindConfig,
}

impl Kind {
    /// All of them.
    pub const ALL: [Kind; 11] = [
        Kind::ClientSecret,
        Kind::DeviceCode,
        Kind::InteractiveBrowser,
        Kind::AzureCli,
        Kind::ManagedIdentity,
        Kind::Environment,
        Kind::DefaultChain,
        Kind::ExplicitChain,
        Kind::GetWorkspace,
        Kind::ListWorkspaces,
        Kind::FindConfig,
    ];

    /// Its name, for files and tables.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Kind::ClientSecret => "client-secret",
            Kind::DeviceCode => "device-code",
            Kind::InteractiveBrowser => "interactive-browser",
            Kind::AzureCli => "azure-cli",
            Kind::ManagedIdentity => "managed-identity",
            Kind::Environment => "environment",
            Kind::DefaultChain => "default-chain",
            Kind::ExplicitChain => "explicit-chain",
            Kind::GetWorkspace => "get-workspace",
            Kind::ListWorkspaces => "list-workspaces",
            Kind::FindConfig => "find-config",
        }
    }
}

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
}

/// The authority.
pub const AUTHORITY: &str = "https://login.microsoftonline.com";
/// Azure Resource Manager.
pub const MANAGER: &str = "https://management.azure.com";
/// The metadata service.
pub const METADATA: &str = "http://169.254.169.254";

impl Setup {
    /// The flow in a world where all goes well.
    ///
    /// # Panics
    /// If the set-up itself is wrong: a defect of this file.
    #[must_use]
    pub fn fair(kind: Kind) -> Setup {
        Setup::of(
            kind,
            &Options::fair().expect("fair options"),
            fair_world(kind, Config::default(), 1),
            None,
            1,
        )
        .expect("a fair set-up can be built")
    }

    /// The flow in a world that the choices make up. Nothing, if what they chose cannot be built.
    #[must_use]
    pub fn drawn(kind: Kind, choices: &mut Choices<'_>) -> Option<Setup> {
        // The first steps' places are far from those that the run begins with.
        choices.step(5000);
        let seed = choices.long();
        let options = Options::drawn(choices).ok()?;
        let world = drawn_world(kind, choices, seed);
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
        let mut rules = Rules::default();
        let mut credential = None;
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
            Kind::FindConfig => {
                rules.places = places(&world, Path::new(options.start));
                let find = FindConfig::from_path(options.start);
                flow::map(Box::new(find), |found| Ok(Output::Config(found)))
            }
            _ => {
                let credential = credential_of(kind, options, &mut rules)?;
                token(&*credential)
            }
        };
        if !rules.programs {
            world.az = Az::NotFound;
        }
        Ok(Setup { flow, credential, rules, world, limit, seed })
    }
}
