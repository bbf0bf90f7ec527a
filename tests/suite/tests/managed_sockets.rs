//! Managed identity on every host over real sockets, with both drivers: Azure Arc with its key file on
//! the disk, Service Fabric with a certificate that nothing but its thumbprint vouches for.

use entrada_core::flow::Credential;
use entrada_core::flows::managed::{KeyFolder, Source};
use entrada_core::{
    AccessToken, Environment, Error, ErrorKind, ManagedIdentityCredential, ManagedIdentityId, TokenRequest,
};
use entrada_emulator::config::Host;
use entrada_emulator::serve::{Options, Server};
use entrada_emulator::{Config, world as w};

fn serve() -> Server {
    Server::start(Config::default(), [7; 32], Options { hosts: true, ..Options::default() }).unwrap()
}

fn environment(server: &Server, host: Host) -> Environment {
    server.environment_of(host).into_iter().collect()
}

fn request() -> TokenRequest {
    TokenRequest::new([w::MANAGEMENT_SCOPE]).unwrap()
}

/// The same with each driver, in an environment with a proxy that must not be used.
fn both(make: impl Fn() -> ManagedIdentityCredential) -> [Result<AccessToken, Error>; 2] {
    let trap =
        Environment::new().with("HTTPS_PROXY", "http://127.0.0.1:9").with("HTTP_PROXY", "http://127.0.0.1:9");
    both_in(&trap, make)
}

/// The same with each driver, in this environment.
fn both_in(
    environment: &Environment,
    make: impl Fn() -> ManagedIdentityCredential,
) -> [Result<AccessToken, Error>; 2] {
    let driver = entrada_blocking::Driver::builder().environment(environment.clone()).build().unwrap();
    let one = driver.run(make().begin(&request()));
    let driver = entrada_tokio::Driver::builder().environment(environment.clone()).build().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    [one, runtime.block_on(driver.run(make().begin(&request())))]
}

#[test]
fn hosts_that_variables_describe() {
    let server = serve();
    for (host, identity, expected) in [
        (Host::AppService, ManagedIdentityId::SystemAssigned, w::SYSTEM_IDENTITY),
        (
            Host::AppService,
            ManagedIdentityId::resource_id(w::USER_IDENTITY_RESOURCE).unwrap(),
            w::USER_IDENTITY,
        ),
        (Host::ServiceFabric, ManagedIdentityId::SystemAssigned, w::SYSTEM_IDENTITY),
        (Host::MachineLearning, ManagedIdentityId::client_id(w::USER_IDENTITY).unwrap(), w::USER_IDENTITY),
    ] {
        for result in both(|| ManagedIdentityCredential::new(&environment(&server, host), identity.clone())) {
            assert_eq!(result.unwrap().identity().client_id.as_deref(), Some(expected), "{host:?}");
        }
    }
    let shell = environment(&server, Host::CloudShell);
    for result in both(|| ManagedIdentityCredential::new(&shell, ManagedIdentityId::SystemAssigned)) {
        assert_eq!(result.unwrap().identity().username.as_deref(), Some(w::USER));
    }
}

/// A pod of AKS is asked through the authority, with the token of its service account.
#[test]
fn a_pod_of_kubernetes() {
    let (server, scratch) = (serve(), entrada_tests::scratch::Scratch::new());
    let now = server.now();
    let token = server.with(|emulator| {
        emulator.federated_token(w::CLUSTER_ISSUER, w::CLUSTER_SUBJECT, w::TOKEN_EXCHANGE, now)
    });
    let file = scratch.put("token", token);
    let pod = Environment::new()
        .with("AZURE_AUTHORITY_HOST", server.http_url().unwrap())
        .with("ENTRADA_ALLOW_HTTP_LOOPBACK", "1")
        .with("AZURE_TENANT_ID", w::TENANT)
        .with("AZURE_CLIENT_ID", w::FEDERATED_APP)
        .with("AZURE_FEDERATED_TOKEN_FILE", file.to_str().unwrap());
    let named = ManagedIdentityId::client_id(w::FEDERATED_APP).unwrap();
    for identity in [ManagedIdentityId::SystemAssigned, named] {
        let made = || ManagedIdentityCredential::new(&pod, identity.clone()).probing();
        for result in both_in(&Environment::new(), made) {
            let token = result.unwrap();
            assert_eq!(token.source(), "managed-identity");
            assert_eq!(token.identity().object_id.as_deref(), Some(w::FEDERATED_APP_OBJECT), "{identity}");
        }
    }
    // Nobody has this client id.
    let other = ManagedIdentityId::client_id(w::USER_IDENTITY).unwrap();
    for result in both_in(&Environment::new(), || ManagedIdentityCredential::new(&pod, other.clone())) {
        let error = result.unwrap_err();
        assert_eq!((error.kind(), error.aadsts()), (ErrorKind::Refused, &[700_016][..]), "{error}");
    }
}

/// What the metadata service says while it is being updated or has too much to do is waited for.
#[test]
fn a_metadata_service_that_is_busy() {
    let server = serve();
    let machine = Environment::new().with("AZURE_POD_IDENTITY_AUTHORITY_HOST", server.http_url().unwrap());
    for busy in [&[404, 429][..], &[410]] {
        server.with(|emulator| emulator.config_mut().hosts.metadata_busy = busy.to_vec());
        let before = server.requests().len();
        let driver = entrada_blocking::Driver::builder().environment(Environment::new()).build().unwrap();
        let credential = ManagedIdentityCredential::new(&machine, ManagedIdentityId::SystemAssigned);
        let token = driver.run(credential.begin(&request())).unwrap();
        assert_eq!(token.identity().client_id.as_deref(), Some(w::SYSTEM_IDENTITY));
        assert_eq!(server.requests().len() - before, busy.len() + 1, "{busy:?}");
        assert!(server.with(|emulator| emulator.config().hosts.metadata_busy.is_empty()));
    }
}

