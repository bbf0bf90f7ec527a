//! Quotation marks: those that close a name, and those around a value.

/// How a quotation mark is written where the text stands in another.
pub(super) const ENCODED_QUOTES: [&str; 8] =
    ["&quot;", "&#34;", "&#39;", "&#x27;", "%22", "%27", "\\u0022", "\\u0027"];

/// How many backslashes stand before a quotation mark at the most: as in JSON within JSON, four times over. What is
/// deeper is not looked for, so that no text makes many look to its end in vain.
const DEEPEST: usize = 15;

/// How long the white space is that a text begins with.
pub(super) fn blanks(text: &str) -> usize {
    text.len() - text.trim_start().len()
}

pub(super) fn end_of_word(text: &str) -> usize {
    text.find(char::is_whitespace).unwrap_or(text.len())
}

pub(super) fn end_of_line(text: &str) -> usize {
    text.find('\n').unwrap_or(text.len())
}

/// How long the quotation marks and brackets are that close a name.
pub(super) fn closers(text: &str) -> usize {
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

/// How long a quoted value is that a text begins with, with its quotation marks; to the end of the line where the second
/// of them is missing, and of the word where it is not looked for.
pub(super) fn quoted(text: &str) -> Option<usize> {
    if let Some(quote) = ENCODED_QUOTES.iter().find(|quote| text.starts_with(*quote)) {
        let end = text[quote.len()..].find(quote).map(|end| end + 2 * quote.len());
        return Some(end.unwrap_or_else(|| end_of_line(text)));
    }
    // JSON within JSON has its quotes escaped, and those within its values once more.
    let depth = text.len() - text.trim_start_matches('\\').len();
    let quote = text[depth..].bytes().next().filter(|b| matches!(b, b'"' | b'\''))?;
    let start = depth + 1;
    let end = closing(&text[start..], quote, depth).map(|end| start + end);
    Some(end.unwrap_or_else(|| if depth > DEEPEST { end_of_word(text) } else { end_of_line(text) }))
}

/// Where the second of two quotation marks ends, in what stands behind the first, which has so many backslashes.
pub(super) fn closing(body: &str, quote: u8, depth: usize) -> Option<usize> {
    if depth > DEEPEST {
        return None;
    }
    let mut slashes = 0;
    let mut bytes = body.bytes().enumerate().peekable();
    while let Some((at, byte)) = bytes.next() {
        let escapes = std::mem::take(&mut slashes);
        if byte == b'\\' {
            slashes = escapes + 1;
        } else if byte == quote && (escapes <= depth || (escapes - depth).is_multiple_of(2 * (depth + 1))) {
            // Shells and YAML double a quotation mark that they mean.
            if bytes.next_if(|(_, next)| *next == quote && at > 0).is_none() {
                return Some(at + 1);
            }
        }
    }
    None
}

/// How long a list of quoted values is that a text begins with, with its brackets; to the end of its last value where
/// the second of them is missing.
pub(super) fn listed(text: &str) -> Option<usize> {
    let mut end = None;
    let mut at = text.starts_with('[').then_some(1)?;
    loop {
        at += blanks(&text[at..]);
        let Some(length) = quoted(&text[at..]) else { return end };
        at += length;
        end = Some(at);
        at += blanks(&text[at..]);
        match text.as_bytes().get(at) {
            Some(b',') => at += 1,
            Some(b']') => return Some(at + 1),
            _ => return end,
        }
    }
}
