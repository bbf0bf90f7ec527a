//! The real Azure CLI, told of the emulator as of a cloud of its own, and `--credential azure-cli` with it.

#![cfg(unix)]

mod support;

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use entrada_core::effect::{HttpRequest, HttpResponse};
use entrada_emulator::person::Person;
use entrada_emulator::serve::Server;
use entrada_emulator::world;
use serde_json::json;
use support::{Ended, Files, entrada, no_metadata_service, run, secure_emulator, words};

const MANAGEMENT: &str = "https://management.azure.com";
const VAULT: &str = "https://vault.azure.net";

/// A home with an Azure CLI that nobody has used yet, and the emulator it is to use.
struct Machine {
    az: PathBuf,
    home: Files,
    server: Server,
}

impl Machine {
    fn new() -> Option<Machine> {
        let Some(az) = std::env::var_os("ENTRADA_AZ") else {
            eprintln!("SKIPPED: ENTRADA_AZ names no Azure CLI");
            return None;
        };
        let machine = Machine { az: az.into(), home: Files::new(), server: secure_emulator() };
        // All that it needs to know of a cloud is where its Azure Resource Manager is.
        let address = machine.server.https_url().unwrap();
        machine.does(&["cloud", "register", "--name", "emulated", "--endpoint-resource-manager", &address]);
        machine.does(&["cloud", "set", "--name", "emulated"]);
        Some(machine)
    }

    fn surrounded(&self, mut command: Command) -> Command {
        let folder = self.az.parent().unwrap().display();
        command
            .env("PATH", format!("{folder}:/usr/bin:/bin"))
            .env("HOME", self.home.path(""))
            .env("AZURE_CONFIG_DIR", self.home.path("azure"))
            .env("REQUESTS_CA_BUNDLE", self.server.ca_path().unwrap())
            // It would ask the public cloud whether the emulator is one of its authorities.
            .env("AZURE_CORE_INSTANCE_DISCOVERY", "false")
            .env("AZURE_CORE_LOGIN_EXPERIENCE_V2", "off")
            .env("AZURE_CORE_COLLECT_TELEMETRY", "no");
        command
    }

    fn az(&self, arguments: &[&str]) -> Command {
        let mut az = Command::new(&self.az);
        az.env_clear().args(arguments).stdin(Stdio::null());
        self.surrounded(az)
    }

    #[track_caller]
    fn does(&self, arguments: &[&str]) {
        let ended = Ended::of(&self.az(arguments).output().unwrap());
        assert_eq!(ended.code, 0, "az {arguments:?}: {ended:?}");
    }

    fn entrada(&self, arguments: &[&str]) -> Ended {
        let mut command = self.surrounded(entrada());
        command.env("AZURE_POD_IDENTITY_AUTHORITY_HOST", no_metadata_service());
        run(command, arguments.iter().chain(&["--error-format", "json"]))
    }

    fn token(&self, resource: &str, more: &[&str]) -> Ended {
        self.entrada(&[&["token", "--credential", "azure-cli", "--resource", resource], more].concat())
    }

    /// The same from the tool's own files, where the tool itself is not to be found.
    fn native(&self, resource: &str, more: &[&str]) -> Ended {
        let mut command = self.surrounded(entrada());
        command.env("PATH", "/usr/bin:/bin").env("SSL_CERT_FILE", self.server.ca_path().unwrap());
        let own = ["token", "--credential", "azure-cli", "--native", "--error-format", "json"];
        run(command, own.iter().chain(&["--resource", resource]).chain(more))
    }

    /// The token that the tool gives.
    #[track_caller]
    fn told(&self, resource: &str) -> serde_json::Value {
        let ended =
            self.az(&["account", "get-access-token", "-o", "json", "--resource", resource]).output().unwrap();
        let ended = Ended::of(&ended);
        assert_eq!(ended.code, 0, "{ended:?}");
        ended.json()["accessToken"].clone()
    }

    fn sign_in_as_app(&self) {
        let secret = format!("@{}", self.home.put("secret", world::SECRET));
        let app = ["login", "--service-principal", "--username", world::APP, "--password", &secret];
        self.does(&[&app[..], &["--tenant", world::TENANT]].concat());
    }

