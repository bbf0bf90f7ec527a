//! How far this machine's clock is from a service's: what an assertion that is out of its time is about.

use crate::calendar::parse_http_date;
use crate::exchange::Answer;

/// The refusals of a client assertion, or of the token of a person that is exchanged, for its times.
const OUT_OF_TIME: [u64; 2] = [700_024, 500_133];

/// From how many seconds on it is told. Assertions live for ten minutes, and some minutes are forgiven.
const TOLD: i64 = 120;

/// What to do about the clock, where the answer to one of these numbers shows that it is wrong (`Date`, RFC 9110
/// section 6.6.1).
pub(super) fn remedy(answer: &Answer, numbers: &[u64]) -> Option<String> {
    if !numbers.iter().any(|number| OUT_OF_TIME.contains(number)) {
        return None;
    }
    let theirs = parse_http_date(answer.header("date")?)?;
    let ahead = answer.received().unix.0.saturating_sub(theirs.0);
    let side = if ahead > 0 { "ahead of" } else { "behind" };
    (ahead.saturating_abs() >= TOLD).then(|| {
        format!(
            "set this machine's clock right: it is {} s {side} that of {}",
            ahead.unsigned_abs(),
            answer.host()
        )
    })
}
