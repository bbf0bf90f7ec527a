//! What a request may hold, and where it may go.

use std::time::Duration;

use entrada_core::effect::{HttpCall, HttpRequest};
use entrada_core::endpoint::Route;
use entrada_core::jwt::Jwt;
use entrada_core::time::Now;
use entrada_emulator::config::Host;

use super::{LONGEST_DEMAND, PRODUCT, Poll, Trust, Watch, field, form, key, origin};
use crate::canaries::{Canaries, Kind};
use crate::setups::{GRAPH, MANAGER};

/// Whose request it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum To {
    Authority,
    /// The authority's token endpoint.
    TokenEndpoint,
    Manager,
    Graph,
    Metadata,
    Pipelines,
    /// Whoever vouches for the authority.
    Voucher,
    /// Another host of managed identities than the metadata service.
    Host(Host),
    /// A federation service, at the place that takes passwords or another.
    Federation(bool),
}

/// The header that brings a secret to somebody, the scheme before it, and what it is.
fn secret_header(to: To) -> Option<(&'static str, &'static str, Kind)> {
    Some(match to {
        To::Manager | To::Graph => ("authorization", "Bearer ", Kind::AccessToken),
        To::Pipelines => ("authorization", "Bearer ", Kind::SystemAccessToken),
        To::Host(Host::Arc) => ("authorization", "Basic ", Kind::ArcKey),
        To::Host(Host::AppService) => ("x-identity-header", "", Kind::HostSecret),
        To::Host(Host::ServiceFabric | Host::MachineLearning) => ("secret", "", Kind::HostSecret),
        _ => return None,
    })
}

impl Watch {
    pub(super) fn place(&self, request: &HttpRequest) -> Option<To> {
        let origin = origin(request);
        let is = |place: &Option<String>| place.as_deref() == Some(origin.as_str());
        let path = request.uri().path();
        let trusted = match &self.rules.federation {
            Trust::Nobody => false,
            Trust::Host(host) => *host == origin,
            Trust::Anybody => origin.starts_with("https://"),
        };
        let address = format!("{origin}{path}");
        let at = |place: Option<&String>| place == Some(&address);
        if let Some(rule) = self.rules.host.as_ref().filter(|rule| rule.address == address) {
            return Some(To::Host(rule.host));
        }
        Some(match () {
            () if at(self.rules.discovery.as_ref()) => To::Voucher,
            () if is(&self.rules.central) && path.ends_with("/oauth2/v2.0/token") => To::TokenEndpoint,
            () if is(&self.rules.authority) && path.ends_with("/token") => To::TokenEndpoint,
            () if is(&self.rules.authority) => To::Authority,
            () if is(&self.rules.resource_manager) => To::Manager,
            () if is(&self.rules.graph) => To::Graph,
            () if is(&self.rules.metadata) => To::Metadata,
            () if is(&self.rules.pipelines) => To::Pipelines,
            () if trusted && path.starts_with("/adfs/services/trust/") => {
                To::Federation(path.ends_with("/usernamemixed"))
            }
            () => return None,
        })
    }

    pub(super) fn http(&mut self, call: &HttpCall, now: Now, canaries: &Canaries) {
        let request = call.request();
        let origin = origin(request);
        let Some(to) = self.place(request) else {
            return self.broken(format!("a request to {}, which nobody configured", request.uri()));
        };
        if !self.is_way(to, call.route()) {
            self.broken(format!("{origin} is reached by {:?}", call.route()));
        }
        if self.rules.discovery.is_some() && !self.vouched && to != To::Voucher {
            self.broken(format!("a request to {origin}, for which nobody has vouched"));
        }
        if let To::Host(_) = to {
            self.question(request);
        }
        if let Some(kind) = canaries.leak(&request.uri().to_string()) {
            self.broken(format!("{kind:?} in the address of a request"));
        }
        self.headers(request, to, canaries);
        let form = form(request);
        for (name, value) in &form {
            let lent = |kind: Kind| {
                kind == Kind::AccessToken && name == "client_assertion" && self.rules.lends_tokens
            };
            let allowed =
                |kind: Kind| to == To::TokenEndpoint && (kind.field() == Some(name.as_str()) || lent(kind));
            if let Some(kind) = canaries.leak_of(value, |kind| !allowed(kind)) {
                self.broken(format!("{kind:?} in the field {name} for {origin}"));
            }
            if form.iter().filter(|(other, _)| other == name).count() > 1 {
                self.broken(format!("the field {name} stands twice"));
            }
        }
        if form.is_empty() {
            self.document(request, to, canaries);
        }
        if to == To::TokenEndpoint || request.uri().path().ends_with("/devicecode") {
            self.claims(field(&form, "claims"), request.uri().path());
        }
        if let Some(code) = field(&form, "code")
            && self.delivered_codes.contains(code)
        {
            self.broken("an authorization code is redeemed again although the authority received it");
        }
        self.proof(request, &form, to, canaries);
        self.patience(&key(request), now);
        if let Some(code) = field(&form, "device_code") {
            self.poll(code.to_owned(), now);
        }
    }

