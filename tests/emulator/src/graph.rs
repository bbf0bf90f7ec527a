//! Microsoft Graph: nothing of it yet but its way of saying so.

use entrada_core::calendar;
use entrada_core::effect::HttpResponse;
use serde_json::json;

use crate::ask::Ask;
use crate::{Emulator, jwt, reply};

impl Emulator {
    pub(crate) fn graph(&mut self, ask: &Ask<'_>) -> HttpResponse {
        let bearer = ask.header("authorization").and_then(|header| header.split_once(' '));
        let token = bearer.and_then(|(_, token)| jwt::verify(token.trim()));
        let (status, code, message) = match token {
            None => (401, "InvalidAuthenticationToken", "Access token is empty or invalid.".to_owned()),
            Some(_) => {
                let path = ask.segments.get(1..).unwrap_or_default().join("/");
                (404, "Request_ResourceNotFound", format!("Resource '{path}' does not exist."))
            }
        };
        let (request, client) = self.trace(ask);
        let date = calendar::rfc3339(ask.now.unix);
        let inner =
            json!({ "date": date.trim_end_matches('Z'), "request-id": request, "client-request-id": client });
        let document = json!({ "error": { "code": code, "message": message, "innerError": inner } });
        reply::with(reply::json(status, &document), "request-id", &request)
    }
}
