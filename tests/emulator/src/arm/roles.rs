//! Role definitions and role assignments.

use http::Method;
use serde_json::{Value, json};

use super::access::{Caller, authenticate, within};
use super::definitions::{ROLES, Role};
use super::{list, version};
use crate::Emulator;
use crate::ask::{Ask, is_guid};
use crate::config::RoleAssignment;
use crate::draw::stable;
use crate::fault::Fault;

const VERSIONS: [&str; 3] = ["2018-01-01-preview", "2022-04-01", "2022-05-01-preview"];
const PRINCIPAL_TYPES: [&str; 5] = ["ServicePrincipal", "User", "Group", "ForeignGroup", "Device"];

type Done = Result<(u16, Value), Fault>;

impl RoleAssignment {
    fn name(&self) -> String {
        match self.name.as_str() {
            "" => stable(&format!("{} {} {}", self.principal, self.scope, self.role).to_ascii_lowercase()),
            name => name.to_owned(),
        }
    }

    fn document(&self, subscription: &str) -> Value {
        let role = Role::of(&self.role).map_or(self.role.as_str(), |role| role.id);
        let scope = self.scope.trim_end_matches('/');
        let definition =
            format!("/subscriptions/{subscription}/providers/Microsoft.Authorization/roleDefinitions/{role}");
        json!({
            "id": format!("{scope}/providers/Microsoft.Authorization/roleAssignments/{}", self.name()),
            "name": self.name(), "type": "Microsoft.Authorization/roleAssignments",
            "properties": { "roleDefinitionId": definition, "principalId": self.principal,
                "principalType": self.principal_type, "scope": scope },
        })
    }
}

/// What a path says: the scope, the kind, and the name.
struct Target<'a> {
    subscription: &'a str,
    scope: String,
    kind: &'a str,
    name: Option<&'a str>,
}

impl Emulator {
    /// Answers a request about roles; nothing, where it is about something else.
    pub(super) fn roles(&mut self, ask: &Ask<'_>) -> Option<Done> {
        let path = ask.pieces();
        let is = |at: usize, word: &str| path.get(at).is_some_and(|piece| piece.eq_ignore_ascii_case(word));
        let last =
            (0..path.len()).rev().find(|at| is(*at, "providers") && is(at + 1, "Microsoft.Authorization"))?;
        let subscription = path.get(1).filter(|_| is(0, "subscriptions"))?;
        let target = Target {
            subscription,
            scope: format!("/{}", path[..last].join("/")),
            kind: path.get(last + 2)?,
            name: path.get(last + 3).copied().filter(|name| !name.is_empty()),
        };
        Some(self.role_request(ask, &target))
    }

    fn role_request(&mut self, ask: &Ask<'_>, target: &Target<'_>) -> Done {
        let known = self.config.subscriptions.iter().find(|s| s.id.eq_ignore_ascii_case(target.subscription));
        let tenant = known.map(|known| known.tenant.clone());
        let caller = authenticate(ask, tenant.as_deref())?;
        self.subscription(ask, &caller, target.subscription)?;
        version(ask, target.kind, &VERSIONS)?;
        self.demanded(ask, &caller, ask.path())?;
        let action = |verb: &str| format!("Microsoft.Authorization/{}/{verb}", target.kind);
        let is = |kind: &str| target.kind.eq_ignore_ascii_case(kind);
        match (ask.method(), target.name) {
            (&Method::GET, name) if is("roleDefinitions") => {
                self.authorize_action(ask, &caller, &action("read"), &target.scope)?;
                definitions(ask, target, name)
            }
            (&Method::GET, None) if is("roleAssignments") => {
                self.authorize_action(ask, &caller, &action("read"), &target.scope)?;
                self.assignments(ask, target)
            }
            (&Method::GET, Some(name)) if is("roleAssignments") => {
                self.authorize_action(ask, &caller, &action("read"), &target.scope)?;
                let found = self.config.role_assignments.iter().find(|known| {
                    known.name().eq_ignore_ascii_case(name) && same(&known.scope, &target.scope)
                });
                let found = found.ok_or_else(|| {
                    Fault::new(
                        404,
                        "RoleAssignmentNotFound",
                        format!("The role assignment '{name}' is not found."),
                    )
                })?;
                Ok((200, found.document(target.subscription)))
            }
            (&Method::PUT, Some(name)) if is("roleAssignments") => {
                self.authorize_action(ask, &caller, &action("write"), &target.scope)?;
                self.exists(target)?;
                self.assign(ask, target, name)
            }
            (&Method::DELETE, Some(name)) if is("roleAssignments") => {
                self.authorize_action(ask, &caller, &action("delete"), &target.scope)?;
                let known = &mut self.config.role_assignments;
                let place = known.iter().position(|known| {
                    known.name().eq_ignore_ascii_case(name) && same(&known.scope, &target.scope)
                });
                Ok(match place {
                    Some(place) => (200, known.remove(place).document(target.subscription)),
                    None => (204, Value::Null),
                })
            }
            _ => {
                let message =
                    format!("The requested resource does not support http method '{}'.", ask.method());
                Err(Fault::new(405, "MethodNotAllowed", message))
            }
        }
    }

