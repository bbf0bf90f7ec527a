//! What hosts of managed identities answer.

use entrada_core::effect::{Effect, FileContents, FileFailure, HttpResponse};
use entrada_core::environment::System;
use entrada_core::{
    Credential, Environment, ErrorKind, ManagedIdentityCredential, ManagedIdentityId, TokenRequest,
};

use super::checks::{check_error, check_hidden, check_token};
use crate::script::{self, Machine};

const SECRET: &str = "canary0header0of0the0host";
const KEY: &str = "canary0key0of0the0agent";
const CLIENT: &str = "6a8f0f4e-3b8e-4b61-a8a8-1f1a5e2f9d10";
const RESOURCE: &str =
    "/subscriptions/s/resourceGroups/g/providers/Microsoft.ManagedIdentity/userAssignedIdentities/i";
const PIN: &str = "a9993e364706816aba3e25717850c26c9cd0d89d";
const LINUX_KEYS: &str = "/var/opt/azcmagent/tokens/";
const WINDOWS_KEYS: &str = r"C:\ProgramData\AzureConnectedMachineAgent\Tokens\";
const AGENT: &str = "http://localhost:40342/metadata/identity/oauth2/token";

/// The variables of each host.
const HOSTS: [&[(&str, &str)]; 6] = [
    &[("AZURE_POD_IDENTITY_AUTHORITY_HOST", "http://169.254.169.254")],
    &[("IDENTITY_ENDPOINT", "http://localhost:4141/MSI/token"), ("IDENTITY_HEADER", SECRET)],
    &[("IDENTITY_ENDPOINT", AGENT), ("IMDS_ENDPOINT", "http://localhost:40342")],
    &[
        ("IDENTITY_ENDPOINT", "https://localhost:2377/metadata/identity/oauth2/token"),
        ("IDENTITY_HEADER", SECRET),
        ("IDENTITY_SERVER_THUMBPRINT", PIN),
    ],
    &[("MSI_ENDPOINT", "http://localhost:50342/oauth2/token")],
    &[("MSI_ENDPOINT", "http://127.0.0.1:46808/MSI/auth/"), ("MSI_SECRET", SECRET)],
];
const ARC: usize = 2;

const STATUSES: [u16; 14] = [200, 200, 200, 201, 302, 400, 401, 403, 404, 410, 429, 500, 503, 599];

fn request() -> TokenRequest {
    TokenRequest::new(["https://vault.azure.net/.default"]).expect("a scope")
}

fn identity(number: u8) -> ManagedIdentityId {
    let identity = match number % 4 {
        0 => Ok(ManagedIdentityId::SystemAssigned),
        1 => ManagedIdentityId::client_id(CLIENT),
        2 => ManagedIdentityId::object_id(CLIENT),
        _ => ManagedIdentityId::resource_id(RESOURCE),
    };
    identity.expect("an id")
}

fn answer(status: u16, body: &[u8]) -> HttpResponse {
    let mut response = http::Response::new(body.to_vec().into());
    *response.status_mut() = http::StatusCode::from_u16(status).expect("a status");
    response
}

/// A host's reply: host, identity and status by the first three bytes, then the body.
pub fn managed_reply(bytes: &[u8]) {
    let [host, named, status, body @ ..] = bytes else { return };
    let (host, identity) = (usize::from(*host) % HOSTS.len(), identity(*named));
    let status = STATUSES[usize::from(*status) % STATUSES.len()];
    let environment: Environment = HOSTS[host].iter().copied().collect();
    let credential = ManagedIdentityCredential::new(&environment.on(System::Linux), identity.clone());
    let mut machine = Machine::default();
    let mut asked = 0;
    let (result, told) = machine.run(credential.begin(&request()), |effect, _| match effect {
        Effect::Http(call) if host == ARC && !call.request().headers().contains_key("authorization") => {
            let file = format!("Basic realm={LINUX_KEYS}1.key");
            script::respond(call, 401, &[("www-authenticate", &file)], "")
        }
        Effect::Http(call) => {
            asked += 1;
            call.split().1.reply(Ok(answer(status, body)))
        }
        Effect::ReadFile(file) => {
            let (path, ticket) = file.split();
            ticket.reply(Ok(FileContents { bytes: KEY.as_bytes().to_vec().into(), resolved: path }))
        }
        other => panic!("{other:?}"),
    });
    // A host that is there is asked for two minutes at the most, and not without end. Azure Arc may take that twice.
    let patience: u64 = told.waits.iter().map(std::time::Duration::as_secs).sum();
    assert!(
        asked <= 30 && patience <= if host == ARC { 240 } else { 120 },
        "{asked} requests in {patience} s"
    );
    match result {
        Ok(token) => {
            assert_eq!(status, 200);
            check_token(&token, machine.now);
            assert_eq!(token.source(), "managed-identity");
            // Hosts other than Cloud Shell and Service Fabric were told whom to answer for.
            let document: serde_json::Value = serde_json::from_slice(body).expect("a token is in JSON");
            if identity == ManagedIdentityId::client_id(CLIENT).expect("an id") {
                let told = document["client_id"].as_str().filter(|told| !told.is_empty());
                assert!(told.is_none_or(|told| told.eq_ignore_ascii_case(CLIENT)), "the token of {told:?}");
                assert!(host != ARC || told.is_some(), "the agent did not say whose token it gave");
            }
        }
        Err(error) => {
            check_error(&error, body);
            // What the host was told, it may repeat.
            let told = HOSTS[host].iter().map(|(_, value)| *value).filter(|value| *value == SECRET);
            check_hidden(&error, told.chain((host == ARC).then_some(KEY)));
            assert_eq!(error.source_name(), Some("managed-identity"));
        }
    }
}

