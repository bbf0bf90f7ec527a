//! Azure Arc: an agent on machines outside Azure that proves its callers by a key which only they can
//! read ([documentation]).
//!
//! The first request is answered with 401 and the name of a key file, the second brings the key. A first
//! answer that is a token is refused: whoever gives it asked for no proof, and is not the agent.
//!
//! [documentation]: https://learn.microsoft.com/azure/azure-arc/servers/managed-identity-authentication

mod key_file;

use http::header::{AUTHORIZATION, HeaderName, WWW_AUTHENTICATE};

use super::asking;
use super::reply::{ending, settled, token};
use super::wanted::{Place, Wanted};
use crate::effect::{HttpFailure, Reply};
use crate::endpoint::Endpoint;
use crate::error::{Error, ErrorKind};
use crate::exchange::{Answer, Exchange, RequestSpec, RetryPolicy};
use crate::flow::{Cx, Flow, expect};
use crate::run::Step;
use crate::secret::Secret;
use crate::token::{AccessToken, Party};

pub use key_file::KeyFolder;

const API_VERSION: &str = "2020-06-01";
const PLACE: Place = Place::with_settings("this Azure Arc machine");
const POLICY: RetryPolicy = RetryPolicy { settled, ..RetryPolicy::LOCAL_HOST };

#[derive(Debug)]
pub(super) struct Arc {
    endpoint: Endpoint,
    keys: KeyFolder,
    resource: String,
    wanted: Wanted,
    /// Whether nothing but its program on the disk tells of the agent.
    found: bool,
    state: State,
}

#[derive(Debug)]
enum State {
    Start,
    Challenging(Box<Exchange>),
    Reading(String),
    Proving(Box<Exchange>),
}

impl Arc {
    pub(super) fn new(endpoint: Endpoint, keys: KeyFolder, resource: &str, wanted: Wanted) -> Arc {
        let resource = resource.to_owned();
        Arc { endpoint, keys, resource, wanted, found: false, state: State::Start }
    }

    /// The same, of which nothing but its program on the disk tells.
    pub(super) fn found(self) -> Arc {
        Arc { found: true, ..self }
    }

    /// The agent's address, with the variable that names it.
    fn address(&self) -> String {
        let address = self.endpoint.url().origin().ascii_serialization();
        if self.found { address } else { format!("{address} (IDENTITY_ENDPOINT)") }
    }

    fn ask(&self, key: Option<&Secret>) -> Exchange {
        let query = [("api-version", API_VERSION), ("resource", self.resource.as_str())];
        let selector = self.wanted.selector(["client_id", "object_id", "msi_res_id"]);
        let spec = asking::get(&self.endpoint, query.into_iter().chain(selector))
            .header(HeaderName::from_static("metadata"), "true");
        let proven = |spec: RequestSpec, key| spec.secret_header(AUTHORIZATION, "Basic ", key);
        let spec = match key {
            Some(key) => proven(spec, key),
            None => spec,
        };
        Exchange::new(spec, POLICY)
    }

