//! The device authorization response (RFC 8628 section 3.2).

use std::time::Duration;

use serde_json::Value;

use super::SLOWER;
use crate::effect::DevicePrompt;
use crate::endpoint;
use crate::error::{Error, ErrorKind};
use crate::exchange::Answer;
use crate::secret::Secret;
use crate::time::{Mono, Now, Unix};

/// The interval where none is given, and the least that is kept to (RFC 8628 section 3.2).
const USUAL: Duration = Duration::from_secs(5);
const SHORTEST: Duration = Duration::from_secs(1);
/// The life of a code where none is given, as MSAL has it, and the longest that is believed.
const USUAL_LIFE: Duration = Duration::from_secs(1800);
const LONGEST_LIFE: Duration = Duration::from_secs(24 * 3600);
/// The most polls in the life of a code, so that they fit into the steps of a run.
const MOST_POLLS: u32 = 1800;
/// The longest pause between two polls that is of our own choosing. What the authority asks for is kept
/// to, however long.
const LONGEST: Duration = Duration::from_secs(60);

/// A code that waits for a person.
#[derive(Debug)]
pub(super) struct DeviceGrant {
    device_code: Secret,
    prompt: DevicePrompt,
    /// When it is not waited for any more, and when it dies itself.
    ends: Mono,
    dies: Mono,
    interval: Duration,
    once: Option<Duration>,
    trouble: Option<Error>,
}

impl DeviceGrant {
    /// The code in this answer. `limit` is how long it is waited for at most.
    pub(super) fn parse(answer: &Answer, limit: Option<Duration>) -> Result<DeviceGrant, Error> {
        let malformed = |what: &str| {
            Error::new(ErrorKind::Malformed, format!("{} gave a device code that {what}", answer.host()))
        };
        let document =
            answer.object().ok_or_else(|| malformed("cannot be read").with_detail(excerpt(answer)))?;
        let text = |name: &str| document.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        let device_code = text("device_code").ok_or_else(|| malformed("lacks its device_code"))?;
        let user_code = text("user_code")
            .filter(|code| code.len() <= 64 && code.bytes().all(|b| b.is_ascii_graphic()))
            .ok_or_else(|| malformed("lacks a code to type in"))?;
        let verification_uri = text("verification_uri")
            .or_else(|| text("verification_url"))
            .and_then(page)
            .ok_or_else(|| malformed("lacks the address of a page to type it into"))?;
        let span = |name: &str| document.get(name).and_then(span);
        let own = span("expires_in").unwrap_or(USUAL_LIFE).clamp(SHORTEST, LONGEST_LIFE);
        let life = limit.map_or(own, |limit| own.min(limit));
        let interval = span("interval").unwrap_or(USUAL);
        Ok(DeviceGrant {
            device_code: Secret::new(device_code),
            prompt: DevicePrompt {
                user_code: Secret::new(user_code),
                message: message(text("message"), &verification_uri, user_code),
                verification_uri,
                expires_on: Unix(answer.sent().unix.after(life).0),
            },
            ends: answer.sent().mono.after(life),
            dies: answer.sent().mono.after(own),
            interval: interval.max(SHORTEST).max(life / MOST_POLLS),
            once: None,
            trouble: None,
        })
    }

    /// The code of a sign-in that was begun elsewhere, or earlier.
    pub(super) fn resumed(
        device_code: Secret,
        prompt: DevicePrompt,
        interval: Duration,
        now: Now,
    ) -> DeviceGrant {
        let life = now.unix.until(prompt.expires_on).min(LONGEST_LIFE);
        let ends = now.mono.after(life);
        DeviceGrant {
            device_code,
            prompt,
            ends,
            dies: ends,
            interval: interval.max(SHORTEST).max(life / MOST_POLLS),
            once: None,
            trouble: None,
        }
    }

    /// The same, waited for no longer than this from now on.
    pub(super) fn within(mut self, limit: Option<Duration>, now: Now) -> DeviceGrant {
        self.ends = limit.map_or(self.ends, |limit| self.ends.min(now.mono.after(limit)));
        self
    }

    /// What has to be kept to go on elsewhere.
    pub(super) fn into_parts(self) -> (Secret, DevicePrompt, Duration) {
        (self.device_code, self.prompt, self.interval)
    }

    pub(super) fn device_code(&self) -> &Secret {
        &self.device_code
    }

    pub(super) fn prompt(&self) -> DevicePrompt {
        self.prompt.clone()
    }

    pub(super) fn ends(&self) -> Mono {
        self.ends
    }

    /// The pause before the next poll; what was demanded for one pause counts for this one only.
    pub(super) fn pause(&mut self) -> Duration {
        self.once.take().unwrap_or_default().max(self.interval)
    }

    /// The authority waits for the person still.
    pub(super) fn pending(&mut self) {
        self.trouble = None;
    }

    /// The authority wants fewer polls, from now on.
    pub(super) fn slow_down(&mut self) {
        self.trouble = None;
        self.interval = self.interval.saturating_add(SLOWER);
    }

    /// The network failed: poll at half the rate (RFC 8628 section 3.5).
    pub(super) fn back_off(&mut self, error: Error) {
        self.trouble = Some(error);
        self.interval = self.interval.max((self.interval * 2).min(LONGEST));
    }

    /// The authority is busy: leave it alone for as long as it says, this once.
    pub(super) fn heed(&mut self, wait: Option<Duration>, error: Option<Error>) {
        self.once = wait;
        self.trouble = error;
    }

    /// Why there is no token, where no poll follows that would be at `next`: the last poll's failure, if it failed,
    /// else that nobody signed in.
    pub(super) fn ended(self, next: Mono) -> Error {
        let lives = next < self.dies;
        self.trouble.unwrap_or_else(|| match lives {
            true => Error::new(
                ErrorKind::Expired,
                "nobody signed in with the code in the time that was given; the code itself lives on",
            )
            .with_remedy("wait for the code again where it was kept; else start again, with more time"),
            false => Error::new(ErrorKind::Expired, "nobody signed in with the code in time")
                .with_remedy("start again; if the sign-in page refused, the tenant may block device codes: use the interactive browser"),
        })
    }
}

/// What was read instead of a device code. The beginning of one would give the code away, in prose.
fn excerpt(answer: &Answer) -> String {
    let document = answer.body().trim_ascii_start().first().is_some_and(|byte| matches!(byte, b'{' | 0xef));
    if document { String::new() } else { answer.excerpt() }
}

/// A page that a person can be sent to: https, or http on this machine.
fn page(address: &str) -> Option<String> {
    let url = endpoint::read(address)?;
    let loopback = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    let fit = url.scheme() == "https" || (url.scheme() == "http" && loopback);
    (fit && url.username().is_empty()).then(|| url.into())
}

/// The authority's sentence, if it is one that a terminal can be given.
fn message(given: Option<&str>, page: &str, code: &str) -> String {
    match given.filter(|text| text.len() <= 1000 && !text.chars().any(|c| c.is_control() && c != '\n')) {
        Some(text) => text.to_owned(),
        None => format!("To sign in, open {page} in a web browser and enter the code {code}."),
    }
}

/// A number of seconds, given as a number, also one with a fraction, or as a numeric text.
fn span(value: &Value) -> Option<Duration> {
    let seconds = match value {
        Value::Number(number) => number.as_f64()?,
        Value::String(text) => text.trim().parse().ok()?,
        _ => return None,
    };
    Duration::try_from_secs_f64(seconds).ok()
}
