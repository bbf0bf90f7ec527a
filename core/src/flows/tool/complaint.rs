//! What a tool complains of.

use std::borrow::Cow;

use crate::redact;

/// What the tool complains of: from the first line on that begins with `ERROR`, to the end of its paragraph or to a
/// traceback; where no line does, the last line of a traceback, else the first paragraph that is no warning. It is fit
/// to be read.
pub(in crate::flows) fn complaint(stderr: &str) -> String {
    let lines: Vec<_> = stderr.lines().map(str::trim).collect();
    let traceback = |line: &&str| line.starts_with("Traceback");
    let error = lines.iter().position(|line| line.starts_with("ERROR"));
    let (start, end) = if error.is_none() && lines.iter().any(traceback) {
        let last = lines.iter().rposition(|line| !line.is_empty()).unwrap_or_default();
        (last, last + 1)
    } else {
        let from = &lines[error.unwrap_or_default()..];
        let skipped = from.iter().take_while(|line| line.is_empty() || is_warning(line)).count();
        let start = error.unwrap_or_default() + skipped;
        let length = lines[start..].iter().take_while(|line| !line.is_empty() && !traceback(line)).count();
        (start, start + length)
    };
    // What is left out may be the beginning of a token that was folded.
    let masked = redact::mask(stderr, &[]);
    let shown: Vec<_> = masked.lines().skip(start).take(end - start).collect();
    redact::clean(&shown.join("\n"), &[])
}

/// The same text without its warnings, which say nothing of what failed; all of it where there is nothing else.
pub(in crate::flows) fn without_warnings(stderr: &str) -> Cow<'_, str> {
    if !stderr.lines().any(is_warning) {
        return Cow::Borrowed(stderr);
    }
    let others: Vec<_> = stderr.lines().filter(|line| !is_warning(line)).collect();
    match others.iter().all(|line| line.trim().is_empty()) {
        true => Cow::Borrowed(stderr),
        false => Cow::Owned(others.join("\n")),
    }
}

/// Whether a line, or a message, is a warning.
pub(in crate::flows) fn is_warning(line: &str) -> bool {
    let start = line.trim_start().get(..7);
    start.is_some_and(|start| start.eq_ignore_ascii_case("warning"))
}
