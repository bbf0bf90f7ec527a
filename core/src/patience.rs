//! Waiting for what was just made to be known everywhere, and names that follow from what is named.

use std::time::Duration;

use crate::effect::Reply;
use crate::error::Error;
use crate::flow::{Cx, expect};
use crate::run::Step;

/// How far apart looks are.
const APART: Duration = Duration::from_secs(5);

/// Whoever wants to be left alone for longer is not asked again.
const LONGEST: Duration = Duration::from_secs(60);

/// How many looks are left, five seconds apart.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Patience(u32);

impl Patience {
    /// For an object that the directory's servers tell each other of: 36 times, three minutes.
    pub(crate) fn for_replication() -> Patience {
        Patience(36)
    }

    /// For something that may have been made although nobody said so: 12 times, a minute.
    pub(crate) fn for_doubt() -> Patience {
        Patience(12)
    }

    /// One more wait; nothing, where there was enough of it, or no time for more.
    pub(crate) fn wait<T>(&mut self, cx: &mut Cx<'_>, why: &'static str) -> Option<Step<T>> {
        self.wait_for(cx, why, APART)
    }

    /// The same after an error, whose service may want to be left alone for longer; nothing too, where that is for
    /// more than a minute.
    pub(crate) fn wait_after<T>(
        &mut self,
        cx: &mut Cx<'_>,
        why: &'static str,
        error: &Error,
    ) -> Option<Step<T>> {
        let span = error.retry_after().map_or(APART, |demanded| demanded.max(APART));
        if span > LONGEST { None } else { self.wait_for(cx, why, span) }
    }

    fn wait_for<T>(&mut self, cx: &mut Cx<'_>, why: &'static str, span: Duration) -> Option<Step<T>> {
        if self.0 == 0 || cx.outlasts(span) {
            return None;
        }
        self.0 -= 1;
        Some(cx.wait(span, why))
    }

    /// Takes the end of a wait.
    pub(crate) fn waited(reply: Option<Reply>) -> Result<(), Error> {
        expect(reply).and_then(Reply::waited)
    }
}

/// A GUID (RFC 9562 version 8) of the first bytes of a digest.
pub(crate) fn named_guid(digest: &[u8]) -> String {
    let mut bytes: Vec<u8> = digest.iter().copied().chain(std::iter::repeat(0)).take(16).collect();
    bytes[6] = bytes[6] & 0x0f | 0x80;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}
