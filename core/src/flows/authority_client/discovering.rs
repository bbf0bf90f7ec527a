//! What has to be known of an authority first.

use std::fmt::Debug;

use super::EntraClient;
use crate::authority::Discovery;
use crate::effect::Reply;
use crate::exchange::RetryPolicy;
use crate::flow::{BoxFlow, Cx, Flow};
use crate::run::Step;

impl EntraClient {
    /// The flow that finds out what has to be known of the authority before anything is sent to it:
    /// nothing is asked where all is known. The other flows do this by themselves; a web app whose
    /// authority is a provider does it before its first sign-in.
    #[must_use]
    pub fn discover(&self) -> BoxFlow<()> {
        let policy = self.limited(RetryPolicy::AUTHORITY);
        Box::new(Discovery::of(&self.0.authority, &self.0.tenant, policy))
    }

    /// The flow of the credential of this name, after what has to be known of the authority was found out.
    #[must_use]
    pub(crate) fn once_known<T: Debug + Send + 'static>(
        &self,
        source: &'static str,
        flow: BoxFlow<T>,
    ) -> BoxFlow<T> {
        match self.0.authority.needs_discovery(&self.0.tenant) {
            true => Box::new(After { source, first: Some(self.discover()), then: flow }),
            false => flow,
        }
    }
}

/// A flow that runs before another.
#[derive(Debug)]
struct After<T> {
    source: &'static str,
    first: Option<BoxFlow<()>>,
    then: BoxFlow<T>,
}

impl<T: Debug> Flow for After<T> {
    type Output = T;

    fn step(&mut self, cx: &mut Cx<'_>, reply: Option<Reply>) -> Step<T> {
        let reply = match &mut self.first {
            Some(first) => match first.step(cx, reply) {
                Step::Do(effect) => return Step::Do(effect),
                Step::Done(Err(error)) => return Step::Done(Err(error.from_source(self.source))),
                Step::Done(Ok(())) => {
                    self.first = None;
                    None
                }
            },
            None => reply,
        };
        self.then.step(cx, reply)
    }
}