/// The challenge of whoever listens at the Azure Arc agent's address: the system and where the file really
/// is by the first byte, the header to the end of its line, then the contents of the file.
pub fn arc_challenge(bytes: &[u8]) {
    let (first, rest) = bytes.split_first().unwrap_or((&0, &[]));
    let (header, contents) = rest.split_at(rest.iter().position(|b| *b == b'\n').unwrap_or(rest.len()));
    let contents = contents.get(1..).unwrap_or_default();
    let Ok(header) = http::HeaderValue::from_bytes(header) else { return };
    let (windows, moved, missing) = (first & 1 != 0, first & 2 != 0, first & 4 != 0);
    let environment: Environment = HOSTS[ARC].iter().copied().collect();
    let environment = match windows {
        true => environment.with("ProgramData", r"C:\ProgramData").on(System::Windows),
        false => environment.on(System::Linux),
    };
    let credential = ManagedIdentityCredential::new(&environment, ManagedIdentityId::SystemAssigned);
    let (mut read, mut sent) = (0, None);
    let (result, told) = script::run(credential.begin(&request()), |effect, _| match effect {
        Effect::Http(call) => {
            assert!(call.request().uri().to_string().starts_with(AGENT), "{call:?}");
            if let Some(key) = call.request().headers().get("authorization") {
                sent = Some(key.as_bytes().to_vec());
                let body = br#"{"access_token":"t","expires_in":3600,"client_id":"x"}"#;
                return call.split().1.reply(Ok(answer(200, body)));
            }
            let mut challenge = answer(401, b"");
            challenge.headers_mut().insert("www-authenticate", header.clone());
            call.split().1.reply(Ok(challenge))
        }
        Effect::ReadFile(file) => {
            read += 1;
            check_key_file(&file.path().display().to_string(), windows);
            let (path, ticket) = file.split();
            let resolved = if moved { "/etc/shadow".into() } else { path };
            ticket.reply(match missing {
                true => Err(FileFailure::Denied),
                false => Ok(FileContents { bytes: contents.to_vec().into(), resolved }),
            })
        }
        other => panic!("{other:?}"),
    });
    assert!(read <= 1 && told.waits.is_empty(), "{told:?}");
    if let Some(sent) = &sent {
        assert!(read == 1 && !moved && !missing && contents.len() <= 4096, "what is no key was sent");
        let key = contents.strip_suffix(b"\n").unwrap_or(contents);
        let key = key.strip_suffix(b"\r").filter(|_| contents.ends_with(b"\n")).unwrap_or(key);
        assert_eq!(sent.strip_prefix(b"Basic "), Some(key));
        assert!(!key.is_empty() && key.iter().all(|b| (b' '..=b'~').contains(b)));
    }
    assert_eq!(result.is_ok(), sent.is_some());
    if let Err(error) = result {
        check_error(&error, contents);
        check_hidden(&error, std::str::from_utf8(contents).ok());
        assert_eq!(error.kind(), ErrorKind::Refused, "{error}");
    }
}

/// Whatever was named: a key of the agent's own folder, and no other file.
fn check_key_file(path: &str, windows: bool) {
    let (folder, separators) = if windows { (WINDOWS_KEYS, ['/', '\\']) } else { (LINUX_KEYS, ['/', '\0']) };
    let name = path.strip_prefix(folder).unwrap_or_else(|| panic!("{path}"));
    assert!(!name.contains(separators) && !name.contains(char::is_control), "{path}");
    assert!(!windows || !name.contains(':'), "{path}");
    let (stem, ending) = name.split_at_checked(name.len().saturating_sub(4)).expect("an ASCII ending");
    assert!(!stem.is_empty() && ending.eq_ignore_ascii_case(".key"), "{path}");
}
