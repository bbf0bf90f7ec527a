//! Environments: whatever the variables say, the default chain and an examination reach no host, file or program
//! that they do not name.

use std::collections::BTreeMap;
use std::path::Path;

use entrada_core::doctor::{Examination, Finding};
use entrada_core::effect::{
    BrowserFailure, CommandFailure, CommandOutput, Effect, FileContents, FileFailure, HttpCall, HttpFailure,
    LoopbackAction, LoopbackEvent, LoopbackFailure, Reply, SignAction, Signed, SigningCertificate,
    SigningKey, StoreFailure,
};
use entrada_core::environment::System;
use entrada_core::{Authority, Chain, Cloud, Credential, DefaultChain, Environment, PlainHttp, TokenRequest};

use super::checks::{check_error, check_hidden, check_usable, is_telling};
use crate::choices::Choices;
use crate::script::{self, Machine};

/// The variables that are secrets, and the variables whose hosts may be told them.
const SECRETS: [(&str, &[&str]); 6] = [
    ("AZURE_CLIENT_SECRET", &["AZURE_AUTHORITY_HOST"]),
    ("AZURE_PASSWORD", &["AZURE_AUTHORITY_HOST"]),
    ("AZURE_CLIENT_CERTIFICATE_PASSWORD", &[]),
    ("IDENTITY_HEADER", &["IDENTITY_ENDPOINT"]),
    ("MSI_SECRET", &["MSI_ENDPOINT"]),
    ("SYSTEM_ACCESSTOKEN", &["SYSTEM_OIDCREQUESTURI"]),
];

const METADATA: &str = "169.254.169.254";
const AGENT: &str = "127.0.0.1";

/// Variables, one a line, and after an empty line what the machine answers. `SYSTEM=windows` is no variable
/// but the system.
pub fn environment(bytes: &[u8]) {
    let at = bytes.windows(2).position(|pair| pair == b"\n\n").unwrap_or(bytes.len());
    let (variables, answers) = bytes.split_at(at);
    let text = String::from_utf8_lossy(variables);
    let mut variables: BTreeMap<&str, &str> =
        text.lines().filter_map(|line| line.split_once('=')).filter(|(name, _)| !name.is_empty()).collect();
    let system = match variables.remove("SYSTEM") {
        Some("windows") => System::Windows,
        Some("other") => System::Other,
        _ => System::Linux,
    };
    let environment: Environment = variables.iter().map(|(name, value)| (*name, *value)).collect();
    let configured = Configured::of(&environment.clone().on(system), &variables);
    let authority = Authority::from_environment(&environment, PlainHttp::OnLoopback);
    let environment = environment.on(system);
    let mut choices = Choices::new(answers.get(2..).unwrap_or_default());
    match DefaultChain::of(&environment, &authority).build() {
        Ok(chain) => walk(&chain, &configured, &mut choices),
        Err(error) => configured.hidden(&error),
    }
    let examination = Examination::of(&environment, &authority);
    let findings = examination.candidates().iter().map(|candidate| {
        let mut answer = |effect, _: &mut _| configured.answer(effect, &mut choices);
        let (finding, _) = Machine::default().run(candidate.ask(&request()), &mut answer);
        finding.expect("an examination fails for nothing")
    });
    let report = examination.report(findings.collect());
    for error in report.findings().iter().filter_map(Finding::error) {
        configured.hidden(error);
    }
}

fn request() -> TokenRequest {
    TokenRequest::new(["https://management.azure.com/.default"]).expect("a scope")
}

fn walk(chain: &Chain, configured: &Configured<'_>, choices: &mut Choices<'_>) {
    let mut machine = Machine::default();
    let request = request();
    let (result, _) = machine.run(chain.begin(&request), |effect, _| configured.answer(effect, choices));
    match result {
        Ok(token) => {
            check_usable(&token, machine.now);
            assert_eq!(chain.winner(), Some(token.source()));
        }
        Err(error) => {
            assert!(chain.winner().is_none());
            configured.hidden(&error);
        }
    }
}

