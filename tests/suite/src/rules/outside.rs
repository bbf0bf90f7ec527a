//! What is done outside of the process: programs that are run, and pages that a browser is sent to.

use entrada_core::effect::RunCommand;

use super::Watch;
use crate::canaries::{Canaries, Kind};
use crate::world::programs::pwsh;

impl Watch {
    pub(super) fn command(&mut self, command: &RunCommand, canaries: &Canaries) {
        let arguments = command.arguments();
        let text: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let value = |text: &str| !text.is_empty() && !text.starts_with('-');
        let demanded = self.rules.claims.as_ref().and_then(|claims| claims.demanded.clone());
        let legal = match (command.program(), text.as_slice()) {
            ("azd", ["auth", "token", "--output", "json", "--no-prompt", "--scope", scope, rest @ ..]) => {
                let pairs = |pair: &[&str]| matches!(pair, ["--tenant-id" | "--claims" | "--scope", given] if value(given));
                let claims = rest.chunks(2).find_map(|pair| match pair {
                    ["--claims", claims] => Some((*claims).to_owned()),
                    _ => None,
                });
                value(scope) && rest.chunks(2).all(pairs) && claims == demanded
            }
            // Neither of these can pass claims on.
            ("pwsh" | "powershell", ["-NoProfile", "-NonInteractive", "-EncodedCommand", _]) => {
                demanded.is_none() && pwsh::script(arguments).is_some_and(|script| is_plain(&script))
            }
            ("az", ["account", "get-access-token", "--output", "json", "--scope", scope, rest @ ..]) => {
                value(scope)
                    && demanded.is_none()
                    && match rest {
                        [] => true,
                        ["--tenant" | "--subscription", rest] => value(rest),
                        _ => false,
                    }
            }
            _ => false,
        };
        if !self.rules.programs.contains(&command.program()) || !legal {
            self.broken(format!("the command {} {text:?}", command.program()));
        }
        if arguments
            .iter()
            .any(|argument| argument.chars().any(|c| c.is_control() || "\"'`$;|&<>\\".contains(c)))
        {
            self.broken("an argument that a shell would read otherwise");
        }
        if canaries.leak(&text.join(" ")).is_some() {
            self.broken("a secret on a command line");
        }
    }

    /// Looks at the address of a sign-in page.
    pub fn browser(&mut self, address: &str, canaries: &Canaries) {
        let Ok(url) = url::Url::parse(address) else {
            return self.broken("the browser is sent to what is no address");
        };
        if Some(url.origin().ascii_serialization()) != self.rules.authority {
            self.broken(format!("the browser is sent to {:?}", url.host_str()));
        }
        if canaries.leak_of(address, |kind| !matches!(kind, Kind::State | Kind::Nonce)).is_some() {
            self.broken("a secret in the address for the browser");
        }
        let value = |wanted: &str| {
            let found = url.query_pairs().find(|(name, _)| name == wanted);
            found.map(|(_, value)| value.into_owned())
        };
        if value("code_challenge_method").as_deref() != Some("S256") {
            self.broken("a sign-in without PKCE");
        }
        self.sign_in.begun(value("nonce"));
        self.claims(value("claims").as_deref(), "a page");
    }

    /// Compares what is demanded with what has to be.
    pub(super) fn claims(&mut self, said: Option<&str>, by: &str) {
        if let Some(claims) = &self.rules.claims
            && said != claims.parameter.as_deref()
        {
            self.broken(format!("{by} demands {said:?}"));
        }
    }
}

/// Whether what a script holds between quotation marks cannot have got out of them.
fn is_plain(script: &str) -> bool {
    let value = |before| pwsh::quoted(script, before);
    let legal = |text: &str| {
        !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "-_.:/".contains(c))
    };
    let ends = |before: &str, text: &str, after: &str| script.contains(&format!("{before}'{text}'{after}"));
    let resource =
        value("ResourceUrl = ").is_some_and(|text| legal(text) && ends("ResourceUrl = ", text, ";"));
    let tenant = value("$ask['TenantId'] = ");
    resource && tenant.is_none_or(|text| legal(text) && ends("$ask['TenantId'] = ", text, "\n"))
}
