//! Every credential and flow of today, in a fair world or in one that the choices make up.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use entrada_core::arm::ResourceManager;
use entrada_core::claims::Claims;
use entrada_core::flow::{self, BoxFlow, Credential};
use entrada_core::ml::{
    FindConfig, FoundConfig, GetWorkspace, ListWorkspaces, Workspace, WorkspaceConfig, WorkspaceScope,
};
use entrada_core::{
    AccessToken, AdditionalTenants, Authority, AzureCliCredential, BrowserOptions, Chain,
    ClientSecretCredential, Cloud, DefaultChain, DeviceCodeCredential, EntraClient, Environment,
    EnvironmentCredential, Error, InteractiveBrowserCredential, ManagedIdentityCredential, ManagedIdentityId,
    Tenant, TokenRequest,
};
use entrada_emulator::config::Demand;
use entrada_emulator::{Config, world as w};

use crate::choices::Choices;
use crate::rules::Rules;
use crate::world::files::{Node, WORKING_DIRECTORY};
use crate::world::person::{Listener, Mind};
use crate::world::programs::{FAILURES, NONSENSE, Version, ZONE};
use crate::world::{Az, Metadata, World};

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

/// What was chosen about the request and the client.
struct Options {
    tenant: &'static str,
    request: TokenRequest,
    identity: ManagedIdentityId,
    probing: bool,
    subscription: Option<&'static str>,
    redirect: &'static str,
    member: usize,
    group: bool,
    start: &'static str,
}

impl Options {
    fn fair() -> Result<Options, Error> {
        Ok(Options {
            tenant: w::TENANT,
            request: TokenRequest::new([w::MANAGEMENT_SCOPE])?,
            identity: ManagedIdentityId::SystemAssigned,
            probing: false,
            subscription: None,
            redirect: "http://localhost",
            member: 0,
            group: true,
            start: WORKING_DIRECTORY,
        })
    }

    fn drawn(choices: &mut Choices<'_>) -> Result<Options, Error> {
        let mut options = Options::fair()?;
        options.tenant = choices.weighted(&[
            (20, w::TENANT),
            (6, w::TENANT_DOMAIN),
            (2, "organizations"),
            (1, "8D6F5C1E-2B7A-4F3D-9C40-1A2B3C4D5E6F"),
            (1, "nobody.example"),
        ]);
        let mut request = TokenRequest::new([choices.weighted(&[
            (22, w::MANAGEMENT_SCOPE),
            (2, "https://vault.azure.net/.default"),
            (1, "https://nothing.example/.default"),
            (1, "https://graph.microsoft.com/User.Read"),
        ])])?;
        if choices.chance(40) {
            request = request.with_cae();
        }
        if choices.chance(12) {
            let demand = r#"{"access_token":{"acrs":{"essential":true,"values":["p1"]}}}"#;
            request = request.with_claims(Claims::from_json(demand)?);
        }
        if choices.chance(12) {
            request = request.in_tenant(Tenant::new(choices.pick(&[
                w::TENANT,
                w::TENANT_DOMAIN,
                "other.example",
            ]))?);
        }
        options.request = request;
        options.identity = match choices.below(6) {
            0 | 1 => ManagedIdentityId::SystemAssigned,
            2 => ManagedIdentityId::client_id(w::USER_IDENTITY)?,
            3 => ManagedIdentityId::object_id(w::USER_IDENTITY_OBJECT)?,
            4 => ManagedIdentityId::resource_id(w::USER_IDENTITY_RESOURCE)?,
            _ => ManagedIdentityId::client_id(w::APP)?,
        };
        options.probing = choices.chance(100);
        options.subscription =
            choices.weighted(&[(6, None), (1, Some(w::SUBSCRIPTION)), (1, Some("my sub"))]);
        options.redirect =
            choices.pick(&["http://localhost", "http://127.0.0.1:8400", "http://localhost:8080/"]);
        options.member = choices.below(5);
        options.group = choices.chance(128);
        options.start = choices.pick(&[
            ".",
            WORKING_DIRECTORY,
            "/home/ada/project/deep/er",
            "/home/ada/project/missing/folder",
            "/link",
            "/home/ada/project/.azureml/config.json",
        ]);
        Ok(options)
    }
}

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

fn manager(rules: &mut Rules) -> Result<ResourceManager, Error> {
    rules.resource_manager = Some(MANAGER.to_owned());
    Ok(ResourceManager::of_cloud(Cloud::PUBLIC)?.with_cae())
}

fn member(number: usize, options: &Options, rules: &mut Rules) -> Result<Arc<dyn Credential>, Error> {
    let kinds =
        [Kind::ClientSecret, Kind::ManagedIdentity, Kind::AzureCli, Kind::DefaultChain, Kind::DeviceCode];
    let options = Options { tenant: w::TENANT, probing: options.probing, ..Options::fair()? };
    credential_of(kinds[number % kinds.len()], &options, rules)
}

