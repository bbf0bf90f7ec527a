//! Dates as the services write them, read and written without a time-zone database.

use crate::time::Unix;

/// Days from 1970-01-01 to a date of the proleptic Gregorian calendar.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// The date of a day counted from 1970-01-01.
fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day_of_year - (153 * shifted + 2) / 5 + 1)
}

/// A date and a time of day, checked, as seconds that take no account of any zone.
fn seconds(date: (i64, i64, i64), clock: (i64, i64, i64)) -> Option<i64> {
    let (year, month, day) = date;
    let (hour, minute, second) = clock;
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let last = match month {
        2 => 28 + i64::from(leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    let valid = (1..=9999).contains(&year)
        && (1..=12).contains(&month)
        && (1..=last).contains(&day)
        && (0..24).contains(&hour)
        && (0..60).contains(&minute)
        && (0..=60).contains(&second);
    valid.then(|| days_from_civil(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second)
}

/// A position in a text, for reading it a piece at a time.
struct Scan<'a>(&'a str);

impl Scan<'_> {
    fn number(&mut self, most_digits: usize) -> Option<i64> {
        let digits = self.0.bytes().take(most_digits).take_while(u8::is_ascii_digit).count();
        let (number, rest) = self.0.split_at(digits);
        self.0 = rest;
        number.parse().ok()
    }

    fn skip(&mut self, wanted: &str) -> Option<()> {
        self.0 = self.0.strip_prefix(wanted)?;
        Some(())
    }

    fn skip_one_of(&mut self, wanted: &[char]) -> Option<char> {
        let first = self.0.chars().next().filter(|c| wanted.contains(c))?;
        self.0 = &self.0[first.len_utf8()..];
        Some(first)
    }

    fn clock(&mut self) -> Option<(i64, i64, i64)> {
        let hour = self.number(2)?;
        self.skip(":")?;
        let minute = self.number(2)?;
        self.skip(":")?;
        Some((hour, minute, self.number(2)?))
    }

    fn fraction(&mut self) {
        if self.skip(".").is_some() {
            self.0 = self.0.trim_start_matches(|c: char| c.is_ascii_digit());
        }
    }

    /// `Z`, `+00:00`, `+0000` or `-05`; nothing at all is `None`.
    fn zone(&mut self) -> Option<Option<i64>> {
        self.0 = self.0.trim_start_matches(' ');
        if self.0.is_empty() {
            return Some(None);
        }
        if self.skip("Z").is_some()
            || self.skip("z").is_some()
            || self.skip("UTC").is_some()
            || self.skip("GMT").is_some()
        {
            return Some(Some(0));
        }
        let sign = if self.skip_one_of(&['+', '-'])? == '-' { -1 } else { 1 };
        let hours = self.number(2)?;
        self.skip(":");
        let minutes = if self.0.is_empty() { 0 } else { self.number(2)? };
        (hours < 24 && minutes < 60).then_some(Some(sign * (hours * 3600 + minutes * 60)))
    }

    fn end(&self) -> Option<()> {
        self.0.trim().is_empty().then_some(())
    }
}

/// A time as read, and whether the text said which zone it is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stamp {
    /// An instant.
    Instant(Unix),
    /// A wall-clock reading of an unnamed zone, in seconds as if it were UTC.
    Naive(i64),
}

impl Stamp {
    fn new(seconds: i64, zone: Option<i64>) -> Stamp {
        match zone {
            Some(offset) => Stamp::Instant(Unix(seconds - offset)),
            None => Stamp::Naive(seconds),
        }
    }

    /// The instant, where an unnamed zone is taken to be UTC.
    #[must_use]
    pub fn or_utc(self) -> Unix {
        match self {
            Stamp::Instant(at) => at,
            Stamp::Naive(seconds) => Unix(seconds),
        }
    }
}

/// Reads the date forms that token documents and developer tools use: ISO 8601 with `T` or a blank,
/// `MM/dd/yyyy HH:mm:ss` and `M/d/yyyy h:mm:ss AM`, each with or without a fraction and a zone.
#[must_use]
pub fn parse(text: &str) -> Option<Stamp> {
    let text = text.trim();
    iso(text).or_else(|| american(text))
}

fn iso(text: &str) -> Option<Stamp> {
    let mut scan = Scan(text);
    let year = scan.number(4)?;
    scan.skip("-")?;
    let month = scan.number(2)?;
    scan.skip("-")?;
    let day = scan.number(2)?;
    scan.skip_one_of(&['T', 't', ' '])?;
    let clock = scan.clock()?;
    scan.fraction();
    let zone = scan.zone()?;
    scan.end()?;
    Some(Stamp::new(seconds((year, month, day), clock)?, zone))
}

