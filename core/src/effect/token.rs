//! Getting a token from the driver's own credential.

use super::{Outcome, Reply, Ticket};
use crate::error::Error;
use crate::request::TokenRequest;
use crate::time::Mono;
use crate::token::AccessToken;

/// A token that a call to a service needs. The driver answers from the credential that the call was
/// made with, cache included.
#[derive(Debug)]
pub struct NeedToken {
    pub(crate) request: TokenRequest,
    pub(crate) deadline: Mono,
    pub(crate) ticket: Ticket,
}

impl NeedToken {
    /// What token is needed.
    #[must_use]
    pub fn request(&self) -> &TokenRequest {
        &self.request
    }

    /// What is needed, and the ticket to answer with.
    #[must_use]
    pub fn split(self) -> (TokenRequest, TokenTicket) {
        (self.request, TokenTicket(self.ticket))
    }
}

/// Answers one [`NeedToken`].
#[derive(Debug)]
#[must_use]
pub struct TokenTicket(Ticket);

impl TokenTicket {
    /// The reply: a token, or the credential's error.
    pub fn reply(self, result: Result<AccessToken, Error>) -> Reply {
        Reply { ticket: self.0, outcome: Outcome::Token(result) }
    }
}
