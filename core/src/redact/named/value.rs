//! Where the value of a name is, in the notations of JSON, forms, headers, YAML, XML, command lines and programs.

use std::ops::Range;

use super::super::runs::{is_piece, is_prose, is_token};
use super::name::Name;
use super::quotes::{blanks, closers, end_of_word, listed, quoted};
use super::{header, is_scheme};

/// How far the end of a tag is looked for, behind an attribute of it.
const TAG: usize = 256;

/// What begins a text of XML in which no character means anything else.
const VERBATIM: &str = "<![CDATA[";

/// The value in what stands behind a name.
pub(super) fn after(name: Name<'_>, rest: &str) -> Option<Range<usize>> {
    let closed = closers(rest);
    if rest[closed..].starts_with('>') {
        return element(name, rest, closed + 1);
    }
    let gap = closed + blanks(&rest[closed..]);
    let sign = sign(&rest[gap..]);
    if sign > 0 {
        return signed(name, rest, gap..gap + sign);
    }
    if closed > 0 {
        let tag = gap > closed && name.names_element();
        let end = rest.bytes().take(TAG).position(|b| matches!(b, b'<' | b'>')).filter(|_| tag)?;
        return element(name, rest, end + 1).filter(|_| rest[end..].starts_with('>'));
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

/// How long the sign is between a name and its value: `:`, `=`, `=>`, `->` and the like, also as an address encodes it.
fn sign(text: &str) -> usize {
    let encoded = |digits: &str, start: usize| {
        let code = text.get(start..start + 2)?;
        (text.starts_with(digits) && (code.eq_ignore_ascii_case("3A") || code.eq_ignore_ascii_case("3D")))
            .then_some(start + 2)
    };
    if text.starts_with("->") {
        return 2;
    }
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
    if let Some(length) = listed(&left[gap..]).filter(|_| !name.is_code()) {
        return within(gap..gap + length);
    }
    let written = &rest[sign.clone()];
    let colon = written.starts_with(':') || written.ends_with(['a', 'A']);
    if !colon && gap == 0 {
        let end =
            left.find(|c: char| c.is_whitespace() || matches!(c, '&' | ',' | ';')).unwrap_or(left.len());
        if is_scheme(&left[..end]) {
            return within(bare(left)?);
        }
        return within(0..end).filter(|_| end > 0);
    }
    if colon && name.is_header() {
        return within(header::value(name, left)?);
    }
    // Prose such as "the key: use another" stays.
    match name.is_unmistakable() {
        true => within(bare(left)?),
        false => within(gap..gap + opaque(&left[gap..])?),
    }
}

/// The word after a sign, over the scheme of a header, and what begins a block of YAML or a line of an error of
/// PowerShell.
pub(super) fn bare(left: &str) -> Option<Range<usize>> {
    let mut gap = 0;
    loop {
        let start = gap + blanks(&left[gap..]);
        let word = &left[start..start + end_of_word(&left[start..])];
        if word.is_empty() {
            return None;
        }
        let passed = word.bytes().all(|b| matches!(b, b'|' | b'>' | b'-' | b'+')) || is_scheme(word);
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
    let verbatim = body.strip_prefix(VERBATIM);
    if !name.is_unmistakable() && !name.names_element() {
        let start = rest.len() - verbatim.unwrap_or(body).len();
        return opaque(&rest[start..]).map(|length| start..start + length);
    }
    if let Some(text) = verbatim {
        let end = text.find("]]>").map_or(body.len(), |end| VERBATIM.len() + end + 3);
        return Some(start..start + end);
    }
    let closing = body.find(['<', '>']).filter(|end| body[*end..].starts_with("</"));
    let word = || body.find(|c: char| c.is_whitespace() || c == '<').unwrap_or(body.len());
    let length = closing.filter(|end| !body[..*end].trim().is_empty()).unwrap_or_else(word);
    (length > 0).then_some(start..start + length)
}
