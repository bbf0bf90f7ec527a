//! When to try again: policies as values.

use std::ops::RangeInclusive;
use std::time::Duration;

use super::Answer;
use crate::effect::HttpFailure;

/// How often, how long and after what an exchange is repeated.
#[derive(Clone, Debug)]
pub struct RetryPolicy {
    /// How many times more, at the most.
    pub retries: u32,
    /// The first wait; it doubles with every try. Jitter of a quarter either way is added.
    pub base: Duration,
    /// The longest wait of our own choosing.
    pub cap: Duration,
    /// The longest wait that a service may demand with `Retry-After`. If it demands more, the
    /// exchange is over, and the demand is reported to the caller.
    pub longest_wait: Duration,
    /// The statuses after which it is worth trying again, unless the answer is [settled](RetryPolicy::settled).
    pub statuses: &'static [RangeInclusive<u16>],
    /// How many of the retries may follow a 500, where that is less: some hosts say it to a request that is wrong.
    pub after_500: Option<u32>,
    /// Which answers stay what they are, whatever their status, so that another try is of no use: refusals
    /// that stay (`invalid_client`, `invalid_grant` and their like), and what a host says in its own way.
    pub settled: fn(&Answer) -> bool,
    /// The faults after which it is worth trying again.
    pub faults: Faults,
    /// For how long a 410 is taken to be the metadata service's own update. Such answers use up no
    /// retries, and `longest_wait` cuts what they demand short instead of ending the exchange.
    pub gone_for: Option<Duration>,
    /// For how long the whole exchange goes on, from its first try: the last try has what is left, and no wait
    /// leads beyond it.
    pub within: Option<Duration>,
    /// Which refusals are worth another try because of what they say, whatever their status.
    pub heeds: Heeds,
}

/// Whose way of saying that a refusal is temporary is heeded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Heeds {
    /// Nobody's: the status alone counts.
    StatusAlone,
    /// That of a token endpoint: `temporarily_unavailable` and numbers of the same meaning.
    Entra,
    /// That of Microsoft Graph: 409 with `Directory_ConcurrencyViolation`, after which nothing was
    /// changed.
    Conflicts,
}

/// After which faults of the transport an exchange is repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Faults {
    /// None.
    Never,
    /// Only those after which the host certainly received nothing.
    NothingSent,
    /// Any that may pass.
    Transient,
    /// Time-outs and broken connections; a refused connection is an answer: nobody is there.
    Silence,
}

impl RetryPolicy {
    /// Requests that may be repeated, to an authority: client credentials, refresh tokens. 90 seconds in all.
    pub const AUTHORITY: RetryPolicy = RetryPolicy {
        retries: 3,
        base: Duration::from_millis(800),
        cap: Duration::from_secs(30),
        longest_wait: Duration::from_secs(60),
        statuses: &[408..=408, 429..=429, 500..=599],
        after_500: None,
        settled: crate::token::is_final,
        faults: Faults::Transient,
        gone_for: None,
        within: Some(Duration::from_secs(90)),
        heeds: Heeds::Entra,
    };

    /// Requests that may count once only, such as the redemption of an authorization code: repeated
    /// only where the first was certainly not received.
    pub const ONCE: RetryPolicy = RetryPolicy {
        statuses: &[],
        faults: Faults::NothingSent,
        heeds: Heeds::StatusAlone,
        ..RetryPolicy::AUTHORITY
    };

    /// A password to an authority: repeated only where the first certainly did not count as a try to
    /// sign in. That is where nothing was sent, and where the authority turned it away unread: 429, and
    /// 503, with which it says `temporarily_unavailable`. After any other failure, a broken connection,
    /// a 500 or a `server_error`, the password may have been compared already, and a wrong one locks
    /// the account after a few tries.
    pub const PASSWORD: RetryPolicy =
        RetryPolicy { statuses: &[429..=429, 503..=503], retries: 2, ..RetryPolicy::ONCE };

    /// A single try.
    pub const NEVER: RetryPolicy = RetryPolicy { retries: 0, faults: Faults::Never, ..RetryPolicy::ONCE };

