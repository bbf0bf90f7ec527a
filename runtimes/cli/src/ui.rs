//! Talking to the person, on standard error.

use std::io::Write as _;

/// One line on standard error.
pub(crate) fn say(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}
