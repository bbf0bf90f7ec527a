//! Hosts, and a driver that plays them.

use std::time::Duration;

use entrada_core::effect::{Effect, FileContents, FileFailure, HttpFailure};
use entrada_core::environment::System;
use entrada_core::flow::{BoxFlow, Credential};
use entrada_core::{
    AccessToken, Environment, Error, ManagedIdentityCredential, ManagedIdentityId, Route, TokenRequest,
};
use entrada_emulator::world as w;
use entrada_tests::script::{respond, run};

pub(crate) const SECRET: &str = "canary-header-0123456789";
pub(crate) const KEY: &str = "canary-arc-key-0123456789";
pub(crate) const PIN: &str = "A9:99:3E:36:47:06:81:6A:BA:3E:25:71:78:50:C2:6C:9C:D0:D8:9D";
pub(crate) const KEY_FILE: &str = "/var/opt/azcmagent/tokens/0c5b2a97.key";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Host {
    Imds,
    AppService,
    Arc,
    ServiceFabric,
    CloudShell,
    MachineLearning,
}

pub(crate) const HOSTS: [Host; 6] =
    [Host::Imds, Host::AppService, Host::Arc, Host::ServiceFabric, Host::CloudShell, Host::MachineLearning];

impl Host {
    pub(crate) fn environment(self) -> Environment {
        let variables: &[(&str, &str)] = match self {
            Host::Imds => &[],
            Host::AppService => {
                &[("IDENTITY_ENDPOINT", "http://localhost:4141/MSI/token?x=1"), ("IDENTITY_HEADER", SECRET)]
            }
            Host::Arc => &[
                ("IDENTITY_ENDPOINT", "http://localhost:40342/metadata/identity/oauth2/token"),
                ("IMDS_ENDPOINT", "http://localhost:40342"),
            ],
            Host::ServiceFabric => &[
                ("IDENTITY_ENDPOINT", "https://localhost:2377/metadata/identity/oauth2/token"),
                ("IDENTITY_HEADER", SECRET),
                ("IDENTITY_SERVER_THUMBPRINT", PIN),
            ],
            Host::CloudShell => &[("MSI_ENDPOINT", "http://localhost:50342/oauth2/token")],
            Host::MachineLearning => {
                &[("MSI_ENDPOINT", "http://127.0.0.1:46808/MSI/auth/"), ("MSI_SECRET", SECRET)]
            }
        };
        variables.iter().copied().collect::<Environment>().on(System::Linux)
    }

    pub(crate) fn credential(self, identity: &ManagedIdentityId) -> ManagedIdentityCredential {
        ManagedIdentityCredential::new(&self.environment(), identity.clone())
    }
}

pub(crate) fn request() -> TokenRequest {
    TokenRequest::new(["https://vault.azure.net/.default"]).unwrap()
}

pub(crate) fn identities() -> [ManagedIdentityId; 4] {
    [
        ManagedIdentityId::SystemAssigned,
        ManagedIdentityId::client_id(w::USER_IDENTITY).unwrap(),
        ManagedIdentityId::object_id(w::USER_IDENTITY_OBJECT).unwrap(),
        ManagedIdentityId::resource_id(w::USER_IDENTITY_RESOURCE).unwrap(),
    ]
}

/// A request as it was sent.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    pub(crate) method: String,
    pub(crate) url: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
    pub(crate) route: Route,
}

impl Sent {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn query(&self) -> &str {
        self.url.split_once('?').map_or("", |(_, query)| query)
    }
}

/// What came of a run.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) result: Result<AccessToken, Error>,
    pub(crate) sent: Vec<Sent>,
    pub(crate) read: Vec<String>,
    pub(crate) waits: Vec<Duration>,
}

