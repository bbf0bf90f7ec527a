//! What holds for every token and every error.

use entrada_core::{AccessToken, Error, Now};

/// What an error shows, all of it.
pub(super) fn shown(error: &Error) -> String {
    format!("{error} {error:?} {:?} {:?}", error.detail(), error.remedy())
}

pub(super) fn check_error(error: &Error, bytes: &[u8]) {
    check_error_within(error, bytes, bytes);
}

/// The same of a part of what was said. What stands in the whole under another name too may be shown.
pub(super) fn check_error_within(error: &Error, bytes: &[u8], whole: &[u8]) {
    let text = shown(error);
    let whole = String::from_utf8_lossy(whole);
    assert!(text.len() < 12_000, "an error of {} bytes", text.len());
    assert!(error.detail().is_none_or(|detail| !detail.chars().any(char::is_control)));
    // A value that a document calls an access token is not shown, however the document is broken.
    if let Ok(document) = serde_json::from_slice::<serde_json::Value>(bytes) {
        for name in ["access_token", "accessToken", "refresh_token", "id_token", "device_code", "token"] {
            let value = document.get(name).and_then(serde_json::Value::as_str).unwrap_or_default();
            let telling = value.len() >= 12 && value.bytes().all(|b| b.is_ascii_alphanumeric());
            let once = telling && whole.matches(value).count() == 1;
            assert!(!once || !text.contains(value), "{name} is shown: {text}");
        }
    }
}

/// A token that an authority or a host gave: no longer than any of them gives one.
pub(super) fn check_token(token: &AccessToken, asked: Now) {
    check_usable(token, asked);
    assert!(token.life_left(asked).as_secs() <= 11 * 365 * 86_400);
    assert!(token.refresh_on().is_none_or(|at| at <= token.expires_on() && at > asked.unix));
}

/// A token that can be sent, and is not shown.
pub(super) fn check_usable(token: &AccessToken, asked: Now) {
    let text = token.secret().expose();
    assert!(!text.is_empty() && text.bytes().all(|b| b.is_ascii_graphic()));
    assert!(token.expires_on() > asked.unix && token.is_alive(asked));
    assert!(!format!("{token:?}").contains(text) || text.len() < 6);
}

/// Whether a value is so unlike anything else that finding it means that it was given away.
pub(super) fn is_telling(value: &str) -> bool {
    value.len() >= 12 && value.bytes().all(|b| b.is_ascii_alphanumeric())
}

/// Fails where an error shows one of these values.
pub(super) fn check_hidden<'a>(error: &Error, secrets: impl IntoIterator<Item = &'a str>) {
    let text = shown(error);
    for secret in secrets.into_iter().filter(|secret| is_telling(secret)) {
        assert!(!text.contains(secret), "a secret is shown: {text}");
    }
}
