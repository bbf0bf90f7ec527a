//! How the reply of a host is read.

use super::NAME;
use crate::error::{Error, ErrorKind};
use crate::exchange::Answer;
use crate::token::{self, AccessToken, Issued, Party, Refusal};

/// The token that an answer brings, or the refusal that it is.
pub(super) fn token(answer: &Answer, party: Party) -> Result<AccessToken, Error> {
    if answer.is_success() && answer.status() != 200 {
        return Err(Error::new(
            ErrorKind::Malformed,
            format!("{} answered {} with {}", answer.host(), answer.label(), answer.status()),
        )
        .with_status(answer.status()));
    }
    let settled = || {
        let refusal = Refusal::of(answer).filter(|refusal| !refusal.is_temporary())?;
        crate::aadsts::first_known(&refusal.numbers)
    };
    match token::parse(answer, &Issued { source: NAME, tenant: None, party }) {
        Ok(response) => Ok(response.access),
        // Hosts answer 500 to what Entra refused for good.
        Err(error) if error.kind() == ErrorKind::Service => Err(match settled() {
            Some(entry) => error.as_kind(ErrorKind::Refused).with_remedy(entry.remedy),
            None => error,
        }),
        Err(error) => Err(error),
    }
}

/// The end of asking a host: whose error it is, and what to do where nothing better is known.
pub(super) fn ending(error: Error) -> Error {
    let error = error.from_source(NAME);
    let remedy = match error.kind() {
        _ if error.own_remedy().is_some() => return error,
        ErrorKind::Refused => {
            "see what the host says; check the resource, and that the identity is one of this host's"
        }
        ErrorKind::Malformed => "see what answers at this address; if it is the host, try again or update it",
        ErrorKind::Network | ErrorKind::Timeout => {
            "see whether the host's identity endpoint, which its variables name, answers from here"
        }
        _ => return error,
    };
    error.with_remedy(remedy)
}

/// What a host says in an answer, made fit for people.
pub(super) fn said(answer: &Answer) -> String {
    match Refusal::of(answer).as_ref().and_then(Refusal::description) {
        Some(text) => answer.clean(text),
        None if answer.body().is_empty() => String::new(),
        None => answer.excerpt(),
    }
}
