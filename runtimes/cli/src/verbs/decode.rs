//! `entrada decode`.

use std::fmt::Write as _;

use entrada_core::jwt::Jwt;
use entrada_core::{Error, ErrorKind, Unix};
use serde_json::{Map, Value, json};

use crate::args::{DecodeArgs, TableOutput};
use crate::failure::Failure;
use crate::setup::Setup;
use crate::ui::say;
use crate::{output, table};

/// Claims that are times (RFC 7519 section 4.1, OpenID Connect Core section 2).
const TIMES: [&str; 5] = ["iat", "nbf", "exp", "auth_time", "xms_st"];

/// The last second that a four-digit year can tell.
const LATEST: f64 = 253_402_300_799.0;

pub(crate) fn run(setup: &Setup, args: &DecodeArgs) -> Result<(), Failure> {
    let token = match args.token.as_str() {
        "-" => String::from_utf8_lossy(setup.standard_input("the token", 1 << 20)?.expose()).into_owned(),
        token => token.to_owned(),
    };
    let jwt = Jwt::decode(bare(&token)).ok_or_else(|| {
        Error::new(
            ErrorKind::Configuration,
            "this is not a JWT: it is not three parts of base64url, the first two JSON objects",
        )
        .with_remedy("some access tokens are opaque; only the service they are for can read them")
    })?;
    let times: Map<String, Value> = TIMES
        .into_iter()
        .filter_map(|name| Some((name.to_owned(), time(jwt.claims.get(name)?)?.into())))
        .collect();
    let text = match args.output {
        TableOutput::Json => {
            let document = json!({
                "header": jwt.header,
                "claims": jwt.claims,
                "times": times,
                "signature": "not checked",
            });
            format!("{document:#}")
        }
        TableOutput::Table => [shown(&jwt.header, &Map::new()), shown(&jwt.claims, &times)].join("\n\n"),
    };
    output::print(&harmless(&text))?;
    say("note: the signature is not checked; anybody could have written this token");
    Ok(())
}

/// One part of a token, a line a member, with what its times come to.
fn shown(part: &Map<String, Value>, times: &Map<String, Value>) -> String {
    let rows: Vec<_> = part
        .iter()
        .map(|(name, value)| {
            let text = value.as_str().map_or_else(|| value.to_string(), |text| text.replace('\n', " "));
            let time = times.get(name).and_then(Value::as_str).map(|time| format!(" ({time})"));
            (name.as_str(), text + &time.unwrap_or_default())
        })
        .collect();
    let rows: Vec<_> = rows.iter().map(|(name, text)| (*name, Some(text.as_str()))).collect();
    table::pairs(&rows)
}

/// The token in what may be a whole header, as it is copied from a log or a browser.
fn bare(text: &str) -> &str {
    let text = text.trim_start_matches('\u{feff}').trim();
    let text = without(text, "authorization:").trim();
    without(text, "bearer ").trim()
}

fn without<'a>(text: &'a str, prefix: &str) -> &'a str {
    match text.get(..prefix.len()) {
        Some(start) if start.eq_ignore_ascii_case(prefix) => &text[prefix.len()..],
        _ => text,
    }
}

/// A time in the local zone; a claim that no calendar can show is left out.
#[allow(clippy::cast_possible_truncation, reason = "the range was checked")]
fn time(claim: &Value) -> Option<String> {
    let seconds = claim.as_f64().filter(|seconds| (0.0..=LATEST).contains(seconds))?;
    Some(output::local(Unix(seconds.floor() as i64), "%Y-%m-%d %H:%M:%S %:z"))
}

/// JSON whose texts cannot move the cursor or turn the writing around.
fn harmless(json: &str) -> String {
    json.chars().fold(String::with_capacity(json.len()), |mut safe, c| {
        let turns = matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        if turns || (c.is_control() && c != '\n') {
            let _ = write!(safe, "\\u{:04x}", u32::from(c));
        } else {
            safe.push(c);
        }
        safe
    })
}
