//! A service that asked to be left alone is left alone.

use std::time::Duration;

use crate::error::Error;
use crate::time::{Mono, Now};

/// The longest that a service is left alone because it asked for that.
const LONGEST: Duration = Duration::from_secs(3600);

/// What a service demanded with `Retry-After`, with the failure that it came with. It holds for whoever wants
/// such a token, with claims or without, and also after the token that lived at the time is dead.
#[derive(Debug)]
pub(super) struct Peace {
    error: Error,
    until: Mono,
}

impl Peace {
    /// What is demanded once this failure came. What was demanded before stands if it goes on for longer.
    pub(super) fn after(before: Option<Peace>, error: &Error, now: Now) -> Option<Peace> {
        let Some(span) = error.retry_after() else { return before };
        let until = now.mono.after(span.min(LONGEST));
        match before {
            Some(before) if before.until > until => Some(before),
            _ => Some(Peace { error: error.clone(), until }),
        }
    }

    /// Whether nobody is to ask now.
    pub(super) fn stands(&self, now: Now) -> bool {
        now.mono < self.until
    }

    /// The answer to whoever would ask, while it stands.
    pub(super) fn answer(&self, now: Now) -> Option<Error> {
        let left = now.mono.until(self.until);
        self.stands(now).then(|| self.error.clone().with_retry_after(Some(left)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cache::asked::{self, credential, request};
    use crate::cache::{HOLD_OFF, Plan, TokenCache};
    use crate::claims::Claims;
    use crate::error::ErrorKind;
    use crate::request::TokenRequest;
    use crate::time::Unix;
    use crate::token::AccessToken;

    fn at(seconds: u64) -> Now {
        Now { mono: Mono(0), unix: Unix(1_800_000_000) }.after(Duration::from_secs(seconds))
    }

    fn with_claims() -> TokenRequest {
        request().with_claims(Claims::from_json(r#"{"access_token":{"acrs":{}}}"#).unwrap())
    }

    fn busy(seconds: u64) -> Error {
        Error::new(ErrorKind::Service, "busy").with_retry_after(Some(Duration::from_secs(seconds)))
    }

    /// Lets whoever has to ask for this at that time get this.
    fn ask(cache: &mut TokenCache, wanted: &TokenRequest, now: Now, result: Result<AccessToken, Error>) {
        match cache.plan(&credential(), wanted, now) {
            Plan::Lead(permit) | Plan::Refresh(_, permit) => drop(cache.settle(permit, now, 0, result)),
            other => panic!("nobody has to ask: {other:?}"),
        }
    }

    /// What a caller is told without anybody asking: for how long to wait.
    fn told(cache: &mut TokenCache, wanted: &TokenRequest, now: Now) -> Option<Duration> {
        asked::told(cache, &credential(), wanted, now)?.retry_after()
    }

    #[test]
    fn all_heed_it_for_an_hour_at_most() {
        let mut cache = TokenCache::new(10);
        ask(&mut cache, &request(), at(0), Err(busy(100)));
        for wanted in [request(), with_claims()] {
            assert_eq!(told(&mut cache, &wanted, at(30)), Some(Duration::from_secs(70)));
            assert_eq!(told(&mut cache, &wanted, at(100)), None);
        }
        ask(&mut cache, &request(), at(200), Err(busy(86_400)));
        assert_eq!(told(&mut cache, &request(), at(3799)), Some(Duration::from_secs(1)));
        assert_eq!(told(&mut cache, &request(), at(3800)), None);
        ask(&mut cache, &request(), at(3800), Err(busy(10)));
        cache.clear();
        assert!(cache.is_empty() && told(&mut cache, &request(), at(3801)).is_none());
    }

    #[test]
    fn what_a_renewal_was_told_holds_when_the_token_is_dead() {
        let mut cache = TokenCache::new(10);
        let token = AccessToken::new("t".into(), at(1000).unix, at(0), "test").unwrap();
        ask(&mut cache, &request(), at(0), Ok(token));
        ask(&mut cache, &request(), at(800), Err(busy(600)));
        let quiet = at(800).after(HOLD_OFF + Duration::from_secs(1));
        assert!(matches!(cache.plan(&credential(), &request(), quiet), Plan::Use(_)));
        assert_eq!(told(&mut cache, &with_claims(), at(900)), Some(Duration::from_secs(500)));
        assert_eq!(told(&mut cache, &request(), at(1001)), Some(Duration::from_secs(399)));
        assert_eq!(told(&mut cache, &request(), at(1400)), None);
    }

    #[test]
    fn no_other_failure_makes_it_shorter() {
        for other in [busy(10), Error::new(ErrorKind::Network, "gone"), Error::new(ErrorKind::Refused, "no")]
        {
            let mut cache = TokenCache::new(10);
            // Both were sent before either failed.
            let Plan::Lead(one) = cache.plan(&credential(), &request(), at(0)) else { panic!() };
            let Plan::Lead(two) = cache.plan(&credential(), &with_claims(), at(0)) else { panic!() };
            assert!(cache.settle(one, at(0), 0, Err(busy(100))).result.is_err());
            assert!(cache.settle(two, at(1), 0, Err(other)).result.is_err());
            assert_eq!(told(&mut cache, &request(), at(90)), Some(Duration::from_secs(10)));
        }
    }
}
