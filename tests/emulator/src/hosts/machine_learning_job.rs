//! The host of a job of Azure Machine Learning whose identity is the user's: it exchanges the token of the
//! person who submitted the job. Its replies have several forms in the wild; none is documented.

use entrada_core::effect::HttpResponse;
use serde_json::json;

use super::not_allowed;
use crate::ask::Ask;
use crate::config::{Expiry, JobReply};
use crate::{Emulator, reply};

impl Emulator {
    pub(super) fn machine_learning_job(&mut self, ask: &Ask<'_>) -> HttpResponse {
        if !ask.is_get() {
            return not_allowed("GET");
        }
        let Some(resource) = ask.query.get("resource") else {
            return reply::text(400, "The resource parameter is missing.");
        };
        let Some(person) = self.config.user(&self.config.hosts.person).cloned() else {
            return reply::text(401, "There is no user token for this run.");
        };
        let life = self.config.policy.access_token;
        match self.person_token(ask, &person, resource, life) {
            Ok(token) => {
                let document = match self.config.hosts.job_reply {
                    JobReply::ExpiresOn => {
                        let at = self.expires_on(ask, life, Expiry::Number);
                        json!({ "access_token": token, "expires_on": at, "resource": resource, "token_type": "Bearer" })
                    }
                    JobReply::ExpiresIn => json!({ "access_token": token, "expires_in": life }),
                    JobReply::Token => {
                        let at = ask.now.unix.0.saturating_add(life);
                        let at = entrada_core::calendar::rfc3339(entrada_core::time::Unix(at));
                        json!({ "token": token, "expiresOn": at })
                    }
                };
                reply::json(200, &document)
            }
            Err(fault) => reply::text(400, &format!("AADSTS500011: {}", fault.message)),
        }
    }
}
