//! Lifetimes, in every form that services give them.

use serde_json::{Map, Value};

use crate::calendar;
use crate::error::{Error, ErrorKind};
use crate::exchange::{Lookup, Scalar};
use crate::time::{Now, Unix};

/// A token that outlives ten years is a mistake of the service, not a token.
const LONGEST: i64 = 10 * 365 * 86_400;

/// An `expires_on` below 2001-01-01 counts from now: some hosts mix the two up.
const EARLIEST: i64 = 978_307_200;

/// Tokens of this life or more are renewed half way, unless the authority says otherwise.
const LONG_LIVED: i64 = 7200;

/// When a token dies, and from when on it should be renewed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expiry {
    /// When it dies.
    pub expires_on: Unix,
    /// From when on it should be renewed: by `refresh_in`, or half way through a long life.
    pub refresh_on: Option<Unix>,
}

/// Reads `expires_on`, `expires_in` and `refresh_in` of a reply to a request sent at `asked`.
///
/// `expires_on` is believed where it lies ahead; else `expires_in` counts. Each may be a number, a
/// numeric text, or (for `expires_on`) a date. There is no default: a token of unknown life is refused.
///
/// # Errors
/// `Malformed`, naming the field that is missing or senseless.
pub fn expiry(document: &Map<String, Value>, asked: Now) -> Result<Expiry, Error> {
    life(document, asked)
}

/// The same, wherever the fields stand.
pub(super) fn life(document: &impl Lookup, asked: Now) -> Result<Expiry, Error> {
    let malformed = |what: &'static str| {
        Error::new(ErrorKind::Malformed, what)
            .with_remedy("check the clock of this machine and the address that was asked, and try again")
    };
    let on = document.scalar("expires_on").or_else(|| document.scalar("expiresOn")).and_then(instant);
    let on = on.map(|at| if at < EARLIEST { asked.unix.0.saturating_add(at) } else { at });
    let within =
        document.scalar("expires_in").and_then(seconds).map(|span| asked.unix.0.saturating_add(span));
    let ahead = |at: &i64| *at > asked.unix.0;
    let expires_on = match (on.filter(ahead), within) {
        (Some(on), _) => on,
        (None, Some(within)) if within > asked.unix.0 => within,
        (None, None) if on.is_none() => {
            let told =
                ["expires_on", "expiresOn", "expires_in"].iter().any(|it| document.scalar(it).is_some());
            return Err(malformed(match told {
                true => {
                    "the token reply tells how long its token lives in a form that is not known, or senselessly"
                }
                false => "the token reply tells neither expires_on nor expires_in",
            }));
        }
        _ => return Err(malformed("the token reply says that its token has expired already")),
    };
    let life = expires_on.saturating_sub(asked.unix.0);
    if life > LONGEST {
        return Err(malformed("the token reply claims a life of more than ten years"));
    }
    let hinted = document.scalar("refresh_in").and_then(seconds).filter(|span| *span > 0 && *span <= life);
    let half = (life >= LONG_LIVED).then_some(life / 2);
    let refresh_on = hinted.or(half).map(|span| Unix(asked.unix.0 + span));
    Ok(Expiry { expires_on: Unix(expires_on), refresh_on })
}

/// A whole number of seconds, from a number or a numeric text. A fraction is cut off.
fn seconds(value: Scalar<'_>) -> Option<i64> {
    match value {
        Scalar::Number(number) => number.as_i64().or_else(|| whole(number.as_f64()?)),
        Scalar::Text(text) => {
            let text = text.trim();
            text.parse::<i64>().ok().or_else(|| {
                let numeric = text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'-'));
                numeric.then(|| text.parse::<f64>().ok()).flatten().and_then(whole)
            })
        }
        Scalar::Neither => None,
    }
}

#[allow(clippy::cast_possible_truncation, reason = "the range was checked")]
fn whole(number: f64) -> Option<i64> {
    (number.abs() < 1e15).then_some(number as i64)
}

fn instant(value: Scalar<'_>) -> Option<i64> {
    seconds(value).or_else(|| match value {
        Scalar::Text(text) => calendar::parse(text).map(|stamp| stamp.or_utc().0),
        Scalar::Number(_) | Scalar::Neither => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Mono;

    const NOW: i64 = 1_700_000_000;

    fn read(json: &str) -> Result<(i64, Option<i64>), Error> {
        let Ok(Value::Object(document)) = serde_json::from_str(json) else { unreachable!("test data") };
        let expiry = expiry(&document, Now { mono: Mono(0), unix: Unix(NOW) })?;
        Ok((expiry.expires_on.0 - NOW, expiry.refresh_on.map(|at| at.0 - NOW)))
    }

    #[test]
    fn every_shape() {
        for (json, life, refresh) in [
            (r#"{"expires_in":3599}"#, 3599, None),
            (r#"{"expires_in":"3599"}"#, 3599, None),
            (r#"{"expires_in":3599.9}"#, 3599, None),
            (r#"{"expires_in":"3599.9"}"#, 3599, None),
            (r#"{"expires_on":1700003600}"#, 3600, None),
            (r#"{"expires_on":"1700003600"}"#, 3600, None),
            (r#"{"expires_on":"3600"}"#, 3600, None),
            (r#"{"expires_on":"2023-11-14T23:13:20Z"}"#, 3600, None),
            (r#"{"expires_on":"11/14/2023 23:13:20 +00:00"}"#, 3600, None),
            (r#"{"expires_on":"11/14/2023 11:13:20 PM +00:00"}"#, 3600, None),
            (r#"{"expires_on":"2023-11-14 23:13:20"}"#, 3600, None),
            (r#"{"expires_on":1,"expires_in":60}"#, 1, None),
            (r#"{"expires_on":1699999999,"expires_in":60}"#, 60, None),
            (r#"{"expires_on":"garbage","expires_in":60}"#, 60, None),
            (r#"{"expires_in":86400}"#, 86_400, Some(43_200)),
            (r#"{"expires_in":86400,"refresh_in":"3600"}"#, 86_400, Some(3600)),
            (r#"{"expires_in":3600,"refresh_in":1800}"#, 3600, Some(1800)),
            (r#"{"expires_in":3600,"refresh_in":7200}"#, 3600, None),
            (r#"{"expires_in":3600,"refresh_in":-1}"#, 3600, None),
        ] {
            assert_eq!(read(json).unwrap(), (life, refresh), "{json}");
        }
    }

    #[test]
    fn senseless_lives() {
        for json in [
            "{}",
            r#"{"expires_in":0}"#,
            r#"{"expires_in":-5}"#,
            r#"{"expires_in":null}"#,
            r#"{"expires_in":"soon"}"#,
            r#"{"expires_in":9223372036854775807}"#,
            r#"{"expires_in":1e300}"#,
            r#"{"expires_on":1600000000}"#,
            r#"{"expires_on":[]}"#,
            r#"{"expires_in":"inf"}"#,
            r#"{"expires_in":400000000}"#,
        ] {
            assert!(read(json).is_err(), "{json}");
        }
    }

    #[test]
    fn a_clock_before_1970_is_no_reason_to_panic() {
        let Ok(Value::Object(document)) = serde_json::from_str(r#"{"expires_on":9223372036854775807}"#)
        else {
            unreachable!("test data")
        };
        assert!(expiry(&document, Now { mono: Mono(0), unix: Unix(-10) }).is_err());
    }
}