fn american(text: &str) -> Option<Stamp> {
    let mut scan = Scan(text);
    let month = scan.number(2)?;
    scan.skip("/")?;
    let day = scan.number(2)?;
    scan.skip("/")?;
    let year = scan.number(4)?;
    scan.skip(" ")?;
    let (hour, minute, second) = scan.clock()?;
    scan.fraction();
    let hour = match (scan.skip(" AM").is_some(), scan.skip(" PM").is_some()) {
        (false, false) => hour,
        (_, pm) if (1..=12).contains(&hour) => hour % 12 + if pm { 12 } else { 0 },
        _ => return None,
    };
    let zone = scan.zone()?;
    scan.end()?;
    Some(Stamp::new(seconds((year, month, day), (hour, minute, second))?, zone))
}

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// Reads an HTTP-date (RFC 9110 section 5.6.7) in its current form, `Sun, 06 Nov 1994 08:49:37 GMT`,
/// or either obsolete one.
#[must_use]
pub fn parse_http_date(text: &str) -> Option<Unix> {
    let text = text.trim();
    let at = match text.split_once(", ") {
        Some((_, rest)) => {
            let mut scan = Scan(rest);
            let day = scan.number(2)?;
            scan.skip_one_of(&[' ', '-'])?;
            let month = month(&mut scan)?;
            scan.skip_one_of(&[' ', '-'])?;
            let year = match scan.number(4)? {
                short @ 0..=69 => 2000 + short,
                short @ 70..=99 => 1900 + short,
                year => year,
            };
            scan.skip(" ")?;
            let clock = scan.clock()?;
            scan.skip(" GMT")?;
            scan.end()?;
            seconds((year, month, day), clock)?
        }
        None => {
            let mut scan = Scan(text.get(4..)?);
            let month = month(&mut scan)?;
            scan.0 = scan.0.trim_start_matches(' ');
            let day = scan.number(2)?;
            scan.skip(" ")?;
            let clock = scan.clock()?;
            scan.skip(" ")?;
            let year = scan.number(4)?;
            scan.end()?;
            seconds((year, month, day), clock)?
        }
    };
    Some(Unix(at))
}

fn month(scan: &mut Scan<'_>) -> Option<i64> {
    let index = MONTHS.iter().position(|name| scan.0.starts_with(name))?;
    scan.0 = &scan.0[3..];
    i64::try_from(index + 1).ok()
}

/// `YYYY-MM-DDTHH:MM:SSZ` (RFC 3339).
#[must_use]
pub fn rfc3339(at: Unix) -> String {
    let (year, month, day) = civil_from_days(at.0.div_euclid(86_400));
    let second = at.0.rem_euclid(86_400);
    format!("{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z", second / 3600, second / 60 % 60, second % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Option<i64> {
        parse(text).map(|stamp| stamp.or_utc().0)
    }

    #[test]
    fn service_dates() {
        assert_eq!(at("06/20/2019 02:57:58 +00:00"), Some(1_560_999_478));
        assert_eq!(at("1/16/2020 5:24:12 AM +00:00"), Some(1_579_152_252));
        assert_eq!(at("12/20/2019 4:58:20 AM +00:00"), Some(1_576_817_900));
        assert_eq!(at("12/20/2019 12:58:20 AM"), at("12/20/2019 00:58:20"));
        assert_eq!(at("12/20/2019 12:58:20 PM"), at("12/20/2019 12:58:20"));
        assert_eq!(at("2024-10-18T19:51:37.0000000+00:00"), Some(1_729_281_097));
        assert_eq!(at("2024-10-18 19:51:37"), Some(1_729_281_097));
        assert_eq!(at("2024-10-18T21:51:37+02:00"), Some(1_729_281_097));
        assert_eq!(parse("2026-11-24 05:17:06.000000"), Some(Stamp::Naive(1_795_497_426)));
    }

    #[test]
    fn nonsense_is_no_date() {
        for text in [
            "",
            "2024",
            "2024-13-01T00:00:00Z",
            "2023-02-29T00:00:00Z",
            "2024-01-01T25:00:00Z",
            "2024-01-01T00:00:00Zjunk",
            "13:00:00",
            "1/1/2020 0:00:00 PM",
            "é",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn http_dates() {
        for text in
            ["Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"]
        {
            assert_eq!(parse_http_date(text), Some(Unix(784_111_777)), "{text}");
        }
        for text in ["", "é", "Sun, 6 Foo 1994 08:49:37 GMT", "Sun", "1234"] {
            assert_eq!(parse_http_date(text), None, "{text}");
        }
    }

    #[test]
    fn written_dates_read_back() {
        for seconds in [0, 951_782_400, 1_795_497_426, 4_102_444_799, -1] {
            assert_eq!(at(&rfc3339(Unix(seconds))), Some(seconds));
        }
    }
}
