//! A sign-in that ends where the code would be shown.

use std::mem;

use super::{DeviceCodeFlow, PendingDeviceCode, State};
use crate::effect::Reply;
use crate::flow::{self, Cx, Flow};
use crate::flows::begun_by::BegunBy;
use crate::run::Step;

/// A sign-in up to the moment when the code would be shown.
#[derive(Debug)]
pub(super) struct Starting(pub(super) DeviceCodeFlow);

impl Flow for Starting {
    type Output = PendingDeviceCode;

    fn step(&mut self, cx: &mut Cx<'_>, reply: Option<Reply>) -> Step<PendingDeviceCode> {
        let step = self.0.step(cx, reply);
        match mem::replace(&mut self.0.state, State::Over) {
            // The prompt that it asks for is not carried out: whoever begins like this shows it.
            State::Showing(grant) => {
                let (device_code, prompt, interval) = grant.into_parts();
                let (tenant, request) = (self.0.tenant.clone(), self.0.request.clone());
                let begun_by = BegunBy::of(&self.0.client);
                Step::Done(Ok(PendingDeviceCode { begun_by, device_code, prompt, interval, tenant, request }))
            }
            state => {
                self.0.state = state;
                match step {
                    Step::Do(effect) => Step::Do(effect),
                    Step::Done(Err(error)) => Step::Done(Err(error)),
                    Step::Done(Ok(_)) => Step::Done(Err(flow::out_of_turn())),
                }
            }
        }
    }
}
