//! A device code that is got in one process, kept as JSON, and waited for in another.

use std::mem;

use entrada_core::cache::Partition;
use entrada_core::effect::Reply;
use entrada_core::flow::{self, BoxFlow, Credential, Cx, Flow};
use entrada_core::token::TokenResponse;
use entrada_core::{
    AccessToken, DeviceCodeCredential, EntraClient, Error, ErrorKind, PendingDeviceCode, Secret, Step,
    TokenRequest, check,
};

/// An app whose server begins a sign-in, shows its code, forgets it, and reads it again to finish it.
#[derive(Debug)]
pub(super) struct InTwoProcesses(pub(super) EntraClient);

impl Credential for InTwoProcesses {
    fn name(&self) -> &'static str {
        DeviceCodeCredential::of(self.0.clone()).name()
    }

    fn begin(&self, request: &TokenRequest) -> BoxFlow<AccessToken> {
        let begun = DeviceCodeCredential::of(self.0.clone()).start(request);
        Box::new(Sitting { client: self.0.clone(), state: State::Beginning(begun) })
    }

    fn partition(&self) -> Partition {
        DeviceCodeCredential::of(self.0.clone()).partition()
    }
}

#[derive(Debug)]
struct Sitting {
    client: EntraClient,
    state: State,
}

#[derive(Debug)]
enum State {
    Beginning(BoxFlow<PendingDeviceCode>),
    Showing(Secret),
    Finishing(BoxFlow<TokenResponse>),
    Over,
}

impl Sitting {
    fn finishing(
        &mut self,
        cx: &mut Cx<'_>,
        mut flow: BoxFlow<TokenResponse>,
        reply: Option<Reply>,
    ) -> Step<AccessToken> {
        match flow.step(cx, reply) {
            Step::Do(effect) => {
                self.state = State::Finishing(flow);
                Step::Do(effect)
            }
            Step::Done(response) => Step::Done(response.map(|response| response.access)),
        }
    }
}

impl Flow for Sitting {
    type Output = AccessToken;

    fn step(&mut self, cx: &mut Cx<'_>, reply: Option<Reply>) -> Step<AccessToken> {
        match mem::replace(&mut self.state, State::Over) {
            State::Beginning(mut flow) => match flow.step(cx, reply) {
                Step::Do(effect) => {
                    self.state = State::Beginning(flow);
                    Step::Do(effect)
                }
                Step::Done(pending) => {
                    let pending = check!(pending);
                    self.state = State::Showing(pending.to_json());
                    cx.prompt(pending.prompt().clone())
                }
            },
            State::Showing(kept) => {
                if let Err(failure) = check!(flow::expect(reply)).prompted() {
                    let what = format!("the sign-in needs a person: {failure}");
                    return Step::Done(Err(Error::new(ErrorKind::Unavailable, what)));
                }
                let pending = check!(PendingDeviceCode::from_json(&kept));
                let flow = DeviceCodeCredential::of(self.client.clone()).resume(&pending);
                self.finishing(cx, flow, None)
            }
            State::Finishing(flow) => self.finishing(cx, flow, reply),
            State::Over => {
                Step::Done(Err(Error::new(ErrorKind::Configuration, "the sign-in is over already")))
            }
        }
    }
}
