//! Both clocks of the machine.

use entrada_core::time::{Mono, Now, Unix};

/// Where a driver reads the time. A closure will do.
pub trait Clock: Send + Sync {
    /// Both clocks, read at one moment.
    fn now(&self) -> Now;
}

impl<F: Fn() -> Now + Send + Sync> Clock for F {
    fn now(&self) -> Now {
        self()
    }
}

/// The clocks of this machine.
///
/// The monotonic one goes on while the machine sleeps: on Linux and Android by `CLOCK_BOOTTIME`;
/// elsewhere by the wall clock, whose lead over the running clock is taken for time spent asleep.
#[derive(Debug, Default)]
pub struct SystemClock(mono::Source);

impl SystemClock {
    /// The clocks, with the monotonic one counting from an origin of its own.
    #[must_use]
    pub fn new() -> SystemClock {
        SystemClock::default()
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Now {
        Now { mono: Mono(self.0.millis()), unix: Unix(mono::wall_seconds()) }
    }
}

#[cfg(any(target_os = "linux", target_os = "android"))]
mod mono {
    use rustix::time::{ClockId, clock_gettime};

    #[derive(Debug, Default)]
    pub(super) struct Source;

    /// By the clock of the last tick: it costs a tenth, and seconds are all that is wanted of it.
    pub(super) fn wall_seconds() -> i64 {
        clock_gettime(ClockId::RealtimeCoarse).tv_sec
    }

    impl Source {
        pub(super) fn millis(&self) -> u64 {
            let time = clock_gettime(ClockId::Boottime);
            let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
            let part = u64::try_from(time.tv_nsec / 1_000_000).unwrap_or(0);
            seconds.saturating_mul(1000).saturating_add(part)
        }
    }
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
mod mono {
    use std::sync::{Mutex, PoisonError};
    use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

    /// What the wall clock may lead by before the machine is thought to have slept.
    const SLEPT: Duration = Duration::from_secs(2);

    pub(super) fn wall_seconds() -> i64 {
        match SystemTime::now().duration_since(UNIX_EPOCH) {
            Ok(since) => i64::try_from(since.as_secs()).unwrap_or(i64::MAX),
            Err(before) => -i64::try_from(before.duration().as_secs()).unwrap_or(i64::MAX),
        }
    }

    #[derive(Debug)]
    pub(super) struct Source(Mutex<State>);

    #[derive(Debug)]
    struct State {
        running: Instant,
        wall: SystemTime,
        total: Duration,
    }

    impl Default for Source {
        fn default() -> Source {
            let state = State { running: Instant::now(), wall: SystemTime::now(), total: Duration::ZERO };
            Source(Mutex::new(state))
        }
    }

    impl Source {
        pub(super) fn millis(&self) -> u64 {
            let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let (running, wall) = (Instant::now(), SystemTime::now());
            let ran = running.duration_since(state.running);
            let passed = wall.duration_since(state.wall).unwrap_or(ran);
            let passed = if passed > ran + SLEPT { passed } else { ran };
            let total = state.total.saturating_add(passed);
            *state = State { running, wall, total };
            u64::try_from(total.as_millis()).unwrap_or(u64::MAX)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_never_goes_back() {
        let clock = SystemClock::new();
        let mut last = clock.now();
        assert!(last.unix > Unix(1_700_000_000));
        for _ in 0..1000 {
            let now = clock.now();
            assert!(now.mono >= last.mono);
            last = now;
        }
    }

    #[test]
    fn a_closure_is_a_clock() {
        let clock = || Now { mono: Mono(7), unix: Unix(9) };
        assert_eq!(Clock::now(&clock).mono, Mono(7));
    }
}