#[test]
fn a_compute_instance_tells_whose_token_it_gave() {
    let server = serve();
    server.with(|emulator| emulator.config_mut().hosts.single_sign_on = true);
    let compute = environment(&server, Host::MachineLearning);
    let system = || ManagedIdentityCredential::new(&compute, ManagedIdentityId::SystemAssigned);
    for result in both(system) {
        let token = result.unwrap();
        assert_eq!(
            (token.identity().is_app, token.identity().username.as_deref()),
            (Some(false), Some(w::USER))
        );
    }
    let before = server.requests().len();
    for result in both(|| system().refusing_to_guess()) {
        assert_eq!(result.unwrap_err().kind(), ErrorKind::Configuration);
    }
    assert_eq!(server.requests().len(), before);
    let named = ManagedIdentityId::client_id(w::USER_IDENTITY).unwrap();
    for result in both(|| ManagedIdentityCredential::new(&compute, named.clone()).refusing_to_guess()) {
        let identity = result.unwrap().identity().clone();
        assert_eq!((identity.is_app, identity.client_id.as_deref()), (Some(true), Some(w::USER_IDENTITY)));
    }
}

#[cfg(unix)]
fn arc(server: &Server) -> ManagedIdentityCredential {
    let address = environment(server, Host::Arc).get("IDENTITY_ENDPOINT").unwrap().to_owned();
    let folder = server.with(|emulator| emulator.config().hosts.key_folder().to_owned());
    let source = Source::azure_arc(&address, KeyFolder::at(&folder).unwrap()).unwrap();
    ManagedIdentityCredential::of(source, ManagedIdentityId::client_id(w::USER_IDENTITY).unwrap())
}

#[cfg(unix)]
#[test]
fn the_key_of_azure_arc_is_read_from_the_disk() {
    let server = serve();
    for result in both(|| arc(&server)) {
        assert_eq!(result.unwrap().identity().client_id.as_deref(), Some(w::USER_IDENTITY));
    }
    assert_eq!(server.with(|emulator| emulator.arc_keys().count()), 0, "each key was used");
    // A folder that is a link is not the agent's.
    let scratch = entrada_tests::scratch::Scratch::new();
    let folder = server.with(|emulator| emulator.config().hosts.key_folder().to_owned());
    let link = scratch.path().join("tokens");
    std::os::unix::fs::symlink(&folder, &link).unwrap();
    server.with(|emulator| emulator.config_mut().hosts.key_folder = Some(link.display().to_string()));
    let asked = server.requests().len();
    for result in both(|| arc(&server)) {
        assert_eq!(result.unwrap_err().kind(), ErrorKind::Refused);
    }
    assert_eq!(server.requests().len(), asked + 2, "no key was sent");
    // The usual folder: what this agent names is not in it.
    server.with(|emulator| emulator.config_mut().hosts.key_folder = Some(folder));
    let usual = environment(&server, Host::Arc).on(entrada_core::environment::System::Linux);
    for result in both(|| ManagedIdentityCredential::new(&usual, ManagedIdentityId::SystemAssigned)) {
        assert_eq!(result.unwrap_err().kind(), ErrorKind::Refused);
    }
}

/// The folder that was configured is the agent's, and what else is in it stays.
#[cfg(unix)]
#[test]
fn the_keys_of_azure_arc_are_where_the_configuration_says() {
    let scratch = entrada_tests::scratch::Scratch::new();
    let folder = std::fs::canonicalize(scratch.path()).unwrap().join("agent/tokens");
    let other = folder.join("other.key");
    let mut config = Config::default();
    config.hosts.key_folder = Some(folder.display().to_string());
    let server = Server::start(config, [7; 32], Options { hosts: true, ..Options::default() }).unwrap();
    std::fs::write(&other, "other").unwrap();
    let told = server.with(|emulator| emulator.config().hosts.key_folder().to_owned());
    assert_eq!(told, folder.display().to_string());
    for result in both(|| arc(&server)) {
        assert_eq!(result.unwrap().identity().client_id.as_deref(), Some(w::USER_IDENTITY));
    }
    drop(server);
    let left: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(left, [other], "each key is gone, and nothing else");
}

#[test]
fn service_fabric_gets_no_secret_without_the_right_certificate() {
    let server = serve();
    let right = environment(&server, Host::ServiceFabric);
    let wrong = right.clone().with("IDENTITY_SERVER_THUMBPRINT", "00".repeat(20));
    for result in both(|| ManagedIdentityCredential::new(&wrong, ManagedIdentityId::SystemAssigned)) {
        let error = result.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Network, "{error}");
        assert!(error.remedy().unwrap().contains("IDENTITY_SERVER_THUMBPRINT"), "{error}");
    }
    assert!(server.requests().is_empty(), "the secret was sent: {:?}", server.requests());
    let plain = right.with(
        "IDENTITY_ENDPOINT",
        format!("{}/service-fabric/metadata/identity/oauth2/token", server.http_url().unwrap()),
    );
    for result in both(|| ManagedIdentityCredential::new(&plain, ManagedIdentityId::SystemAssigned)) {
        assert_eq!(result.unwrap_err().kind(), ErrorKind::Configuration);
    }
    assert!(server.requests().is_empty());
}
