//! The developer's tools, in every shape of output that was seen in the wild.

pub mod az;
pub mod azd;
pub mod pwsh;

use std::time::Duration;

use entrada_core::effect::{CommandFailure, CommandOutput, Effect, RunCommand};
use entrada_core::time::{LocalZone, Now};
use entrada_emulator::world;

use super::{Answer, World, earlier};
use crate::canaries::Kind;
use crate::choices::Choices;

/// What a tool does when it is asked for a token.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tool {
    /// It prints a token, in the form of this version.
    Works(Version),
    /// It fails in the way of this row of its table of failures.
    Fails(usize),
    /// There is no such program.
    NotFound,
    /// It is there but does not start.
    CannotStart,
    /// It never ends.
    Hangs,
    /// A signal ends it.
    Killed,
    /// It succeeds and prints something else: this row of its table of nonsense.
    Prints(usize),
    /// Somebody has to sign in.
    #[default]
    SignedOut,
}

/// The forms of a token in the versions of a tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// Today's.
    Current,
    /// An old one: the Azure CLI before 2.54.0 prints local time only, the Azure Developer CLI before
    /// 1.18.1 knows no claims, and Azure PowerShell names no tenant.
    Old,
    /// The time in another form.
    Text,
    /// With a byte-order mark, line ends or progress as on Windows.
    Windows,
}

impl Version {
    /// Every form.
    pub const ALL: [Version; 4] = [Version::Current, Version::Old, Version::Text, Version::Windows];
}

/// What a tool prints and how it ends: exit code, standard output, standard error.
pub type Printed = (i32, &'static str, &'static str);

/// The zone of the machine that the tools run on.
pub const ZONE: LocalZone = LocalZone { offset: -5 * 3600, next: None };

/// One tool, as it is asked now.
struct Asked<'a> {
    tool: Tool,
    failures: &'a [Printed],
    nonsense: &'a [&'a str],
    /// What it prints where it works, given the token.
    works: &'a dyn Fn(Version, &str) -> Result<CommandOutput, CommandFailure>,
}

/// An end of a tool.
fn printed(
    code: impl Into<Option<i32>>,
    stdout: &str,
    stderr: &str,
) -> Result<CommandOutput, CommandFailure> {
    Ok(CommandOutput {
        code: code.into(),
        stdout: stdout.as_bytes().to_vec().into(),
        stderr: stderr.as_bytes().to_vec().into(),
    })
}

impl World {
    pub(super) fn run(&mut self, command: RunCommand, now: Now, choices: &mut Choices<'_>) -> Answer {
        let took = Duration::from_millis(250 + 40 * u64::from(choices.byte()));
        let noisy = choices.chance(128);
        match self.says(command.program(), command.arguments(), now, noisy) {
            Some(result) => Answer::Reply { reply: command.ticket().reply(result), took, exchange: None },
            None => Answer::silence(Effect::RunCommand(Box::new(command))),
        }
    }

    /// What a program answers to these arguments; nothing where it hangs. A noisy one prints its token
    /// among its complaints, as the Azure CLI does in debug mode.
    pub fn says(
        &mut self,
        program: &str,
        arguments: &[String],
        now: Now,
        noisy: bool,
    ) -> Option<Result<CommandOutput, CommandFailure>> {
        let after = |name: &str| {
            let at = arguments.iter().position(|argument| argument == name)?;
            arguments.get(at + 1).cloned()
        };
        match program {
            "az" => {
                let (scope, tenant) = (after("--scope").unwrap_or_default(), after("--tenant"));
                let works = |version, token: &str| {
                    printed(0, &az::print(version, token, now, tenant.as_deref()), "WARNING: old version")
                };
                let asked =
                    Asked { tool: self.az, failures: &az::FAILURES, nonsense: &az::NONSENSE, works: &works };
                self.answers(&asked, &scope, now, noisy)
            }
            "azd" => {
                let (scope, claims) = (after("--scope").unwrap_or_default(), after("--claims"));
                let works = |version, token: &str| azd::print(version, token, now, claims.is_some());
                let asked = Asked {
                    tool: self.azd,
                    failures: &azd::FAILURES,
                    nonsense: &azd::NONSENSE,
                    works: &works,
                };
                self.answers(&asked, &scope, now, noisy)
            }
            "pwsh" | "powershell" if program == self.powershell => {
                let script = pwsh::script(arguments).unwrap_or_default();
                let scope =
                    format!("{}/.default", pwsh::quoted(&script, "ResourceUrl = ").unwrap_or_default());
                let works = |version, token: &str| pwsh::print(version, token, now);
                let asked = Asked {
                    tool: self.pwsh,
                    failures: &pwsh::FAILURES,
                    nonsense: &pwsh::NONSENSE,
                    works: &works,
                };
                self.answers(&asked, &scope, now, noisy)
            }
            _ => Some(Err(CommandFailure::NotFound)),
        }
    }

    fn answers(
        &mut self,
        asked: &Asked<'_>,
        scope: &str,
        now: Now,
        noisy: bool,
    ) -> Option<Result<CommandOutput, CommandFailure>> {
        Some(match asked.tool {
            Tool::Hangs => return None,
            Tool::NotFound => Err(CommandFailure::NotFound),
            Tool::CannotStart => Err(CommandFailure::CannotStart),
            Tool::Killed => printed(None, "", ""),
            Tool::SignedOut => {
                let (code, stdout, stderr) = asked.failures[0];
                printed(code, stdout, stderr)
            }
            Tool::Fails(row) => {
                let (code, stdout, stderr) = asked.failures[row % asked.failures.len()];
                let token = self.token(scope, now);
                let noise = format!("{stderr}\nDEBUG: response body {{\"access_token\": \"{token}\"}}\n");
                printed(code, stdout, if noisy { &noise } else { stderr })
            }
            Tool::Prints(row) => {
                let token = self.token(scope, now);
                printed(0, &asked.nonsense[row % asked.nonsense.len()].replace("CANARY", &token), "")
            }
            Tool::Works(version) => {
                let token = self.token(scope, now);
                (asked.works)(version, &token)
            }
        })
    }

    /// A token of the emulator's, as whoever is signed in to the tool has it.
    fn token(&mut self, scope: &str, now: Now) -> String {
        let fields = [
            ("grant_type", "client_credentials"),
            ("client_id", world::APP),
            ("client_secret", world::SECRET),
            ("scope", scope),
        ];
        let token = earlier::text(&earlier::asked(&mut self.emulator, now, &fields), "access_token");
        let token = match token.is_empty() {
            true => "opaque-tool-canary-of-more-than-sixteen-characters".to_owned(),
            false => token,
        };
        self.canaries.add(Kind::AccessToken, &token);
        token
    }
}
