//! Time as an argument: two clocks, handed to the core with every step.
//!
//! Deadlines are counted on [`Mono`], lifetimes on both clocks: a token is alive only while each of
//! them says so, hence a wall clock set back cannot revive a dead token.

use std::fmt;
use std::time::Duration;

use crate::calendar;

/// A point on a clock that never goes back, in milliseconds from an origin of the driver's choice.
///
/// It should go on counting while the machine sleeps; a token dies while a laptop is shut.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mono(pub u64);

impl Mono {
    /// This point and `span` more, stopping at the end of time instead of wrapping.
    #[must_use]
    pub fn after(self, span: Duration) -> Mono {
        Mono(self.0.saturating_add(u64::try_from(span.as_millis()).unwrap_or(u64::MAX)))
    }

    /// How long it is from here to `later`; zero when that has passed.
    #[must_use]
    pub fn until(self, later: Mono) -> Duration {
        Duration::from_millis(later.0.saturating_sub(self.0))
    }
}

/// A point on the wall clock: whole seconds since 1970-01-01T00:00:00Z. It prints as RFC 3339 has it, in UTC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Unix(pub i64);

impl Unix {
    /// This point and `span` more, in whole seconds.
    #[must_use]
    pub fn after(self, span: Duration) -> Unix {
        Unix(self.0.saturating_add(i64::try_from(span.as_secs()).unwrap_or(i64::MAX)))
    }

    /// How long it is from here to `later`; zero when that has passed.
    #[must_use]
    pub fn until(self, later: Unix) -> Duration {
        let seconds = later.0.saturating_sub(self.0);
        Duration::from_secs(u64::try_from(seconds).unwrap_or(0))
    }
}

/// `2026-11-28T23:59:11Z`.
impl fmt::Display for Unix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&calendar::rfc3339(*self))
    }
}

/// Both clocks, read at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Now {
    /// The clock for deadlines.
    pub mono: Mono,
    /// The clock for lifetimes.
    pub unix: Unix,
}

impl Now {
    /// The moment `span` later, on both clocks.
    #[must_use]
    pub fn after(self, span: Duration) -> Now {
        Now { mono: self.mono.after(span), unix: self.unix.after(span) }
    }
}

/// What the core needs to know of the local time zone: the offset now, and the next change of it.
///
/// Some tools print times of day without saying where (the Azure CLI before 2.54.0). Those times lie
/// hours ahead, so one coming change of offset is enough to read them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LocalZone {
    /// Seconds east of Greenwich at the moment the zone was read.
    pub offset: i32,
    /// When the offset changes next, and to what.
    pub next: Option<(Unix, i32)>,
}

impl LocalZone {
    /// The instant that a local wall clock shows as `local` (seconds as if it were UTC).
    ///
    /// An hour that the clock shows twice is read as the earlier of the two, so that a token is
    /// renewed early rather than used late.
    #[must_use]
    pub fn instant(&self, local: i64) -> Unix {
        let before = Unix(local - i64::from(self.offset));
        match self.next {
            Some((change, offset)) if before >= change => {
                let after = Unix(local - i64::from(offset));
                if after >= change { after } else { change }
            }
            _ => before,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_never_wrap() {
        assert_eq!(Mono(u64::MAX).after(Duration::from_secs(1)), Mono(u64::MAX));
        assert_eq!(Mono(5).until(Mono(3)), Duration::ZERO);
        assert_eq!(Unix(i64::MAX).after(Duration::MAX), Unix(i64::MAX));
        assert_eq!(Unix(10).until(Unix(70)), Duration::from_secs(60));
    }

    #[test]
    fn a_point_prints_as_people_read_it() {
        assert_eq!(Unix(1_795_909_218).to_string(), "2026-11-28T23:40:18Z");
        assert_eq!(format!("{:>22}|", Unix(0)), "  1970-01-01T00:00:00Z|");
        assert_eq!(Unix(-1).to_string(), "1969-12-31T23:59:59Z");
        assert!(Unix(i64::MAX).to_string().ends_with('Z') && Unix(i64::MIN).to_string().ends_with('Z'));
    }

    #[test]
    fn local_times_follow_the_change_of_offset() {
        // New York, 2026-11-01: from -4 h to -5 h at 06:00Z.
        let change = Unix(1_793_512_800);
        let zone = LocalZone { offset: -4 * 3600, next: Some((change, -5 * 3600)) };
        let local = |utc: i64, offset: i64| utc + offset * 3600;
        assert_eq!(zone.instant(local(change.0 - 60, -4)), Unix(change.0 - 60));
        assert_eq!(zone.instant(local(change.0 + 7200, -5)), Unix(change.0 + 7200));
    }
}
