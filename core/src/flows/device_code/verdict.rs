//! What an answer to a poll means (RFC 8628 section 3.5).

use crate::exchange::Answer;
use crate::token::Refusal;

/// What becomes of a sign-in after a poll.
pub(super) enum Verdict {
    Pending,
    SlowDown,
    Busy,
    Final,
}

pub(super) fn verdict(answer: &Answer) -> Verdict {
    let Some(refusal) = Refusal::of(answer) else {
        return Verdict::Final;
    };
    match refusal.code {
        Some("authorization_pending") => Verdict::Pending,
        Some("slow_down") => Verdict::SlowDown,
        _ if refusal.is_final() => Verdict::Final,
        _ if refusal.is_temporary() || matches!(answer.status(), 408 | 429 | 500..) => Verdict::Busy,
        _ => Verdict::Final,
    }
}
