//! Cleaning text that somebody else wrote before a person may read it.
//!
//! Server messages are worth showing, but a hostile or a careless server may repeat what it was
//! sent. So known secrets are cut out, as are runs that look like a token and values whose name says
//! that they are secret.

mod named;
mod runs;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

use crate::secret::Secret;
use named::{Credentials, mask_named_values};
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
    let mut text = text.to_owned();
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
    let text = mask_named_values(&text);
    let mut folds = Folds::default();
    let mut words = Credentials::default();
    let lines = text.lines().map(|line| {
        let line = line.split(|c: char| c.is_whitespace() || is_disruptive(c));
        let line = line.filter(|word| !word.is_empty()).enumerate();
        let line = line.map(|(at, word)| {
            words.mask(folds.mask(word, if at == 0 { Place::First } else { Place::Within }))
        });
        line.collect::<Vec<_>>().join(" ")
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
mod tests {
    use super::*;

    const GUID: &str = "fb3d2015-bc17-4bb9-bb85-30c5cf1aaaa7";

    #[test]
    fn secrets_do_not_come_through() {
        let known = [Secret::new("s3cr et/+")];
        for text in [
            "you sent s3cr et/+ to me",
            "client_secret=s3cr+et%2F%2B&x=1",
            r#"{"accessToken":"canary-abc"}"#,
            r#"{"accessToken" : "canary-abc", "x": 1}"#,
            "refresh_token=canary&x=1",
            "Bearer eyJcanarycanarycanary.abc.def",
            "t=eyJcanarycanarycanary.abc.def",
            "https://host/back/eyJcanarycanarycanary.abc.def",
            "{\\\"access_token\\\":\\\"canary\\\"}",
            "Authorization: Bearer canary/opaque+token",
            "authorization: basic canary0canary0canary",
            "Authorization: Basic canary",
            "accessToken: canary",
            "refresh_token:canary",
            "- client_secret: |\n    canary",
            "client-secret: >-\n  canary\n",
            "password:\tcanary,;&canary",
            "token: canary0canary0canary0canary",
            &format!("it was canary//{}", "Ab/9".repeat(40)),
            &format!("it was /subscriptions/{}", "canary/9".repeat(20)),
            &format!("it was /subscriptions/{GUID}/{}", "canary".repeat(20)),
            &format!("it was /providers/A.B/{}", "canary+/".repeat(20)),
            &format!("it was Some.Words/kinds/{}", "canary".repeat(20)),
            &format!("it was Some.Words/kinds/canary~{}", "/kinds/x".repeat(20)),
            &format!("it was 0.canary/{}", "Ab9x/".repeat(20)),
            &format!("it was Some.Words/{}", "canary9/".repeat(20)),
        ] {
            let cleaned = clean(text, &known);
            assert!(!cleaned.contains("canary") && !cleaned.contains("s3cr"), "{text} -> {cleaned}");
        }
    }

    /// What a tool prints that breaks its lines at this column.
    fn folded(text: &str, column: usize, before: &str) -> String {
        let lines = text.as_bytes().chunks(column).map(|line| String::from_utf8_lossy(line).into_owned());
        lines.collect::<Vec<_>>().join(&format!("\n{before}"))
    }

    #[test]
    fn no_piece_of_a_folded_token_comes_through() {
        let jwt = format!("eyJ{}.eyJ{}.{}", "canary".repeat(12), "canary".repeat(30), "canary".repeat(20));
        let opaque = format!("refresh_token=0.A{}", "canary".repeat(30));
        for token in [&jwt, &format!("\"{jwt}\""), &format!("accessToken: {jwt}"), &opaque] {
            for before in ["", "     | ", "  "] {
                for column in 24..=120 {
                    let text = format!("it was {} and no more", folded(token, column, before));
                    let cleaned = clean(&text, &[]);
                    for piece in ["canary", "anaryc", "naryca", "aryc", "can"] {
                        assert!(!cleaned.contains(piece), "{column}: {text} -> {cleaned}");
                    }
                    assert!(cleaned.ends_with("no more"), "{cleaned}");
                }
            }
        }
        for (text, shown) in [
            (format!("{jwt} was refused"), format!("{MASK} was refused")),
            (format!("{jwt} {GUID}"), format!("{MASK} {GUID}")),
            (format!("| {jwt}\n| expiresOn: never"), format!("| {MASK} | expiresOn: never")),
        ] {
            assert_eq!(clean(&text, &[]), shown);
        }
    }

    #[test]
    fn a_secret_is_found_however_it_was_encoded() {
        let known = [Secret::new("abc8Q~/+canary")];
        for text in ["abc8Q%7e%2f%2bcanary", "abc8Q%7E%2F%2Bcanary", "abc8Q~%2f%2bcanary", "abc8Q~/+canary"] {
            let cleaned = clean(&format!("bad value {text}"), &known);
            assert!(!cleaned.contains("canary"), "{text} -> {cleaned}");
        }
    }

    #[test]
    fn no_spelling_is_shorter_than_the_secret() {
        for secret in ["abcd", "a b ", "\"\\\n\u{1}", "é\u{1f600}", "%7e%7E&<>", "    "] {
            for form in spellings(secret) {
                assert!(form.len() >= secret.len(), "{secret:?} {form:?}");
            }
            // A text that is nothing but the secret, and one that spells it at length.
            for text in [secret, &spellings(secret)[0]] {
                assert_eq!(clean(text, &[Secret::new(secret)]), MASK, "{secret:?}");
            }
        }
    }

    #[test]
    fn prose_stays() {
        for text in [
            "AADSTS7000215: Invalid client secret provided.",
            "Ensure the secret being sent: not the ID",
            "There is no token: sign in, with another key: AADSTS7000215, code: InvalidAuthenticationTokenTenant",
            "scope https://management.azure.com/.default is wrong",
            GUID,
            &format!(
                "ID '/subscriptions/{GUID}/providers/Microsoft.Authorization/roleDefinitions/{GUID}' is not there."
            ),
            &format!("/providers/Microsoft.Authorization/roleDefinitions/{GUID}/and/so/on/and/so/on"),
            "The Resource 'Microsoft.MachineLearningServices/workspaces/my-workspace-1/onlineEndpoints/my-endpoint-1' was not found.",
        ] {
            assert_eq!(clean(text, &[]), text);
        }
    }

    #[test]
    fn one_line_and_short() {
        assert_eq!(clean("a\r\nb\u{7}c\td", &[]), "a b c d");
        assert!(clean(&"word ".repeat(400), &[]).chars().count() <= MOST + 1);
        assert!(clean(&"é".repeat(4000), &[]).chars().count() <= MOST + 1);
    }
}
