//! Cloud Shell: tokens of the person, for some resources.

use entrada_core::effect::HttpResponse;
use serde_json::json;

use super::not_allowed;
use crate::ask::Ask;
use crate::{Emulator, reply};

const AUDIENCES: [&str; 5] = [
    "https://management.core.windows.net/",
    "https://management.azure.com/",
    "https://graph.windows.net/",
    "https://vault.azure.net",
    "https://graph.microsoft.com/",
];

impl Emulator {
    pub(super) fn cloud_shell(&mut self, ask: &Ask<'_>) -> HttpResponse {
        if !ask.is_post() {
            return not_allowed("POST");
        }
        let refuse = |code: &str, message: &str| {
            reply::json(400, &json!({ "error": { "code": code, "message": message } }))
        };
        if ask.header("metadata") != Some("true") {
            return refuse("BadRequest", "Required metadata header not specified");
        }
        let form = ask.form();
        let Some(resource) = form.get("resource") else {
            return refuse("BadRequest", "The resource parameter is missing");
        };
        let bare = |text: &str| text.trim_end_matches('/').to_ascii_lowercase();
        let served = AUDIENCES.iter().any(|known| bare(known) == bare(resource));
        let person = self.config.user(&self.config.hosts.person).cloned();
        let life = self.config.policy.access_token;
        match (served, person.and_then(|person| self.person_token(ask, &person, resource, life).ok())) {
            (true, Some(token)) => {
                let now = ask.now.unix.0;
                reply::json(
                    200,
                    &json!({
                        "access_token": token, "refresh_token": "", "expires_in": life.to_string(),
                        "expires_on": now.saturating_add(life).to_string(), "not_before": now.to_string(),
                        "resource": resource, "token_type": "Bearer",
                    }),
                )
            }
            _ => refuse(
                "AudienceNotSupported",
                &format!(
                    "Audience {resource} is not a supported MSI token audience.Supported audiences:{}",
                    AUDIENCES.join(",")
                ),
            ),
        }
    }
}