    fn is_way(&self, to: To, route: &Route) -> bool {
        match (to, &self.rules.private, &self.rules.host) {
            (To::Host(_), _, Some(rule)) => *route == rule.route,
            (To::Metadata, _, _) => *route == Route::Local,
            (To::TokenEndpoint, Some(rule), _) => {
                matches!(route, Route::Private(trust)
                    if trust.server_name == rule.server_name && rule.roots.contains(&trust.roots))
            }
            _ => *route == Route::Internet,
        }
    }

    /// A question to a host of managed identities, and the same with a proof, are put only so often.
    fn question(&mut self, request: &HttpRequest) {
        let proof = if request.headers().contains_key("authorization") { "proven" } else { "" };
        let asked = self.questions.entry(format!("{proof} {}", request.uri())).or_default();
        *asked += 1;
        if self.rules.host.as_ref().is_some_and(|rule| *asked > rule.tries) {
            let asked = *asked;
            self.broken(format!("{} is asked {asked} times", request.uri()));
        }
    }

    fn headers(&mut self, request: &HttpRequest, to: To, canaries: &Canaries) {
        let agents: Vec<_> = request.headers().get_all("user-agent").iter().collect();
        let named = |agent: &[u8]| agent.starts_with(PRODUCT.as_bytes());
        if !matches!(agents.as_slice(), [agent] if named(agent.as_bytes())) {
            self.broken(format!("{agents:?} for {}", request.uri()));
        }
        for (name, value) in request.headers() {
            let text = String::from_utf8_lossy(value.as_bytes());
            let secret = secret_header(to).filter(|(known, ..)| name == known);
            if name == "authorization" && secret.is_none() {
                self.broken(format!("an Authorization header for {}", request.uri()));
            }
            let begins = |(_, scheme, _)| text.starts_with(scheme);
            if name == "authorization" {
                self.audience(&text, to);
            }
            if secret.is_some() && !(value.is_sensitive() && secret.is_some_and(begins)) {
                self.broken(format!("the header {name} is not sensitive, or of another scheme"));
            }
            let allowed = secret.map(|(.., kind)| kind);
            if let Some(kind) = canaries.leak_of(&text, |kind| Some(kind) != allowed) {
                self.broken(format!("{kind:?} in the header {name}"));
            }
            if name == "metadata" && !matches!(to, To::Metadata | To::Host(_)) {
                self.broken(format!("a Metadata header for {}", request.uri()));
            }
            if name == "cookie" {
                self.broken("a cookie");
            }
        }
    }

    /// A token goes to the service that it is for and to no other.
    fn audience(&mut self, authorization: &str, to: To) {
        let wanted = match to {
            To::Manager => MANAGER,
            To::Graph => GRAPH,
            _ => return,
        };
        let token = authorization.strip_prefix("Bearer ").and_then(Jwt::decode);
        let audience =
            token.as_ref().and_then(|token| token.text("aud")).map(|own| own.trim_end_matches('/'));
        if let Some(other) = audience.filter(|own| *own != wanted) {
            self.broken(format!("a token for {other} is sent to {wanted}"));
        }
    }

    /// A body that is no form: a question to a federation service, with a password, or a document for Azure
    /// Resource Manager or Microsoft Graph.
    fn document(&mut self, request: &HttpRequest, to: To, canaries: &Canaries) {
        let body = request.body().expose();
        if body.is_empty() {
            return;
        }
        let wanted = match to {
            To::Federation(true) => true,
            // A change of a resource: a document, and no secret in it.
            To::Manager | To::Graph => {
                request.headers().get("content-type").is_some_and(|kind| kind == "application/json")
            }
            _ => false,
        };
        if !wanted {
            self.broken(format!("a body for {}", request.uri()));
        }
        let password = |kind: Kind| kind == Kind::Password && to == To::Federation(true);
        if let Some(kind) = canaries.leak_of(&String::from_utf8_lossy(body), |kind| !password(kind)) {
            self.broken(format!("{kind:?} in the document for {}", request.uri()));
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
}
