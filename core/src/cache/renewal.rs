//! When a token that still lives is renewed.

use std::time::Duration;

use crate::time::Now;
use crate::token::AccessToken;

/// How long after a token came, or after the start of a renewal, no other is begun for it: half a minute, or
/// as long as the service asked to be left alone for.
pub const HOLD_OFF: Duration = Duration::from_secs(30);

/// How long before its end a token is due when the authority does not say.
const BEFORE_END: Duration = Duration::from_secs(300);

/// By how much at most a renewal is moved ahead, so that many machines which started together do not all
/// ask at once.
const JITTER: Duration = Duration::from_secs(60);

/// From when on a token fetched at `now` is due, by whichever clock gets there first.
///
/// That is what the authority asked for ([`AccessToken::refresh_on`]); else five minutes before the end,
/// or half way to it for a life of less than ten; in each case up to a minute earlier, by `random`.
pub(super) fn due(token: &AccessToken, now: Now, random: u64) -> Now {
    let life = token.life_left(now);
    let wanted = match token.refresh_on() {
        Some(at) => now.unix.until(at).min(life),
        None => life - BEFORE_END.min(life / 2),
    };
    // A tenth of the way at most: what lives shortly is not renewed at once.
    let most = JITTER.min(wanted / 10);
    let early = Duration::from_millis(random % u64::try_from(most.as_millis().max(1)).unwrap_or(1));
    now.after(wanted.saturating_sub(early))
}

/// Whether either clock says so.
pub(super) fn has_come(due: Now, now: Now) -> bool {
    now.mono >= due.mono || now.unix >= due.unix
}