/// An answer: a status, headers and a body; or no answer.
#[derive(Clone, Debug)]
pub(crate) enum Says {
    Answer(u16, Vec<(&'static str, String)>, String),
    Nothing(HttpFailure),
}

/// A document, a page or a text, and told to be one.
pub(crate) fn says(status: u16, body: impl Into<String>) -> Says {
    let body = body.into();
    let kind = match body.chars().next() {
        None => return Says::Answer(status, Vec::new(), body),
        Some('{') => "application/json",
        Some('<') => "text/html",
        Some(_) => "text/plain",
    };
    Says::Answer(status, vec![("content-type", kind.to_owned())], body)
}

pub(crate) fn challenge(realm: &str) -> Says {
    Says::Answer(401, vec![("www-authenticate", format!("Basic realm={realm}"))], String::new())
}

pub(crate) type Files = fn(&str) -> Result<FileContents, FileFailure>;

/// The agent's key where it belongs, and nothing else.
pub(crate) fn key_file(path: &str) -> Result<FileContents, FileFailure> {
    match path {
        KEY_FILE => Ok(FileContents { bytes: KEY.as_bytes().to_vec().into(), resolved: path.into() }),
        _ => Err(FileFailure::NotFound),
    }
}

/// Runs a credential against these answers, the last of which is repeated.
pub(crate) fn play(credential: &dyn Credential, answers: &[Says], files: Files) -> Outcome {
    play_flow(credential.begin(&request()), answers, files)
}

fn play_flow(flow: BoxFlow<AccessToken>, answers: &[Says], files: Files) -> Outcome {
    let (mut sent, mut read) = (Vec::new(), Vec::new());
    let (result, told) = run(flow, |effect, _| match effect {
        Effect::Http(call) => {
            let parts = call.request();
            let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
            let headers =
                parts.headers().iter().map(|(name, value)| (name.to_string(), text(value.as_bytes())));
            sent.push(Sent {
                method: parts.method().to_string(),
                url: parts.uri().to_string(),
                headers: headers.collect(),
                body: text(parts.body().expose()),
                route: call.route().clone(),
            });
            match answers.get(sent.len() - 1).or(answers.last()).expect("an answer") {
                Says::Nothing(failure) => call.split().1.reply(Err(*failure)),
                Says::Answer(status, headers, body) => {
                    let headers: Vec<_> =
                        headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
                    respond(call, *status, &headers, body)
                }
            }
        }
        Effect::ReadFile(file) => {
            read.push(file.path().display().to_string());
            let result = files(read.last().unwrap());
            file.split().1.reply(result)
        }
        other => panic!("{other:?}"),
    });
    if let Err(error) = &result {
        let shown = format!("{error} {error:?} {:?}", error.detail());
        assert!(!shown.contains("canary"), "{shown}");
    }
    Outcome { result, sent, read, waits: told.waits }
}

/// Runs a host's credential; Arc's challenge comes by itself.
pub(crate) fn ask(host: Host, credential: &dyn Credential, answers: &[Says]) -> Outcome {
    ask_for(host, credential, &request(), answers)
}

/// The same for this request.
pub(crate) fn ask_for(
    host: Host,
    credential: &dyn Credential,
    request: &TokenRequest,
    answers: &[Says],
) -> Outcome {
    let mut all = Vec::new();
    if host == Host::Arc {
        all.push(challenge(KEY_FILE));
    }
    all.extend_from_slice(answers);
    play_flow(credential.begin(request), &all, key_file)
}

/// A reply with a token, an echo of every id of the user-assigned identity, and this expiry.
pub(crate) fn token(expiry: &str) -> Says {
    says(
        200,
        format!(
            r#"{{"access_token":"canary-token-0123456789",{expiry},"token_type":"Bearer",
                "resource":"https://vault.azure.net","client_id":"{}","object_id":"{}","msi_res_id":"{}"}}"#,
            w::USER_IDENTITY.to_uppercase(),
            w::USER_IDENTITY_OBJECT,
            w::USER_IDENTITY_RESOURCE
        ),
    )
}
