//! Passwords in addresses.

use super::MASK;

/// Masks the password in `http://user:password@host` (RFC 3986, section 3.2.1).
pub(super) fn mask_passwords(text: &str) -> String {
    let mut cleaned = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("://") {
        let (until, behind) = rest.split_at(at + 3);
        cleaned.push_str(until);
        rest = behind;
        let authority = &rest[..rest.find(ends_authority).unwrap_or(rest.len())];
        let Some(host) = authority.rfind('@') else { continue };
        let Some(user) = authority[..host].find(':') else { continue };
        cleaned.push_str(&rest[..=user]);
        cleaned.push_str(MASK);
        rest = &rest[host..];
    }
    cleaned.push_str(rest);
    cleaned
}

fn ends_authority(c: char) -> bool {
    c.is_whitespace() || matches!(c, '/' | '?' | '#' | '\\' | '"' | '\'' | '<' | '>')
}
