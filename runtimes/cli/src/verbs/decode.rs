//! `entrada decode`.

use std::io::Read as _;

use entrada_core::jwt::Jwt;
use entrada_core::{Error, ErrorKind, Unix};
use serde_json::{Map, Value, json};

use crate::args::DecodeArgs;
use crate::failure::Failure;
use crate::output;
use crate::ui::say;

/// Claims that are times (RFC 7519 section 4.1, OpenID Connect Core section 2).
const TIMES: [&str; 5] = ["iat", "nbf", "exp", "auth_time", "xms_st"];

pub(crate) fn run(args: &DecodeArgs) -> Result<(), Failure> {
    let token = match args.token.as_str() {
        "-" => from_standard_input()?,
        token => token.to_owned(),
    };
    let token = token.trim();
    let token = token.strip_prefix("Authorization:").unwrap_or(token).trim();
    let token = token.strip_prefix("Bearer ").unwrap_or(token);
    let jwt = Jwt::decode(token).ok_or_else(|| {
        Error::new(
            ErrorKind::Configuration,
            "this is not a JWT: it is not three parts of base64url, the first two JSON objects",
        )
        .with_remedy("some access tokens are opaque; only the service they are for can read them")
    })?;
    let times: Map<String, Value> = TIMES
        .into_iter()
        .filter_map(|name| {
            let seconds = jwt.claims.get(name)?.as_i64()?;
            Some((name.to_owned(), output::local(Unix(seconds), "%Y-%m-%d %H:%M:%S %:z").into()))
        })
        .collect();
    let document = json!({
        "header": jwt.header,
        "claims": jwt.claims,
        "times": times,
        "signature": "not checked",
    });
    output::print(&format!("{document:#}"));
    say("note: the signature is not checked; anybody could have written this token");
    Ok(())
}

fn from_standard_input() -> Result<String, Error> {
    let mut text = String::new();
    let read = std::io::stdin().take(1 << 20).read_to_string(&mut text);
    read.map_err(|_| Error::new(ErrorKind::Configuration, "the token cannot be read from standard input"))?;
    Ok(text)
}
