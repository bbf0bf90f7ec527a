//! What services answered, as far as later requests have to heed it.

use std::time::Duration;

use entrada_core::effect::HttpRequest;
use entrada_core::time::Now;

use super::requests::To;
use super::{Poll, Watch, field, form, key, origin};

/// What the client hears.
#[derive(Clone, Copy, Debug)]
pub struct Heard<'a> {
    /// The status.
    pub status: u16,
    /// The body.
    pub body: &'a [u8],
    /// When.
    pub now: Now,
    /// For how long it is to leave the service alone.
    pub demanded: Option<Duration>,
}

impl Watch {
    /// A request reached its service, which answered this.
    pub fn delivered(&mut self, request: &HttpRequest) {
        self.proofs.delivered(request);
        if let Some(code) = field(&form(request), "code") {
            self.delivered_codes.insert(code.to_owned());
        }
    }

    /// The client was given this answer.
    pub fn answered(&mut self, request: &HttpRequest, heard: &Heard<'_>) {
        let Heard { body, now, demanded, .. } = *heard;
        self.proofs.answered(request, heard.status);
        // A look whether the metadata service is there makes nothing of what it says.
        let probe =
            origin(request).starts_with("http://169.254") && !request.headers().contains_key("metadata");
        // What is being updated is asked again after seventy seconds, also where it demands more.
        let updated = origin(request).starts_with("http://169.254") && heard.status == 410;
        if let Some(demanded) = demanded.filter(|_| !probe && !updated) {
            self.demanded.insert(key(request), (now.mono, demanded));
        }
        let document = serde_json::from_slice::<serde_json::Value>(body).ok();
        if let Some(document) = &document {
            self.sign_in.redeemed(request, document);
        }
        let vouches = ["tenant_discovery_endpoint", "token_endpoint"];
        self.vouched |= self.place(request) == Some(To::Voucher)
            && heard.status == 200
            && document.as_ref().is_some_and(|d| vouches.iter().any(|name| d.get(name).is_some()));
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
