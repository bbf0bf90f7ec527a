//! Telling the person something.

use std::fmt;

use super::{Outcome, Reply, Ticket};
use crate::secret::Secret;
use crate::time::{Mono, Unix};

/// A message for the person at the screen. Showing it does not wait for them.
#[derive(Debug)]
pub struct ShowPrompt {
    pub(crate) prompt: DevicePrompt,
    pub(crate) deadline: Mono,
    pub(crate) ticket: Ticket,
}

impl ShowPrompt {
    /// What to show, and the ticket to answer with.
    #[must_use]
    pub fn split(self) -> (DevicePrompt, PromptTicket) {
        (self.prompt, PromptTicket(self.ticket))
    }
}

/// How to sign in on another device (RFC 8628 section 3.3).
#[derive(Clone)]
pub struct DevicePrompt {
    /// The code to type in. Whoever has it can sign this program in as themselves.
    pub user_code: Secret,
    /// Where to type it in.
    pub verification_uri: String,
    /// A ready sentence of the authority's, in the person's language.
    pub message: String,
    /// When the code dies.
    pub expires_on: Unix,
}

impl fmt::Debug for DevicePrompt {
    /// Without the message: it repeats the code.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DevicePrompt")
            .field("verification_uri", &self.verification_uri)
            .field("expires_on", &self.expires_on)
            .finish_non_exhaustive()
    }
}

/// Answers one [`ShowPrompt`].
#[derive(Debug)]
#[must_use]
pub struct PromptTicket(Ticket);

impl PromptTicket {
    /// The reply: the person was told, or could not be.
    pub fn reply(self, result: Result<(), PromptFailure>) -> Reply {
        Reply { ticket: self.0, outcome: Outcome::Prompted(result) }
    }
}

/// Why the person could not be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PromptFailure {
    /// There is nobody to tell.
    Nobody,
    /// Telling took too long.
    TimedOut,
    /// The driver tells nobody anything.
    Unsupported,
    /// The reply was of another kind.
    Mismatch,
}

impl fmt::Display for PromptFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            PromptFailure::Nobody => "there is nobody to show the code to",
            PromptFailure::TimedOut => "showing the code took too long",
            PromptFailure::Unsupported => "this driver has nowhere to show a code",
            PromptFailure::Mismatch => "the reply is not that of a prompt",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_does_not_show_the_code() {
        let prompt = DevicePrompt {
            user_code: Secret::new("CANARY"),
            verification_uri: "https://microsoft.com/devicelogin".to_owned(),
            message: "Enter the code CANARY.".to_owned(),
            expires_on: Unix(5),
        };
        assert!(!format!("{prompt:?}").contains("CANARY"));
    }
}
