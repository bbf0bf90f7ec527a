//! Values whose name says that they are secret.
//!
//! A text is walked from name to name. What is looked at behind a name is masked, or ends where the next name begins, or
//! is looked at a few times at the most, so that a text of any kind is cleaned in a time that grows with its length alone.

mod header;
mod name;
mod quotes;
mod value;

use super::MASK;
use super::runs::Open;
pub(super) use name::is_number_of_entra;
use name::{Name, is_of_name};
use value::after;

/// Whether a word is the name of a scheme whose credentials are one word.
fn is_scheme(word: &str) -> bool {
    ["bearer", "basic"].iter().any(|scheme| word.eq_ignore_ascii_case(scheme))
}

/// Masks the value in `"accessToken": "…"`, `access_token=…`, `<access_token>…<`, `--client-secret …` and their like, and
/// [marks](Open::mark) those that may go on in the next line.
///
/// A name that is itself broken by the end of a line is not seen, nor what stands after an option and might be a word of
/// a sentence.
pub(super) fn mask_named_values(text: &str) -> String {
    let mut cleaned = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(is_of_name) {
        let length = rest[start..].find(|c| !is_of_name(c)).unwrap_or(rest.len() - start);
        let (until, behind) = rest.split_at(start + length);
        cleaned.push_str(until);
        rest = behind;
        let (before, text) = cleaned.split_at(cleaned.len() - length);
        let name = Name { text, before };
        let value = Some(name).filter(Name::is_secret).and_then(|name| after(name, rest));
        let Some(value) = value.filter(|value| name.hides(&rest[value.clone()])) else {
            continue;
        };
        let (masked, behind) = (&rest[value.clone()], &rest[value.end..]);
        cleaned.push_str(&rest[..value.start]);
        cleaned.push_str(MASK);
        cleaned.push_str(Open::after(masked, behind).mark());
        // Whoever picks lines has to find them where they were.
        cleaned.extend(masked.chars().filter(|c| *c == '\n'));
        rest = behind;
    }
    cleaned.push_str(rest);
    cleaned
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
        let named = is_scheme(bare);
        let follows = std::mem::replace(&mut self.named, named);
        if follows && word.len() >= 16 && !is_number_of_entra(&word) { MASK.to_owned() } else { word }
    }
}
