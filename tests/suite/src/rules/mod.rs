//! What a run may ask for: properties of the effects themselves, since a run that ends well may still
//! have sent a secret to the wrong place.

mod answers;
mod outside;
mod proofs;
mod requests;
mod sign_in;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::Duration;

use entrada_core::effect::{Effect, HttpRequest, ReadFile, StoreName};
use entrada_core::endpoint::Route;
use entrada_core::jwt::Jwt;
use entrada_core::time::{Mono, Now};
use entrada_emulator::config::Host;

use crate::canaries::Canaries;
pub use answers::Heard;
use proofs::Proofs;
use sign_in::SignIn;

/// The longest pause that anything may ask for: the longest that a service may demand, and jitter.
const LONGEST_WAIT: Duration = Duration::from_secs(75);
/// A demand for more patience than this ends an exchange, or is cut to it.
const LONGEST_DEMAND: Duration = Duration::from_secs(60);

/// The program that every request has to name.
pub const PRODUCT: &str = "contoso-training/1.2";

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

/// A host of managed identities that is asked, besides the metadata service.
#[derive(Clone, Debug)]
pub struct HostRule {
    /// Which.
    pub host: Host,
    /// Its address, without a query.
    pub address: String,
    /// How it is reached.
    pub route: Route,
    /// How often one question may be put to it.
    pub tries: usize,
}

/// A proxy that takes the place of the authority, by a trust of its own.
#[derive(Clone, Debug)]
pub struct PrivateRule {
    /// The name that it has to prove.
    pub server_name: Option<String>,
    /// The certificates that may be trusted.
    pub roots: Vec<Option<Vec<u8>>>,
}

/// What a request asks for beyond its scopes.
#[derive(Clone, Debug, Default)]
pub struct ClaimsRule {
    /// The parameter `claims`.
    pub parameter: Option<String>,
    /// The claims that were demanded, as a command line takes them.
    pub demanded: Option<String>,
}

/// What this run may reach.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    /// The origin of the authority.
    pub authority: Option<String>,
    /// The origin that assertions are made for, where a region's endpoint takes its place.
    pub central: Option<String>,
    /// The origin of Azure Resource Manager.
    pub resource_manager: Option<String>,
    /// The origin of Microsoft Graph.
    pub graph: Option<String>,
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
    /// The folder of the keys of Azure Arc's agent.
    pub keys: Option<PathBuf>,
    /// The programs that may be run.
    pub programs: Vec<&'static str>,
    /// The host of managed identities.
    pub host: Option<HostRule>,
    /// The trust by which the authority's proxy is reached; the platform's where there is none.
    pub private: Option<PrivateRule>,
    /// Who has to vouch for the authority before it is sent anything: an address without its query.
    pub discovery: Option<String>,
    /// What every request for a token, and every page, has to demand; nothing, where flows differ.
    pub claims: Option<ClaimsRule>,
    /// Whether the Azure CLI's own token cache may be used.
    pub tool_cache: bool,
    /// The objects whose token it may be; nothing, where any will do.
    pub whose: Option<Vec<&'static str>>,
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
    sign_in: SignIn,
    /// How often each question was put to the host of managed identities.
    questions: BTreeMap<String, usize>,
    vouched: bool,
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
            sign_in: SignIn::default(),
            questions: BTreeMap::new(),
            vouched: false,
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
            Effect::ReadFile(read) => self.file(read),
            Effect::RunCommand(command) => self.command(command, canaries),
            Effect::Sign(sign) => self.sign(sign, now, canaries),
            Effect::Store(using)
                if !(using.name().as_str().starts_with("msal.cache.")
                    || self.rules.tool_cache && *using.name() == StoreName::azure_cli()) =>
            {
                self.broken(format!("{} is none of the token caches", using.name()));
            }
            Effect::OpenBrowser(open) => self.browser(open.url(), canaries),
            _ => {}
        }
    }

    fn file(&mut self, read: &ReadFile) {
        let path = read.path();
        let is_key = self.rules.keys.is_some()
            && path.parent() == self.rules.keys.as_deref()
            && path.extension().is_some_and(|extension| extension == "key");
        if !is_key && !self.rules.places.contains(path) {
            self.broken(format!("{} is none of the places to look at", path.display()));
        }
        if read.limit() > if is_key { 4096 } else { 1 << 20 } {
            self.broken(format!("{} bytes of {} are wanted", read.limit(), path.display()));
        }
    }

    /// Looks at whose token was got.
    pub fn token(&mut self, token: &str) {
        self.signed_in();
        let (Some(objects), Some(jwt)) = (&self.rules.whose, Jwt::decode(token)) else { return };
        let object = jwt.text("oid").unwrap_or_default();
        if !objects.contains(&object) {
            self.broken(format!("a token of {object}, who is nobody of {objects:?}"));
        }
    }
}
