//! `--credential managed-identity` on the hosts that variables describe.

#![cfg(feature = "emulator")]

#[path = "managed_hosts/arc.rs"]
mod arc;
#[path = "managed_hosts/machine_learning.rs"]
mod machine_learning;
mod support;

use entrada_emulator::config::Host;
use entrada_emulator::serve::{Options, Server};
use entrada_emulator::{Config, world};

use support::{Ended, entrada, run};

const ASK: [&str; 5] = ["token", "--resource", "https://management.azure.com", "-o", "json"];

fn serve() -> Server {
    Server::start(Config::default(), [7; 32], Options { hosts: true, ..Options::default() }).unwrap()
}

/// The command in the environment of a host.
fn on(server: &Server, host: Host, more: &[&str]) -> Ended {
    let mut command = entrada();
    command.envs(server.environment_of(host)).args(ASK).args(["--error-format", "json"]);
    let ended = run(command, more);
    ended.keeps([world::IDENTITY_HEADER, world::MSI_SECRET]);
    ended
}

const MANAGED: [&str; 2] = ["--credential", "managed-identity"];

#[test]
fn the_environment_tells_which_host_it_is() {
    let server = serve();
    for host in [Host::AppService, Host::ServiceFabric, Host::MachineLearning] {
        let ended = on(&server, host, &MANAGED);
        assert_eq!(ended.code, 0, "{host:?} {ended:?}");
        assert_eq!(ended.json()["source"], "managed-identity");
        assert_eq!(ended.json()["identity"]["clientId"], world::SYSTEM_IDENTITY, "{host:?}");
        // And in the default chain.
        assert_eq!(on(&server, host, &[]).json()["source"], "managed-identity", "{host:?}");
    }
    let ended = on(&server, Host::CloudShell, &MANAGED);
    assert_eq!(ended.json()["identity"]["username"], world::USER, "{ended:?}");
    assert_eq!(ended.json()["identity"]["type"], "user", "{ended:?}");
}

/// Service Fabric and Cloud Shell have one identity, whatever a variable names: that is said, in one line.
#[test]
fn a_name_that_counts_for_nothing_is_told() {
    let server = serve();
    let asked = |host: Host, named: Option<&str>, more: &[&str]| {
        let mut command = entrada();
        command.envs(server.environment_of(host)).args(ASK);
        command.envs(named.map(|id| ("AZURE_CLIENT_ID", id)));
        let ended = run(command, more);
        assert_eq!(ended.code, 0, "{host:?} {ended:?}");
        ended.stderr
    };
    let passed = "AZURE_CLIENT_ID is set, and names nobody here";
    for more in [&MANAGED[..], &[]] {
        let said = asked(Host::ServiceFabric, Some(world::USER_IDENTITY), more);
        assert!(
            said.contains(passed) && said.contains("Service Fabric") && said.lines().count() == 1,
            "{said}"
        );
        assert_eq!(asked(Host::ServiceFabric, None, more), "");
        let said = asked(Host::CloudShell, Some(world::USER_IDENTITY), more);
        assert!(said.contains(passed) && said.contains(world::USER) && said.lines().count() == 1, "{said}");
        // What names nobody is not advised.
        let said = asked(Host::CloudShell, None, more);
        assert!(said.contains("Cloud Shell gave the token of a person"), "{said}");
        assert!(said.contains("--refuse-to-guess") && !said.contains("--identity"), "{said}");
        assert!(!said.contains("AZURE_CLIENT_ID"), "{said}");
    }
    // Where it names one, there is nothing to say.
    assert_eq!(asked(Host::AppService, Some(world::USER_IDENTITY), &[]), "");
}

#[test]
fn what_a_host_cannot_heed_is_a_mistake() {
    let server = serve();
    let claims = ["--claims", r#"{"access_token":{"nbf":{"essential":true,"value":"1"}}}"#];
    let everywhere = [
        ["--tenant-id", "contoso.com"],
        ["--additionally-allowed-tenant", "*"],
        ["--request-tenant", "contoso.com"],
    ];
    let mistaken = |host, option: [&str; 2]| {
        let ended = on(&server, host, &[MANAGED, option].concat());
        let message = ended.error()["message"].as_str().unwrap().to_owned();
        assert_eq!((ended.code, message.contains(option[0])), (2, true), "{host:?} {ended:?}");
    };
    for host in [Host::AppService, Host::MachineLearning, Host::ServiceFabric, Host::CloudShell] {
        everywhere.into_iter().for_each(|option| mistaken(host, option));
    }
    mistaken(Host::AppService, claims);
    mistaken(Host::MachineLearning, claims);
    mistaken(Host::CloudShell, claims);
    // Service Fabric acts on them; and in a chain the option is for another.
    assert_eq!(on(&server, Host::ServiceFabric, &[MANAGED, claims].concat()).code, 0);
    let chain = ["--credential", "client-secret,managed-identity"];
    for option in everywhere.iter().chain([&claims]) {
        let ended = on(&server, Host::AppService, &[chain, *option].concat());
        assert_eq!(ended.code, 0, "{ended:?}");
    }
}

#[test]
fn identities_by_every_id() {
    let server = serve();
    let resource = format!("resource-id:{}", world::USER_IDENTITY_RESOURCE);
    let identity = |id: &str| {
        [&MANAGED[..], &["--identity", id]].concat().iter().map(|s| (*s).to_owned()).collect::<Vec<_>>()
    };
    let ask = |host, id: &str| {
        let more = identity(id);
        on(&server, host, &more.iter().map(String::as_str).collect::<Vec<_>>())
    };
    assert_eq!(ask(Host::AppService, &resource).json()["identity"]["clientId"], world::USER_IDENTITY);
    let unknown = ask(Host::AppService, "client-id:00000000-0000-0000-0000-000000000001");
    assert_eq!((unknown.code, &unknown.error()["error"]), (1, &"refused".into()), "{unknown:?}");
    for host in [Host::ServiceFabric, Host::CloudShell, Host::MachineLearning] {
        let ended = ask(host, &resource);
        assert_eq!((ended.code, &ended.error()["error"]), (2, &"configuration".into()), "{ended:?}");
    }
}

#[test]
fn a_host_that_is_broken_stops_the_chain() {
    let server = serve();
    let mut command = entrada();
    command.envs(server.environment_of(Host::AppService)).env("IDENTITY_HEADER", "wrong");
    let ended = run(command, ASK.into_iter().chain(["--error-format", "json"]));
    assert_eq!(ended.code, 1, "{ended:?}");
    assert_eq!(sources(&ended).last().unwrap(), "managed-identity", "no tool was asked: {ended:?}");
    // A compute without a responder has no identity: the chain goes on.
    let mut command = entrada();
    command.env("MSI_ENDPOINT", "identity-responder-not-enabled").env("MSI_SECRET", "s");
    let ended = run(command, ASK.into_iter().chain(["--error-format", "json"]));
    assert_eq!(ended.code, 3, "{ended:?}");
    assert!(sources(&ended).contains(&"azure-cli".to_owned()), "{ended:?}");
}

/// Who was tried.
fn sources(ended: &Ended) -> Vec<String> {
    let error = ended.error();
    let attempts = error["attempts"].as_array().unwrap().iter();
    attempts.map(|attempt| attempt["source"].as_str().unwrap().to_owned()).collect()
}
