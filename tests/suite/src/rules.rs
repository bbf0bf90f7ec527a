//! What a run may ask for: properties of the effects themselves, since a run that ends well may still
//! have sent a secret to the wrong place.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::Duration;

use entrada_core::effect::{Effect, HttpCall, HttpRequest, RunCommand};
use entrada_core::endpoint::Route;
use entrada_core::time::{Mono, Now};

use crate::canaries::{Canaries, Kind};

/// The longest pause that anything may ask for: the longest that a service may demand, and jitter.
const LONGEST_WAIT: Duration = Duration::from_secs(75);
/// A demand for more patience than this ends an exchange, or is cut to it.
const LONGEST_DEMAND: Duration = Duration::from_secs(60);

/// What this run may reach.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    /// The origin of the authority.
    pub authority: Option<String>,
    /// The origin of Azure Resource Manager.
    pub resource_manager: Option<String>,
    /// The origin of the metadata service.
    pub metadata: Option<String>,
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
}

#[derive(Debug)]
struct Poll {
    interval: Duration,
    last: Option<Mono>,
}

/// A form, taken apart.
fn form(request: &HttpRequest) -> Vec<(String, String)> {
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
            Effect::OpenBrowser(open) => self.browser(open.url(), canaries),
            _ => {}
        }
    }

    fn http(&mut self, call: &HttpCall, now: Now, canaries: &Canaries) {
        let request = call.request();
        let origin = origin(request);
        let is = |place: &Option<String>| place.as_deref() == Some(origin.as_str());
        let (authority, manager) = (is(&self.rules.authority), is(&self.rules.resource_manager));
        let metadata = is(&self.rules.metadata);
        if !(authority || manager || metadata) {
            self.broken(format!("a request to {origin}, which nobody configured"));
        }
        let route = if metadata { Route::Local } else { Route::Internet };
        if *call.route() != route {
            self.broken(format!("{origin} is reached by {:?}", call.route()));
        }
        if let Some(kind) = canaries.leak(&request.uri().to_string()) {
            self.broken(format!("{kind:?} in the address of a request"));
        }
        for (name, value) in request.headers() {
            let text = String::from_utf8_lossy(value.as_bytes());
            let bearer = name == "authorization";
            if bearer && !manager {
                self.broken(format!("an Authorization header for {origin}"));
            }
            if bearer && !(value.is_sensitive() && text.starts_with("Bearer ")) {
                self.broken("an Authorization header that is not a sensitive bearer token");
            }
            if !bearer && let Some(kind) = canaries.leak(&text) {
                self.broken(format!("{kind:?} in the header {name}"));
            }
            if name == "metadata" && !metadata {
                self.broken(format!("a Metadata header for {origin}"));
            }
            if name == "cookie" {
                self.broken("a cookie");
            }
        }
        let form = form(request);
        for (name, value) in &form {
            let allowed = |kind: Kind| authority && kind.is_for_authority();
            if let Some(kind) = canaries.leak_of(value, |kind| !allowed(kind)) {
                self.broken(format!("{kind:?} in the field {name} for {origin}"));
            }
            if form.iter().filter(|(other, _)| other == name).count() > 1 {
                self.broken(format!("the field {name} stands twice"));
            }
        }
        if let Some(code) = field(&form, "code")
            && self.delivered_codes.contains(code)
        {
            self.broken("an authorization code is redeemed again although the authority received it");
        }
        self.patience(&key(request), now);
        if let Some(code) = field(&form, "device_code") {
            self.poll(code.to_owned(), now);
        }
    }

    fn patience(&mut self, key: &str, now: Now) {
        let Some((since, demanded)) = self.demanded.remove(key) else {
            return;
        };
        let device = key.ends_with("/token") && !self.polls.is_empty();
        if demanded > LONGEST_DEMAND && !device {
            self.broken(format!("asked again although {demanded:?} of patience were demanded"));
        }
        let due = if device { demanded } else { demanded.min(LONGEST_DEMAND) };
        if since.until(now.mono) < due {
            self.broken(format!("asked again after {:?} instead of {demanded:?}", since.until(now.mono)));
        }
    }

    fn poll(&mut self, code: String, now: Now) {
        if self.finished_devices.contains(&code) {
            self.violations.push("a device code is used after it gave a token".to_owned());
        }
        let poll = self.polls.entry(code).or_insert(Poll { interval: Duration::from_secs(5), last: None });
        if let Some(last) = poll.last.replace(now.mono)
            && last.until(now.mono) < poll.interval
        {
            let since = last.until(now.mono);
            let told = poll.interval;
            self.violations.push(format!("polled after {since:?}; the interval is {told:?}"));
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

    fn browser(&mut self, address: &str, canaries: &Canaries) {
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

    /// A request reached its service, which answered this.
    pub fn delivered(&mut self, request: &HttpRequest) {
        if let Some(code) = field(&form(request), "code") {
            self.delivered_codes.insert(code.to_owned());
        }
    }

    /// The client was given this answer, at this moment.
    pub fn answered(
        &mut self,
        request: &HttpRequest,
        body: Option<&[u8]>,
        now: Now,
        demanded: Option<Duration>,
    ) {
        // A look whether the metadata service is there makes nothing of what it says.
        let probe =
            origin(request).starts_with("http://169.254") && !request.headers().contains_key("metadata");
        if let Some(demanded) = demanded.filter(|_| !probe) {
            self.demanded.insert(key(request), (now.mono, demanded));
        }
        let document = body.and_then(|body| serde_json::from_slice::<serde_json::Value>(body).ok());
        let text = |name: &str| document.as_ref()?.get(name)?.as_str().map(str::to_owned);
        if let Some(code) = text("device_code") {
            let seconds =
                document.as_ref().and_then(|d| d.get("interval")).and_then(serde_json::Value::as_f64);
            let interval = Duration::from_secs_f64(seconds.unwrap_or(5.0).max(1.0));
            self.polls.insert(code, Poll { interval, last: None });
        }
        let Some(code) = field(&form(request), "device_code").map(str::to_owned) else {
            return;
        };
        let usable = document.as_ref().is_some_and(|d| d.get("access_token").is_some_and(|t| t.is_string()));
        match text("error").as_deref() {
            Some("slow_down") => {
                if let Some(poll) = self.polls.get_mut(&code) {
                    poll.interval += Duration::from_secs(5);
                }
            }
            None if usable => {
                self.finished_devices.insert(code);
            }
            _ => {}
        }
    }

    /// The client heard nothing; polls have to become rarer (RFC 8628 section 3.5).
    pub fn unanswered(&mut self, request: &HttpRequest) {
        if let Some(code) = field(&form(request), "device_code")
            && let Some(poll) = self.polls.get_mut(code)
        {
            poll.interval = poll.interval.max((poll.interval * 2).min(Duration::from_secs(60)));
        }
    }
}
