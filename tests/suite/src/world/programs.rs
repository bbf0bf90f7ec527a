//! The Azure CLI, in every shape of output that was seen in the wild.

use std::time::Duration;

use entrada_core::calendar::rfc3339;
use entrada_core::effect::{CommandFailure, CommandOutput, Effect, RunCommand};
use entrada_core::time::{LocalZone, Now, Unix};
use entrada_emulator::world;
use serde_json::{Value, json};

use super::{Answer, World};
use crate::canaries::Kind;
use crate::choices::Choices;

/// What the tool does when it is asked for a token.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Az {
    /// It prints a token, in the form of this version.
    Works(Version),
    /// It fails in the way of this row of [`FAILURES`].
    Fails(usize),
    /// There is no such program.
    NotFound,
    /// It is there but does not start.
    CannotStart,
    /// It never ends.
    Hangs,
    /// A signal ends it.
    Killed,
    /// It succeeds and prints something else: this one of [`NONSENSE`].
    Prints(usize),
    /// Somebody has to sign in.
    #[default]
    SignedOut,
}

/// The forms of a token in the versions of the tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// 2.54.0 and later: both times.
    Current,
    /// Before 2.54.0: local time only.
    LocalTime,
    /// `expires_on` as a text.
    Text,
    /// With a byte-order mark and CRLF.
    Windows,
}

impl Version {
    /// Every form.
    pub const ALL: [Version; 4] = [Version::Current, Version::LocalTime, Version::Text, Version::Windows];
}

/// How the tool fails: exit code, standard output, standard error.
pub const FAILURES: [(i32, &str, &str); 14] = [
    (1, "", "ERROR: Please run 'az login' to setup account."),
    (1, "", "ERROR: Subscription 'nosuch' not found. Check the spelling and casing and try again."),
    (1, "", "Multiple subscriptions with the name 'x' found. Specify the subscription ID."),
    (1, "", "No subscription found. Run 'az account set' to select a subscription."),
    (1, "", "ERROR: Please specify only one of subscription and tenant, not both"),
    (1, "", "ERROR: User 'user@contoso.com' does not exist in MSAL token cache. Run `az login`."),
    (
        1,
        "",
        "ERROR: AADSTS7000222: The provided client secret keys for app '3f0c' are expired.\nRun the command below to authenticate interactively; additional arguments may be added as needed:\naz logout\naz login",
    ),
    (
        1,
        "",
        "ERROR: AADSTS50076: Due to a configuration change made by your administrator, you must use multi-factor authentication.\naz logout\naz login --tenant \"contoso\" --scope \"https://management.azure.com/.default\"",
    ),
    (1, "", "ERROR: AADSTS7000215: Invalid client secret provided."),
    (1, "", "Can't find token from MSAL cache.\nTo re-authenticate, please run:\naz login"),
    (
        1,
        "",
        "ERROR: Identity not found\nRun the command below to authenticate interactively; additional arguments may be added as needed:\naz logout\naz login",
    ),
    (
        1,
        "",
        "ERROR: The command failed with an unexpected error. Here is the traceback:\nERROR: HTTPSConnectionPool(host='login.microsoftonline.com', port=443): Max retries exceeded\nTraceback (most recent call last):\n  File \"x.py\", line 1",
    ),
    (2, "", "ERROR: unrecognized arguments: --bogus"),
    (127, "", "/bin/sh: 1: az: not found"),
];

/// What a tool of that name may print instead of a token.
pub const NONSENSE: [&str; 7] = [
    "",
    "null",
    "[]",
    "{}",
    "Welcome to the Azure CLI! Use `az --version` to see the version.",
    "{\"accessToken\":\"CANARY\",\"expiresOn\":null",
    "{\"accessToken\":\"CANARY\",\"expires_on\":\"soon\",\"tenant\":7}",
];

