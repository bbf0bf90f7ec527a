//! Forgetting a token that a service rejected, wherever it is kept.

use crate::cache::accounts::Change;
use crate::effect::{Reply, StoreAction};
use crate::error::{Error, ErrorKind};
use crate::flow::{self, BoxFlow, Cx, Flow, expect};
use crate::run::Step;
use crate::token::AccessToken;

/// The flow that has this token forgotten: by the cache of the driver's credential, and by the document in which
/// it is kept between runs. Another that came in its place meanwhile stays.
///
/// It ends in `Unavailable` where the document cannot be changed.
#[must_use]
pub fn forgetting(token: AccessToken) -> BoxFlow<()> {
    Box::new(Forgetting { token, state: State::Fresh })
}

#[derive(Debug)]
struct Forgetting {
    token: AccessToken,
    state: State,
}

#[derive(Debug)]
enum State {
    Fresh,
    ByTheCache,
    ByTheDocument,
}

impl Flow for Forgetting {
    type Output = ();

    fn step(&mut self, cx: &mut Cx<'_>, reply: Option<Reply>) -> Step<()> {
        match self.state {
            State::Fresh => {
                self.state = State::ByTheCache;
                cx.forget(self.token.clone())
            }
            State::ByTheCache => {
                drop(crate::check!(expect(reply)));
                let Some(document) = self.token.document() else { return Step::Done(Ok(())) };
                self.state = State::ByTheDocument;
                let change = Change::RemoveAccessToken(self.token.clone());
                cx.store(document.clone(), StoreAction::Change(Box::new(change)))
            }
            State::ByTheDocument => {
                let failed = |failure| {
                    Error::new(
                        ErrorKind::Unavailable,
                        format!("a token that was rejected is kept still: {failure}"),
                    )
                    .with_remedy("ask for one with claims, or without what is kept")
                };
                Step::Done(match expect(reply) {
                    Ok(reply) => reply.stored().map(drop).map_err(failed),
                    Err(_) => Err(flow::out_of_turn()),
                })
            }
        }
    }
}
