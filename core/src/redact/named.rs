//! Values whose name says that they are secret.

use super::MASK;
use super::runs::is_piece;

/// Names whose value is not shown: anything that ends in one of these.
const SECRET_NAMES: [&str; 9] =
    ["token", "secret", "password", "assertion", "code", "verifier", "key", "authorization", "cookie"];

/// Names (without `_` and `-`) whose value is not shown after a colon either, whatever it looks like.
const UNMISTAKABLE: [&str; 8] = [
    "accesstoken",
    "refreshtoken",
    "idtoken",
    "clientsecret",
    "clientassertion",
    "password",
    "authorization",
    "cookie",
];

const SCHEMES: [&str; 2] = ["bearer", "basic"];

/// Masks the value in `"accessToken": "…"`, `access_token=…` and their like.
pub(super) fn mask_named_values(text: &str) -> String {
    let mut cleaned = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find([':', '=']) {
        let (before, after) = rest.split_at(at + 1);
        cleaned.push_str(before);
        rest = after;
        let name = before[..at].trim_end().trim_end_matches(['"', '\'', '\\']).to_ascii_lowercase();
        if !SECRET_NAMES.iter().any(|secret| name.ends_with(secret)) {
            continue;
        }
        // JSON within JSON has its quotes escaped.
        let value = rest.trim_start().trim_start_matches('\\');
        let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''));
        let (gap, end) = match quote {
            Some(quote) => {
                let body = &value[1..];
                (rest.len() - value.len(), 1 + body.find(quote).map_or(body.len(), |end| end + 1))
            }
            None if before.ends_with('=') => (
                0,
                rest.find(|c: char| c.is_whitespace() || matches!(c, '&' | ',' | ';')).unwrap_or(rest.len()),
            ),
            // Prose such as "the key: use another" stays.
            None => match bare_value(rest) {
                Some((gap, value)) if is_unmistakable(&name) || is_opaque(value) => (gap, value.len()),
                _ => continue,
            },
        };
        cleaned.push_str(&rest[..gap]);
        cleaned.push_str(MASK);
        // Whoever picks lines has to find them where they were.
        let masked = &rest[gap..gap + end];
        cleaned.extend(masked.chars().filter(|c| *c == '\n'));
        rest = &rest[gap + end..];
    }
    cleaned.push_str(rest);
    cleaned
}

/// Whether a name stands for a secret in prose too.
fn is_unmistakable(name: &str) -> bool {
    let start = name.rfind(|c: char| !c.is_alphanumeric() && !matches!(c, '_' | '-')).map_or(0, |at| at + 1);
    let word = name.get(start..).unwrap_or(name).replace(['_', '-'], "");
    UNMISTAKABLE.iter().any(|name| word.ends_with(name))
}

/// Whether a word is no word of prose, nor a known kind of name: long, and with digits.
fn is_opaque(word: &str) -> bool {
    is_piece(word) && word.bytes().any(|b| b.is_ascii_digit())
}

/// The word after a colon, and how far it is to it: over the scheme of a header, and what begins a block of YAML
/// or a line of an error of PowerShell.
fn bare_value(rest: &str) -> Option<(usize, &str)> {
    let mut gap = 0;
    loop {
        let left = rest.get(gap..)?;
        let start = gap + (left.len() - left.trim_start().len());
        let word = rest.get(start..)?.split(char::is_whitespace).next().filter(|word| !word.is_empty())?;
        let passed = word.bytes().all(|b| matches!(b, b'|' | b'>' | b'-' | b'+'))
            || SCHEMES.iter().any(|scheme| word.eq_ignore_ascii_case(scheme));
        if !passed {
            return Some((start, word));
        }
        gap = start + word.len();
    }
}

/// Masks the word after the name of a scheme, as in a header that somebody printed. Prose about tokens has
/// shorter words there.
#[derive(Default)]
pub(super) struct Credentials {
    /// Whether the word before was such a name.
    named: bool,
}

impl Credentials {
    pub(super) fn mask(&mut self, word: String) -> String {
        let bare = word.trim_start_matches(['"', '\'']);
        let named = SCHEMES.iter().any(|scheme| bare.eq_ignore_ascii_case(scheme));
        let follows = std::mem::replace(&mut self.named, named);
        if follows && word.len() >= 16 { MASK.to_owned() } else { word }
    }
}
