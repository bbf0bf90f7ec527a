//! What a request may hold, and where it may go.

use std::time::Duration;

use entrada_core::effect::{HttpCall, HttpRequest};
use entrada_core::endpoint::Route;
use entrada_core::time::Now;

use super::{LONGEST_DEMAND, Poll, Trust, Watch, field, form, key, origin};
use crate::canaries::{Canaries, Kind};

/// Whose request it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum To {
    Authority,
    /// The authority's token endpoint.
    TokenEndpoint,
    Manager,
    Metadata,
    Pipelines,
    /// A federation service, at the place that takes passwords or another.
    Federation(bool),
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
        Some(match () {
            () if is(&self.rules.authority) && path.ends_with("/token") => To::TokenEndpoint,
            () if is(&self.rules.authority) => To::Authority,
            () if is(&self.rules.resource_manager) => To::Manager,
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
        let route = if to == To::Metadata { Route::Local } else { Route::Internet };
        if *call.route() != route {
            self.broken(format!("{origin} is reached by {:?}", call.route()));
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

    fn headers(&mut self, request: &HttpRequest, to: To, canaries: &Canaries) {
        for (name, value) in request.headers() {
            let text = String::from_utf8_lossy(value.as_bytes());
            let bearer = match to {
                To::Manager => Some(Kind::AccessToken),
                To::Pipelines => Some(Kind::SystemAccessToken),
                _ => None,
            };
            let bearer = bearer.filter(|_| name == "authorization");
            if name == "authorization" && bearer.is_none() {
                self.broken(format!("an Authorization header for {}", request.uri()));
            }
            if bearer.is_some() && !(value.is_sensitive() && text.starts_with("Bearer ")) {
                self.broken("an Authorization header that is not a sensitive bearer token");
            }
            if let Some(kind) = canaries.leak_of(&text, |kind| Some(kind) != bearer) {
                self.broken(format!("{kind:?} in the header {name}"));
            }
            if name == "metadata" && to != To::Metadata {
                self.broken(format!("a Metadata header for {}", request.uri()));
            }
            if name == "cookie" {
                self.broken("a cookie");
            }
        }
    }

    /// A body that is no form: the only one is a question to a federation service, with a password.
    fn document(&mut self, request: &HttpRequest, to: To, canaries: &Canaries) {
        let body = request.body().expose();
        if body.is_empty() {
            return;
        }
        if to != To::Federation(true) {
            self.broken(format!("a body for {}", request.uri()));
        }
        if let Some(kind) = canaries.leak_of(&String::from_utf8_lossy(body), |kind| kind != Kind::Password) {
            self.broken(format!("{kind:?} in a question to a federation service"));
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
