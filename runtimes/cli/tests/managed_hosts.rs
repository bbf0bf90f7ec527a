//! `--credential managed-identity` on the hosts that variables describe.

#![cfg(feature = "emulator")]

mod support;

use entrada_emulator::config::Host;
use entrada_emulator::serve::{Options, Server};
use entrada_emulator::{Config, world};
use serde_json::Value;

use support::{Ended, address, entrada, run};

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
fn a_compute_instance_tells_whose_token_it_gave() {
    let server = serve();
    server.with(|emulator| emulator.config_mut().hosts.single_sign_on = true);
    let whose = |more: &[&str]| {
        let ended = on(&server, Host::MachineLearning, more);
        assert_eq!(ended.json()["source"], "managed-identity", "{ended:?}");
        let identity = ended.json()["identity"].clone();
        (identity["type"].clone(), identity["username"].clone(), identity["clientId"].clone())
    };
    let id = format!("client-id:{}", world::USER_IDENTITY);
    for more in [&MANAGED[..], &[]] {
        let (kind, name, _) = whose(more);
        assert_eq!((kind, name), ("user".into(), world::USER.into()));
        let named = [more, &["--identity", &id, "--refuse-to-guess"]].concat();
        assert_eq!(whose(&named), ("app".into(), Value::Null, world::USER_IDENTITY.into()));
        let strict = [more, &["--refuse-to-guess"]].concat();
        let before = server.requests().len();
        for host in [Host::MachineLearning, Host::CloudShell] {
            let ended = on(&server, host, &strict);
            assert_eq!((ended.code, &ended.error()["error"]), (2, &"configuration".into()), "{ended:?}");
        }
        assert_eq!(server.requests().len(), before);
    }
}

#[test]
fn that_a_person_s_token_came_is_said_however_it_is_printed() {
    let options = Options { hosts: true, http: Some(([127, 0, 0, 1], 0).into()), ..Options::default() };
    let server = Server::start(Config::default(), [7; 32], options).unwrap();
    server.with(|emulator| emulator.config_mut().hosts.single_sign_on = true);
    let on_instance = |more: &[&str]| {
        let mut command = entrada();
        command.envs(server.environment_of(Host::MachineLearning));
        run(command, [&ASK[..3], more].concat())
    };
    let id = format!("client-id:{}", world::USER_IDENTITY);
    for format in ["json", "raw", "header", "env", "kubernetes"] {
        for credential in [&MANAGED[..], &[]] {
            let ended = on_instance(&[credential, &["-o", format]].concat());
            let said = ended.stderr.matches("the token of a person").count();
            assert_eq!((ended.code, said), (0, 1), "{format}: {ended:?}");
            assert!(
                ended.stderr.contains(world::USER) && ended.stderr.contains("--refuse-to-guess"),
                "{ended:?}"
            );
            let named = [credential, &["-o", format, "--identity", &id]].concat();
            assert_eq!(on_instance(&named).stderr, "", "{format}");
        }
    }
    // Verbs that print no token say so too, once for all the tokens they need.
    let names = ["-s", world::SUBSCRIPTION, "-g", world::RESOURCE_GROUP, "-w", world::WORKSPACE];
    for verb in [&["workspace", "show"][..], &["workspace", "list"], &["identity", "show"]] {
        let mut command = entrada();
        command.envs(server.environment_of(Host::MachineLearning)).env("ENTRADA_EMULATOR", address(&server));
        let names = if verb[1] == "list" { &names[..2] } else { &names };
        let ended = run(command, verb.iter().chain(names).chain(&MANAGED));
        assert_eq!((ended.code, ended.stderr.matches("the token of a person").count()), (0, 1), "{ended:?}");
    }
}