impl World {
    pub(super) fn run(&mut self, command: RunCommand, now: Now, choices: &mut Choices<'_>) -> Answer {
        let took = Duration::from_millis(250 + 40 * u64::from(choices.byte()));
        if command.program() != "az" {
            return Answer::at_once(command.ticket().reply(Err(CommandFailure::NotFound)));
        }
        match self.az_says(command.arguments(), now, choices.chance(128)) {
            Some(result) => Answer::Reply { reply: command.ticket().reply(result), took, exchange: None },
            None => Answer::silence(Effect::RunCommand(Box::new(command))),
        }
    }

    /// What the tool answers to these arguments; nothing where it hangs. A noisy one prints its token
    /// among its complaints, as it does in debug mode.
    pub fn az_says(
        &mut self,
        arguments: &[String],
        now: Now,
        noisy: bool,
    ) -> Option<Result<CommandOutput, CommandFailure>> {
        let scope = arguments.get(5).cloned().unwrap_or_default();
        let tenant = arguments.get(7).map(String::as_str);
        let output = |code, stdout: &str, stderr: &str| {
            Ok(CommandOutput {
                code,
                stdout: stdout.as_bytes().to_vec().into(),
                stderr: stderr.as_bytes().to_vec().into(),
            })
        };
        Some(match self.az {
            Az::Hangs => return None,
            Az::NotFound => Err(CommandFailure::NotFound),
            Az::CannotStart => Err(CommandFailure::CannotStart),
            Az::Killed => output(None, "", ""),
            Az::SignedOut => output(Some(FAILURES[0].0), FAILURES[0].1, FAILURES[0].2),
            Az::Fails(row) => {
                let (code, stdout, stderr) = FAILURES[row % FAILURES.len()];
                let token = self.token(&scope, now);
                let noise = format!("{stderr}\nDEBUG: response body {{\"access_token\": \"{token}\"}}\n");
                output(Some(code), stdout, if noisy { &noise } else { stderr })
            }
            Az::Prints(which) => {
                let token = self.token(&scope, now);
                output(Some(0), &NONSENSE[which % NONSENSE.len()].replace("CANARY", &token), "")
            }
            Az::Works(version) => {
                let token = self.token(&scope, now);
                output(Some(0), &print(version, &token, now.unix, tenant), "WARNING: old version")
            }
        })
    }

    /// A token of the emulator's, as whoever is signed in to the tool has it.
    fn token(&mut self, scope: &str, now: Now) -> String {
        let body = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("grant_type", "client_credentials")
            .append_pair("client_id", world::APP)
            .append_pair("client_secret", world::SECRET)
            .append_pair("scope", scope)
            .finish();
        let address = format!("https://login.microsoftonline.com/{}/oauth2/v2.0/token", world::TENANT);
        let request = http::Request::post(address)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(entrada_core::SecretBytes::new(body));
        let answer = request.ok().map(|request| self.emulator.answer(now, &request));
        let document: Value =
            answer.and_then(|answer| serde_json::from_slice(answer.body().expose()).ok()).unwrap_or_default();
        let token = document.get("access_token").and_then(Value::as_str);
        let token = token.unwrap_or("opaque-az-canary-of-more-than-sixteen-characters").to_owned();
        self.canaries.add(Kind::AccessToken, &token);
        token
    }
}

fn print(version: Version, token: &str, now: Unix, tenant: Option<&str>) -> String {
    let at = now.0.saturating_add(3599);
    let local =
        rfc3339(Unix(at.saturating_add(i64::from(ZONE.offset)))).replace('T', " ").replace('Z', ".000000");
    let mut document =
        json!({ "accessToken": token, "tenant": tenant.unwrap_or(world::TENANT), "tokenType": "Bearer" });
    match version {
        Version::Current | Version::Windows => {
            document["expires_on"] = at.into();
            document["expiresOn"] = local.into();
        }
        Version::LocalTime => document["expiresOn"] = local.into(),
        Version::Text => document["expires_on"] = at.to_string().into(),
    }
    let text = format!("{document:#}\n");
    if version == Version::Windows { format!("\u{feff}{}", text.replace('\n', "\r\n")) } else { text }
}

/// The zone of the machine that the tool runs on.
pub const ZONE: LocalZone = LocalZone { offset: -5 * 3600, next: None };
