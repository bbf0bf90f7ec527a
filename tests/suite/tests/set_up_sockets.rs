//! A service principal that is set up, signs in, is changed and is deleted again, over real sockets and by both
//! drivers.

use std::fmt::Debug;

use entrada_core::arm::ResourceManager;
use entrada_core::arm::roles::{AssignRole, ListRoles, Role};
use entrada_core::graph::setup::{
    AddCertificate, CreatePrincipal, DeletePrincipal, FirstSignIn, Life, Plan, Proof, RemoveCredentials,
    ShowApplication, ShowPrincipal, TakenRoles, Which,
};
use entrada_core::graph::{CredentialKind, FindPrincipal, Graph};
use entrada_core::ml::{GetWorkspace, WorkspaceConfig};
use entrada_core::{
    Authority, BoxFlow, ClientSecretCredential, Cloud, Endpoint, EntraClient, Error, ErrorKind, PlainHttp,
};
use entrada_emulator::config::Replication;
use entrada_emulator::serve::{Options, Server};
use entrada_emulator::{Config, world as w};
use entrada_tests::setups::directory::there;

/// An app that makes calls through a driver.
trait Caller {
    fn of(app: ClientSecretCredential) -> Self;
    fn call<T: Debug + Send + 'static>(&self, flow: BoxFlow<T>) -> Result<T, Error>;
}

impl Caller for entrada_blocking::Credential {
    fn of(app: ClientSecretCredential) -> Self {
        entrada_blocking::Credential::new(app).unwrap()
    }

    fn call<T: Debug + Send + 'static>(&self, flow: BoxFlow<T>) -> Result<T, Error> {
        entrada_blocking::Credential::call(self, flow)
    }
}

struct OnTokio(tokio::runtime::Runtime, entrada_tokio::Credential);

impl Caller for OnTokio {
    fn of(app: ClientSecretCredential) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let credential = runtime.block_on(async { entrada_tokio::Credential::new(app).unwrap() });
        OnTokio(runtime, credential)
    }

    fn call<T: Debug + Send + 'static>(&self, flow: BoxFlow<T>) -> Result<T, Error> {
        self.0.block_on(self.1.call(flow))
    }
}

fn set_up<C: Caller>() {
    let mut config = Config::default();
    config.role_assignments.retain(|known| known.principal != "*");
    config.policy.replication = Replication { credential: 4, ..Replication::default() };
    let options = Options { http: Some(([127, 0, 0, 1], 0).into()), ..Options::default() };
    let server = Server::start(config, [7; 32], options).unwrap();
    let address = server.http_url().unwrap();
    let credential = |id: &str, secret: &str| {
        let authority = Authority::new(&address, PlainHttp::OnLoopback).unwrap();
        let client = EntraClient::new(w::TENANT, id).unwrap().with_authority(authority);
        ClientSecretCredential::of(client, secret).unwrap()
    };
    let app = |id: &str, secret: &str| C::of(credential(id, secret));
    let endpoint = || Endpoint::authority(&address, PlainHttp::OnLoopback).unwrap();
    let graph = Graph::of_cloud(Cloud::PUBLIC).unwrap().at(endpoint());
    let manager = ResourceManager::of_cloud(Cloud::PUBLIC).unwrap().at(endpoint());
    let scope = there::scope().unwrap();
    let administrator = app(w::APP, w::SECRET);

    let plan = Plan {
        which: Which::New("over sockets".to_owned()),
        reference: None,
        role: Some(Role::new("AzureML Data Scientist").unwrap()),
        scopes: vec![scope.clone()],
        proof: Proof::Secret(Life { days: 30 }),
    };
    let created = administrator.call(Box::new(CreatePrincipal::new(&graph, &manager, plan.clone()))).unwrap();
    let again = administrator.call(Box::new(CreatePrincipal::new(&graph, &manager, plan))).unwrap_err();
    assert_eq!(again.kind(), ErrorKind::Refused, "{again}");
    let (id, object) = (&created.application.app_id, &created.principal.id);
    let secret = created.secret.as_ref().unwrap();

    // It is refused at first, and signs in as soon as the authority knows its secret.
    let before = server.with(|emulator| emulator.token_requests());
    let first = FirstSignIn::new(credential(id, secret.secret.expose()), graph.request());
    let token = administrator.call(Box::new(first)).unwrap();
    assert_eq!(token.identity().object_id.as_ref(), Some(object));
    assert!(server.with(|emulator| emulator.token_requests()) >= before + 2);

    // It opens the workspace that it has a role at.
    let open = || {
        let config = WorkspaceConfig::new(w::SUBSCRIPTION, w::RESOURCE_GROUP, w::WORKSPACE).unwrap();
        app(id, secret.secret.expose()).call(Box::new(GetWorkspace::new(&manager, &config)))
    };
    assert_eq!(open().unwrap().name(), w::WORKSPACE);

    let found = administrator.call(Box::new(FindPrincipal::new(&graph, id).unwrap())).unwrap();
    assert_eq!(&found.object_id, object);
    for existed in [false, true] {
        let reader = Role::new("Reader").unwrap();
        let assign = AssignRole::new(&manager, &scope, &reader, &found);
        assert_eq!(administrator.call(Box::new(assign)).unwrap().existed, existed);
    }
    let list = ListRoles::new(&manager, &scope, Some(object));
    let mut roles: Vec<_> =
        administrator.call(Box::new(list)).unwrap().into_iter().filter_map(|given| given.role).collect();
    roles.sort();
    assert_eq!(roles, ["AzureML Data Scientist", "Reader"]);

    // A certificate in place of the secret, which then opens nothing.
    let read = || administrator.call(Box::new(ShowApplication::new(&graph, id))).unwrap().unwrap();
    let certificate = there::certificate().unwrap();
    let added = administrator.call(Box::new(AddCertificate::new(&graph, &read(), &certificate))).unwrap();
    let known = read();
    let doomed = known.credentials(CredentialKind::Secret);
    assert_eq!(doomed.len(), 1);
    administrator.call(Box::new(RemoveCredentials::new(&graph, &known, &doomed))).unwrap();
    assert!(open().unwrap_err().aadsts().contains(&7_000_215));
    let left = read().credentials(CredentialKind::Certificate);
    assert_eq!(left.iter().map(|known| &known.id).collect::<Vec<_>>(), [&added]);
    administrator.call(Box::new(RemoveCredentials::new(&graph, &read(), &left))).unwrap();
    assert!(read().credentials(CredentialKind::Certificate).is_empty());

    let delete = DeletePrincipal::new(&graph, &manager, id, TakenRoles::At(vec![scope]));
    assert_eq!(administrator.call(Box::new(delete)).unwrap().roles.len(), 2);
    let gone = administrator.call(Box::new(ShowPrincipal::new(&graph, id))).unwrap_err();
    assert_eq!(gone.kind(), ErrorKind::Refused, "{gone}");
    let left = |emulator: &entrada_emulator::Emulator| {
        let roles = emulator.config().role_assignments.iter();
        roles.filter(|known| &known.principal == object).count()
    };
    assert_eq!(server.with(|emulator| left(emulator)), 0);
}

#[test]
fn by_the_blocking_driver() {
    set_up::<entrada_blocking::Credential>();
}

#[test]
fn by_the_tokio_driver() {
    set_up::<OnTokio>();
}