#[test]
fn tokens_of_another_identity_than_the_expected_one_are_refused() {
    let server = serve();
    server.with(|emulator| emulator.config_mut().hosts.single_sign_on = true);
    let (id, object) =
        (format!("client-id:{}", world::USER_IDENTITY), format!("object-id:{}", world::USER_IDENTITY_OBJECT));
    let user = format!("object-id:{}", world::USER_OBJECT);
    for credential in [&MANAGED[..], &[]] {
        let ask = |more: &[&str]| on(&server, Host::MachineLearning, &[credential, more].concat());
        for expected in ["user", world::USER, &user] {
            assert_eq!(ask(&["--expect-identity", expected]).code, 0, "{expected}");
            let other = ask(&["--expect-identity", expected, "--identity", &id]);
            assert_eq!((other.code, &other.error()["error"]), (1, &"refused".into()), "{expected} {other:?}");
            assert_eq!(other.stdout, "");
        }
        for expected in [&id, &object] {
            assert_eq!(ask(&["--expect-identity", expected, "--identity", &id]).code, 0, "{expected}");
            let other = ask(&["--expect-identity", expected]);
            assert_eq!((other.code, &other.error()["error"]), (1, &"refused".into()), "{expected} {other:?}");
            assert!(other.error()["message"].as_str().unwrap().contains(world::USER), "{other:?}");
        }
        assert_eq!(ask(&["--expect-identity", "app", "--identity", &id]).code, 0);
        // The host is not even asked for what would be a person's.
        let before = server.requests().len();
        assert_eq!(ask(&["--expect-identity", "app"]).code, 2);
        assert_eq!(server.requests().len(), before);
    }
    assert_eq!(on(&server, Host::MachineLearning, &["--expect-identity", "me"]).code, 2);
    assert_eq!(run(entrada(), ["login", "--expect-identity", "user"]).code, 2);
}

#[test]
fn refusing_to_guess_is_for_managed_identity() {
    let mut command = entrada();
    command.args(ASK).args(["--error-format", "json", "--credential", "azure-cli", "--refuse-to-guess"]);
    let ended = run(command, Vec::<String>::new());
    assert_eq!(ended.code, 2, "{ended:?}");
    assert!(ended.error()["message"].as_str().unwrap().contains("--refuse-to-guess"), "{ended:?}");
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

/// The agent of Azure Arc, whose keys are in this folder.
fn agent(keys: Option<&str>) -> Server {
    let server = serve();
    if let Some(keys) = keys {
        server.with(|emulator| emulator.config_mut().hosts.key_folder = keys.to_owned());
    }
    server
}

/// The ways to name an identity that the agent has.
fn known() -> [Vec<String>; 4] {
    let named = |id: String| vec!["--identity".to_owned(), id];
    [
        Vec::new(),
        named(format!("client-id:{}", world::USER_IDENTITY)),
        named(format!("object-id:{}", world::USER_IDENTITY_OBJECT)),
        named(format!("resource-id:{}", world::USER_IDENTITY_RESOURCE)),
    ]
}

fn on_arc(server: &Server, named: &[String]) -> Ended {
    let named: Vec<_> = MANAGED.into_iter().chain(named.iter().map(String::as_str)).collect();
    on(server, Host::Arc, &named)
}

#[test]
fn a_key_of_azure_arc_that_is_not_in_its_folder_is_not_read() {
    // The emulator keeps its keys in a temporary folder, and the command knows the agent's own alone.
    let server = agent(None);
    for named in known() {
        let before = server.requests().len();
        let ended = on_arc(&server, &named);
        assert_eq!((ended.code, &ended.error()["error"]), (1, &"refused".into()), "{named:?} {ended:?}");
        let message = ended.error()["message"].as_str().unwrap().to_owned();
        assert!(message.contains("none of its keys; it was not read"), "{message}");
        assert_eq!(server.requests().len(), before + 1, "no key was sent: {named:?}");
        server.with(|emulator| {
            for (_, key) in emulator.arc_keys() {
                ended.keeps([key.expose()]);
            }
        });
    }
    for keys in ["/etc", "/var/opt/azcmagent/tokens/..", "/var/opt/azcmagent"] {
        let ended = on_arc(&agent(Some(keys)), &[]);
        assert_eq!((ended.code, &ended.error()["error"]), (1, &"refused".into()), "{keys} {ended:?}");
    }
    // In the default chain it is broken, not absent.
    let ended = on(&server, Host::Arc, &[]);
    assert_eq!(ended.code, 1, "{ended:?}");
    assert_eq!(sources(&ended).last().unwrap(), "managed-identity", "no tool was asked: {ended:?}");
}

#[test]
fn an_identity_that_azure_arc_does_not_have() {
    let server = agent(None);
    let nobody = "00000000-0000-0000-0000-000000000001";
    for form in ["client-id", "object-id"] {
        let ended = on_arc(&server, &["--identity".to_owned(), format!("{form}:{nobody}")]);
        assert_eq!((ended.code, &ended.error()["error"]), (1, &"refused".into()), "{form} {ended:?}");
        assert!(ended.error()["message"].as_str().unwrap().contains(nobody), "{ended:?}");
    }
    for wrong in ["client-id:x", "resource-id:x", "name:x"] {
        let ended = on_arc(&server, &["--identity".to_owned(), wrong.to_owned()]);
        assert_eq!(ended.code, 2, "{wrong} {ended:?}");
    }
}

#[test]
fn nobody_listens_where_azure_arc_should() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let closed = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let ask = |endpoint: &str| {
        let mut command = entrada();
        command.env("IDENTITY_ENDPOINT", endpoint).env("IMDS_ENDPOINT", endpoint);
        run(command, ASK.into_iter().chain(["--error-format", "json"]).chain(MANAGED))
    };
    let ended = ask(&closed);
    assert_eq!((ended.code, &ended.error()["error"]), (5, &"network".into()), "{ended:?}");
    let ended = ask("http://evil.example/");
    assert_eq!((ended.code, &ended.error()["error"]), (2, &"configuration".into()), "{ended:?}");
}

