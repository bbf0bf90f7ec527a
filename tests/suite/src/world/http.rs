//! Services at the other end of a connection.

use std::time::Duration;

use entrada_core::effect::{Effect, HttpCall, HttpFailure, HttpRequest, HttpResponse};
use entrada_core::time::Now;

use super::{Answer, Exchange, World};
use crate::choices::Choices;
use crate::faults::{Fate, HttpFault};

/// Where the metadata service would be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Metadata {
    /// It is there.
    Present,
    /// Nobody listens.
    Refused,
    /// Packets vanish.
    Vanishing,
    /// A proxy answers in its place, with Docker Desktop's words.
    Unreachable,
    /// A network that wants people to sign in answers everything with a page.
    Portal,
    /// It is being updated until this moment of the monotonic clock, in milliseconds.
    Updating(u64),
}

impl World {
    pub(super) fn http(&mut self, call: Box<HttpCall>, now: Now, choices: &mut Choices<'_>) -> Answer {
        // A request cannot be cloned out of its call, but it can be rebuilt for the record.
        let request = copy(call.request());
        let (delivered, fate) = self.exchange(&request, now, choices);
        let Some(Fate { result, took, demanded }) = fate else {
            return Answer::Silence { effect: Effect::Http(call), request: Some((request, delivered)) };
        };
        let answer = result
            .as_ref()
            .ok()
            .map(|response| (response.status().as_u16(), response.body().expose().to_vec()));
        let (_, ticket) = call.split();
        let exchange = Some(Exchange { request, delivered, answer, demanded });
        Answer::Reply { reply: ticket.reply(result), took, exchange }
    }

    /// Whether a request reaches its service, and what comes back; nothing, where nothing does.
    pub fn exchange(
        &mut self,
        request: &HttpRequest,
        now: Now,
        choices: &mut Choices<'_>,
    ) -> (bool, Option<Fate>) {
        self.canaries.add_form(request.body().expose());
        let fault = self.faults.next(choices);
        let delivered = fault.is_none_or(HttpFault::delivers);
        let honest = if delivered { self.service(request, now) } else { Some(Ok(http::Response::default())) };
        let Some(honest) = honest else { return (true, None) };
        let took = Duration::from_millis(20 + u64::from(choices.byte()));
        let fate = match (fault, honest) {
            (Some(fault), Ok(response)) => fault.apply(request, response, now.after(took)),
            (Some(HttpFault::Silent(true)), Err(_)) => None,
            (_, result) => Some(Fate { result, took: Duration::ZERO, demanded: None }),
        };
        (delivered, fate.map(|fate| Fate { took: took + fate.took, ..fate }))
    }

    /// What the service itself answers; nothing where packets vanish.
    fn service(&mut self, request: &HttpRequest, now: Now) -> Option<Result<HttpResponse, HttpFailure>> {
        if request.uri().host() == Some("169.254.169.254") {
            match self.metadata {
                Metadata::Present => {}
                Metadata::Refused => return Some(Err(HttpFailure::Refused)),
                Metadata::Vanishing => return None,
                Metadata::Unreachable => {
                    return Some(Ok(page(403, "connecting to 169.254.169.254:80: host is UNREACHABLE.")));
                }
                Metadata::Portal => {
                    return Some(Ok(page(200, "<html>Welcome to the hotel. Please sign in.</html>")));
                }
                Metadata::Updating(until) if now.mono.0 < until => return Some(Ok(page(410, ""))),
                Metadata::Updating(_) => {}
            }
        }
        let response = self.emulator.answer(now, request);
        let response = self.with_keys(response);
        self.canaries.add_json(response.body().expose());
        self.canaries.add_xml(response.body().expose());
        Some(Ok(response))
    }
}

fn page(status: u16, text: &str) -> HttpResponse {
    let mut response = http::Response::new(text.as_bytes().to_vec().into());
    *response.status_mut() = http::StatusCode::from_u16(status).unwrap_or_default();
    response
}

/// The same request once more.
#[must_use]
pub fn copy(request: &HttpRequest) -> HttpRequest {
    let mut copy = http::Request::new(request.body().clone());
    *copy.method_mut() = request.method().clone();
    *copy.uri_mut() = request.uri().clone();
    *copy.headers_mut() = request.headers().clone();
    copy
}
