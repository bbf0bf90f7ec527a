//! What `azd auth token` prints, in the versions since 1.0.

use serde_json::{Map, Value};

use super::TOOL;
use crate::calendar;
use crate::error::Error;
use crate::secret::Secret;
use crate::time::Unix;

/// Reads the tool's token. `expiresOn` is in UTC.
pub(super) fn parse(stdout: &[u8]) -> Result<(Secret, Unix), Error> {
    let text = String::from_utf8_lossy(stdout);
    let text = text.trim_start_matches('\u{feff}').trim();
    let Ok(Value::Object(document)) = serde_json::from_str(text) else {
        return Err(TOOL.malformed("something that is not a token", text));
    };
    let field = |name: &str| document.get(name).and_then(Value::as_str).filter(|value| !value.is_empty());
    let token = field("token").ok_or_else(|| TOOL.malformed("no token", text))?;
    let expires_on = field("expiresOn")
        .and_then(calendar::parse)
        .map(|stamp| stamp.or_utc())
        .ok_or_else(|| TOOL.malformed("a token without the time when it expires", text))?;
    Ok((Secret::new(token), expires_on))
}

/// The message in the tool's output: an `error` document (since 1.23.7) before a console message.
pub(super) fn message(text: &str) -> Option<String> {
    let lines: Vec<Map<String, Value>> =
        text.lines().filter_map(|line| serde_json::from_str(line.trim()).ok()).collect();
    let error = lines.iter().find_map(|line| filled(line.get("error")));
    let console = || lines.iter().find_map(|line| filled(line.get("data")?.get("message")));
    error.or_else(console)
}

fn filled(value: Option<&Value>) -> Option<String> {
    let text = value?.as_str()?.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens() {
        for (text, at) in [
            (r#"{"token":"t","expiresOn":"2026-11-24T05:17:06Z"}"#, 1_795_497_426),
            ("\u{feff}{\"token\":\"t\",\"expiresOn\":\"2026-11-24T05:17:06.5Z\"}\r\n", 1_795_497_426),
            (r#"{"token":"t","expiresOn":"2026-11-24 05:17:06"}"#, 1_795_497_426),
        ] {
            assert_eq!(parse(text.as_bytes()).unwrap().1.0, at, "{text}");
        }
        for text in
            ["", "null", "[]", "{}", r#"{"token":"canary-token"}"#, r#"{"token":null,"expiresOn":"x"}"#]
        {
            let error = parse(text.as_bytes()).unwrap_err();
            assert!(!format!("{error:?} {error}").contains("canary-token"), "{text}");
        }
    }

    #[test]
    fn messages_of_three_generations() {
        for text in [
            r#"{"type":"consoleMessage","timestamp":"x","data":{"message":"\nno\n"}}"#,
            "{\"type\":\"consoleMessage\",\"data\":{\"message\":\"\"}}\n{\"error\":\"no\",\"message\":\"m\"}",
            r#"{"error":"no","message":"m","suggestion":"s","links":[]}"#,
            "text before\n{\"error\":\"no\"}",
        ] {
            assert_eq!(message(text).as_deref(), Some("no"), "{text}");
        }
        assert_eq!(message("ERROR: plain"), None);
    }
}