    /// The Instance Metadata Service as its documentation asks: 404 and 429 and 5xx with growing
    /// waits, 410 for at least 70 seconds; two minutes in all, whatever it does.
    pub const IMDS: RetryPolicy = RetryPolicy {
        retries: 5,
        base: Duration::from_millis(800),
        cap: Duration::from_secs(13),
        longest_wait: Duration::from_secs(60),
        statuses: &[404..=404, 408..=408, 429..=429, 500..=599],
        after_500: None,
        settled: crate::token::is_final,
        faults: Faults::Silence,
        gone_for: Some(Duration::from_secs(70)),
        within: Some(Duration::from_secs(120)),
        heeds: Heeds::StatusAlone,
    };

    /// The agents that give managed identities on Azure Arc, Cloud Shell and Azure Machine Learning
    /// compute: three more tries, a second apart, two minutes in all. A 404 is not repeated: it says that
    /// there is no such identity.
    pub const LOCAL_HOST: RetryPolicy = RetryPolicy {
        retries: 3,
        base: Duration::from_secs(1),
        cap: Duration::from_secs(1),
        longest_wait: Duration::from_secs(60),
        statuses: &[408..=408, 429..=429, 500..=500, 502..=504],
        after_500: None,
        settled: crate::token::is_final,
        faults: Faults::Silence,
        gone_for: None,
        within: Some(Duration::from_secs(120)),
        heeds: Heeds::StatusAlone,
    };

    /// App Service and its kin: as [`RetryPolicy::LOCAL_HOST`], but less often, since a resource or an
    /// identity that is not known is a 500 there.
    pub const APP_SERVICE: RetryPolicy = RetryPolicy { retries: 2, ..RetryPolicy::LOCAL_HOST };

    /// Service Fabric: 429 after 1, 2, 4, 8 and 16 seconds as its documentation asks, and so with 5xx, but for a 500:
    /// that is often a resource which is not known, and is repeated twice. Never 404.
    pub const SERVICE_FABRIC: RetryPolicy = RetryPolicy {
        retries: 5,
        after_500: Some(2),
        cap: Duration::from_secs(16),
        statuses: &[408..=408, 429..=429, 500..=599],
        ..RetryPolicy::LOCAL_HOST
    };

    /// Reading from a service, and writing to it what comes to the same when it is written twice.
    pub const RESOURCE_MANAGER: RetryPolicy =
        RetryPolicy { heeds: Heeds::Conflicts, within: None, ..RetryPolicy::AUTHORITY };

    /// Making something new under a name that the service chooses: repeated only where the service did
    /// certainly nothing. That is where nothing was sent, and where it turned the request away unread:
    /// 429, and a conflict between its own servers. After a 503 or a broken connection it may have been
    /// made; whoever asked has to look first.
    pub const CREATION: RetryPolicy =
        RetryPolicy { statuses: &[429..=429], faults: Faults::NothingSent, ..RetryPolicy::RESOURCE_MANAGER };

    pub(super) fn retries_answer(&self, answer: &Answer) -> bool {
        let status = self.statuses.iter().any(|range| range.contains(&answer.status()));
        // A wrong password that comes as a 503 locks the account all the same.
        (status && !(self.settled)(answer))
            || match self.heeds {
                Heeds::StatusAlone => false,
                Heeds::Entra => answer.status() >= 400 && crate::token::is_temporary(answer),
                Heeds::Conflicts => answer.status() == 409 && is_conflict(answer),
            }
    }

    /// How many retries there may be by the time that this answer is followed by another.
    pub(super) fn retries_after(&self, answer: &Answer) -> u32 {
        match self.after_500 {
            Some(most) if answer.status() == 500 => most.min(self.retries),
            _ => self.retries,
        }
    }

    pub(super) fn retries_fault(&self, failure: HttpFailure) -> bool {
        match self.faults {
            Faults::Never => false,
            Faults::NothingSent => failure.nothing_sent() && failure.is_transient(),
            Faults::Transient => failure.is_transient(),
            Faults::Silence => {
                matches!(failure, HttpFailure::TimedOut | HttpFailure::ConnectTimedOut | HttpFailure::Broken)
            }
        }
    }
}

/// Whether two of the directory's servers got into each other's way.
fn is_conflict(answer: &Answer) -> bool {
    let document = answer.object().cloned().unwrap_or_default();
    let code = document.get("error").and_then(|error| error.get("code"));
    code.and_then(|code| code.as_str()) == Some("Directory_ConcurrencyViolation")
}
