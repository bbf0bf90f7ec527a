//! Azure Arc, whose agent leaves its keys in a folder of its own.

use entrada_emulator::config::Host;
use entrada_emulator::serve::Server;
use entrada_emulator::world;

use super::support::{Ended, entrada, run};
use super::{ASK, MANAGED, on, serve, sources};

/// The agent of Azure Arc, whose keys are in this folder.
fn agent(keys: Option<&str>) -> Server {
    let server = serve();
    if let Some(keys) = keys {
        server.with(|emulator| emulator.config_mut().hosts.key_folder = Some(keys.to_owned()));
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
