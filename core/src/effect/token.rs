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
    pub(crate) rejected: Option<AccessToken>,
    pub(crate) deadline: Mono,
    pub(crate) ticket: Ticket,
}

impl NeedToken {
    /// What token is needed.
    #[must_use]
    pub fn request(&self) -> &TokenRequest {
        &self.request
    }

    /// The token that the service rejected, for the cache to forget before it is asked. That one alone: a
    /// newer one that came meanwhile stays.
    #[must_use]
    pub fn rejected(&self) -> Option<&AccessToken> {
        self.rejected.as_ref()
    }

    /// What is needed, and the ticket to answer with.
    #[must_use]
    pub fn split(self) -> (TokenRequest, TokenTicket) {
        (self.request, TokenTicket(self.ticket))
    }
}

/// A token that a service rejected, and that nobody asks to replace: the call ends with the service's
/// answer. The driver has the cache of the credential that the call was made with forget that token.
#[derive(Debug)]
pub struct ForgetToken {
    pub(crate) token: AccessToken,
    pub(crate) ticket: Ticket,
}

impl ForgetToken {
    /// Which token is to be forgotten, and the ticket to answer with.
    #[must_use]
    pub fn split(self) -> (AccessToken, ForgetTicket) {
        (self.token, ForgetTicket(self.ticket))
    }
}

/// Answers one [`ForgetToken`].
#[derive(Debug)]
#[must_use]
pub struct ForgetTicket(Ticket);

impl ForgetTicket {
    /// The reply: the token is forgotten, or was not kept.
    pub fn done(self) -> Reply {
        Reply { ticket: self.0, outcome: Outcome::Forgotten }
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