    /// Signs a person in, at another device.
    fn sign_in_as_user(&self) {
        let mut login = self.az(&["login", "--use-device-code"]);
        let mut login = login.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(login.stderr.take().unwrap());
        let mut told = String::new();
        while !told.contains("enter the code ") {
            assert_ne!(lines.read_line(&mut told).unwrap(), 0, "{told}");
        }
        let page = told.split_whitespace().find(|word| word.starts_with("https://")).unwrap();
        let code = told.split_once("enter the code ").unwrap().1.split_whitespace().next().unwrap();
        let server = &self.server;
        let send = |request: HttpRequest| -> Result<HttpResponse, String> {
            Ok(server.with(|emulator| emulator.answer(server.now(), &request)))
        };
        Person::default().approve_device(page, code, send).unwrap();
        lines.read_to_string(&mut told).unwrap();
        assert!(login.wait().unwrap().success(), "{told}");
    }
}

#[track_caller]
fn fails(ended: &Ended, code: i32, kind: &str, remedy: &str) {
    let error = ended.error();
    assert_eq!((ended.code, error["error"].as_str()), (code, Some(kind)), "{ended:?}");
    assert!(error["remedy"].as_str().unwrap_or_default().contains(remedy), "{ended:?}");
    assert!(ended.stdout.is_empty(), "{ended:?}");
}

#[test]
fn nobody_is_signed_in() {
    let Some(machine) = Machine::new() else { return };
    let ended = machine.token(MANAGEMENT, &[]);
    fails(&ended, 3, "unavailable", "az login");
    assert!(ended.error()["message"].as_str().unwrap().contains("nobody is signed in"), "{ended:?}");
    let report = machine.entrada(&["doctor", "-o", "json"]).json();
    let az = report["sources"].as_array().unwrap().iter().find(|source| source["source"] == "azure-cli");
    assert_eq!(az.unwrap()["outcome"], "unavailable", "{report}");
}

#[test]
fn an_app_is_signed_in() {
    let Some(machine) = Machine::new() else { return };
    machine.sign_in_as_app();
    let ended = machine.token(MANAGEMENT, &[]);
    assert_eq!(ended.code, 0, "{ended:?}");
    let token = ended.json();
    assert_eq!((&token["source"], &token["tenant"]), (&json!("azure-cli"), &json!(world::TENANT)));
    assert_eq!(token["identity"]["objectId"], world::APP_OBJECT);
    let left = token["expires_on"].as_i64().unwrap() - machine.server.now().unix.0;
    // The tool can answer claims challenges, so its tokens live for more than a day.
    assert!(left > 86_400, "{left} s are left");
    // By its subscription, by its tenant, and by one that it does not know.
    let by = |more: &str| machine.token(MANAGEMENT, &words(more).collect::<Vec<_>>());
    assert_eq!(by(&format!("--subscription {}", world::SUBSCRIPTION)).json()["tenant"], world::TENANT);
    assert_eq!(by(&format!("--tenant-id {}", world::TENANT)).json()["tenant"], world::TENANT);
    fails(&by("--subscription 00000000-0000-0000-0000-000000000001"), 2, "configuration", "az account list");
    let nowhere = by("--tenant-id 00000000-0000-0000-0000-000000000001");
    fails(&nowhere, 1, "refused", "");
    assert_eq!(nowhere.error()["aadsts"], json!([90_002]), "{nowhere:?}");
    // The token is good for what it was asked for.
    let names = ["-s", world::SUBSCRIPTION, "-g", world::RESOURCE_GROUP, "-w", world::WORKSPACE];
    let mut show = machine.surrounded(entrada());
    show.env("SSL_CERT_FILE", machine.server.ca_path().unwrap());
    show.env("ENTRADA_ARM_ENDPOINT", machine.server.https_url().unwrap());
    let shown = run(show, ["workspace", "show", "--credential", "azure-cli"].iter().chain(&names));
    assert!(shown.code == 0 && shown.stdout.contains("by azure-cli"), "{shown:?}");
    // A secret that is gone shows with the next token that has to be asked for.
    machine.server.with(|emulator| {
        let apps = &mut emulator.config_mut().apps;
        apps.iter_mut().find(|app| app.client_id == world::APP).unwrap().secrets.clear();
    });
    let ended = machine.token(VAULT, &[]);
    fails(&ended, 1, "refused", "client secret");
    assert_eq!(ended.error()["aadsts"], json!([7_000_215]), "{ended:?}");
    machine.does(&["logout"]);
    fails(&machine.token(MANAGEMENT, &[]), 3, "unavailable", "az login");
}

