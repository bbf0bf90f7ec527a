//! The examples of the manual about REST, run against the emulator on sockets by both drivers.

#[path = "../../../runtimes/blocking/examples/machine_learning_rest.rs"]
mod blocking;
#[path = "../../../runtimes/tokio/examples/machine_learning_rest.rs"]
mod on_tokio;

use entrada_core::arm::ResourceManager;
use entrada_core::call::{Audiences, Dialect, Service};
use entrada_core::ml::data_plane_scopes;
use entrada_core::{Authority, ClientSecretCredential, Cloud, Endpoint, EntraClient, PlainHttp};
use entrada_emulator::serve::{Options, Server};
use entrada_emulator::{Config, world as w};

/// What both find.
const FOUND: [&str; 6] = [
    "group ml-rg",
    "workspace ml-demo",
    "experiments 1",
    "models 1",
    "compute Succeeded",
    "workspace Succeeded",
];

fn services(server: &Server) -> (ClientSecretCredential, ResourceManager, Audiences) {
    let address = server.http_url().unwrap();
    let authority = Authority::new(&address, PlainHttp::OnLoopback).unwrap();
    let app = EntraClient::new(w::TENANT, w::APP).unwrap().with_authority(authority);
    let endpoint = Endpoint::authority(&address, PlainHttp::OnLoopback).unwrap();
    let manager = ResourceManager::of_cloud(Cloud::PUBLIC).unwrap().at(endpoint.clone());
    let data_plane =
        Service::new(endpoint, data_plane_scopes(Cloud::PUBLIC).unwrap(), Dialect::MachineLearning);
    let audiences = Audiences::none().with(manager.service().clone()).with(data_plane);
    (ClientSecretCredential::of(app, w::SECRET).unwrap(), manager, audiences)
}

fn serve() -> Server {
    let options = Options { http: Some(([127, 0, 0, 1], 0).into()), ..Options::default() };
    Server::start(Config::default(), [7; 32], options).unwrap()
}

#[test]
fn by_the_blocking_driver() {
    let server = serve();
    let (credential, manager, audiences) = services(&server);
    let (subscription, group) = (w::SUBSCRIPTION.to_owned(), w::RESOURCE_GROUP.to_owned());
    let place = blocking::Place { manager, audiences, subscription, group };
    let credential = entrada_blocking::Credential::new(credential).unwrap();
    assert_eq!(blocking::sequence(&credential, &place).unwrap(), FOUND);
    tokens(&server);
}

#[test]
fn by_the_tokio_driver() {
    let server = serve();
    let (credential, manager, audiences) = services(&server);
    let (subscription, group) = (w::SUBSCRIPTION.to_owned(), w::RESOURCE_GROUP.to_owned());
    let place = on_tokio::Place { manager, audiences, subscription, group };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let found = runtime.block_on(async {
        let credential = entrada_tokio::Credential::new(credential).unwrap();
        on_tokio::sequence(&credential, &place).await.unwrap()
    });
    assert_eq!(found, FOUND);
    tokens(&server);
}

/// Two tokens for all of it, one for each audience; and what was made is gone.
fn tokens(server: &Server) {
    assert_eq!(server.with(|emulator| emulator.token_requests()), 2);
    assert!(server.with(|emulator| emulator.config().computes.iter().all(|one| one.name != "rest-example")));
    assert_eq!(server.with(|emulator| emulator.config().workspaces.len()), w::WORKSPACES.len());
    // Each of the two was waited for.
    let asked = server.requests();
    for (method, count) in [("PUT", 2), ("DELETE", 2)] {
        assert_eq!(asked.iter().filter(|one| one.method == method).count(), count, "{method}");
    }
    let looks = asked.iter().filter(|one| one.path.contains("workspaceOperationsStatus")).count();
    assert!(looks >= 3, "{looks}");
}
