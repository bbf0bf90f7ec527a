//! The hosts that give managed identities besides the instance metadata service, each at its port of the
//! machine itself; on any other loopback address below a path of its own (`/app-service/MSI/token`).
//!
//! What a host answers to a wrong or missing secret is documented for Service Fabric alone.

mod app_service;
mod arc;
mod cloud_shell;
mod machine_learning;
mod machine_learning_job;
mod service_fabric;

use entrada_core::effect::HttpResponse;
use serde_json::{Value, json};

use crate::ask::Ask;
use crate::config::{Expiry, Host, ManagedIdentity};
use crate::entra::{Principal, Proof, find_resource};
use crate::{Emulator, reply};

/// The host that a request is for.
pub(crate) fn host(ask: &Ask<'_>) -> Option<Host> {
    let loopback = matches!(ask.origin.host().as_str(), "localhost" | "127.0.0.1" | "::1");
    let path = ask.path();
    Host::ALL.into_iter().filter(|_| loopback).find(|host| {
        let own = ask.origin.port() == Some(host.port());
        let below = path.strip_prefix('/').and_then(|path| path.strip_prefix(host.prefix()));
        let is = |path: &str| path.eq_ignore_ascii_case(host.path());
        below.is_some_and(is) || own && is(path)
    })
}

impl Emulator {
    pub(crate) fn host(&mut self, host: Host, ask: &Ask<'_>) -> HttpResponse {
        self.store.token_requests += 1;
        if let Some(left) = self.config.hosts.throttled.checked_sub(1) {
            self.config.hosts.throttled = left;
            let document = json!({ "error": "throttled", "error_description": "Too many requests" });
            return reply::with(reply::json(429, &document), "retry-after", "1");
        }
        match host {
            Host::AppService => self.app_service(ask),
            Host::Arc => self.arc(ask),
            Host::ServiceFabric => self.service_fabric(ask),
            Host::CloudShell => self.cloud_shell(ask),
            Host::MachineLearning => self.machine_learning(ask),
            Host::MachineLearningJob => self.machine_learning_job(ask),
        }
    }

    /// A token of a managed identity, and its life; or why there is none for the resource.
    pub(crate) fn machine_token(
        &mut self,
        ask: &Ask<'_>,
        identity: &ManagedIdentity,
        resource: &str,
    ) -> Result<(String, i64), String> {
        let audience = find_resource(&self.config, &ask.origin, resource).map_err(|fault| fault.message)?;
        let life = self.config.policy.managed_identity_token;
        let who = Principal {
            tenant: &identity.tenant,
            client_id: &identity.client_id,
            object_id: &identity.object_id,
            roles: &[],
            proof: Proof::Certificate,
            resource_id: identity.resource_id.as_deref(),
        };
        Ok((self.app_token(ask, &audience, &who, &[], false, life), life))
    }

    /// The identity that is named by client, object or resource id; the system-assigned one, where none
    /// is named.
    fn identity(&self, [client, object, resource]: [Option<&str>; 3]) -> Option<ManagedIdentity> {
        let same =
            |known: &str, asked: Option<&str>| asked.is_some_and(|asked| known.eq_ignore_ascii_case(asked));
        let unnamed = client.or(object).or(resource).is_none();
        let found = self.config.identities.iter().find(|identity| match &identity.resource_id {
            None if unnamed => true,
            id => {
                same(&identity.client_id, client)
                    || same(&identity.object_id, object)
                    || id.as_deref().is_some_and(|id| same(id, resource))
            }
        });
        found.cloned()
    }

    /// `expires_on` as this world has it.
    fn expires_on(&self, ask: &Ask<'_>, life: i64, usual: Expiry) -> Value {
        let at = ask.now.unix.0.saturating_add(life);
        let text = entrada_core::calendar::rfc3339(entrada_core::time::Unix(at));
        let part = |range: std::ops::Range<usize>| text.get(range).unwrap_or_default();
        let (year, month, day, time) = (part(0..4), part(5..7), part(8..10), part(11..19));
        match self.config.hosts.expiry {
            Expiry::Usual if usual == Expiry::Text => at.to_string().into(),
            Expiry::Usual | Expiry::Number => at.into(),
            Expiry::Text => at.to_string().into(),
            Expiry::Linux => format!("{month}/{day}/{year} {time} +00:00").into(),
            Expiry::Windows => {
                let bare = |text: &str| text.trim_start_matches('0').to_owned();
                let hour: u32 = part(11..13).parse().unwrap_or_default();
                let half = if hour < 12 { "AM" } else { "PM" };
                let (hour, rest) = ((hour + 11) % 12 + 1, part(13..19));
                format!("{}/{}/{year} {hour}{rest} {half} +00:00", bare(month), bare(day)).into()
            }
            Expiry::Iso => format!("{year}-{month}-{day}T{time}.0000000+00:00").into(),
        }
    }
}

fn not_allowed(allowed: &str) -> HttpResponse {
    reply::with(reply::text(405, "Method not allowed"), "allow", allowed)
}
