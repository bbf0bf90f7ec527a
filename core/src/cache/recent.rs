//! What a handle was given last.

use std::fmt;
use std::sync::PoisonError;
use std::time::Duration;

use super::shared::{Revision, SharedCache};
use super::sync::Mutex;
use crate::time::{Mono, Now};
use crate::token::AccessToken;

/// For how long a token is given again before the cache is asked: it has to know what is in use, and when a
/// renewal is due.
const WHILE: Duration = Duration::from_secs(1);

/// The token that a handle was given last, so that tasks with a handle each do not wait for one another. It is
/// given again for a second, while it lives and nothing has changed in the cache.
#[derive(Default)]
pub struct Recent(Mutex<Option<Given>>);

struct Given {
    token: AccessToken,
    at: Mono,
    revision: Revision,
}

impl Recent {
    /// The token, if there is one to be given again.
    #[must_use]
    pub fn get(&self, cache: &SharedCache, now: Now) -> Option<AccessToken> {
        let given = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let given = given.as_ref()?;
        let lately = given.at <= now.mono && now.mono < given.at.after(WHILE);
        let good = lately && given.revision == cache.revision() && given.token.is_alive(now);
        good.then(|| given.token.clone())
    }

    /// Remembers this token, for which the cache was asked at `now`, after `revision`.
    pub fn keep(&self, token: &AccessToken, now: Now, revision: Revision) {
        let given = Given { token: token.clone(), at: now.mono, revision };
        let before = self.0.lock().unwrap_or_else(PoisonError::into_inner).replace(given);
        drop(before);
    }
}

/// Another handle begins with nothing.
impl Clone for Recent {
    fn clone(&self) -> Recent {
        Recent::default()
    }
}

impl fmt::Debug for Recent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Recent(…)")
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;
    use crate::cache::{Partition, Turn};
    use crate::request::TokenRequest;
    use crate::time::Unix;

    struct Zero;

    impl crate::flow::Entropy for Zero {
        fn fill(&mut self, buffer: &mut [u8]) {
            buffer.fill(0);
        }
    }

    fn at(millis: u64) -> Now {
        Now { mono: Mono(millis), unix: Unix(1000 + i64::try_from(millis / 1000).unwrap()) }
    }

    /// A token of a minute that the cache came by at the beginning.
    fn fetched(cache: &SharedCache, partition: &Partition, scope: &str) -> AccessToken {
        let request = TokenRequest::new([scope]).unwrap();
        let Turn::Lead(lead) = cache.turn(partition, &request, at(0)) else { panic!("it is at hand") };
        let token = AccessToken::new(scope.into(), Unix(1060), at(0), "test");
        lead.settle(at(0), &mut Zero, token).unwrap()
    }

    #[test]
    fn a_token_is_given_again_for_a_second_while_nothing_changes() {
        let (cache, partition) = (SharedCache::new(), Partition::private());
        let token = fetched(&cache, &partition, "a");
        let recent = Recent::default();
        assert!(recent.get(&cache, at(0)).is_none());
        let keep = |millis| recent.keep(&token, at(millis), cache.revision());
        let given = |now| recent.get(&cache, now).is_some();

        keep(500);
        assert!(given(at(500)) && given(at(1499)));
        assert!(!given(at(1500)) && !given(at(499)), "the cache is to be asked again");
        assert!(recent.clone().get(&cache, at(500)).is_none());

        let (early, late) = (Now { unix: Unix(0), ..at(600) }, Now { unix: Unix(1060), ..at(600) });
        assert!(given(early) && !given(late), "it is dead by one clock");
        keep(59_900);
        assert!(given(at(59_999)) && !given(Now { unix: Unix(1000), ..at(60_000) }));

        keep(500);
        let _ = fetched(&cache, &partition, "b");
        assert!(!given(at(500)), "another came");
        keep(500);
        cache.forget(&token);
        assert!(!given(at(500)), "it was forgotten");
        keep(500);
        cache.clear();
        assert!(!given(at(500)), "all were forgotten");
    }

    #[test]
    fn a_change_while_the_cache_was_asked_is_seen() {
        let (cache, partition) = (SharedCache::new(), Partition::private());
        let (recent, before) = (Recent::default(), cache.revision());
        let token = fetched(&cache, &partition, "a");
        recent.keep(&token, at(0), before);
        assert!(recent.get(&cache, at(0)).is_none());
    }
}
