//! A person at a terminal.

use std::io::{self, Write};

use entrada_core::effect::{BrowserFailure, DevicePrompt, PromptFailure};
use entrada_core::environment::Environment;

use crate::browser;

/// Shows prompts on standard error and opens the person's browser. For programs that a person runs;
/// a server has nobody to show anything to.
#[derive(Clone, Debug)]
pub struct Terminal {
    environment: Environment,
}

impl Terminal {
    /// A terminal whose browser is found by this environment.
    #[must_use]
    pub fn new(environment: Environment) -> Terminal {
        Terminal { environment }
    }

    /// Shows how to sign in on another device.
    ///
    /// # Errors
    /// `Nobody` when standard error is closed.
    pub fn show(&self, prompt: &DevicePrompt) -> Result<(), PromptFailure> {
        say(&prompt_text(prompt)).map_err(|_| PromptFailure::Nobody)
    }

    /// Opens the browser; where there is none, shows the address.
    ///
    /// # Errors
    /// `NotFound` when neither can be done.
    pub fn open(&self, url: &str) -> Result<(), BrowserFailure> {
        let show = || say(&format!("Open this address in a browser on this machine:\n{url}"));
        match browser::open(url, &self.environment) {
            Ok(()) => {
                let _ = say(
                    "A browser was started for the sign-in. If no window opens, set BROWSER to one that does.",
                );
                Ok(())
            }
            Err(failure) => show().map_err(|_| failure),
        }
    }
}

/// The authority's sentence, or ours where it is empty or leaves the code out.
fn prompt_text(prompt: &DevicePrompt) -> String {
    let printable = |text: &str| text.chars().filter(|c| !c.is_control()).collect::<String>();
    let (code, message) = (printable(prompt.user_code.expose()), printable(&prompt.message));
    if message.contains(&code) && !code.is_empty() {
        return message;
    }
    format!("To sign in, open {} and enter the code {code}.", printable(&prompt.verification_uri))
}

fn say(text: &str) -> io::Result<()> {
    let mut out = io::stderr().lock();
    writeln!(out, "{text}")?;
    out.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_is_always_shown_and_nothing_moves_the_cursor() {
        let mut prompt = DevicePrompt {
            user_code: "ABCD".into(),
            verification_uri: "https://x/device".to_owned(),
            message: "Enter ABCD\u{1b}[2J at https://x/device".to_owned(),
            expires_on: entrada_core::time::Unix(0),
        };
        assert_eq!(prompt_text(&prompt), "Enter ABCD[2J at https://x/device");
        prompt.message = "Enter the code".to_owned();
        assert_eq!(prompt_text(&prompt), "To sign in, open https://x/device and enter the code ABCD.");
    }
}
