//! What a run may ask for: properties of the effects themselves, since a run that ends well may still
//! have sent a secret to the wrong place.

mod answers;
mod proofs;
mod requests;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::Duration;

use entrada_core::effect::{Effect, HttpRequest, RunCommand};
use entrada_core::time::{Mono, Now};

use crate::canaries::{Canaries, Kind};
pub use answers::Heard;
use proofs::Proofs;

/// The longest pause that anything may ask for: the longest that a service may demand, and jitter.
const LONGEST_WAIT: Duration = Duration::from_secs(75);
/// A demand for more patience than this ends an exchange, or is cut to it.
const LONGEST_DEMAND: Duration = Duration::from_secs(60);

/// Which federation services are trusted.
#[derive(Clone, Debug, Default)]
pub enum Trust {
    /// None.
    #[default]
    Nobody,
    /// The one of this origin.
    Host(String),
    /// Whichever the authority names.
    Anybody,
}

/// What this run may reach.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    /// The origin of the authority.
    pub authority: Option<String>,
    /// The origin of Azure Resource Manager.
    pub resource_manager: Option<String>,
    /// The origin of the metadata service.
    pub metadata: Option<String>,
    /// The origin of Azure Pipelines.
    pub pipelines: Option<String>,
    /// The federation services that are trusted with a password.
    pub federation: Trust,
    /// Whether assertions may serve more than one request: the authority is a known cloud's.
    pub reuse: bool,
    /// Whether another credential's access token proves who the app is.
    pub lends_tokens: bool,
    /// What the key is called that may sign, and for which app.
    pub key: Option<(String, String)>,
    /// The files that may be read.
    pub places: BTreeSet<PathBuf>,
    /// Whether the Azure CLI may be run.
    pub programs: bool,
}

/// Watches a run's effects.
#[derive(Debug)]
pub struct Watch {
    rules: Rules,
    /// What was broken.
    pub violations: Vec<String>,
    demanded: BTreeMap<String, (Mono, Duration)>,
    delivered_codes: BTreeSet<String>,
    finished_devices: BTreeSet<String>,
    polls: BTreeMap<String, Poll>,
    proofs: Proofs,
}

#[derive(Debug)]
struct Poll {
    interval: Duration,
    last: Option<Mono>,
}

/// A form, taken apart; nothing, if the body is none.
fn form(request: &HttpRequest) -> Vec<(String, String)> {
    let kind = request.headers().get("content-type").and_then(|kind| kind.to_str().ok());
    if kind != Some("application/x-www-form-urlencoded") {
        return Vec::new();
    }
    url::form_urlencoded::parse(request.body().expose()).into_owned().collect()
}

fn field<'a>(form: &'a [(String, String)], name: &str) -> Option<&'a str> {
    form.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
}

/// Scheme, host and port.
#[must_use]
pub fn origin(request: &HttpRequest) -> String {
    let uri = request.uri();
    let host = uri.authority().map_or("", |authority| authority.as_str());
    format!("{}://{host}", uri.scheme_str().unwrap_or_default())
}

/// What a demand for patience is tied to. The probe of a metadata service is another request than that
/// for a token.
fn key(request: &HttpRequest) -> String {
    let probe = if request.headers().contains_key("metadata") { "" } else { "-" };
    format!("{}{probe} {}{}", request.method(), origin(request), request.uri().path())
}

impl Watch {
    /// A watch over these rules.
    #[must_use]
    pub fn new(rules: Rules) -> Watch {
        Watch {
            rules,
            violations: Vec::new(),
            demanded: BTreeMap::new(),
            delivered_codes: BTreeSet::new(),
            finished_devices: BTreeSet::new(),
            polls: BTreeMap::new(),
            proofs: Proofs::default(),
        }
    }

    /// Takes note that something was broken.
    pub fn broken(&mut self, what: impl Into<String>) {
        self.violations.push(what.into());
    }

    /// Looks at an effect.
    pub fn effect(&mut self, effect: &Effect, now: Now, limit: Option<Mono>, canaries: &Canaries) {
        if let Some(deadline) = effect.deadline() {
            if limit.is_some_and(|limit| deadline > limit) {
                self.broken("an effect's deadline lies beyond that of the run");
            }
            if deadline < now.mono {
                self.broken("an effect's deadline has passed when it is asked for");
            }
        }
        match effect {
            Effect::Http(call) => self.http(call, now, canaries),
            Effect::Wait(wait) => {
                // How long a person's device leaves the authority alone is the authority's to say.
                if wait.span() > LONGEST_WAIT && wait.why() != "for the person to sign in" {
                    self.broken(format!("a wait of {:?}", wait.span()));
                }
                if limit.is_some_and(|limit| wait.until() > limit) {
                    self.broken("a wait lasts beyond the run");
                }
                let due = now.mono.until(wait.until());
                if due > wait.span() {
                    self.broken("a wait ends later than its span says");
                }
            }
            Effect::ReadFile(read) => {
                if !self.rules.places.contains(read.path()) {
                    self.broken(format!("{} is none of the places to look at", read.path().display()));
                }
                if read.limit() > 1 << 20 {
                    self.broken("a file of more than a mebibyte is wanted");
                }
            }
            Effect::RunCommand(command) => self.command(command, canaries),
            Effect::Sign(sign) => self.sign(sign, now, canaries),
            Effect::OpenBrowser(open) => self.browser(open.url(), canaries),
            _ => {}
        }
    }

    fn command(&mut self, command: &RunCommand, canaries: &Canaries) {
        let arguments = command.arguments();
        let text: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let value = |text: &str| !text.is_empty() && !text.starts_with('-');
        let legal = match text.as_slice() {
            ["auth", "token", "--output", "json", "--no-prompt", "--scope", scope, rest @ ..] => {
                let pairs = |pair: &[&str]| matches!(pair, ["--tenant-id" | "--claims" | "--scope", given] if value(given));
                command.program() == "azd" && value(scope) && rest.chunks(2).all(pairs)
            }
            ["-NoProfile", "-NonInteractive", "-EncodedCommand", script] => {
                command.program() == "pwsh" && value(script)
            }
            ["account", "get-access-token", "--output", "json", "--scope", scope, rest @ ..]
                if command.program() == "az" =>
            {
                value(scope)
                    && match rest {
                        [] => true,
                        ["--tenant" | "--subscription", rest] => value(rest),
                        _ => false,
                    }
            }
            _ => false,
        };
        if !self.rules.programs || !legal {
            self.broken(format!("the command {} {text:?}", command.program()));
        }
        if arguments
            .iter()
            .any(|argument| argument.chars().any(|c| c.is_control() || "\"'`$;|&<>\\".contains(c)))
        {
            self.broken("an argument that a shell would read otherwise");
        }
        if canaries.leak(&text.join(" ")).is_some() {
            self.broken("a secret on a command line");
        }
    }

    /// Looks at the address of a sign-in page.
    pub fn browser(&mut self, address: &str, canaries: &Canaries) {
        let Ok(url) = url::Url::parse(address) else {
            return self.broken("the browser is sent to what is no address");
        };
        if Some(url.origin().ascii_serialization()) != self.rules.authority {
            self.broken(format!("the browser is sent to {:?}", url.host_str()));
        }
        if canaries.leak_of(address, |kind| !matches!(kind, Kind::State | Kind::Nonce)).is_some() {
            self.broken("a secret in the address for the browser");
        }
        let method = url.query_pairs().find(|(name, _)| name == "code_challenge_method");
        if method.is_none_or(|(_, method)| method != "S256") {
            self.broken("a sign-in without PKCE");
        }
    }
}
