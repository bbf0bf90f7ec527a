//! People, and objects of any kind by their id.

use serde_json::{Value, json};

use super::access::Caller;
use super::fault;
use super::{Done, bodies, list};
use crate::Emulator;
use crate::ask::Ask;
use crate::config::User;
use crate::fault::Fault;

fn object(user: &User) -> Value {
    json!({
        "@odata.type": "#microsoft.graph.user", "id": user.object_id, "displayName": user.name,
        "userPrincipalName": user.username, "mail": null, "businessPhones": [],
    })
}

impl Emulator {
    pub(super) fn me(&self, caller: &Caller) -> Done {
        if !caller.is_person() {
            let message = "/me request is only valid with delegated authentication flow.";
            return Err(Fault::new(400, "BadRequest", message));
        }
        let user = self.config.user_of_object(caller.object());
        user.map(|user| (200, object(user))).ok_or_else(|| fault::not_found(caller.object()))
    }

    pub(super) fn users(&self, ask: &Ask<'_>) -> Done {
        super::access::authenticate(ask)?.may_read_people()?;
        list::page(ask, self.config.users.iter().map(object).collect(), self.config.policy.page_size)
    }

    pub(super) fn user_named(&self, name: &str) -> Done {
        let user = self.config.user_of_object(name).or_else(|| self.config.user(name));
        user.map(|user| (200, object(user))).ok_or_else(|| fault::not_found(name))
    }

    /// `directoryObjects/getByIds`: those there are, of the types that are wanted.
    pub(super) fn by_ids(&self, ask: &Ask<'_>) -> Done {
        super::access::authenticate(ask)?.may_read_people()?;
        let document = bodies::document(ask, &["ids", "types"])?;
        let list = |name: &str| -> Vec<String> {
            let values = document.get(name).and_then(Value::as_array);
            values.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
        };
        let (ids, types) = (list("ids"), list("types"));
        if ids.is_empty() {
            return Err(fault::bad("A value is required for property 'ids' of resource."));
        }
        let wants = |kind: &str| types.is_empty() || types.iter().any(|wanted| wanted == kind);
        let is = |id: &str| ids.iter().any(|wanted| wanted.eq_ignore_ascii_case(id));
        let people = self.config.users.iter().filter(|user| wants("user") && is(&user.object_id)).map(object);
        let principals = self.known_principals(ask).into_iter();
        let principals =
            principals.filter(|found| wants("servicePrincipal") && found["id"].as_str().is_some_and(is));
        let value: Vec<Value> = people.chain(principals).collect();
        Ok((200, json!({ "value": value })))
    }
}