fn environment() -> Environment {
    Environment::new()
        .with("AZURE_TENANT_ID", w::TENANT)
        .with("AZURE_CLIENT_ID", w::APP)
        .with("AZURE_CLIENT_SECRET", w::SECRET)
        .in_zone(ZONE)
}

fn credential_of(kind: Kind, options: &Options, rules: &mut Rules) -> Result<Arc<dyn Credential>, Error> {
    let public = || EntraClient::new(options.tenant, w::DEVELOPER_CLIENT);
    let authority = Authority::of_cloud(Cloud::PUBLIC)?;
    let mut at = |authority: bool, metadata: bool, programs: bool| {
        rules.authority = authority.then(|| AUTHORITY.to_owned()).or(rules.authority.take());
        rules.metadata = metadata.then(|| METADATA.to_owned()).or(rules.metadata.take());
        rules.programs |= programs;
    };
    let cli = || -> Result<AzureCliCredential, Error> {
        let cli = AzureCliCredential::new().in_zone(ZONE);
        match options.subscription {
            Some(subscription) => cli.for_subscription(subscription),
            None => Ok(cli),
        }
    };
    let managed = |probing: bool| {
        let managed = ManagedIdentityCredential::new(&Environment::new(), options.identity.clone());
        if probing { managed.probing() } else { managed }
    };
    Ok(match kind {
        Kind::ClientSecret => {
            at(true, false, false);
            let client = EntraClient::new(options.tenant, w::APP)?;
            let client = client.allowing(AdditionalTenants::none().allow(w::TENANT_DOMAIN));
            Arc::new(ClientSecretCredential::of(client, w::SECRET)?)
        }
        Kind::DeviceCode => {
            at(true, false, false);
            Arc::new(DeviceCodeCredential::of(public()?))
        }
        Kind::InteractiveBrowser => {
            at(true, false, false);
            let how = BrowserOptions::default().redirect_uri(options.redirect)?;
            Arc::new(InteractiveBrowserCredential::of(public()?).with(how))
        }
        Kind::AzureCli => {
            at(false, false, true);
            Arc::new(cli()?)
        }
        Kind::ManagedIdentity => {
            at(false, true, false);
            Arc::new(managed(options.probing))
        }
        Kind::Environment => {
            at(true, false, false);
            Arc::new(EnvironmentCredential::new(&environment(), &authority))
        }
        Kind::DefaultChain => {
            at(true, true, true);
            let environment = match options.member {
                1 => environment(),
                // A client id alone names the managed identity; it is not assigned here.
                2 => Environment::new().with("AZURE_CLIENT_ID", w::APP).in_zone(ZONE),
                _ => Environment::new().in_zone(ZONE),
            };
            Arc::new(DefaultChain::new(&environment, &authority).build()?)
        }
        _ => {
            at(true, true, true);
            let secret = ClientSecretCredential::new(w::TENANT, w::APP, w::SECRET)?;
            let links: Vec<Arc<dyn Credential>> = match options.member {
                0 => vec![Arc::new(managed(true)), Arc::new(cli()?), Arc::new(secret)],
                1 => vec![Arc::new(cli()?), Arc::new(secret)],
                2 => vec![Arc::new(DeviceCodeCredential::of(public()?)), Arc::new(secret)],
                _ => vec![
                    Arc::new(managed(false)),
                    Arc::new(Chain::new(vec![Arc::new(cli()?), Arc::new(secret)])?),
                ],
            };
            Arc::new(Chain::new(links)?)
        }
    })
}

fn fair_world(kind: Kind, config: Config, seed: u64) -> World {
    let mut world = World::fair(config, seed);
    world.az = Az::Works(Version::Current);
    if kind == Kind::FindConfig {
        world.files.put(WORKING_DIRECTORY, Node::Folder);
        world.files.put("/home/ada/.azureml/config.json", Node::File(file("ml-demo").into_bytes()));
    }
    world
}

fn file(workspace: &str) -> String {
    format!(
        r#"{{"subscription_id":"{}","resource_group":"{}","workspace_name":"{workspace}","extra":"file-canary-{workspace}-0123"}}"#,
        w::SUBSCRIPTION,
        w::RESOURCE_GROUP
    )
}

