//! The demo's `az`: this program under another name, answering as the Azure CLI does.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use entrada_blocking::{Http, Limits, UreqHttp};
use entrada_core::effect::HttpRequest;
use entrada_core::exchange::Form;
use entrada_core::{Environment, Route, Unix};
use entrada_emulator::world;
use entrada_host::proxy::Proxies;
use entrada_host::tls::Tls;
use entrada_host::{Clock as _, SystemClock};
use serde_json::{Value, json};

use crate::output;
use crate::ui::say;

/// What the program is called.
pub(super) const FILE_NAME: &str = if cfg!(windows) { "az.exe" } else { "az" };

/// The file beside it with the session that a sign-in left behind.
pub(super) const SESSION: &str = "entrada-demo-session.json";

/// Answers as the Azure CLI, if that is the name this program was called by, with a session of the
/// demo's beside it.
pub(crate) fn answer_as_az() -> Option<ExitCode> {
    let called = PathBuf::from(std::env::args_os().next()?);
    if called.file_stem()? != "az" {
        return None;
    }
    let session = std::fs::read(called.with_file_name(SESSION)).ok()?;
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    Some(match answer(&arguments, &session) {
        Ok(text) => {
            let _ = output::print(&text);
            ExitCode::SUCCESS
        }
        Err(why) => {
            say(&format!("ERROR: {why}"));
            ExitCode::FAILURE
        }
    })
}

fn answer(arguments: &[String], session: &[u8]) -> Result<String, String> {
    let ["account", "get-access-token", options @ ..] =
        &arguments.iter().map(String::as_str).collect::<Vec<_>>()[..]
    else {
        return Err(format!("'{}' is not in this stand-in's commands", arguments.join(" ")));
    };
    let option =
        |name: &str| options.iter().position(|option| *option == name).and_then(|at| options.get(at + 1));
    let session: Value = serde_json::from_slice(session).map_err(|_| "the session cannot be read")?;
    let refresh_token = session["refresh_token"].as_str().ok_or("Please run 'az login' to setup account.")?;
    let scope = option("--scope").ok_or("no scope was given")?;
    let document = redeem(session["authority"].as_str().unwrap_or_default(), refresh_token, scope)?;
    let lifetime = document["expires_in"].as_i64().ok_or("the authority told no lifetime")?;
    let expires_on = Unix(SystemClock::new().now().unix.0 + lifetime);
    let printed = json!({
        "accessToken": document["access_token"],
        "expiresOn": output::local(expires_on, "%Y-%m-%d %H:%M:%S.000000"),
        "expires_on": expires_on.0,
        "subscription": world::SUBSCRIPTION,
        "tenant": world::TENANT,
        "tokenType": "Bearer",
    });
    Ok(format!("{printed:#}"))
}

/// What the Azure CLI does with its session: it redeems the refresh token.
fn redeem(authority: &str, refresh_token: &str, scope: &str) -> Result<Value, String> {
    let form = Form::new()
        .field("client_id", world::DEVELOPER_CLIENT)
        .field("grant_type", "refresh_token")
        .secret("refresh_token", &refresh_token.into())
        .field("scope", scope);
    let request: HttpRequest = http::Request::post(format!("{authority}/organizations/oauth2/v2.0/token"))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(form.into_body())
        .map_err(|error| error.to_string())?;
    let tls = Tls::new(&Environment::new()).map_err(|error| error.to_string())?;
    let limits = Limits { connect: Duration::from_secs(5), whole: Duration::from_secs(10) };
    let response = UreqHttp::new(tls, Proxies::none()).send(request, Route::Local, limits);
    let response = response.map_err(|failure| failure.to_string())?;
    let document: Value =
        serde_json::from_slice(response.body().expose()).map_err(|error| error.to_string())?;
    match document["error_description"].as_str() {
        Some(description) => Err(description.to_owned()),
        None => Ok(document),
    }
}
