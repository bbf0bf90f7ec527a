//! Where the value of a name is, in the notations of JSON, forms, headers, YAML, XML, command lines and programs.

use std::ops::Range;

use super::super::runs::{is_piece, is_prose, is_token};
use super::{Name, SCHEMES};

/// How a quotation mark is written where the text stands in another.
const ENCODED_QUOTES: [&str; 8] = ["&quot;", "&#34;", "&#39;", "&#x27;", "%22", "%27", "\\u0022", "\\u0027"];

/// The value in what stands behind a name.
pub(super) fn after(name: Name<'_>, rest: &str) -> Option<Range<usize>> {
    let closed = quotes(rest);
    if rest[closed..].starts_with('>') {
        return element(name, rest, closed + 1);
    }
    let gap = closed + blanks(&rest[closed..]);
    let sign = sign(&rest[gap..]);
    if sign > 0 {
        return signed(name, rest, gap..gap + sign);
    }
    if closed > 0 {
        return None;
    }
    if let Some(call) = rest.strip_prefix('(').filter(|_| name.is_unmistakable()) {
        let gap = 1 + blanks(call);
        return Some(gap..gap + quoted(&rest[gap..])?);
    }
    if gap > 0 && name.begins_element() {
        let end = rest.find(['<', '>']).filter(|end| rest[*end..].starts_with('>'))?;
        return element(name, rest, end + 1);
    }
    if gap == 0 || rest[..gap].contains('\n') {
        return None;
    }
    if name.is_option() {
        return argument(&rest[gap..]).map(|length| gap..gap + length);
    }
    let length = quoted(&rest[gap..]).filter(|_| name.is_unmistakable())?;
    Some(gap..gap + length)
}

/// How long the white space is that a text begins with.
fn blanks(text: &str) -> usize {
    text.len() - text.trim_start().len()
}

fn end_of_word(text: &str) -> usize {
    text.find(char::is_whitespace).unwrap_or(text.len())
}

/// How long the quotation marks and brackets are that close a name.
fn quotes(text: &str) -> usize {
    let mut rest = text;
    loop {
        let bare = rest.trim_start_matches(['"', '\'', '`', ']']);
        let bare = ENCODED_QUOTES.iter().find_map(|quote| bare.strip_prefix(quote)).unwrap_or(bare);
        let bare = match bare.trim_start_matches('\\') {
            other if other.starts_with(['"', '\'']) => other,
            _ => bare,
        };
        if bare.len() == rest.len() {
            return text.len() - bare.len();
        }
        rest = bare;
    }
}

/// How long the sign is between a name and its value: `:`, `=`, `=>` and the like, also as an address encodes it.
fn sign(text: &str) -> usize {
    let encoded = |digits: &str, start: usize| {
        let code = text.get(start..start + 2)?;
        (text.starts_with(digits) && (code.eq_ignore_ascii_case("3A") || code.eq_ignore_ascii_case("3D")))
            .then_some(start + 2)
    };
    if !text.starts_with([':', '=']) {
        return encoded("%25", 3).or_else(|| encoded("%", 1)).unwrap_or(0);
    }
    text.bytes().take(3).take_while(|b| matches!(b, b':' | b'=' | b'>')).count()
}

/// The value behind a sign.
fn signed(name: Name<'_>, rest: &str, sign: Range<usize>) -> Option<Range<usize>> {
    let left = &rest[sign.end..];
    let gap = blanks(left);
    let within = |range: Range<usize>| Some(sign.end + range.start..sign.end + range.end);
    if let Some(length) = quoted(&left[gap..]) {
        return within(gap..gap + length);
    }
    let written = &rest[sign.clone()];
    let colon = written.starts_with(':') || written.ends_with(['a', 'A']);
    if !colon && gap == 0 {
        let end =
            left.find(|c: char| c.is_whitespace() || matches!(c, '&' | ',' | ';')).unwrap_or(left.len());
        return within(0..end).filter(|_| end > 0);
    }
    // Prose such as "the key: use another" stays.
    match name.is_unmistakable() {
        true => within(bare(left)?),
        false => within(gap..gap + opaque(&left[gap..])?),
    }
}

/// How long a quoted value is that a text begins with, with its quotation marks; to the end of the text where the second
/// of them is missing.
fn quoted(text: &str) -> Option<usize> {
    if let Some(quote) = ENCODED_QUOTES.iter().find(|quote| text.starts_with(*quote)) {
        let body = &text[quote.len()..];
        return Some(body.find(quote).map_or(text.len(), |end| end + 2 * quote.len()));
    }
    // JSON within JSON has its quotes escaped, and those within its values once more.
    let depth = text.len() - text.trim_start_matches('\\').len();
    let quote = text[depth..].bytes().next().filter(|b| matches!(b, b'"' | b'\''))?;
    let start = depth + 1;
    let mut slashes = 0;
    let mut bytes = text.bytes().enumerate().skip(start).peekable();
    while let Some((at, byte)) = bytes.next() {
        let escapes = std::mem::take(&mut slashes);
        if byte == b'\\' {
            slashes = escapes + 1;
        } else if byte == quote && (escapes <= depth || (escapes - depth).is_multiple_of(2 * (depth + 1))) {
            // Shells and YAML double a quotation mark that they mean.
            if bytes.next_if(|(_, next)| *next == quote && at > start).is_none() {
                return Some(at + 1);
            }
        }
    }
    Some(text.len())
}

/// The word after a sign, over the scheme of a header, and what begins a block of YAML or a line of an error of
/// PowerShell.
fn bare(left: &str) -> Option<Range<usize>> {
    let mut gap = 0;
    loop {
        let start = gap + blanks(&left[gap..]);
        let word = &left[start..start + end_of_word(&left[start..])];
        if word.is_empty() {
            return None;
        }
        let passed = word.bytes().all(|b| matches!(b, b'|' | b'>' | b'-' | b'+'))
            || SCHEMES.iter().any(|scheme| word.eq_ignore_ascii_case(scheme));
        if !passed {
            return Some(start..start + word.len());
        }
        gap = start + word.len();
    }
}

/// How long a word is that is no word of prose, nor a known kind of name: long, and with digits.
fn opaque(text: &str) -> Option<usize> {
    let length = text.find(|c| !is_token(c)).unwrap_or(text.len());
    let (word, behind) = text.split_at(length);
    let ends = behind.chars().next().is_none_or(|c| c.is_whitespace() || ",;)]}<\"'".contains(c));
    (ends && is_piece(word) && word.bytes().any(|b| b.is_ascii_digit())).then_some(length)
}

/// How long the argument of an option is, where it may be none of the words of a sentence about the option.
fn argument(text: &str) -> Option<usize> {
    if let Some(length) = quoted(text) {
        return Some(length);
    }
    let word = &text[..end_of_word(text)];
    let bare = word.trim_matches([',', ';', ':', '.', '(', ')', '|', '[', ']']);
    (!bare.is_empty() && !word.starts_with('-') && !is_prose(bare)).then_some(word.len())
}

/// What an element of XML holds, from here on.
fn element(name: Name<'_>, rest: &str, start: usize) -> Option<Range<usize>> {
    let body = &rest[start..];
    if name.ends_element() {
        return None;
    }
    if !name.is_unmistakable() {
        return opaque(body).map(|length| start..start + length);
    }
    let closing = body.find(['<', '>']).filter(|end| body[*end..].starts_with("</"));
    let word = || body.find(|c: char| c.is_whitespace() || c == '<').unwrap_or(body.len());
    let length = closing.filter(|end| !body[..*end].trim().is_empty()).unwrap_or_else(word);
    (length > 0).then_some(start..start + length)
}
