//! What `azd auth token` prints, in the versions since 1.0.

use serde_json::{Map, Value};

use super::TOOL;
use crate::calendar;
use crate::error::Error;
use crate::flows::tool::{documents, is_warning};
use crate::secret::Secret;
use crate::time::Unix;

/// Reads the tool's token, whatever is printed around it. `expiresOn` is in UTC.
pub(super) fn parse(stdout: &str) -> Result<(Secret, Unix), Error> {
    let documents = documents(stdout);
    let is_token = |document: &&Map<String, Value>| document.get("token").is_some_and(Value::is_string);
    let Some(document) = documents.iter().find(is_token).or(documents.first()) else {
        return Err(TOOL.malformed("something that is not a token", stdout));
    };
    let token = filled(document.get("token")).ok_or_else(|| TOOL.malformed("no token", stdout))?;
    let expires_on = filled(document.get("expiresOn"))
        .and_then(calendar::parse)
        .map(|stamp| stamp.or_utc())
        .ok_or_else(|| TOOL.malformed("a token without the time when it expires", stdout))?;
    Ok((Secret::new(token), expires_on))
}

/// What the tool says of a failure.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Said {
    pub(super) message: String,
    /// What it says besides and suggests to do (since 1.23.7), or nothing.
    pub(super) more: String,
}

/// One of the things that the tool printed.
struct Heard {
    weight: Weight,
    said: Said,
}

/// What tells more of a failure.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Weight {
    Notice,
    Plain,
    Error,
    Document,
}

impl Said {
    /// An `error` document (since 1.23.7), else a message of an error on the console, else what stands on standard
    /// error as it is, else another message. Warnings count where there is nothing else.
    pub(super) fn of(stdout: &str, stderr: &str) -> Said {
        let plain = stderr.lines().filter(|line| !line.trim_start().starts_with('{') && !is_warning(line));
        let plain = plain.collect::<Vec<_>>().join("\n").trim().to_owned();
        let plain =
            Some(plain).filter(|plain| !plain.is_empty()).map(|plain| Heard::new(Weight::Plain, plain));
        let heard = heard(stdout).into_iter().chain(heard(stderr)).chain(plain);
        // The first of those that weigh the most.
        let most = heard.reduce(|most, next| if next.weight > most.weight { next } else { most });
        most.map_or_else(|| Said { message: stderr.to_owned(), more: String::new() }, |heard| heard.said)
    }
}

impl Heard {
    fn new(weight: Weight, message: String) -> Heard {
        Heard { weight, said: Said { message, more: String::new() } }
    }
}

/// Whether there is a message in this output.
pub(super) fn says_something(text: &str) -> bool {
    !heard(text).is_empty()
}

/// The messages in one output, without warnings.
fn heard(text: &str) -> Vec<Heard> {
    let of_document = |document: &Map<String, Value>| {
        if let Some(message) = filled(document.get("error")) {
            let more = ["message", "suggestion"].map(|name| filled(document.get(name)));
            let more: Vec<_> = more.into_iter().flatten().filter(|more| *more != message).collect();
            let said = Said { message: message.to_owned(), more: more.join("\n") };
            return Some(Heard { weight: Weight::Document, said });
        }
        let message = filled(document.get("data")?.get("message")).filter(|message| !is_warning(message))?;
        let is_error = message.starts_with("ERROR") || message.contains("AADSTS");
        Some(Heard::new(if is_error { Weight::Error } else { Weight::Notice }, message.to_owned()))
    };
    documents(text).iter().filter_map(of_document).collect()
}

fn filled(value: Option<&Value>) -> Option<&str> {
    Some(value?.as_str()?.trim()).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens() {
        for (text, at) in [
            (r#"{"token":"t","expiresOn":"2026-11-24T05:17:06Z"}"#, 1_795_497_426),
            ("{\"token\":\"t\",\"expiresOn\":\"2026-11-24T05:17:06.5Z\"}\r\n", 1_795_497_426),
            (r#"{"token":"t","expiresOn":"2026-11-24 05:17:06"}"#, 1_795_497_426),
            (
                "{\"type\":\"consoleMessage\",\"data\":{\"message\":\"ERROR: no\"}}\nnew!\n{\n  \"token\": \"t\",\n  \"expiresOn\": \"2026-11-24T05:17:06Z\"\n}\nnew!",
                1_795_497_426,
            ),
        ] {
            assert_eq!(parse(text).unwrap().1.0, at, "{text}");
        }
        for text in
            ["", "null", "[]", "{}", r#"{"token":"canary-token"}"#, r#"{"token":null,"expiresOn":"x"}"#]
        {
            let error = parse(text).unwrap_err();
            assert!(!format!("{error:?} {error}").contains("canary-token"), "{text}");
        }
    }

    #[test]
    fn messages_of_three_generations() {
        for text in [
            r#"{"type":"consoleMessage","timestamp":"x","data":{"message":"\nno\n"}}"#,
            "{\"type\":\"consoleMessage\",\"data\":{\"message\":\"\"}}\n{\"error\":\"no\",\"message\":\"m\"}",
            r#"{"error":"no","message":"m","links":[]}"#,
            "text before\n{\"error\":\"no\"}",
        ] {
            for (stdout, stderr) in [(text, ""), ("", text), (text, "WARNING: old"), ("{}", text)] {
                let said = Said::of(stdout, stderr);
                assert_eq!(said.message, "no", "{stdout} {stderr}");
            }
        }
        let said = Said::of("", r#"{"error":"no","message":"m","suggestion":" s\n","links":[]}"#);
        assert_eq!((said.message.as_str(), said.more.as_str()), ("no", "m\ns"));
    }

    #[test]
    fn errors_come_before_notices() {
        let console = |text: &str| format!(r#"{{"type":"consoleMessage","data":{{"message":"{text}"}}}}"#);
        let (warning, notice) = (console("\\nWARNING: old\\n"), console("Fetching"));
        let (error, number) = (console("ERROR: no"), console("failed: AADSTS5"));
        let document = r#"{"error":"the cause"}"#;
        for (stdout, stderr, said) in [
            (format!("{warning}\n{notice}\n{error}"), String::new(), "ERROR: no"),
            (format!("{warning}\n{notice}\n{number}\n{error}"), String::new(), "failed: AADSTS5"),
            (format!("{warning}\n{error}"), document.to_owned(), "the cause"),
            (notice.clone(), "ERROR: plain".to_owned(), "ERROR: plain"),
            (notice.clone(), error.clone(), "ERROR: no"),
            (notice.clone(), "WARNING: old".to_owned(), "Fetching"),
            (error.clone(), "plain".to_owned(), "ERROR: no"),
            (warning.clone(), "plain".to_owned(), "plain"),
            (warning, "WARNING: old".to_owned(), "WARNING: old"),
        ] {
            assert_eq!(Said::of(&stdout, &stderr).message, said, "{stdout} {stderr}");
        }
        assert!(says_something(&notice) && !says_something("plain"));
    }
}
