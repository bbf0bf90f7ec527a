//! The time zone of this machine.
//!
//! On Unix the one file that describes it is read. The usual ways list the whole zone database first,
//! which costs a short-lived program more than all else that it does.

use entrada_core::time::{LocalZone, Unix};
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// The time zone: what `TZ` says (POSIX, section 8.3), else what the machine is set to, else UTC.
#[cfg(unix)]
#[must_use]
pub fn system() -> TimeZone {
    use std::path::Path;
    let file = |path: &Path| TimeZone::tzif("", &std::fs::read(path).ok()?).ok();
    let Some(setting) = std::env::var_os("TZ") else {
        return file(Path::new("/etc/localtime")).unwrap_or(TimeZone::UTC);
    };
    let setting = setting.to_string_lossy();
    let name = setting.strip_prefix(':').unwrap_or(&setting);
    let folder = std::env::var_os("TZDIR").unwrap_or_else(|| "/usr/share/zoneinfo".into());
    // `join` takes an absolute name as it is.
    let named = || file(&Path::new(&folder).join(name)).filter(|_| !name.is_empty());
    let ruled = || TimeZone::posix(&setting).ok();
    named().or_else(ruled).unwrap_or(TimeZone::UTC)
}

/// The time zone of this machine.
#[cfg(not(unix))]
#[must_use]
pub fn system() -> TimeZone {
    TimeZone::system()
}

/// What the core needs of it: the offset now, and the next change of that.
#[must_use]
pub fn local_zone() -> LocalZone {
    zone_at(&system(), Timestamp::now())
}

fn zone_at(zone: &TimeZone, now: Timestamp) -> LocalZone {
    let offset = zone.to_offset(now).seconds();
    // A transition may change the name or the summer-time flag alone.
    let next = zone.following(now).take(8).find(|change| change.offset().seconds() != offset);
    LocalZone {
        offset,
        next: next.map(|change| (Unix(change.timestamp().as_second()), change.offset().seconds())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_change_of_offset() {
        let zone = TimeZone::posix("EST5EDT,M3.2.0,M11.1.0").unwrap();
        // 2026-08-01, New York: summer time until 2026-11-01T06:00Z.
        let local = zone_at(&zone, Timestamp::from_second(1_785_542_400).unwrap());
        assert_eq!(local, LocalZone { offset: -4 * 3600, next: Some((Unix(1_793_512_800), -5 * 3600)) });
        assert_eq!(zone_at(&TimeZone::UTC, Timestamp::now()), LocalZone::default());
    }
}
