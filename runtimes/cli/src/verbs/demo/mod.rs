//! `entrada demo`: the four workflows, from nothing to an open workspace.

mod az;
mod person;
mod project;
mod show;

use std::sync::Arc;
use std::time::Instant;

use entrada_blocking::{Cancel, Credential, Driver, Error, RunOptions};
use entrada_core::arm::ResourceManager;
use entrada_core::ml::{FindConfig, GetWorkspace, Workspace, WorkspaceConfig};
use entrada_core::{
    AccessToken, Authority, AzureCliCredential, ClientSecretCredential, Cloud, Endpoint, EntraClient,
    Environment, InteractiveBrowserCredential, ManagedIdentityCredential, ManagedIdentityId, PlainHttp,
    TokenRequest,
};
use entrada_emulator::serve::{Options, Server};
use entrada_emulator::{Config, world};

use crate::args::DemoArgs;
use crate::credentials::Held;
use crate::failure::Failure;
use crate::output;
use crate::setup::Setup;

pub(crate) use az::answer_as_az;

/// From nothing to an open workspace.
type Workflow = fn(&Stage) -> Result<Opened, Error>;

/// What one workflow came to.
struct Opened {
    token: AccessToken,
    workspace: Workspace,
    began: Instant,
}

pub(crate) fn run(setup: &Setup, args: &DemoArgs) -> Result<(), Failure> {
    let options = Options { http: Some(([127, 0, 0, 1], 0).into()), ..Options::default() };
    let server = super::emulator::start(Config::default(), options)?;
    let project = project::Project::new(args.project.as_deref())?;
    let stage = Stage::new(&server, project, setup.interrupts.cancel())?;
    show::opening(&stage.address, &stage.project);

    let workflows: [(&'static str, Workflow); 4] = [
        ("interactive browser", Stage::interactive),
        ("service principal with a secret", Stage::service_principal),
        ("Azure CLI session", Stage::azure_cli),
        ("managed identity", Stage::managed_identity),
    ];
    let mut rows = Vec::new();
    for (number, (name, workflow)) in workflows.into_iter().enumerate() {
        show::begin(number + 1, name);
        let before = server.requests().len();
        let opened = workflow(&stage)?;
        let took = opened.began.elapsed();
        let asked = &server.requests()[before..];
        show::end(asked, &opened.token, &opened.workspace, took);
        rows.push(show::Row::new(name, &opened, asked.len(), took));
    }
    Ok(output::print(&show::summary(&rows, args.output))?)
}

/// The machine that the workflows run on: its environment, its browser, its `az`.
struct Stage {
    address: String,
    driver: Driver,
    environment: Environment,
    project: project::Project,
    cancel: Cancel,
}

impl Stage {
    fn new(server: &Server, project: project::Project, cancel: &Cancel) -> Result<Stage, Error> {
        let address = server.http_url().unwrap_or_default();
        // Nothing of the real machine gets in: no proxy, no PATH but the demo's own folder.
        let environment = Environment::new()
            .with("PATH", project.tools().display().to_string())
            .with("AZURE_POD_IDENTITY_AUTHORITY_HOST", &address)
            .in_zone(entrada_host::zone::local_zone());
        let driver = Driver::builder()
            .environment(environment.clone())
            .ui(person::AtTheBrowser::new(&environment)?)
            .trace(show::step)
            .build()?;
        Ok(Stage { address, driver, environment, project, cancel: cancel.clone() })
    }

    fn client(&self, tenant: &str, client_id: &str) -> Result<EntraClient, Error> {
        Ok(EntraClient::new(tenant, client_id)?
            .with_authority(Authority::new(&self.address, PlainHttp::OnLoopback)?))
    }

    fn manager(&self) -> Result<ResourceManager, Error> {
        Ok(ResourceManager::of_cloud(Cloud::PUBLIC)?
            .at(Endpoint::authority(&self.address, PlainHttp::OnLoopback)?))
    }

    fn config(&self) -> Result<WorkspaceConfig, Error> {
        Ok(self.driver.run(Box::new(FindConfig::from_path(self.project.folder())))?.config)
    }

    /// A token, and the workspace opened with it.
    fn open(&self, began: Instant, credential: Arc<dyn entrada_core::Credential>) -> Result<Opened, Error> {
        let manager = self.manager()?;
        let config = self.config()?;
        let credential = Credential::with_driver(credential, &self.driver).cancelled_by(&self.cancel);
        let token = credential.get_token(manager.request())?;
        let held = Credential::with_driver(Held(token.clone()), &self.driver).cancelled_by(&self.cancel);
        let workspace = held.call(Box::new(GetWorkspace::new(&manager, &config)))?;
        Ok(Opened { token, workspace, began })
    }

    fn interactive(&self) -> Result<Opened, Error> {
        let began = Instant::now();
        let app = self.client("organizations", world::DEVELOPER_CLIENT)?;
        let browser = InteractiveBrowserCredential::of(app);
        let request = TokenRequest::new([world::MANAGEMENT_SCOPE])?;
        let options = RunOptions { cancel: Some(&self.cancel), ..RunOptions::default() };
        let response = self.driver.run_with(browser.sign_in(&request), options)?;
        // What `az login` leaves behind: the session that the third workflow goes on with.
        self.project.sign_az_in(&self.address, response.refresh_token.as_ref())?;
        self.open(began, Arc::new(Held(response.access)))
    }

    fn service_principal(&self) -> Result<Opened, Error> {
        let app = self.client(world::TENANT, world::APP)?;
        self.open(Instant::now(), Arc::new(ClientSecretCredential::of(app, world::SECRET)?))
    }

    fn azure_cli(&self) -> Result<Opened, Error> {
        let credential = AzureCliCredential::new().in_zone(self.environment.zone());
        self.open(Instant::now(), Arc::new(credential))
    }

    fn managed_identity(&self) -> Result<Opened, Error> {
        let identity = ManagedIdentityId::SystemAssigned;
        self.open(Instant::now(), Arc::new(ManagedIdentityCredential::new(&self.environment, identity)))
    }
}
