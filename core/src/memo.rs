//! What the clones of a credential remember together: a signed assertion, the answer of a discovery.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

/// A value that may be known already. The lock is held for a copy and no longer; nothing is waited for
/// with it.
pub(crate) struct Memo<T>(Arc<Mutex<Option<T>>>);

impl<T: Clone> Memo<T> {
    /// The value, if there is one.
    pub(crate) fn get(&self) -> Option<T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The value, if there is one; where there is none, nothing, and this one is remembered. Of callers at
    /// the same time one gets nothing.
    pub(crate) fn get_or_leave(&self, value: T) -> Option<T> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match &*known {
            None => {
                *known = Some(value);
                None
            }
            known => known.clone(),
        }
    }

    /// Changes what is remembered, beginning with a default.
    pub(crate) fn change(&self, change: impl FnOnce(&mut T))
    where
        T: Default,
    {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        change(known.get_or_insert_with(T::default));
    }

    /// Forgets the value, if it is one of those.
    pub(crate) fn forget(&self, one_of_those: impl FnOnce(&T) -> bool) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.as_ref().is_some_and(one_of_those) {
            *known = None;
        }
    }

    /// Remembers this value from now on.
    pub(crate) fn set(&self, value: T) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(value);
    }
}

impl<T> Clone for Memo<T> {
    fn clone(&self) -> Memo<T> {
        Memo(Arc::clone(&self.0))
    }
}

impl<T> Default for Memo<T> {
    fn default() -> Memo<T> {
        Memo(Arc::default())
    }
}

impl<T> fmt::Debug for Memo<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Memo(…)")
    }
}
