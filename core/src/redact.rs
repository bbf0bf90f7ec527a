//! Cleaning text that somebody else wrote before a person may read it.
//!
//! Server messages are worth showing, but a hostile or a careless server may repeat what it was
//! sent. So known secrets are cut out, as are runs that look like a token and values whose name says
//! that they are secret.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

use crate::secret::Secret;
use crate::tenant::is_guid;

/// How many characters of foreign text are kept.
const MOST: usize = 600;

const MASK: &str = "[redacted]";

/// Names whose value is not shown: anything that ends in one of these.
const SECRET_NAMES: [&str; 9] =
    ["token", "secret", "password", "assertion", "code", "verifier", "key", "authorization", "cookie"];

/// The text on one line, without control characters, secrets or anything that looks like one, and
/// no longer than a few lines.
#[must_use]
pub fn clean(text: &str, known: &[Secret]) -> String {
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
    let words: Vec<_> = text
        .split(|c: char| c.is_whitespace() || is_disruptive(c))
        .filter(|word| !word.is_empty())
        .map(mask_token_runs)
        .collect();
    shorten(&mask_credentials(words).join(" "))
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

/// Masks the value in `"accessToken": "…"`, `access_token=…` and their like.
fn mask_named_values(text: &str) -> String {
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
            // Prose such as "the key: use another" stays; only what is glued on is a value.
            None if before.ends_with('=') => (
                0,
                rest.find(|c: char| c.is_whitespace() || matches!(c, '&' | ',' | ';')).unwrap_or(rest.len()),
            ),
            None => continue,
        };
        cleaned.push_str(&rest[..gap]);
        cleaned.push_str(MASK);
        rest = &rest[gap + end..];
    }
    cleaned.push_str(rest);
    cleaned
}

/// Masks the word after the name of a scheme, as in a header that somebody printed. Prose about tokens has
/// shorter words there.
fn mask_credentials(words: Vec<String>) -> Vec<String> {
    let mut named = false;
    let masked = words.into_iter().map(|word| {
        let follows = std::mem::replace(
            &mut named,
            ["bearer", "basic"]
                .iter()
                .any(|scheme| word.trim_start_matches(['"', '\'']).eq_ignore_ascii_case(scheme)),
        );
        if follows && word.len() >= 16 { MASK.to_owned() } else { word }
    });
    masked.collect()
}

/// Masks runs of base64 that begin like a JWT, or are too long to be an identifier.
fn mask_token_runs(word: &str) -> String {
    let is_token =
        |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '+' | '/' | '=' | '~');
    let mut cleaned = String::with_capacity(word.len());
    let mut rest = word;
    while !rest.is_empty() {
        let run = rest.find(|c| !is_token(c)).unwrap_or(rest.len());
        let (token, after) = rest.split_at(run);
        // Something may be glued on before it: `x=eyJ…`, a path, a word.
        let jwt = token.find("eyJ").filter(|at| token.len() - at >= 16);
        // The path of an address begins with two slashes; a token may have them within.
        let long = token.len() >= 80 && !token.starts_with("//") && !is_resource_id(token);
        match jwt {
            Some(at) => cleaned.extend([&token[..at], MASK]),
            None => cleaned.push_str(if long { MASK } else { token }),
        }
        let other = after.find(is_token).unwrap_or(after.len());
        cleaned.push_str(&after[..other]);
        rest = &after[other..];
    }
    cleaned
}

/// Whether this is the id of a resource of Azure, or what Azure Resource Manager calls one it does not find
/// (`Namespace.Type/type/name`), which is long and no secret: it begins as one does, and none of its steps is as
/// long as a secret.
fn is_resource_id(text: &str) -> bool {
    if is_resource_name(text) {
        return true;
    }
    let mut steps = text.split('/');
    let (nothing, first, second) = (steps.next(), steps.next().unwrap_or_default(), steps.next());
    let begins = match second {
        Some(second) if first.eq_ignore_ascii_case("subscriptions") => is_guid(second),
        Some(second) if first.eq_ignore_ascii_case("providers") => second.contains('.'),
        _ => false,
    };
    nothing == Some("")
        && begins
        && text.split('/').all(|step| step.len() < 80 && !step.contains(['+', '=', '~']))
}

/// Whether this is a namespace of a provider, then kinds and names in turn, as in
/// `Microsoft.MachineLearningServices/workspaces/w/computes/c`.
fn is_resource_name(text: &str) -> bool {
    let is_word = |word: &str| word.len() >= 2 && word.bytes().all(|b| b.is_ascii_alphabetic());
    let steps: Vec<&str> = text.split('/').collect();
    let (namespace, rest) = steps.split_first().map_or(("", &[][..]), |(first, rest)| (*first, rest));
    namespace.contains('.')
        && namespace.split('.').all(is_word)
        && !rest.is_empty()
        && rest.iter().step_by(2).all(|kind| is_word(kind))
        && rest.iter().all(|step| !step.is_empty() && !step.contains(['+', '=', '~']))
        && steps.iter().all(|step| step.len() < 80)
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