    /// The key file that the first answer names.
    fn challenged(&self, answer: &Answer) -> Result<String, Error> {
        if answer.is_success() {
            return Err(Error::new(
                ErrorKind::Refused,
                format!(
                    "{} gave a token without a challenge, which the Azure Arc agent never does",
                    answer.host()
                ),
            )
            .with_remedy(format!("check who listens at the agent's address, {}", self.address()))
            .with_status(answer.status()));
        }
        if answer.status() != 401 {
            return Err(self.refused(answer));
        }
        let mut named =
            answer.headers().get_all(WWW_AUTHENTICATE).iter().filter_map(|value| realm(value.to_str().ok()?));
        let file = named.next().filter(|_| named.next().is_none()).map(|named| self.keys.file(named));
        let wrong = |what: &'static str| {
            Error::new(ErrorKind::Refused, what)
                .with_remedy(format!(
                    "check who listens at the agent's address, {}, and the agent with `azcmagent show`",
                    self.address()
                ))
                .with_status(401)
        };
        file.ok_or_else(|| wrong("the Azure Arc agent answered with no challenge that names a key file"))?
            .ok_or_else(|| {
                wrong("the Azure Arc agent named a file that is none of its keys; it was not read")
            })
    }

    fn refused(&self, answer: &Answer) -> Error {
        // Of an identity that it does not have, the agent says so at once, or only when it is asked for.
        if Wanted::is_unknown(answer) || answer.status() == 404 {
            return self.wanted.unassigned(answer, &PLACE);
        }
        match token(answer, Party::App) {
            Err(error) if answer.status() == 403 && error.aadsts().is_empty() => {
                error.with_remedy("see what the agent says, and check it with `azcmagent show`")
            }
            Err(error) => error,
            Ok(_) => Error::new(ErrorKind::Malformed, "the Azure Arc agent answered out of turn"),
        }
    }

    fn proven(&self, answer: &Answer) -> Result<AccessToken, Error> {
        match answer.status() {
            200 => {
                let access = token(answer, Party::App)?;
                // An old agent does not know the parameters, and answers for the machine.
                self.wanted.confirm(answer, &PLACE, true)?;
                Ok(access)
            }
            401 => Err(Error::new(ErrorKind::Refused, "the Azure Arc agent did not accept its own key")
                .with_remedy("try again: keys are replaced quickly")
                .with_status(401)),
            _ => Err(self.refused(answer)),
        }
    }

    /// What to do where the agent does not answer and nothing better is known.
    fn unreached(&self, error: Error) -> Error {
        let silent = matches!(error.kind(), ErrorKind::Network | ErrorKind::Timeout);
        if !silent || error.own_remedy().is_some() {
            return error;
        }
        error.with_remedy(format!(
            "see with `azcmagent show` whether the agent runs, and answers at {}",
            self.address()
        ))
    }

    fn advance(&mut self, cx: &mut Cx<'_>, mut reply: Option<Reply>) -> Step<AccessToken> {
        loop {
            match &mut self.state {
                State::Start => self.state = State::Challenging(Box::new(self.ask(None))),
                State::Challenging(exchange) => {
                    let answer = match exchange.step(cx, reply.take()) {
                        Step::Do(effect) => return Step::Do(effect),
                        Step::Done(Err(_))
                            if self.found && exchange.failure() == Some(HttpFailure::Refused) =>
                        {
                            return Step::Done(Err(not_running()));
                        }
                        Step::Done(Err(error)) => return Step::Done(Err(error)),
                        Step::Done(Ok(answer)) => answer,
                    };
                    let file = crate::check!(self.challenged(&answer));
                    let step = cx.read_file(&file, key_file::LIMIT);
                    self.state = State::Reading(file);
                    return step;
                }
                State::Reading(file) => {
                    let result = crate::check!(expect(reply.take())).file();
                    let key = crate::check!(self.keys.key(file, result));
                    self.state = State::Proving(Box::new(self.ask(Some(&key))));
                }
                State::Proving(exchange) => {
                    let answer = crate::pump!(exchange.step(cx, reply.take()));
                    return Step::Done(self.proven(&answer));
                }
            }
        }
    }
}

impl Flow for Arc {
    type Output = AccessToken;

    fn step(&mut self, cx: &mut Cx<'_>, reply: Option<Reply>) -> Step<AccessToken> {
        match self.advance(cx, reply) {
            Step::Done(result) => Step::Done(result.map_err(|error| ending(self.unreached(error)))),
            step => step,
        }
    }
}

/// Nobody listens, and nothing but the program on the disk tells of an agent. One that listens and hangs is there.
fn not_running() -> Error {
    Error::new(ErrorKind::Unavailable, "the Azure Arc agent is installed here but does not run")
        .with_remedy("start it, and connect the machine with `azcmagent connect`")
}

/// The realm of a challenge `Basic realm=…` (RFC 7617), which the agent does not quote, so that it ends
/// with the header. Quotes around it are tolerated.
fn realm(challenge: &str) -> Option<&str> {
    let (scheme, rest) = challenge.trim().split_once(' ')?;
    let (name, value) = rest.split_once('=')?;
    if !scheme.eq_ignore_ascii_case("basic") || !name.trim().eq_ignore_ascii_case("realm") {
        return None;
    }
    let value = value.trim();
    Some(value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap_or(value))
}

#[cfg(test)]
mod tests {
    use super::realm;

    #[test]
    fn realms() {
        for (challenge, named) in [
            ("Basic realm=/a/b.key", Some("/a/b.key")),
            ("basic  REALM = \"C:\\a b\\c.key\" ", Some("C:\\a b\\c.key")),
            ("Basic realm=/a=b.key", Some("/a=b.key")),
            ("Basic realm=", Some("")),
            ("Digest realm=/a/b.key", None),
            ("Basic", None),
            ("Basic /a/b.key", None),
            ("Basicrealm=/a/b.key", None),
            ("Basic charset=\"UTF-8\"", None),
            ("Bearer authorization=\"x\"", None),
        ] {
            assert_eq!(realm(challenge), named, "{challenge}");
        }
    }
}
