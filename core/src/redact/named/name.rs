//! Names in a text, and what their kinds stand for.

use super::quotes::ENCODED_QUOTES;

/// Names whose value is not shown: anything that ends in one of these.
const SECRET_NAMES: [&str; 12] = [
    "token",
    "secret",
    "password",
    "passwd",
    "passphrase",
    "pwd",
    "assertion",
    "code",
    "verifier",
    "key",
    "authorization",
    "cookie",
];

/// Names whose value is not shown, where they are a word of their own (`sig`, `db_pass`): other words end so too.
const SECRET_WORDS: [&str; 2] = ["sig", "pass"];

/// Names (without `_` and `-`) that end so and stand for what went wrong, which nobody could do without.
const PLAIN_NAMES: [&str; 2] = ["errorcode", "statuscode"];

/// Names (without `_` and `-`) of codes that are secret however short they are.
const SECRET_CODES: [&str; 3] = ["devicecode", "usercode", "authorizationcode"];

/// Names (without `_` and `-`) whose value is not shown in whichever way it stands there, and whatever it looks like.
const UNMISTAKABLE: [&str; 9] = [
    "accesstoken",
    "refreshtoken",
    "idtoken",
    "clientsecret",
    "clientassertion",
    "password",
    "passwd",
    "authorization",
    "cookie",
];

/// What an attribute of XML is called that names what its element holds.
const NAMING: [&str; 2] = ["name", "n"];

/// How long the code of an authorization is at the least.
const CODE: usize = 16;

/// How long the word is at the most that a service has for an error.
const LONGEST_WORD: usize = 64;

/// A name in a text.
#[derive(Clone, Copy)]
pub(super) struct Name<'t> {
    pub(super) text: &'t str,
    /// What stands before it.
    pub(super) before: &'t str,
}

pub(super) fn is_of_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-')
}

impl Name<'_> {
    pub(super) fn is_secret(&self) -> bool {
        // An arrow may follow.
        let name = self.text.trim_end_matches('-');
        let bytes = name.as_bytes();
        let named = SECRET_NAMES.iter().any(|secret| {
            bytes.len() >= secret.len()
                && bytes[bytes.len() - secret.len()..].eq_ignore_ascii_case(secret.as_bytes())
        });
        let last = name.rsplit(['_', '-']).next().unwrap_or_default();
        let word = SECRET_WORDS.iter().any(|word| last.eq_ignore_ascii_case(word));
        (named || word) && !self.ends_in(&PLAIN_NAMES)
    }

    /// Whether this, which stands behind it, is what the name stands for, and no number or word for what went wrong.
    pub(super) fn hides(&self, value: &str) -> bool {
        !is_number_of_entra(value)
            && (!self.is_code() || self.ends_in(&SECRET_CODES) || value.split_whitespace().any(is_opaque))
    }

    pub(super) fn is_code(&self) -> bool {
        self.ends_in(&["code"])
    }

    /// Whether it stands for a secret in prose too. A command of PowerShell that gets one does not: it stands before
    /// what PowerShell has to say of it.
    pub(super) fn is_unmistakable(&self) -> bool {
        !self.text.to_ascii_lowercase().starts_with("get-") && self.ends_in(&UNMISTAKABLE)
    }

    /// Whether it is that of a header with credentials.
    pub(super) fn is_header(&self) -> bool {
        self.is_cookie() || self.ends_in(&["authorization"])
    }

    pub(super) fn is_cookie(&self) -> bool {
        self.ends_in(&["cookie"])
    }

    fn ends_in(&self, words: &[&str]) -> bool {
        let name = self.text.to_ascii_lowercase().replace(['_', '-'], "");
        words.iter().any(|word| name.ends_with(word))
    }

    /// Whether it is an option on a command line.
    pub(super) fn is_option(&self) -> bool {
        self.text.starts_with('-')
    }

    /// Whether it begins an element of XML.
    pub(super) fn begins_element(&self) -> bool {
        self.before_prefix().ends_with('<')
    }

    /// Whether it ends one.
    pub(super) fn ends_element(&self) -> bool {
        self.before_prefix().ends_with("</")
    }

    /// Whether it is an attribute that names what its element holds. `Key` is what PowerShell calls the names of a table.
    pub(super) fn names_element(&self) -> bool {
        let before = self.before.strip_suffix(['"', '\'']).and_then(|before| before.strip_suffix('='));
        let attribute = before.map(|before| &before[before.trim_end_matches(is_of_name).len()..]);
        attribute.is_some_and(|attribute| NAMING.iter().any(|name| attribute.eq_ignore_ascii_case(name)))
            && !self.text.eq_ignore_ascii_case("key")
    }

    /// What stands before it and its namespace.
    fn before_prefix(&self) -> &str {
        let prefix = self.before.strip_suffix(':');
        prefix.map_or(self.before, |prefix| prefix.trim_end_matches(is_of_name))
    }
}

/// Whether a text begins with a number of Entra's, in quotation marks or not.
pub(in crate::redact) fn is_number_of_entra(text: &str) -> bool {
    let digits = unquoted(text).strip_prefix("AADSTS").unwrap_or_default();
    let behind = digits.trim_start_matches(|c: char| c.is_ascii_digit());
    behind.len() < digits.len() && !behind.starts_with(is_of_name)
}

/// Whether a word may be the code of an authorization, and is none that a service has for an error.
fn is_opaque(word: &str) -> bool {
    let word = unquoted(word).trim_end_matches(['"', '\'', '\\', ',', ';', ':', '.', ')', ']', '}', '>']);
    let is_word =
        |word: &str| word.bytes().all(|b| b.is_ascii_alphabetic() || matches!(b, b'_' | b'-' | b'.'));
    word.len() >= CODE && !(word.len() <= LONGEST_WORD && is_word(word))
}

/// A text without the quotation mark that it begins with, if any.
fn unquoted(text: &str) -> &str {
    let encoded = ENCODED_QUOTES.iter().find_map(|quote| text.strip_prefix(quote));
    encoded.unwrap_or_else(|| text.trim_start_matches(['\\', '"', '\'']))
}
