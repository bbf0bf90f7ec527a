//! Waiting for what was just made to be known everywhere, and names that follow from what is named.

use std::time::Duration;

use crate::effect::Reply;
use crate::error::{Error, ErrorKind};
use crate::flow::{Cx, expect};
use crate::run::Step;
use crate::time::Mono;

/// How far apart looks are.
const APART: Duration = Duration::from_secs(5);

/// Whoever wants to be left alone for longer is not asked again.
const LONGEST: Duration = Duration::from_secs(60);

/// How many looks there are, five seconds apart, and how many there were.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Patience {
    most: u32,
    used: u32,
    began: Option<Mono>,
    out_of_time: bool,
}

impl Patience {
    fn of(most: u32) -> Patience {
        Patience { most, used: 0, began: None, out_of_time: false }
    }

    /// For an object that the directory's servers tell each other of: 36 times, three minutes.
    pub(crate) fn for_replication() -> Patience {
        Patience::of(36)
    }

    /// For something that may have been made although nobody said so, or not long ago: 12 times, a minute.
    pub(crate) fn for_doubt() -> Patience {
        Patience::of(12)
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

    /// The same, or the error with how often it was tried: see [`Patience::over`].
    pub(crate) fn wait_or<T>(
        &mut self,
        cx: &mut Cx<'_>,
        why: &'static str,
        error: Error,
    ) -> Result<Step<T>, Error> {
        self.wait_after(cx, why, &error).ok_or_else(|| self.over(cx, error))
    }

    fn wait_for<T>(&mut self, cx: &mut Cx<'_>, why: &'static str, span: Duration) -> Option<Step<T>> {
        self.began.get_or_insert(cx.now().mono);
        self.out_of_time = self.used < self.most && cx.outlasts(span);
        if self.used >= self.most || self.out_of_time {
            return None;
        }
        self.used += 1;
        Some(cx.wait_again(span, why, [self.used, self.most]))
    }

    /// Whether the last wait was none for want of time.
    pub(crate) fn is_out_of_time(&self) -> bool {
        self.out_of_time
    }

    /// The error after which nothing more is waited for: with how often it was tried, and for how long. Where the
    /// time of the run was too short for more, a refusal is none: it might have ended well.
    pub(crate) fn over(&self, cx: &Cx<'_>, error: Error) -> Error {
        let span = self.began.map_or(Duration::ZERO, |began| began.until(cx.now().mono)).as_secs();
        let times = match self.used {
            0 => "once".to_owned(),
            used => format!("{} times in {span} s", used + 1),
        };
        match self.out_of_time {
            false if self.used == 0 => error,
            false => error.adding(&format!("tried {times}")),
            true => {
                let error = error.adding(&format!("tried {times}, and there was no time for more"));
                let error = match error.kind() {
                    ErrorKind::Refused => error.as_kind(ErrorKind::Timeout),
                    _ => error,
                };
                error.with_remedy(
                    "allow more time (--timeout): what was just made may take minutes to be known everywhere",
                )
            }
        }
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
