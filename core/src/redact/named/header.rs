//! The values of headers that carry credentials.

use std::ops::Range;

use super::is_scheme;
use super::name::{Name, is_number_of_entra};
use super::quotes::{blanks, closing, end_of_line};
use super::value::bare;

/// Schemes whose credentials are more than one word.
const LONG_SCHEMES: [&str; 7] =
    ["sharedkey", "sharedkeylite", "sharedaccesssignature", "hmac-sha256", "digest", "negotiate", "ntlm"];

/// The value in what stands behind the colon of a header. Where nothing tells that this is one, prose such as
/// "invalid authorization: no such user" stays.
pub(super) fn value(name: Name<'_>, left: &str) -> Option<Range<usize>> {
    let word = bare(left)?;
    let first = &left[word.clone()];
    // The name of a provider, as in `Microsoft.Authorization`.
    if name.before.ends_with('.') || is_number_of_entra(first) {
        return None;
    }
    let start = blanks(left);
    let same_line = !left[..start].contains('\n');
    if let Some(length) = Some(start).filter(|_| same_line).and_then(|start| line(name, &left[start..])) {
        return Some(start..start + length);
    }
    if LONG_SCHEMES.iter().any(|scheme| first.eq_ignore_ascii_case(scheme)) || first.contains('=') {
        return Some(word.start..word.start + end_of_line(&left[word.start..]));
    }
    let behind_scheme = left[..word.start].split_whitespace().any(is_scheme);
    (behind_scheme || first.bytes().any(|b| b.is_ascii_digit())).then_some(word)
}

/// How long the value is of a header that is a line by itself, or is quoted.
fn line(name: Name<'_>, value: &str) -> Option<usize> {
    let quote = name.before.bytes().next_back().filter(|b| matches!(b, b'"' | b'\''));
    let length = match quote {
        Some(quote) => {
            let before = &name.before[..name.before.len() - 1];
            let depth = before.len() - before.trim_end_matches('\\').len();
            let end = closing(value, quote, depth)?;
            end_of_line(value[..end - 1].trim_end_matches('\\'))
        }
        // The end of a line as a program spells it.
        None if name.before.ends_with('\\') && name.text.starts_with(['n', 'r']) => {
            value.find(['\\', '\n']).unwrap_or(value.len())
        }
        // What `curl` and the like print before it.
        None => {
            let before = name.before.trim_end_matches([' ', '\t', '|', '>', '<', '*']);
            (before.is_empty() || before.ends_with('\n')).then(|| end_of_line(value))?
        }
    };
    let said = &value[..length];
    // There is no cookie without either.
    let is_value = !name.is_cookie() || said.bytes().any(|b| b == b'=' || b.is_ascii_digit());
    (length > 0 && is_value).then_some(length)
}