#[test]
fn a_person_is_signed_in() {
    let Some(machine) = Machine::new() else { return };
    machine.sign_in_as_user();
    for resource in [MANAGEMENT, VAULT] {
        let ended = machine.token(resource, &[]);
        assert_eq!(ended.code, 0, "{ended:?}");
        let token = ended.json();
        assert_eq!(token["identity"]["username"], world::USER, "{token}");
        assert_eq!((&token["source"], &token["tenant"]), (&json!("azure-cli"), &json!(world::TENANT)));
    }
    let report = machine.entrada(&["doctor", "-o", "json"]);
    assert_eq!(report.json()["default_chain"], json!({"outcome": "uses", "source": "azure-cli"}));
    // An administrator ends the session.
    let now = machine.server.now();
    assert!(machine.server.with(|emulator| emulator.revoke_sessions(now, world::USER)));
    let ended = machine.token("https://graph.microsoft.com", &[]);
    fails(&ended, 4, "interaction-required", "az login");
    assert_eq!(ended.error()["aadsts"], json!([50_173]), "{ended:?}");
    machine.does(&["account", "clear"]);
    fails(&machine.token(MANAGEMENT, &[]), 3, "unavailable", "az login");
}

#[test]
fn a_persons_session_serves_without_the_tool_and_goes_on_with_it() {
    let Some(machine) = Machine::new() else { return };
    machine.sign_in_as_user();
    // What is asked for with the tool's refresh token, the tool finds in its cache.
    let ended = machine.native(VAULT, &[]);
    assert_eq!(ended.code, 0, "{ended:?}");
    let token = ended.json();
    assert_eq!((&token["source"], &token["tenant"]), (&json!("azure-cli"), &json!(world::TENANT)));
    assert_eq!(token["identity"]["username"], world::USER, "{token}");
    assert_eq!(machine.told(VAULT), token["accessToken"]);
    // And the other way round; the tool redeems the refresh token that came.
    let graph = machine.told("https://graph.microsoft.com");
    let ended = machine.native("https://graph.microsoft.com", &["--tenant-id", world::TENANT]);
    assert_eq!(ended.json()["accessToken"], graph, "{ended:?}");
    let ended = machine.native(MANAGEMENT, &["--subscription", world::SUBSCRIPTION]);
    assert_eq!(machine.told(MANAGEMENT), ended.json()["accessToken"], "{ended:?}");
    // Only its owner reads it, and nobody holds its lock.
    let cache = machine.home.path("azure/msal_token_cache.json");
    let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(cache).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);
    assert!(!std::path::Path::new(&machine.home.path("azure/msal_token_cache.json.lockfile")).exists());
    // Refused, the tool has the last word; where it cannot be asked, the authority has.
    let now = machine.server.now();
    assert!(machine.server.with(|emulator| emulator.revoke_sessions(now, world::USER)));
    let refused = machine.native("https://storage.azure.com", &[]);
    fails(&refused, 4, "interaction-required", "az login");
    assert_eq!(refused.error()["aadsts"], json!([50_173]), "{refused:?}");
    let told = machine.token("https://storage.azure.com", &["--native"]);
    fails(&told, 4, "interaction-required", "az login");
    assert!(told.error()["message"].as_str().unwrap().contains("the Azure CLI was refused"), "{told:?}");
    machine.does(&["account", "clear"]);
    fails(&machine.native(MANAGEMENT, &[]), 3, "unavailable", "az login");
}

#[test]
fn an_apps_session_serves_without_the_tool_and_goes_on_with_it() {
    let Some(machine) = Machine::new() else { return };
    machine.sign_in_as_app();
    let ended = machine.native(VAULT, &[]);
    assert_eq!(ended.code, 0, "{ended:?}");
    let token = ended.json();
    assert_eq!((&token["source"], &token["tenant"]), (&json!("azure-cli"), &json!(world::TENANT)));
    assert_eq!(token["identity"]["objectId"], world::APP_OBJECT);
    assert_eq!(machine.told(VAULT), token["accessToken"]);
    let graph = machine.told("https://graph.microsoft.com");
    assert_eq!(machine.native("https://graph.microsoft.com", &[]).json()["accessToken"], graph);
    machine.does(&["logout"]);
    fails(&machine.native(VAULT, &[]), 3, "unavailable", "az login");
}
