//! Talking to the person, on standard error.

use std::io::Write as _;

use entrada_blocking::Ui;
use entrada_core::Environment;
use entrada_core::effect::{BrowserFailure, DevicePrompt, PromptFailure};

/// One line on standard error.
pub(crate) fn say(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// Shows codes and opens browsers.
pub(crate) struct Terminal {
    environment: Environment,
}

impl Terminal {
    pub(crate) fn new(environment: &Environment) -> Terminal {
        Terminal { environment: environment.clone() }
    }
}

impl Ui for Terminal {
    fn prompt(&self, prompt: &DevicePrompt) -> Result<(), PromptFailure> {
        say(&prompt.message);
        Ok(())
    }

    fn open(&self, url: &str) -> Result<(), BrowserFailure> {
        entrada_host::browser::open(url, &self.environment)?;
        say("A browser window was opened for the sign-in; waiting for it to be finished there.");
        Ok(())
    }
}
