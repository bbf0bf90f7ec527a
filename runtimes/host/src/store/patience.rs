//! How long somebody waits for others.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long a store may take, and whether anybody still waits for it.
#[derive(Clone)]
pub struct Patience {
    ends: Instant,
    given_up: Option<Arc<dyn Fn() -> bool + Send + Sync>>,
}

impl Patience {
    /// For this long.
    #[must_use]
    pub fn within(limit: Duration) -> Patience {
        Patience { ends: Instant::now() + limit, given_up: None }
    }

    /// For one try.
    #[must_use]
    pub fn none() -> Patience {
        Patience::within(Duration::ZERO)
    }

    /// The same, but no longer than until this says that nobody waits any more. It is asked several times a second
    /// while a lock is waited for, and has to answer at once.
    #[must_use]
    pub fn unless(mut self, given_up: impl Fn() -> bool + Send + Sync + 'static) -> Patience {
        self.given_up = Some(Arc::new(given_up));
        self
    }

    /// When it ends at the latest.
    #[must_use]
    pub fn ends(&self) -> Instant {
        self.ends
    }

    /// Whether nobody waits any more, though there may be time left.
    #[must_use]
    pub fn is_given_up(&self) -> bool {
        self.given_up.as_ref().is_some_and(|given_up| given_up())
    }
}

impl fmt::Debug for Patience {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Patience").field("ends", &self.ends).finish_non_exhaustive()
    }
}
