//! Giving up a call from another thread.

use std::collections::BTreeMap;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

type Hook = Box<dyn FnOnce() + Send>;

/// A handle to give calls up with: clone it, hand one to the call, keep the other.
///
/// Cancelling wakes whatever the call waits for and ends it with `ErrorKind::Cancelled`. It is for
/// good; make a new one for the next call.
#[derive(Clone, Default)]
pub struct Cancel(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    cancelled: bool,
    next: u64,
    hooks: BTreeMap<u64, Hook>,
}

impl Cancel {
    /// A handle that nobody has used yet.
    #[must_use]
    pub fn new() -> Cancel {
        Cancel::default()
    }

    /// Gives up every call that holds this handle, now and later.
    pub fn cancel(&self) {
        let hooks = {
            let mut state = self.lock();
            state.cancelled = true;
            std::mem::take(&mut state.hooks)
        };
        for hook in hooks.into_values() {
            hook();
        }
    }

    /// Whether it was used.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.lock().cancelled
    }

    /// Calls `hook` when this is cancelled, at once if it is already; not any more once the returned
    /// value is dropped. For parts of a driver that wait in a way of their own.
    #[must_use = "the hook goes with it"]
    pub fn watch(&self, hook: impl FnOnce() + Send + 'static) -> Watch<'_> {
        let mut state = self.lock();
        let id = state.next;
        state.next += 1;
        if state.cancelled {
            drop(state);
            hook();
        } else {
            state.hooks.insert(id, Box::new(hook));
        }
        Watch { cancel: self, id }
    }

    /// Waits for `span`; says whether it passed in full.
    #[must_use]
    pub fn sleep(&self, span: Duration) -> bool {
        let (wake, woken) = channel();
        let _watch = self.watch(move || {
            let _ = wake.send(());
        });
        woken.recv_timeout(span) == Err(RecvTimeoutError::Timeout)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Cancel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Cancel({})", if self.is_cancelled() { "cancelled" } else { "not cancelled" })
    }
}

/// Keeps a hook of [`Cancel::watch`] in place.
#[derive(Debug)]
pub struct Watch<'a> {
    cancel: &'a Cancel,
    id: u64,
}

impl Drop for Watch<'_> {
    fn drop(&mut self) {
        self.cancel.lock().hooks.remove(&self.id);
    }
}

/// Does work that cannot be interrupted, on a thread of its own, and turns away from it when
/// cancelled or late. The thread ends with the work.
pub(crate) fn race<T: Send + 'static>(
    cancel: &Cancel,
    limit: Duration,
    work: impl FnOnce() -> T + Send + 'static,
) -> Raced<T> {
    let work = Arc::new(Mutex::new(Some(work)));
    let take = |work: &Mutex<Option<_>>| work.lock().unwrap_or_else(PoisonError::into_inner).take();
    let (tell, told) = channel();
    let (given, telling) = (work.clone(), tell.clone());
    let worker = move || {
        if let Some(work) = take(&given) {
            // A panic has to reach the caller, who would wait for ever otherwise.
            let _ = telling.send(Some(catch_unwind(AssertUnwindSafe(work))));
        }
    };
    if thread::Builder::new().name("entrada-call".to_owned()).spawn(worker).is_err() {
        // No thread to be had: better uninterrupted than not at all.
        return take(&work).map_or(Raced::Cancelled, |work| Raced::Done(work()));
    }
    let _watch = cancel.watch(move || drop(tell.send(None)));
    match told.recv_timeout(limit) {
        Ok(Some(Ok(done))) => Raced::Done(done),
        Ok(Some(Err(panic))) => resume_unwind(panic),
        Err(RecvTimeoutError::Timeout) => Raced::Late,
        Ok(None) | Err(RecvTimeoutError::Disconnected) => Raced::Cancelled,
    }
}

/// How a [`race`] ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Raced<T> {
    /// The work was done.
    Done(T),
    /// The limit passed first.
    Late,
    /// It was cancelled.
    Cancelled,
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_secs(600);

    #[test]
    fn wakes_a_sleeper_on_another_thread() {
        let cancel = Cancel::new();
        let other = cancel.clone();
        let sleeper = thread::spawn(move || other.sleep(LONG));
        cancel.cancel();
        assert!(!sleeper.join().unwrap());
        assert!(!cancel.sleep(LONG), "it stays cancelled");
        assert!(Cancel::new().sleep(Duration::from_millis(1)));
    }

    #[test]
    fn hooks_go_with_their_watch() {
        let cancel = Cancel::new();
        drop(cancel.watch(|| panic!("not watched any more")));
        cancel.cancel();
    }

    #[test]
    fn a_race_is_left_or_won() {
        let cancel = Cancel::new();
        assert_eq!(race(&cancel, LONG, || 7), Raced::Done(7));
        let (go, gone) = channel::<()>();
        assert_eq!(race(&cancel, Duration::from_millis(1), move || gone.recv()), Raced::Late);
        drop(go);
        let (go, gone) = channel::<()>();
        let inner = cancel.clone();
        let left = race(&cancel, LONG, move || {
            inner.cancel();
            let _ = gone.recv();
        });
        assert_eq!(left, Raced::Cancelled);
        drop(go);
    }

    #[test]
    #[should_panic(expected = "in the work")]
    fn a_panic_comes_through() {
        race(&Cancel::new(), LONG, || panic!("in the work"));
    }
}
