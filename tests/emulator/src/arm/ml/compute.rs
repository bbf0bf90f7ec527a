//! Computes of a workspace.

mod made_of;

use entrada_core::effect::HttpResponse;
use serde_json::{Value, json};

use super::identity::{changed, object};
use super::{Below, document, not_allowed};
use crate::arm::fault::not_found;
use crate::arm::list;
use crate::ask::Ask;
use crate::config::Compute;
use crate::fault::Fault;
use crate::{Emulator, reply};

const KINDS: [&str; 2] = ["AmlCompute", "ComputeInstance"];

impl Emulator {
    pub(super) fn ml_compute(&mut self, ask: &Ask<'_>, below: &Below<'_>) -> Result<HttpResponse, Fault> {
        let own = |compute: &&Compute| compute.workspace.eq_ignore_ascii_case(&below.workspace.name);
        match (ask.method().as_str(), &below.rest[1..]) {
            ("GET", []) => {
                let items = self.config.computes.iter().filter(own);
                let items = items.map(|compute| self.compute_object(ask, below, compute)).collect();
                let page = list::page(ask, items, self.config.policy.page_size, "2024-10-01")?;
                Ok(reply::json(200, &page))
            }
            ("GET", [name]) => {
                let found =
                    self.config.computes.iter().filter(own).find(|one| one.name.eq_ignore_ascii_case(name));
                let found = found.ok_or_else(|| missing(name, below))?;
                Ok(reply::json(200, &self.compute_object(ask, below, found)))
            }
            ("PUT", [name]) => self.put_compute(ask, below, name),
            ("DELETE", [name]) => {
                let before = self.config.computes.len();
                self.config.computes.retain(|one| {
                    !(one.workspace.eq_ignore_ascii_case(&below.workspace.name)
                        && one.name.eq_ignore_ascii_case(name))
                });
                match self.config.computes.len() < before {
                    true => Ok(self.begin_operation(ask, below)),
                    false => Err(missing(name, below)),
                }
            }
            _ => Err(not_allowed(ask)),
        }
    }

    fn put_compute(&mut self, ask: &Ask<'_>, below: &Below<'_>, name: &str) -> Result<HttpResponse, Fault> {
        let bad = |message: &str| Fault::new(400, "BadRequest", message.to_owned());
        let wanted = document(ask)?;
        let kind = wanted["properties"]["computeType"].as_str().unwrap_or_default();
        let kind = KINDS.into_iter().find(|known| *known == kind);
        let kind = kind.ok_or_else(|| bad("The computeType is missing or not supported."))?;
        let [described, mut made_of] = made_of::read(kind, &wanted["properties"])?;
        let size = made_of.remove("vmSize");
        let size = size.as_ref().and_then(Value::as_str).ok_or_else(|| bad("The vmSize is missing."))?;
        if wanted["location"].as_str().is_none() {
            return Err(Fault::new(
                400,
                "LocationRequired",
                "The location property is required for this definition.",
            ));
        }
        let known = self.config.computes.iter().position(|one| {
            one.workspace.eq_ignore_ascii_case(&below.workspace.name) && one.name.eq_ignore_ascii_case(name)
        });
        let old = known.map(|index| self.config.computes[index].clone());
        let old_identity = old.as_ref().map(|old| old.identity.clone()).unwrap_or_default();
        let identity = match wanted.get("identity") {
            Some(identity) => changed(&old_identity, identity)?,
            None => old_identity,
        };
        if identity.system && !identity.user.is_empty() {
            return Err(bad(
                "A compute has either a system-assigned identity or user-assigned ones, not both.",
            ));
        }
        let compute = Compute {
            workspace: below.workspace.name.clone(),
            name: name.to_owned(),
            kind: kind.to_owned(),
            size: size.to_owned(),
            identity,
            described,
            made_of,
            tags: wanted["tags"].as_object().cloned().unwrap_or_default(),
        };
        match known {
            Some(index) => self.config.computes[index] = compute.clone(),
            None => self.config.computes.push(compute.clone()),
        }
        let ready = ask.now.unix.0.saturating_add(self.config.policy.operation);
        self.store
            .operations
            .insert(below.id_of("computes", name).to_ascii_lowercase(), (ready, String::new()));
        let response = reply::json(201, &self.compute_object(ask, below, &compute));
        Ok(reply::with(response, "retry-after", &self.config.policy.operation.max(1).to_string()))
    }

    fn compute_object(&self, ask: &Ask<'_>, below: &Below<'_>, compute: &Compute) -> Value {
        let id = below.id_of("computes", &compute.name);
        let ready = self.store.operations.get(&id.to_ascii_lowercase()).map_or(i64::MIN, |(ready, _)| *ready);
        let state = if ask.now.unix.0 < ready { "Updating" } else { "Succeeded" };
        let mut properties = compute.described.clone();
        properties.extend([
            ("computeType".to_owned(), compute.kind.as_str().into()),
            ("provisioningState".to_owned(), state.into()),
            ("properties".to_owned(), made_of::document(compute).into()),
            ("createdOn".to_owned(), "2024-05-14T09:30:00.0000000Z".into()),
            ("isAttachedCompute".to_owned(), false.into()),
        ]);
        json!({
            "id": id, "name": compute.name, "type": "Microsoft.MachineLearningServices/workspaces/computes",
            "location": below.workspace.location, "tags": compute.tags,
            "identity": object(&self.config, &id, &below.subscription.tenant, &compute.identity),
            "properties": properties,
        })
    }
}

fn missing(name: &str, below: &Below<'_>) -> Fault {
    let group = &below.workspace.resource_group;
    let workspace = &below.workspace.name;
    not_found(&format!("Microsoft.MachineLearningServices/workspaces/{workspace}/computes"), name, group)
}