    /// Fails where a group or a workspace of the scope does not exist.
    fn exists(&self, target: &Target<'_>) -> Result<(), Fault> {
        let pieces: Vec<_> = target.scope.split('/').filter(|piece| !piece.is_empty()).collect();
        let Some(group) = pieces.get(3) else { return Ok(()) };
        let (group, _) = self.group(target.subscription, group)?;
        match pieces.get(4..) {
            Some([_, _, _, name]) => {
                let subscription = self.config.subscriptions.iter();
                let mut subscription =
                    subscription.filter(|s| s.id.eq_ignore_ascii_case(target.subscription));
                match subscription.next() {
                    Some(subscription) => self.workspace(subscription, &group, name).map(|_| ()),
                    None => Ok(()),
                }
            }
            _ => Ok(()),
        }
    }

    fn assignments(&self, ask: &Ask<'_>, target: &Target<'_>) -> Done {
        let filter = ask.query.get_any_case("$filter").unwrap_or_default().trim().to_owned();
        let of = |text: &str| {
            let principal = text.strip_prefix("principalId eq '").and_then(|rest| rest.strip_suffix('\''));
            let assigned = text.strip_prefix("assignedTo('").and_then(|rest| rest.strip_suffix("')"));
            principal.or(assigned).map(str::to_owned)
        };
        let (at_scope, principal) = match filter.as_str() {
            "" => (false, None),
            "atScope()" => (true, None),
            text => match text.strip_prefix("atScope() and ") {
                Some(rest) if rest.starts_with("assignedTo") => (true, of(rest)),
                Some(_) => (true, None),
                None => (false, of(text)),
            },
        };
        if !matches!(filter.as_str(), "" | "atScope()") && principal.is_none() {
            let message = format!("The filter '{filter}' is not supported.");
            return Err(Fault::new(400, "UnsupportedFilter", message));
        }
        let items = self.config.role_assignments.iter().filter(|known| known.principal != "*");
        let items = items
            .filter(|known| principal.as_ref().is_none_or(|id| id.eq_ignore_ascii_case(&known.principal)));
        let items = items.filter(|known| {
            let above = within(&target.scope, &known.scope);
            above || (!at_scope && within(&known.scope, &target.scope))
        });
        let items = items.map(|known| known.document(target.subscription)).collect();
        list::page(ask, items, self.config.policy.page_size, version(ask, "", &VERSIONS)?)
            .map(|page| (200, page))
    }

