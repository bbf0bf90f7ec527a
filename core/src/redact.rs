//! Cleaning text that somebody else wrote before a person may read it.
//!
//! Server messages are worth showing, but a hostile or a careless server may repeat what it was
//! sent. So known secrets are cut out, as are runs that look like a token and values whose name says
//! that they are secret.

mod address;
mod named;
mod plain;
mod runs;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

use crate::secret::Secret;
use address::mask_passwords;
use named::{Credentials, mask_named_values};
use plain::plain;
use runs::{Folds, Place};

/// How many characters of foreign text are kept.
const MOST: usize = 600;

const MASK: &str = "[redacted]";

/// The text on one line, without control characters, secrets or anything that looks like one, and
/// no longer than a few lines.
#[must_use]
pub fn clean(text: &str, known: &[Secret]) -> String {
    let masked = mask(text, known);
    let lines: Vec<_> = masked.lines().filter(|line| !line.is_empty()).collect();
    shorten(&lines.join(" "))
}

/// The same on as many lines as it has, and whole: for whoever shows a part of it. What a part is of is not seen in it
/// alone, such as a token that begins in the line before.
pub(crate) fn mask(text: &str, known: &[Secret]) -> String {
    // What is no letter would stand between those of a secret.
    let mut text = plain(text);
    for secret in known.iter().map(Secret::expose).filter(|secret| secret.len() >= 4) {
        // No spelling is shorter, and most messages are shorter than a token.
        if secret.len() > text.len() {
            continue;
        }
        for form in spellings(secret) {
            if text.contains(&form) {
                text = text.replace(&form, MASK);
            }
        }
    }
    let text = mask_named_values(&mask_passwords(&text));
    let mut folds = Folds::default();
    let mut words = Credentials::default();
    let lines = text.lines().map(|line| {
        // NULs are the marks of masks.
        let line = line.split(|c: char| c.is_whitespace() || is_disruptive(c) && c != '\0');
        let line: Vec<_> = line.filter(|word| !word.is_empty()).collect();
        let masked = line.iter().enumerate().map(|(at, word)| {
            words.mask(folds.mask(word, Place { first: at == 0, last: at + 1 == line.len() }))
        });
        masked.collect::<Vec<_>>().join(" ")
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// A secret as it is, and as a form, a URL, JSON (once and twice), HTML and base64 spell it.
fn spellings(secret: &str) -> Vec<String> {
    let form: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
    let json = |text: &str| {
        let quoted = serde_json::to_string(text).unwrap_or_default();
        quoted.get(1..quoted.len().saturating_sub(1)).unwrap_or_default().to_owned()
    };
    let url: String = secret.bytes().map(percent_encoded).collect();
    let html = secret.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
    let encoded = [STANDARD_NO_PAD.encode(secret), URL_SAFE_NO_PAD.encode(secret)];
    // Some servers write the digits of an encoded byte in lower case.
    let small = [lower_case_escapes(&form), lower_case_escapes(&url)];
    let mut spellings = vec![secret.to_owned(), form, json(secret), json(&json(secret)), url, html];
    spellings.extend(small);
    spellings.extend(encoded);
    spellings.sort_unstable();
    spellings.dedup();
    spellings.retain(|form| !form.is_empty());
    // The longest first: a shorter one may be a part of it.
    spellings.sort_by_key(|form| std::cmp::Reverse(form.len()));
    spellings
}

fn percent_encoded(byte: u8) -> String {
    match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    }
}

/// The same text with `%7E` written as `%7e`.
fn lower_case_escapes(text: &str) -> String {
    let mut parts = text.split('%');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |lower, part| match (part.get(..2), part.get(2..)) {
        (Some(digits), Some(rest)) => format!("{lower}%{}{rest}", digits.to_ascii_lowercase()),
        _ => format!("{lower}%{part}"),
    })
}

/// Whether a character moves the cursor, or turns the direction of the text around.
#[must_use]
pub fn is_disruptive(c: char) -> bool {
    c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}')
}

fn shorten(text: &str) -> String {
    match text.char_indices().nth(MOST) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests;
