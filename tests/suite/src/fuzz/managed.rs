//! What hosts of managed identities answer.

use entrada_core::claims::Claims;
use entrada_core::effect::{Effect, FileContents, FileFailure, HttpResponse};
use entrada_core::environment::System;
use entrada_core::{
    AccessToken, Credential, Environment, Error, ErrorKind, ManagedIdentityCredential, ManagedIdentityId,
    TokenRequest,
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

const ASSERTION: &str = "canary0assertion0of0the0pod";
const POD: [(&str, &str); 4] = [
    ("AZURE_AUTHORITY_HOST", "https://login.microsoftonline.com/"),
    ("AZURE_TENANT_ID", "8d6f5c1e-2b40-4d3f-9a17-0e6c5b4a3f10"),
    ("AZURE_FEDERATED_TOKEN_FILE", "/var/run/secrets/azure/tokens/azure-identity-token"),
    ("AZURE_CLIENT_ID", CLIENT),
];

/// The variables of each host.
const HOSTS: [&[(&str, &str)]; 7] = [
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
    &POD,
];
const ARC: usize = 2;
const FABRIC: usize = 3;
const KUBERNETES: usize = 6;

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

/// What a host is sent that nobody else may see.
fn secret_of(host: usize) -> Option<&'static str> {
    match host {
        ARC => Some(KEY),
        KUBERNETES => Some(ASSERTION),
        _ => HOSTS[host].iter().map(|(_, value)| *value).find(|value| *value == SECRET),
    }
}

/// A host that answers everything alike.
struct Host<'a> {
    number: usize,
    identity: ManagedIdentityId,
    status: u16,
    body: &'a [u8],
}

impl Host<'_> {
    /// Asks it, and looks at what it was asked and at what came of it.
    fn check(
        &self,
        credential: &dyn Credential,
        request: &TokenRequest,
        machine: &mut Machine,
    ) -> Result<AccessToken, Error> {
        let (mut asked, mut rejected) = (0, false);
        let (result, told) = machine.run(credential.begin(request), |effect, _| match effect {
            Effect::Http(call)
                if self.number == ARC && !call.request().headers().contains_key("authorization") =>
            {
                let file = format!("Basic realm={LINUX_KEYS}1.key");
                script::respond(call, 401, &[("www-authenticate", &file)], "")
            }
            Effect::Http(call) => {
                asked += 1;
                let uri = call.request().uri().to_string();
                rejected = uri.contains("token_sha256_to_refresh=");
                assert!(self.number == FABRIC || !rejected && !uri.contains("xms_cc="), "{uri}");
                call.split().1.reply(Ok(answer(self.status, self.body)))
            }
            Effect::ReadFile(file) => {
                let (path, ticket) = file.split();
                let contents = if self.number == KUBERNETES { ASSERTION } else { KEY };
                let bytes = contents.as_bytes().to_vec().into();
                ticket.reply(Ok(FileContents { bytes, resolved: path }))
            }
            other => panic!("{other:?}"),
        });
        // A host that is there is asked for two minutes at the most, and not without end. Azure Arc may take that twice.
        let patience: u64 = told.waits.iter().map(std::time::Duration::as_secs).sum();
        let most = if self.number == ARC { 240 } else { 120 };
        assert!(asked <= 30 && patience <= most, "{asked} requests in {patience} s");
        assert!(request.claims().is_some() || !rejected, "a token was called rejected that nobody rejected");
        match &result {
            Ok(token) => self.check_token(token, machine),
            Err(error) => {
                check_error(error, self.body);
                // What the host was told, it may repeat.
                check_hidden(error, secret_of(self.number));
                assert_eq!(error.source_name(), Some("managed-identity"));
            }
        }
        // Service Fabric keeps tokens: it is told which one is not taken any more.
        let fabric = self.number == FABRIC && request.claims().is_some();
        assert!(!fabric || result.is_err() || rejected, "the host would give the same token again");
        result
    }

    fn check_token(&self, token: &AccessToken, machine: &Machine) {
        assert_eq!(self.status, 200);
        check_token(token, machine.now);
        assert_eq!(token.source(), "managed-identity");
        // Hosts other than Cloud Shell and Service Fabric were told whom to answer for; an authority was proved it.
        let document: serde_json::Value = serde_json::from_slice(self.body).expect("a token is in JSON");
        let (names, id) = match &self.identity {
            ManagedIdentityId::ClientId(id) => (["client_id", "clientId"], id),
            ManagedIdentityId::ObjectId(id) => (["object_id", "principal_id"], id),
            ManagedIdentityId::ResourceId(id) => (["msi_res_id", "mi_res_id"], id),
            _ => return,
        };
        if self.number != KUBERNETES {
            let told = names.into_iter().find_map(|name| document[name].as_str());
            let told = told.filter(|told| !told.is_empty());
            assert!(told.is_none_or(|told| told.eq_ignore_ascii_case(id)), "the token of {told:?}");
            assert!(self.number != ARC || told.is_some(), "the agent did not say whose token it gave");
        }
    }
}

/// A host's reply: host, identity, claims and status by the first three bytes, then the body.
pub fn managed_reply(bytes: &[u8]) {
    let [host, named, status, body @ ..] = bytes else { return };
    let number = usize::from(*host) % HOSTS.len();
    let status = STATUSES[usize::from(*status) % STATUSES.len()];
    let host = Host { number, identity: identity(*named), status, body };
    let environment: Environment = HOSTS[number].iter().copied().collect();
    let credential = ManagedIdentityCredential::new(&environment.on(System::Linux), host.identity.clone());
    let mut machine = Machine::default();
    let first = host.check(&credential, &request(), &mut machine);
    // What is beyond the identities in their byte: once more, with claims that the first token does not meet.
    if named & 4 != 0 {
        let claims = Claims::from_json(r#"{"access_token":{"nbf":{"essential":true,"value":"1790000000"}}}"#);
        let again = request().with_claims(claims.expect("claims")).with_cae();
        let second = host.check(&credential, &again, &mut machine);
        assert_eq!(first.is_ok(), second.is_ok(), "{first:?} {second:?}");
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