    fn assign(&mut self, ask: &Ask<'_>, target: &Target<'_>, name: &str) -> Done {
        let of = self.config.subscriptions.iter().find(|s| s.id.eq_ignore_ascii_case(target.subscription));
        let tenant = of.map(|of| of.tenant.clone()).unwrap_or_default();
        let bad = |code: &'static str, message: String| Fault::new(400, code, message);
        if !is_guid(name) {
            let message = format!(
                "The role assignment ID '{name}' is not valid. The role assignment ID must be a GUID."
            );
            return Err(bad("InvalidRoleAssignmentId", message));
        }
        let document = serde_json::from_slice::<Value>(ask.body()).unwrap_or_default();
        let properties = &document["properties"];
        let text = |name: &str| properties[name].as_str().unwrap_or_default().to_owned();
        let (definition, principal, kind) =
            (text("roleDefinitionId"), text("principalId"), text("principalType"));
        let Some(role) = definition.rsplit('/').next().filter(|id| is_guid(id)).and_then(Role::of) else {
            let message = format!("The specified role definition with ID '{definition}' does not exist.");
            return Err(Fault::new(404, "RoleDefinitionDoesNotExist", message));
        };
        if !is_guid(&principal) {
            let message =
                format!("The Principal ID '{principal}' is not valid. Principal ID must be a GUID.");
            return Err(bad("InvalidPrincipalId", message));
        }
        if !kind.is_empty() && !PRINCIPAL_TYPES.contains(&kind.as_str()) {
            return Err(bad("InvalidPrincipalType", format!("The principal type '{kind}' is not valid.")));
        }
        let actual = self.principal_kind(ask, &principal, !kind.is_empty());
        let Some(actual) = actual else {
            let message = format!(
                "Principal {} does not exist in the directory {}. Check that you have the correct principal ID. \
                 If you are creating this principal and then immediately assigning a role, this error might be \
                 related to a replication delay. In this case, set the role assignment principalType property to \
                 a value, such as ServicePrincipal, User, or Group. See https://aka.ms/docs-principaltype",
                principal.replace('-', ""),
                tenant.replace('-', "")
            );
            return Err(bad("PrincipalNotFound", message));
        };
        if !kind.is_empty() && kind != actual {
            let message = format!(
                "Principal '{principal}' has type '{actual}', which is different from specified PrincipalType '{kind}'."
            );
            return Err(bad("UnmatchedPrincipalType", message));
        }
        let made = RoleAssignment {
            principal,
            scope: target.scope.clone(),
            role: role.id.to_owned(),
            principal_type: actual.to_owned(),
            name: name.to_ascii_lowercase(),
        };
        let is_same = |known: &RoleAssignment| {
            known.principal.eq_ignore_ascii_case(&made.principal)
                && same(&known.scope, &made.scope)
                && known.role.eq_ignore_ascii_case(&made.role)
        };
        let named = self.config.role_assignments.iter().find(|known| known.name().eq_ignore_ascii_case(name));
        match named {
            Some(known) if is_same(known) => return Ok((200, known.document(target.subscription))),
            Some(_) => {
                let message =
                    "Tenant ID, application ID, principal ID, and scope are not allowed to be updated.";
                return Err(bad("RoleAssignmentUpdateNotPermitted", message.to_owned()));
            }
            None => {}
        }
        if let Some(known) = self.config.role_assignments.iter().find(|known| is_same(known)) {
            let message = format!(
                "The role assignment already exists. The ID of the existing role assignment is {}.",
                known.name().replace('-', "")
            );
            return Err(Fault::new(409, "RoleAssignmentExists", message));
        }
        let answer = made.document(target.subscription);
        self.store.made(&made.name, ask.now.mono);
        self.config.role_assignments.push(made);
        Ok((201, answer))
    }

    /// What a principal is; nothing, where it is not known, or not yet.
    fn principal_kind(&self, ask: &Ask<'_>, id: &str, typed: bool) -> Option<&'static str> {
        let is = |known: &str| known.eq_ignore_ascii_case(id);
        let replication = &self.config.policy.replication;
        let delay = if typed { replication.typed_principal } else { replication.untyped_principal };
        if self.config.users.iter().any(|user| is(&user.object_id)) {
            return Some("User");
        }
        let app = self.config.apps.iter().any(|app| is(&app.object_id));
        let own = self.system_identities();
        let identity = self.config.identities.iter().chain(&own).any(|identity| is(&identity.object_id));
        ((app || identity) && self.store.knows(id, ask.now.mono, delay)).then_some("ServicePrincipal")
    }

    /// Whether the caller has a role on the scope or above it that allows this action, and that is known
    /// by now.
    pub(super) fn allows(&self, ask: &Ask<'_>, caller: &Caller, action: &str, scope: &str) -> bool {
        let delay = self.config.policy.replication.assignment;
        self.roles_of(caller, scope).any(|assignment| {
            Role::of(&assignment.role).is_some_and(|role| role.allows(action))
                && self.store.knows(&assignment.name, ask.now.mono, delay)
        })
    }
}

fn same(one: &str, other: &str) -> bool {
    within(one, other) && within(other, one)
}

fn definitions(ask: &Ask<'_>, target: &Target<'_>, name: Option<&str>) -> Done {
    if let Some(name) = name {
        return match Role::of(name) {
            Some(role) if is_guid(name) => Ok((200, role.document(target.subscription))),
            _ => {
                let message = format!("The specified role definition with ID '{name}' does not exist.");
                Err(Fault::new(404, "RoleDefinitionDoesNotExist", message))
            }
        };
    }
    let filter = ask.query.get_any_case("$filter").unwrap_or_default();
    let named = filter.strip_prefix("roleName eq '").and_then(|rest| rest.strip_suffix('\''));
    if !filter.is_empty() && named.is_none() && filter != "atScopeAndBelow()" {
        return Err(Fault::new(400, "UnsupportedFilter", format!("The filter '{filter}' is not supported.")));
    }
    let named = named.map(|name| name.replace("''", "'"));
    let found =
        ROLES.iter().filter(|role| named.as_ref().is_none_or(|name| name.eq_ignore_ascii_case(role.name)));
    let value: Vec<_> = found.map(|role| role.document(target.subscription)).collect();
    Ok((200, json!({ "value": value })))
}
