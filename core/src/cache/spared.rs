//! A refusal that is not asked for again for a while: the answer would be the same.

use std::time::Duration;

use super::key::{Key, Partition};
use crate::claims::Claims;
use crate::error::{Error, ErrorKind};
use crate::request::TokenRequest;
use crate::time::{Mono, Now};

/// For how long after a refusal the same question is answered by it. A program that asks in a loop would
/// else be refused for that alone (AADSTS50196); one that mends what was wrong hardly notices.
pub const SAME_ANSWER: Duration = Duration::from_secs(5);

/// A refusal that stands for the answer to the same question.
#[derive(Debug)]
pub(super) struct Spared {
    error: Error,
    claims: Option<Claims>,
    until: Mono,
    /// The one credential it is an answer for. It may be the proof that was refused, and another of the same app
    /// may have a better one.
    whose: Partition,
}

impl Spared {
    /// What is remembered of this failure, if it is a refusal. It is not held against a person, who may try again
    /// at once.
    pub(super) fn of(error: &Error, claims: Option<&Claims>, asked: &Key, now: Now) -> Option<Spared> {
        let partition = asked.partition();
        // One that a person can lift is lifted at once where somebody signs in.
        let stands = error.kind() == ErrorKind::Refused && !partition.asks_a_person();
        stands.then(|| Spared {
            error: error.clone(),
            claims: claims.cloned(),
            until: now.mono.after(SAME_ANSWER),
            whose: partition.clone(),
        })
    }

    /// Whether it still is an answer.
    pub(super) fn stands(&self, now: Now) -> bool {
        now.mono < self.until
    }

    /// The answer to the request of this credential, while it stands.
    pub(super) fn answer(&self, partition: &Partition, request: &TokenRequest, now: Now) -> Option<Error> {
        let same = self.claims.as_ref() == request.claims() && self.whose.is_the_very(partition);
        (same && self.stands(now)).then(|| self.error.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cache::asked::{self, credential, request};
    use crate::cache::{Plan, TokenCache};
    use crate::time::Unix;

    fn at(seconds: u64) -> Now {
        Now { mono: Mono(seconds * 1000), unix: Unix(1_800_000_000) }
    }

    /// A cache in which this credential's request came to that.
    fn after(partition: &Partition, error: Error) -> TokenCache {
        let mut cache = TokenCache::new(10);
        let Plan::Lead(permit) = cache.plan(partition, &request(), at(0)) else { panic!("it has to ask") };
        assert!(cache.settle(permit, at(0), 0, Err(error)).result.is_err());
        cache
    }

    /// What a caller is told without anybody asking.
    fn told(cache: &mut TokenCache, partition: &Partition, now: Now) -> Option<Error> {
        asked::told(cache, partition, &request(), now)
    }

    #[test]
    fn a_refusal_is_the_answer_for_five_seconds_to_that_credential_alone() {
        let (one, other) = (credential(), credential());
        assert_eq!(one, other, "they share their tokens");
        let refusal = Error::new(ErrorKind::Refused, "wrong secret").with_aadsts(vec![7_000_215]);
        let mut cache = after(&one, refusal);
        let error = told(&mut cache, &one.clone(), at(4)).expect("nobody asks");
        assert_eq!((error.kind(), error.aadsts()), (ErrorKind::Refused, &[7_000_215][..]));
        assert!(told(&mut cache, &other, at(4)).is_none(), "it may have a better secret");
        assert!(told(&mut cache, &one, at(5)).is_none());
        cache.clear();
        assert!(cache.is_empty());
        let mut cleared = after(&one, Error::new(ErrorKind::Refused, "wrong secret"));
        cleared.clear();
        assert!(told(&mut cleared, &one, at(1)).is_none());
    }

    #[test]
    fn what_may_be_mended_at_once_is_asked_anew() {
        for (partition, kind) in [
            (credential(), ErrorKind::Network),
            (credential(), ErrorKind::Unavailable),
            (credential(), ErrorKind::Configuration),
            (credential(), ErrorKind::InteractionRequired),
            (credential().never_ahead(), ErrorKind::Refused),
            (credential().asking_a_person(), ErrorKind::Refused),
        ] {
            let mut cache = after(&partition, Error::new(kind, "it did not work"));
            assert!(told(&mut cache, &partition, at(0)).is_none(), "{kind:?}");
            assert!(cache.is_empty());
        }
    }
}
