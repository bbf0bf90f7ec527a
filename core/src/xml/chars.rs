//! Characters: which are legal, and how they are written and read.

/// Whether XML can hold this character at all, written as it is or by number.
pub(super) fn is_legal(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

pub(super) fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n')
}

pub(super) fn begins_name(c: char) -> bool {
    c.is_ascii_alphabetic() || c == '_' || (!c.is_ascii() && c.is_alphabetic())
}

pub(super) fn continues_name(c: char) -> bool {
    begins_name(c)
        || c.is_ascii_digit()
        || matches!(c, '-' | '.' | '\u{b7}')
        || (!c.is_ascii() && c.is_alphanumeric())
}

/// Where a run of characters stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Text,
    Cdata,
    Attribute,
}

/// Gives the characters that a run stands for, one by one: references resolved, ends of lines and the
/// blanks of attributes made alike (XML 1.0 sections 2.11, 3.3.3 and 4.1).
pub(super) fn walk(raw: &str, place: Place, mut give: impl FnMut(char)) -> Result<(), &'static str> {
    if place == Place::Text && raw.contains("]]>") {
        return Err("the end of a CDATA section stands in text");
    }
    let mut rest = raw.chars();
    while let Some(c) = rest.next() {
        match (c, place) {
            ('&', Place::Text | Place::Attribute) => {
                let text = rest.as_str();
                let end = text.bytes().take(12).position(|b| b == b';');
                let name = end.and_then(|end| text.get(..end)).ok_or("a reference has no end")?;
                give(reference(name).ok_or("a reference is to something unknown")?);
                rest = text.get(name.len() + 1..).unwrap_or_default().chars();
            }
            ('<', Place::Attribute) => return Err("an attribute holds a <"),
            ('\r', _) => {
                if let Some(after) = rest.as_str().strip_prefix('\n') {
                    rest = after.chars();
                }
                give(if place == Place::Attribute { ' ' } else { '\n' });
            }
            ('\t' | '\n', Place::Attribute) => give(' '),
            (c, _) if is_legal(c) => give(c),
            _ => return Err("a character is not legal in XML"),
        }
    }
    Ok(())
}

/// The characters that a run stands for, if it is legal.
pub(super) fn decode(raw: &str, place: Place) -> Result<String, &'static str> {
    let mut text = String::with_capacity(raw.len());
    walk(raw, place, |c| text.push(c)).map(|()| text)
}

fn reference(name: &str) -> Option<char> {
    let number = |digits: &str, radix: u32| {
        let plain = !digits.is_empty() && digits.chars().all(|c| c.is_digit(radix));
        u32::from_str_radix(digits, radix).ok().filter(|_| plain).and_then(char::from_u32)
    };
    match name {
        "lt" => Some('<'),
        "gt" => Some('>'),
        "amp" => Some('&'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => match (name.strip_prefix("#x"), name.strip_prefix('#')) {
            (Some(digits), _) => number(digits, 16),
            (None, Some(digits)) => number(digits, 10),
            (None, None) => None,
        }
        .filter(|c| is_legal(*c)),
    }
}

/// The text as it can stand in an element or in an attribute, in quotes of either kind. Nothing, where
/// it has a character that XML cannot hold, such as most control characters.
///
/// ```
/// use entrada_core::xml::escape;
///
/// assert_eq!(escape("a<b> & \"c\"").as_deref(), Some("a&lt;b&gt; &amp; &quot;c&quot;"));
/// assert_eq!(escape("\u{1}"), None);
/// ```
#[must_use]
pub fn escape(text: &str) -> Option<String> {
    // As long as it can get, so that no half of a secret is left behind by growing.
    let mut escaped = String::with_capacity(text.len() * "&quot;".len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&apos;"),
            // As they are, a reader would make a line end or a blank of them.
            '\r' => escaped.push_str("&#13;"),
            '\n' => escaped.push_str("&#10;"),
            '\t' => escaped.push_str("&#9;"),
            c if is_legal(c) => escaped.push(c),
            _ => return None,
        }
    }
    Some(escaped)
}
