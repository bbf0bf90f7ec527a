//! What hosts of managed identities answer.

use entrada_core::claims::Claims;
use entrada_core::effect::{Effect, FileContents, FileFailure, HttpFailure, HttpResponse};
use entrada_core::environment::System;
use entrada_core::{
    AccessToken, Credential, Environment, Error, ManagedIdentityCredential, ManagedIdentityId, TokenRequest,
};

use http::HeaderValue;

use super::checks::{check_error, check_hidden, check_token};
use crate::script::{self, Machine};

const SECRET: &str = "canary0header0of0the0host";
const KEY: &str = "canary0key0of0the0agent";
const CLIENT: &str = "6a8f0f4e-3b8e-4b61-a8a8-1f1a5e2f9d10";
const RESOURCE: &str =
    "/subscriptions/s/resourceGroups/g/providers/Microsoft.ManagedIdentity/userAssignedIdentities/i";
const PIN: &str = "a9993e364706816aba3e25717850c26c9cd0d89d";
pub(super) const LINUX_KEYS: &str = "/var/opt/azcmagent/tokens/";
pub(super) const AGENT: &str = "http://localhost:40342/metadata/identity/oauth2/token";

const ASSERTION: &str = "canary0assertion0of0the0pod";
const POD: [(&str, &str); 4] = [
    ("AZURE_AUTHORITY_HOST", "https://login.microsoftonline.com/"),
    ("AZURE_TENANT_ID", "8d6f5c1e-2b40-4d3f-9a17-0e6c5b4a3f10"),
    ("AZURE_FEDERATED_TOKEN_FILE", "/var/run/secrets/azure/tokens/azure-identity-token"),
    ("AZURE_CLIENT_ID", CLIENT),
];