/// The agent's own folder, made for a test and removed after it.
struct KeyFolder;

impl KeyFolder {
    const PARENT: &str =
        if cfg!(windows) { r"C:\ProgramData\AzureConnectedMachineAgent" } else { "/var/opt/azcmagent" };
    const PATH: &str = if cfg!(windows) {
        r"C:\ProgramData\AzureConnectedMachineAgent\Tokens"
    } else {
        "/var/opt/azcmagent/tokens"
    };

    /// Nothing where it may not be made, or is there: a real agent's is left alone.
    fn make() -> Option<KeyFolder> {
        std::fs::create_dir(KeyFolder::PARENT).ok()?;
        let made = KeyFolder;
        std::fs::create_dir(KeyFolder::PATH).ok()?;
        Some(made)
    }
}

impl Drop for KeyFolder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(KeyFolder::PARENT);
    }
}

#[test]
fn azure_arc_with_a_key_in_the_agents_folder() {
    let Some(_folder) = KeyFolder::make() else {
        eprintln!("SKIPPED: {} cannot be made here, or is a real agent's", KeyFolder::PATH);
        return;
    };
    let server = agent(Some(KeyFolder::PATH));
    for named in known() {
        let ended = on_arc(&server, &named);
        assert_eq!(ended.code, 0, "{named:?} {ended:?}");
        let expected = if named.is_empty() { world::SYSTEM_IDENTITY } else { world::USER_IDENTITY };
        assert_eq!(ended.json()["identity"]["clientId"], expected, "{named:?}");
    }
    assert_eq!(on(&server, Host::Arc, &[]).json()["source"], "managed-identity");
    // An agent of an old version gives the machine's identity, whoever was asked for.
    server.with(|emulator| emulator.config_mut().hosts.old_agent = true);
    let ended = on_arc(&server, &known()[1]);
    assert_eq!((ended.code, &ended.error()["error"]), (1, &"refused".into()), "{ended:?}");
}

/// Who was tried.
fn sources(ended: &Ended) -> Vec<String> {
    let error = ended.error();
    let attempts = error["attempts"].as_array().unwrap().iter();
    attempts.map(|attempt| attempt["source"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_job_for_the_person_who_submitted_it() {
    let server = serve();
    let ask = |more: &[&str]| on(&server, Host::MachineLearningJob, more);
    let ended = ask(&["--credential", "azure-ml-on-behalf-of"]);
    let token = ended.json();
    assert_eq!(token["source"], "azure-ml-on-behalf-of", "{ended:?}");
    assert_eq!(
        (&token["identity"]["type"], &token["identity"]["username"]),
        (&"user".into(), &world::USER.into())
    );
    // Elsewhere it is absent, and says why; a chain goes on.
    let elsewhere = |credential: &str| {
        let mut command = support::as_app(&server);
        command.args(ASK).args(["--error-format", "json", "--credential", credential]);
        run(command, Vec::<String>::new())
    };
    let absent = elsewhere("azure-ml-on-behalf-of");
    assert_eq!((absent.code, &absent.error()["error"]), (3, &"unavailable".into()), "{absent:?}");
    let remedy = absent.error()["remedy"].as_str().unwrap().to_owned();
    assert!(["user_identity", "pipeline", "studio"].iter().all(|reason| remedy.contains(reason)), "{remedy}");
    assert_eq!(elsewhere("azure-ml-on-behalf-of,client-secret").json()["source"], "client-secret");
    let demanded = ask(&[
        "--credential",
        "azure-ml-on-behalf-of",
        "--claims",
        r#"{"access_token":{"acrs":{"essential":true,"values":["p1"]}}}"#,
    ]);
    assert_eq!(
        (demanded.code, &demanded.error()["error"]),
        (4, &"interaction-required".into()),
        "{demanded:?}"
    );
    let unused = ask(&["--credential", "azure-ml-on-behalf-of", "--client-id", world::APP]);
    assert_eq!(unused.code, 2, "{unused:?}");
}