fn drawn_world(kind: Kind, choices: &mut Choices<'_>, seed: u64) -> World {
    let mut config = Config::default();
    let policy = &mut config.policy;
    policy.page_size = choices.pick(&[2, 1, 3, 100]);
    policy.device_interval = choices.pick(&[5, 5, 1, 0, 30, 90]);
    policy.device_code = choices.pick(&[900, 900, 900, 900, 900, 900, 60, 1, 86_400]);
    policy.access_token = choices.pick(&[3599, 3599, 120, 90_000]);
    policy.managed_identity_token = choices.pick(&[86_399, 3599, 7200]);
    if choices.chance(64) {
        policy.demands.push(match choices.below(2) {
            0 => Demand {
                scope: format!("/subscriptions/{}", w::SUBSCRIPTION),
                acrs: Some("p1".into()),
                newer_than: None,
            },
            // Nothing that can be obtained satisfies this one: it lies ahead.
            _ => Demand {
                scope: format!("/subscriptions/{}", w::SUBSCRIPTION),
                acrs: None,
                newer_than: Some(i64::MAX),
            },
        });
    }
    let mut world = fair_world(kind, config, seed);
    world.faults.share = choices.weighted(&[(2, 0), (4, 40), (5, 100), (2, 180)]);
    world.faults.clock_share = choices.weighted(&[(3, 0), (1, 40)]);
    world.faults.late_share = choices.weighted(&[(1, 0), (1, 90)]);
    let updating = crate::sim::START.mono.0 + u64::from(choices.word()) * 2;
    world.metadata = choices.weighted(&[
        (8, Metadata::Present),
        (1, Metadata::Refused),
        (1, Metadata::Vanishing),
        (1, Metadata::Unreachable),
        (1, Metadata::Portal),
        (2, Metadata::Updating(updating)),
    ]);
    world.az = match choices.below(12) {
        0..=4 => Az::Works(choices.pick(&Version::ALL)),
        5 | 6 => Az::Fails(choices.below(FAILURES.len())),
        7 => Az::NotFound,
        8 => Az::Hangs,
        9 => Az::Prints(choices.below(NONSENSE.len())),
        10 => choices.pick(&[Az::CannotStart, Az::Killed]),
        _ => Az::SignedOut,
    };
    let sitter = &mut world.sitter;
    sitter.mind =
        choices.weighted(&[(12, Mind::Approves), (2, Mind::Refuses), (2, Mind::Ignores), (1, Mind::Absent)]);
    sitter.takes = Duration::from_secs(u64::from(choices.byte() % 80) * choices.pick(&[0, 1, 1, 4]));
    sitter.strangers = choices.pick(&[0, 0, 1, 3, 20, 2000]);
    sitter.listener = choices.weighted(&[
        (12, Listener::Works),
        (1, Listener::Taken),
        (1, Listener::Breaks),
        (2, Listener::Deaf),
    ]);
    if choices.chance(40) {
        sitter.person.username = w::MFA_USER.into();
        sitter.person.password = w::MFA_PASSWORD.into();
    }
    if kind == Kind::FindConfig {
        draw_files(&mut world, choices);
    }
    world
}

fn draw_files(world: &mut World, choices: &mut Choices<'_>) {
    world.files = crate::world::Files::default();
    world.files.put("/home/ada/project/deep/er", Node::Folder);
    world.files.put("/link", Node::Link("/home/ada/project/deep".into()));
    let folders =
        ["/home/ada/project", "/home/ada/project/deep", "/home/ada", "/", "/home/ada/project/deep/er"];
    for number in 0..choices.below(4) {
        let folder = choices.pick(&folders);
        let place = choices.pick(&[
            ".azureml/config.json",
            ".azureml/project.json",
            "aml_config/config.json",
            "config.json",
            "project.json",
        ]);
        let node = match choices.below(10) {
            0 => Node::Denied,
            1 => Node::Device,
            2 => Node::Folder,
            3 => Node::File(b"{\"subscription_id\": \"file-canary-broken-0123\", oops".to_vec()),
            4 => Node::File(vec![b' '; 300 << 10]),
            5 => Node::Link("/home/ada/elsewhere.json".into()),
            _ => Node::File(file(&format!("ws-{number}")).into_bytes()),
        };
        world.files.put(Path::new(folder).join(place), node);
    }
    if choices.chance(128) {
        world.files.put("/home/ada/elsewhere.json", Node::File(file("ws-elsewhere").into_bytes()));
    }
}

/// Every file that a search from here may look at: azureml.md 1.2 says which, and nothing else counts.
fn places(world: &World, start: &Path) -> BTreeSet<PathBuf> {
    let mut places = BTreeSet::from([start.to_owned()]);
    let mut missing = Vec::new();
    let mut at = start.to_owned();
    let folder = loop {
        places.insert(at.clone());
        match world.files.resolve(&at) {
            Ok((resolved, _)) => break resolved,
            Err(_) => {
                missing.extend(at.file_name().map(ToOwned::to_owned));
                match at.parent() {
                    Some(parent) => at = if parent == Path::new("") { ".".into() } else { parent.to_owned() },
                    None => return places,
                }
            }
        }
    };
    let from = missing.iter().rev().fold(folder, |path, step| path.join(step));
    for directory in from.ancestors().take(21) {
        for below in [".azureml", "aml_config", ""] {
            for name in ["config.json", "project.json"] {
                places.insert(directory.join(below).join(name));
            }
        }
    }
    places
}
