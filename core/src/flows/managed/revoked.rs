//! Tokens that a resource does not take any more: a host that keeps tokens has to be told, or it gives the same
//! one again.

use std::collections::BTreeMap;

use sha2::{Digest as _, Sha256};

use crate::effect::Reply;
use crate::flow::{Cx, Flow};
use crate::memo::Memo;
use crate::request::TokenRequest;
use crate::run::Step;
use crate::secret::Secret;
use crate::token::AccessToken;

/// How many resources are remembered.
const MOST: usize = 64;

/// The hashes of the last token for each resource: all clones of a credential share them.
#[derive(Clone, Debug, Default)]
pub(super) struct Given(Memo<BTreeMap<String, String>>);

/// What a request says of continuous access evaluation, to the hosts that take part in it.
#[derive(Clone, Debug, Default)]
pub(super) struct Evaluation {
    /// Whether claims challenges can be answered.
    capable: bool,
    /// The hash of the token that a challenge was about.
    refused: Option<String>,
}

impl Given {
    /// What this request says: with claims, that the last token for this resource was refused.
    pub(super) fn evaluation(&self, request: &TokenRequest, resource: &str) -> Evaluation {
        let refused = request.claims().and_then(|_| self.0.get()?.remove(resource));
        Evaluation { capable: request.cae(), refused }
    }

    fn note(&self, resource: &str, token: &Secret) {
        let hash = hash(token);
        self.0.change(|given| {
            if given.len() >= MOST && !given.contains_key(resource) {
                given.pop_first();
            }
            given.insert(resource.to_owned(), hash);
        });
    }
}

impl Evaluation {
    /// The parameters of Service Fabric's endpoint.
    pub(super) fn parameters(&self) -> impl Iterator<Item = (&str, &str)> {
        let capable = self.capable.then_some(("xms_cc", "cp1"));
        let refused = self.refused.as_deref().map(|hash| ("token_sha256_to_refresh", hash));
        capable.into_iter().chain(refused)
    }
}

/// SHA-256 in lower-case hexadecimal.
fn hash(token: &Secret) -> String {
    Sha256::digest(token.expose()).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A flow whose token is noted.
#[derive(Debug)]
pub(super) struct Noting<F> {
    flow: F,
    given: Given,
    resource: String,
}

impl<F> Noting<F> {
    pub(super) fn new(flow: F, given: &Given, resource: &str) -> Noting<F> {
        Noting { flow, given: given.clone(), resource: resource.to_owned() }
    }
}

impl<F: Flow<Output = AccessToken>> Flow for Noting<F> {
    type Output = AccessToken;

    fn step(&mut self, cx: &mut Cx<'_>, reply: Option<Reply>) -> Step<AccessToken> {
        let step = self.flow.step(cx, reply);
        if let Step::Done(Ok(token)) = &step {
            self.given.note(&self.resource, token.secret());
        }
        step
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request() -> TokenRequest {
        TokenRequest::new(["https://vault.azure.net/.default"]).unwrap()
    }

    fn sent(given: &Given, request: &TokenRequest, resource: &str) -> Vec<(String, String)> {
        let evaluation = given.evaluation(request, resource);
        let parameters = evaluation.parameters();
        parameters.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }

    #[test]
    fn the_published_vector() {
        let (given, claims) = (Given::default(), crate::claims::Claims::from_json("{}").unwrap());
        given.note("r", &Secret::new("test_token"));
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let hash = "cc0af97287543b65da2c7e1476426021826cab166f1e063ed012b855ff819656";
        let challenged = request().with_claims(claims);
        assert_eq!(sent(&given, &challenged, "r"), [pair("token_sha256_to_refresh", hash)]);
        let capable = challenged.clone().with_cae();
        let both = [pair("xms_cc", "cp1"), pair("token_sha256_to_refresh", hash)];
        assert_eq!(sent(&given, &capable, "r"), both);
        assert_eq!(sent(&given.clone(), &capable, "r"), both, "it stays known");
        assert_eq!(sent(&given, &request().with_cae(), "r"), [pair("xms_cc", "cp1")]);
        assert!(sent(&given, &request(), "r").is_empty());
        assert!(sent(&given, &challenged, "another").is_empty());
    }

    #[test]
    fn it_does_not_grow_without_end() {
        let given = Given::default();
        for number in 0..1000 {
            given.note(&number.to_string(), &Secret::new("token"));
        }
        assert_eq!(given.0.get().unwrap().len(), MOST);
    }
}
