//! Waiting for another thread's request, without an executor.

use std::future::Future as _;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::Duration;

use entrada_core::cache::{Joined, Waiting};
use entrada_core::error::Error;
use entrada_core::time::Mono;

use crate::cancel::Cancel;
use crate::driver::Driver;

/// The longest time slept at once: the machine may have been asleep in between.
const NAP: Duration = Duration::from_secs(30);

/// Wakes a thread that is parked.
struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Parks this thread until waiting is over, the time is up, or the call is given up.
pub(crate) fn wait_for(
    waiting: Waiting,
    driver: &Driver,
    until: Option<Mono>,
    cancel: Option<&Cancel>,
) -> Result<Joined, Error> {
    let this = thread::current();
    let waker = Waker::from(Arc::new(Unpark(this.clone())));
    let _watch = cancel.map(|cancel| cancel.watch(move || this.unpark()));
    let mut waiting = pin!(waiting);
    loop {
        if let Poll::Ready(joined) = waiting.as_mut().poll(&mut Context::from_waker(&waker)) {
            return Ok(joined);
        }
        if cancel.is_some_and(Cancel::is_cancelled) {
            return Err(Error::cancelled());
        }
        let left = until.map_or(NAP, |until| driver.now().mono.until(until));
        if left.is_zero() {
            return Err(Waiting::too_late());
        }
        thread::park_timeout(left.min(NAP));
    }
}