/// The variables of each host.
pub(super) const HOSTS: [&[(&str, &str)]; 7] = [
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
const IMDS: usize = 0;
pub(super) const ARC: usize = 2;
const FABRIC: usize = 3;
const SHELL: usize = 4;
const COMPUTE: usize = 5;
const KUBERNETES: usize = 6;

/// The program of the Azure Arc agent.
const PROGRAM: &str = "/opt/azcmagent/bin/himds";

/// What the transport fails with before there is an answer.
const FAULTS: [HttpFailure; 6] = [
    HttpFailure::Refused,
    HttpFailure::Broken,
    HttpFailure::TimedOut,
    HttpFailure::ConnectTimedOut,
    HttpFailure::Resolve,
    HttpFailure::TooLarge,
];

type Change = fn(ManagedIdentityCredential) -> ManagedIdentityCredential;

/// What is said of a credential and its host, a bit each.
#[derive(Clone, Copy)]
struct Flags(u8);

impl Flags {
    /// A member of a chain.
    const PROBING: u8 = 1;
    /// `AZURE_CLIENT_ID` names the identity.
    const BY_ENVIRONMENT: u8 = 2;
    /// None of a person is taken.
    const NO_GUESS: u8 = 4;
    /// No variable tells of the metadata service, or of the Azure Arc agent.
    const BARE: u8 = 8;
    /// The compute names an identity of its own.
    const DEFAULT: u8 = 16;
    /// The first request of each run fails.
    const FAULT: u8 = 32;
    /// The first line of the body is a header: `Retry-After` where it begins with a digit, else `Content-Type`.
    const HEADER: u8 = 64;

    fn has(self, flag: u8) -> bool {
        self.0 & flag != 0
    }
}

const STATUSES: [u16; 14] = [200, 200, 200, 201, 302, 400, 401, 403, 404, 410, 429, 500, 503, 599];

pub(super) fn request() -> TokenRequest {
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

pub(super) fn answer(status: u16, header: Option<&HeaderValue>, body: &[u8]) -> HttpResponse {
    let mut response = http::Response::new(body.to_vec().into());
    *response.status_mut() = http::StatusCode::from_u16(status).expect("a status");
    if let Some(value) = header {
        let number = value.as_bytes().first().is_some_and(u8::is_ascii_digit);
        let name = if number { "retry-after" } else { "content-type" };
        response.headers_mut().insert(name, value.clone());
    }
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
    flags: Flags,
    status: u16,
    header: Option<HeaderValue>,
    body: &'a [u8],
}

impl Host<'_> {
    /// Whether nothing but the disk tells of it, if that does.
    fn is_bare(&self) -> bool {
        self.flags.has(Flags::BARE) && matches!(self.number, IMDS | ARC)
    }

    fn credential(&self) -> ManagedIdentityCredential {
        let variables = if self.is_bare() { &[][..] } else { HOSTS[self.number] };
        let environment: Environment = variables.iter().copied().collect();
        let environment = match self.flags.has(Flags::DEFAULT) {
            true => environment.with("DEFAULT_IDENTITY_CLIENT_ID", CLIENT),
            false => environment,
        };
        let credential =
            ManagedIdentityCredential::new(&environment.on(System::Linux), self.identity.clone());
        let changes: [(u8, Change); 3] = [
            (Flags::PROBING, ManagedIdentityCredential::probing),
            (Flags::BY_ENVIRONMENT, ManagedIdentityCredential::named_by_environment),
            (Flags::NO_GUESS, ManagedIdentityCredential::refusing_to_guess),
        ];
        changes
            .into_iter()
            .filter(|(flag, _)| self.flags.has(*flag))
            .fold(credential, |made, (_, change)| change(made))
    }

    /// The identity that the host is asked for, where it takes names.
    fn asked_for(&self) -> ManagedIdentityId {
        let system = self.identity == ManagedIdentityId::SystemAssigned;
        match self.number {
            COMPUTE if system && self.flags.has(Flags::DEFAULT) => {
                ManagedIdentityId::ClientId(CLIENT.to_owned())
            }
            FABRIC | SHELL | KUBERNETES => ManagedIdentityId::SystemAssigned,
            _ => self.identity.clone(),
        }
    }

    /// Asks it, and looks at what it was asked and at what came of it.
    fn check(
        &self,
        credential: &dyn Credential,
        request: &TokenRequest,
        machine: &mut Machine,
    ) -> Result<AccessToken, Error> {
        let (mut asked, mut rejected) = (0, false);
        let mut faults = self.flags.has(Flags::FAULT).then(|| FAULTS[self.body.len() % FAULTS.len()]);
        let (result, told) = machine.run(credential.begin(request), |effect, _| match effect {
            Effect::Http(call) if faults.is_some() => {
                let failure = faults.take().expect("a fault");
                call.split().1.reply(Err(failure))
            }
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
                call.split().1.reply(Ok(answer(self.status, self.header.as_ref(), self.body)))
            }
            Effect::ReadFile(file) => {
                let (path, ticket) = file.split();
                if path.to_str() == Some(PROGRAM) {
                    assert!(self.is_bare(), "the disk was looked at for what a variable tells");
                    let found =
                        if self.number == ARC { FileFailure::TooLarge } else { FileFailure::NotFound };
                    return ticket.reply(Err(found));
                }
                let contents = if self.number == KUBERNETES { ASSERTION } else { KEY };
                let bytes = contents.as_bytes().to_vec().into();
                ticket.reply(Ok(FileContents { bytes, resolved: path }))
            }
            other => panic!("{other:?}"),
        });
        // A host that is there is asked for two minutes at the most, and not without end. Azure Arc may take that twice.
        let patience: u64 = told.waits.iter().map(std::time::Duration::as_secs).sum();
        let most = if self.number == ARC { 240 } else { 120 };
        // What is being updated is asked again as soon as it likes, within reason.
        let often = if self.header.is_some() { 130 } else { 30 };
        assert!(asked <= often && patience <= most, "{asked} requests in {patience} s");
        assert!(request.claims().is_some() || !rejected, "a token was called rejected that nobody rejected");
        match &result {
            Ok(token) => self.check_token(token, machine),
            Err(error) => {
                check_error(error, self.body);
                // What the host was told, it may repeat.
                check_hidden(error, secret_of(self.number));
                // A pod alone is asked through Entra.
                let of_entra = error.message().contains("Microsoft Entra");
                assert!(self.number == KUBERNETES || !of_entra, "{error}");
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
        let person = token.identity().is_app == Some(false);
        assert!(!person || !self.flags.has(Flags::NO_GUESS), "the token of a person");
        // Hosts other than Cloud Shell and Service Fabric were told whom to answer for; an authority was proved it.
        let document: serde_json::Value = serde_json::from_slice(self.body).expect("a token is in JSON");
        let asked_for = self.asked_for();
        let (names, id) = match &asked_for {
            ManagedIdentityId::ClientId(id) => (["client_id", "clientId"], id),
            ManagedIdentityId::ObjectId(id) => (["object_id", "principal_id"], id),
            ManagedIdentityId::ResourceId(id) => (["msi_res_id", "mi_res_id"], id),
            _ => return,
        };
        let told = names.into_iter().find_map(|name| document[name].as_str());
        let told = told.filter(|told| !told.is_empty());
        assert!(told.is_none_or(|told| told.eq_ignore_ascii_case(id)), "the token of {told:?}");
        assert!(self.number != ARC || told.is_some(), "the agent did not say whose token it gave");
    }
}

/// A host's reply: host, identity and claims, status and flags by the first four bytes, then the body.
pub fn managed_reply(bytes: &[u8]) {
    let [host, named, status, flags, body @ ..] = bytes else { return };
    let (number, flags) = (usize::from(*host) % HOSTS.len(), Flags(*flags));
    let status = STATUSES[usize::from(*status) % STATUSES.len()];
    let (header, body) = match body.iter().position(|byte| *byte == b'\n') {
        Some(end) if flags.has(Flags::HEADER) => {
            (HeaderValue::from_bytes(&body[..end]).ok(), &body[end + 1..])
        }
        _ => (None, body),
    };
    let host = Host { number, identity: identity(*named), flags, status, header, body };
    let credential = host.credential();
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
