//! Values whose name says that they are secret.
//!
//! A text is walked from name to name. What is looked at behind a name is masked, or ends where the next name begins, so
//! that a text of any kind is cleaned in a time that grows with its length alone.

mod value;

use super::MASK;
use value::after;

/// Names whose value is not shown: anything that ends in one of these.
const SECRET_NAMES: [&str; 9] =
    ["token", "secret", "password", "assertion", "code", "verifier", "key", "authorization", "cookie"];

/// Names (without `_` and `-`) whose value is not shown in whichever way it stands there, and whatever it looks like.
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

/// A name in a text.
#[derive(Clone, Copy)]
struct Name<'t> {
    text: &'t str,
    /// What stands before it.
    before: &'t str,
}

/// Masks the value in `"accessToken": "…"`, `access_token=…`, `<access_token>…<`, `--client-secret …` and their like.
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
        let Some(value) = Some(name).filter(Name::is_secret).and_then(|name| after(name, rest)) else {
            continue;
        };
        cleaned.push_str(&rest[..value.start]);
        cleaned.push_str(MASK);
        // Whoever picks lines has to find them where they were.
        cleaned.extend(rest[value.clone()].chars().filter(|c| *c == '\n'));
        rest = &rest[value.end..];
    }
    cleaned.push_str(rest);
    cleaned
}

fn is_of_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-')
}

impl Name<'_> {
    fn is_secret(&self) -> bool {
        let name = self.text.as_bytes();
        SECRET_NAMES.iter().any(|secret| {
            name.len() >= secret.len()
                && name[name.len() - secret.len()..].eq_ignore_ascii_case(secret.as_bytes())
        })
    }

    /// Whether it stands for a secret in prose too. A command of PowerShell that gets one does not: it stands before
    /// what PowerShell has to say of it.
    fn is_unmistakable(&self) -> bool {
        let name = self.text.to_ascii_lowercase();
        let word = name.replace(['_', '-'], "");
        !name.starts_with("get-") && UNMISTAKABLE.iter().any(|name| word.ends_with(name))
    }

    /// Whether it is an option on a command line.
    fn is_option(&self) -> bool {
        self.text.starts_with('-')
    }

    /// Whether it begins an element of XML.
    fn begins_element(&self) -> bool {
        self.before_prefix().ends_with('<')
    }

    /// Whether it ends one.
    fn ends_element(&self) -> bool {
        self.before_prefix().ends_with("</")
    }

    /// What stands before it and its namespace.
    fn before_prefix(&self) -> &str {
        let prefix = self.before.strip_suffix(':');
        prefix.map_or(self.before, |prefix| prefix.trim_end_matches(is_of_name))
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
