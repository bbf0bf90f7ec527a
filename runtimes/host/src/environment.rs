//! The process environment, taken once.

use entrada_core::environment::Environment;
use entrada_core::time::{LocalZone, Unix};
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// The environment variables of this process and its time zone, as they are now.
///
/// Bytes that are not UTF-8 are replaced: no variable that means anything to us holds any. On
/// Windows, where case does not matter in names, all names are in upper case.
#[must_use]
pub fn from_process() -> Environment {
    let name = |name: String| if cfg!(windows) { name.to_uppercase() } else { name };
    let variables = std::env::vars_os()
        .map(|(key, value)| (name(key.to_string_lossy().into_owned()), value.to_string_lossy().into_owned()));
    variables.collect::<Environment>().in_zone(local_zone())
}

/// The time zone of this machine: its offset now, and the next change of it.
#[must_use]
pub fn local_zone() -> LocalZone {
    zone_at(&TimeZone::system(), Timestamp::now())
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

    #[test]
    fn variables_come_over() {
        let environment = from_process();
        let path = std::env::var("PATH").unwrap_or_default();
        assert_eq!(environment.get("PATH").unwrap_or_default(), path.trim());
    }
}
