//! What stands between the letters of a text and is none of them.

/// The text without control sequences (ECMA-48, section 5.4), such as those that colour it, and without what is left of
/// another encoding of characters. Its lines end where they did.
pub(super) fn plain(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut chars = text.chars().filter(|c| *c != '\0').peekable();
    while let Some(c) = chars.next() {
        let begins = c == '\u{9b}' || c == '\u{1b}' && chars.next_if_eq(&'[').is_some();
        if !begins {
            kept.push(c);
            continue;
        }
        while chars.next_if(|c| matches!(c, '0'..='?')).is_some() {}
        while chars.next_if(|c| matches!(c, ' '..='/')).is_some() {}
        chars.next_if(|c| matches!(c, '@'..='~'));
    }
    kept
}
