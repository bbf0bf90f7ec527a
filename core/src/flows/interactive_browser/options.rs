//! How an interactive sign-in is done.

use std::time::Duration;

use super::redirect::RedirectUri;
use crate::error::Error;
use crate::flows::authorization_code::SignInHints;

/// How an interactive sign-in is done.
#[derive(Clone, Debug)]
pub struct BrowserOptions {
    pub(super) redirect: RedirectUri,
    pub(super) hints: SignInHints,
    pub(super) limit: Duration,
    pub(super) done: String,
}

impl Default for BrowserOptions {
    /// A free port of `http://localhost`, the account picker, five minutes.
    fn default() -> BrowserOptions {
        BrowserOptions {
            redirect: RedirectUri::default(),
            hints: SignInHints::default().prompt(Some("select_account")),
            limit: Duration::from_secs(300),
            done: "You are signed in. You can close this window and go back to the program.".to_owned(),
        }
    }
}

impl BrowserOptions {
    /// The same with a redirect URI that the app allows: `http://localhost`, with or without a port
    /// and a path. Entra does not compare the port; an AD FS compares the whole address, so that a port
    /// has to be named there which is registered (the Azure CLI's is 8400).
    ///
    /// # Errors
    /// `Configuration` when it is not an address on this machine that can be listened on.
    pub fn redirect_uri(mut self, uri: &str) -> Result<BrowserOptions, Error> {
        self.redirect = RedirectUri::new(uri)?;
        Ok(self)
    }

    /// The same for this account; the account picker is left out.
    #[must_use]
    pub fn login_hint(mut self, user: impl Into<String>) -> BrowserOptions {
        self.hints = self.hints.login_hint(user).prompt(None);
        self
    }

    /// The same for accounts of this domain, or `organizations` or `consumers`.
    #[must_use]
    pub fn domain_hint(mut self, domain: impl Into<String>) -> BrowserOptions {
        self.hints = self.hints.domain_hint(domain);
        self
    }

    /// The same with another `prompt`: `login`, `consent`, `select_account`, `create` or `none`; or with none,
    /// which leaves it to the authority.
    #[must_use]
    pub fn prompt(mut self, prompt: Option<&str>) -> BrowserOptions {
        self.hints = self.hints.prompt(prompt);
        self
    }

    /// The same with another limit for the person.
    #[must_use]
    pub fn within(mut self, limit: Duration) -> BrowserOptions {
        self.limit = limit;
        self
    }

    /// The same with another text on the last page.
    #[must_use]
    pub fn done_text(mut self, text: impl Into<String>) -> BrowserOptions {
        self.done = text.into();
        self
    }
}
