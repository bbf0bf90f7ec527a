//! The refresh token to redeem next: the newest that a reply brought.

use crate::effect::Reply;
use crate::error::{Error, Suberror};
use crate::flow::{BoxFlow, Cx, Flow};
use crate::memo::Memo;
use crate::run::Step;
use crate::secret::Secret;
use crate::token::TokenResponse;

/// Refusals after which a refresh token is of no use to anybody: expired, revoked, malformed.
const DEAD: [u64; 5] = [700_082, 700_084, 50_173, 70_008, 9_002_313];
/// Its second factor is too old for the tenant's policy. Claims would say what is wanted instead.
const FACTOR_TOO_OLD: u64 = 50_078;

/// Whether this refusal says that the refresh token it is about is of no use to anybody.
pub(crate) fn is_dead(refusal: &Error) -> bool {
    let number =
        |number: &u64| DEAD.contains(number) || (*number == FACTOR_TOO_OLD && refusal.claims().is_none());
    matches!(refusal.suberror(), Some(Suberror::BadToken | Suberror::TokenExpired))
        || refusal.aadsts().iter().any(number)
}

/// The newest refresh token of one person, which the clones of a credential have in common.
#[derive(Clone, Debug, Default)]
pub(crate) struct LatestRefreshToken(Memo<Secret>);

impl LatestRefreshToken {
    /// This one, until another comes.
    pub(crate) fn of(token: Secret) -> LatestRefreshToken {
        let newest = LatestRefreshToken::default();
        newest.0.set(token);
        newest
    }

    pub(crate) fn get(&self) -> Option<Secret> {
        self.0.get()
    }

    /// Forgets this one. Another that came meanwhile stays.
    pub(crate) fn forget(&self, dead: &Secret) {
        self.0.forget(|token| token.matches(dead.expose()));
    }

    /// The flow, which leaves here the refresh token that its reply brings.
    pub(crate) fn noting(&self, flow: BoxFlow<TokenResponse>) -> BoxFlow<TokenResponse> {
        Box::new(Noting { newest: self.clone(), flow })
    }
}

#[derive(Debug)]
struct Noting {
    newest: LatestRefreshToken,
    flow: BoxFlow<TokenResponse>,
}

impl Flow for Noting {
    type Output = TokenResponse;

    fn step(&mut self, cx: &mut Cx<'_>, reply: Option<Reply>) -> Step<TokenResponse> {
        let response = crate::pump!(self.flow.step(cx, reply));
        if let Some(token) = &response.refresh_token {
            self.newest.0.set(token.clone());
        }
        Step::Done(Ok(response))
    }
}