/// What the variables name.
struct Configured<'a> {
    environment: &'a BTreeMap<&'a str, &'a str>,
    system: System,
    /// Secrets that nothing else looks like.
    secrets: Vec<(&'a str, &'static [&'static str])>,
}

impl<'a> Configured<'a> {
    fn of(environment: &Environment, variables: &'a BTreeMap<&'a str, &'a str>) -> Configured<'a> {
        let alone = |value: &str| variables.values().filter(|other| other.contains(value)).count() == 1;
        let secrets =
            SECRETS.into_iter().filter_map(|(name, places)| Some((variables.get(name)?.trim(), places)));
        let secrets = secrets.filter(|(value, _)| is_telling(value) && alone(value)).collect();
        Configured { environment: variables, system: environment.system(), secrets }
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.environment.get(name).map(|value| value.trim()).filter(|value| !value.is_empty())
    }

    /// The host in the address that a variable holds.
    fn host(&self, name: &str) -> Option<String> {
        let value = self.get(name)?;
        let rest = value.split_once("://").map_or(value, |(_, rest)| rest);
        let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
        if !host.is_ascii() || host.contains('%') {
            return None;
        }
        let url = url::Url::parse(value).ok().filter(url::Url::has_host);
        let url = url.or_else(|| url::Url::parse(&format!("https://{value}")).ok())?;
        url.host_str().map(str::to_owned)
    }

    /// The host of the authority, of its region, and who knows about authorities.
    fn is_authority(&self, host: &str) -> bool {
        let short = self.get("AZURE_AUTHORITY_HOST").and_then(|name| Cloud::named(name).ok().flatten());
        let home = match short {
            Some(cloud) => cloud.authority.to_owned(),
            None => self.host("AZURE_AUTHORITY_HOST").unwrap_or(Cloud::PUBLIC.authority.to_owned()),
        };
        // Nobody but the known clouds has regions.
        let region = self.get("AZURE_REGIONAL_AUTHORITY_NAME").or(self.get("MSAL_FORCE_REGION")).is_some()
            && Cloud::of_authority(&home).ok().flatten().is_some();
        let regional = |base: &str| {
            let name = host.strip_suffix(base).and_then(|name| name.strip_suffix('.'));
            region && name.is_some_and(|name| !name.is_empty() && !name.contains('.'))
        };
        host == home || regional(&home) || regional("login.microsoft.com")
    }

    fn may_reach(&self, call: &HttpCall) -> bool {
        let uri = call.request().uri();
        let host = uri.host().unwrap_or_default();
        let near = |name: &str| self.host(name).is_some_and(|named| named == host) && is_near(host);
        let asks_who = || {
            let body = call.request().body().expose();
            host == Cloud::PUBLIC.authority && uri.path() == "/common/discovery/instance" && body.is_empty()
        };
        self.is_authority(host)
            || host == METADATA
            || host == AGENT && uri.port_u16() == Some(40342)
            || ["IDENTITY_ENDPOINT", "MSI_ENDPOINT", "AZURE_POD_IDENTITY_AUTHORITY_HOST", "OBO_ENDPOINT"]
                .into_iter()
                .any(near)
            || self.host("SYSTEM_OIDCREQUESTURI").is_some_and(|named| named == host)
            || asks_who()
    }

    fn check_call(&self, call: &HttpCall) {
        let request = call.request();
        let host = request.uri().host().unwrap_or_default();
        assert!(self.may_reach(call), "nobody named {host}: {call:?}");
        assert!(request.uri().scheme_str() == Some("https") || is_near(host), "{call:?}");
        let headers = request.headers().values().map(|value| value.as_bytes().to_vec());
        let url = request.uri().to_string().into_bytes();
        let sent: Vec<u8> =
            headers.chain([url, request.body().expose().to_vec()]).collect::<Vec<_>>().join(&b"\n"[..]);
        for (secret, places) in &self.secrets {
            let told = sent.windows(secret.len()).any(|part| part == secret.as_bytes());
            let place = |name: &&str| match *name {
                "AZURE_AUTHORITY_HOST" => self.is_authority(host),
                name => self.host(name).is_some_and(|named| named == host),
            };
            assert!(!told || places.iter().any(place), "{host} was told a secret that is not for it");
        }
    }

    fn check_file(&self, path: &Path) {
        let path = path.display().to_string();
        let lower = path.to_ascii_lowercase();
        let agent = match self.system {
            System::Windows => lower.ends_with(r"\azureconnectedmachineagent\himds.exe"),
            _ => path == "/opt/azcmagent/bin/himds",
        };
        let key = lower.ends_with(".key")
            && !lower.contains("..")
            && (lower.contains(r"\azureconnectedmachineagent\tokens\")
                || path.starts_with("/var/opt/azcmagent/tokens/"));
        let token = self.get("AZURE_FEDERATED_TOKEN_FILE") == Some(&path);
        let home = if self.system == System::Windows { "USERPROFILE" } else { "HOME" };
        let below = self.get(home).and_then(|home| path.strip_prefix(home.trim_end_matches(['/', '\\'])));
        let editor = below.is_some_and(|rest| {
            rest.replace('\\', "/")
                .eq_ignore_ascii_case("/.azure/ms-azuretools.vscode-azureresourcegroups/authRecord.json")
        });
        assert!(agent || key || token || editor, "nobody named {path}");
    }

    fn answer(&self, effect: Effect, choices: &mut Choices<'_>) -> Reply {
        match effect {
            Effect::Http(call) => {
                self.check_call(&call);
                respond(call, choices)
            }
            Effect::ReadFile(file) => {
                self.check_file(file.path());
                let (path, ticket) = file.split();
                let contents = FileContents { bytes: b"text-of-a-file".to_vec().into(), resolved: path };
                ticket.reply(if choices.chance(128) { Ok(contents) } else { Err(FileFailure::NotFound) })
            }
            Effect::RunCommand(command) => {
                assert!(["az", "azd", "pwsh", "powershell"].contains(&command.program()), "{command:?}");
                let line = command.arguments().join(" ");
                assert!(!self.secrets.iter().any(|(secret, _)| line.contains(secret)), "{line}");
                let stdout = br#"{"accessToken":"tool","expires_on":4004566626,"token":"tool","expiresOn":"2096-11-24T05:17:06Z"}"#;
                let output = |code, stdout: &[u8]| {
                    Ok(CommandOutput {
                        code: Some(code),
                        stdout: stdout.to_vec().into(),
                        ..Default::default()
                    })
                };
                command.ticket().reply(match choices.below(4) {
                    0 => output(0, stdout),
                    1 => output(1, b""),
                    2 => Err(CommandFailure::TimedOut),
                    _ => Err(CommandFailure::NotFound),
                })
            }
            Effect::Sign(sign) => {
                let SigningKey::File { path, .. } = sign.key() else { panic!("{sign:?}") };
                assert_eq!(path.to_str(), self.get("AZURE_CLIENT_CERTIFICATE_PATH"));
                let signed = match sign.action() {
                    SignAction::Certificate => {
                        Signed::Certificate(SigningCertificate::new(b"leaf".to_vec(), []).with_sha1([1; 20]))
                    }
                    _ => Signed::Signature(b"signature".to_vec().into()),
                };
                sign.ticket().reply(Ok(signed))
            }
            Effect::Store(using) => {
                assert!(using.name().as_str().starts_with("msal.cache"), "{using:?}");
                using.split().2.reply(match choices.below(3) {
                    0 => Ok(Default::default()),
                    1 => Ok(b"{\"Account\": [".to_vec().into()),
                    _ => Err(StoreFailure::Unsupported),
                })
            }
            // A person is asked only where that was selected by name.
            Effect::Loopback(listen) => {
                self.asks_a_person();
                let (action, ticket) = listen.split();
                ticket.reply(match action {
                    LoopbackAction::Listen { .. } => Ok(LoopbackEvent::Listening { port: 8400 }),
                    _ => Err(LoopbackFailure::TimedOut),
                })
            }
            Effect::OpenBrowser(open) => {
                self.asks_a_person();
                let (url, ticket) = open.split();
                let host = url::Url::parse(&url).ok().and_then(|url| url.host_str().map(str::to_owned));
                assert!(host.is_some_and(|host| self.is_authority(&host)), "{url}");
                ticket.reply(Err(BrowserFailure::NotFound))
            }
            other => panic!("{other:?}"),
        }
    }

    fn asks_a_person(&self) {
        let selected = self.get("AZURE_TOKEN_CREDENTIALS").unwrap_or_default();
        assert!(selected.eq_ignore_ascii_case("InteractiveBrowserCredential"), "a person was asked");
    }

    fn hidden(&self, error: &entrada_core::Error) {
        check_error(error, b"");
        check_hidden(error, self.secrets.iter().map(|(secret, _)| *secret));
    }
}

/// Whether a host is this machine, or link-local.
fn is_near(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost"
        || match bare.parse() {
            Ok(std::net::IpAddr::V4(at)) => at.is_loopback() || at.is_link_local(),
            Ok(std::net::IpAddr::V6(at)) => at.is_loopback() || (at.segments()[0] & 0xffc0) == 0xfe80,
            Err(_) => false,
        }
}

fn respond(call: Box<HttpCall>, choices: &mut Choices<'_>) -> Reply {
    let token =
        r#"{"access_token":"t","oidcToken":"t","expires_in":"3600","account_type":"Managed","ver":"1.0"}"#;
    let known = r#"{"tenant_discovery_endpoint":"https://login.example/x/.well-known/openid-configuration"}"#;
    let unknown = r#"{"error":"invalid_request","error_description":"Identity not found"}"#;
    let keys = [
        "Basic realm=/var/opt/azcmagent/tokens/1.key",
        "Basic realm=/var/opt/azcmagent/tokens/../1.key",
        r"Basic realm=C:\ProgramData\AzureConnectedMachineAgent\Tokens\..\..\1.key",
        "Basic realm=/home/jo/.ssh/1.key",
    ];
    match choices.below(8) {
        0 | 1 => script::respond(call, 200, &[], token),
        2 => script::respond(call, 200, &[], known),
        3 => script::respond(call, 401, &[("www-authenticate", keys[choices.below(keys.len())])], ""),
        4 => script::respond(call, 400, &[], unknown),
        5 => script::respond(call, 302, &[("location", "https://evil.example/")], ""),
        6 => script::respond(call, 500, &[], "AADSTS90033"),
        _ => call.split().1.reply(Err(HttpFailure::Refused)),
    }
}
