//! Microsoft Graph: applications, service principals and their credentials, and the people there are.
//!
//! What was just made is not known everywhere: for as long as the policy says, other requests do not find
//! it, as at the service, whose replicas learn of it one after the other.

mod access;
mod applications;
mod bodies;
mod credentials;
mod fault;
mod filter;
mod list;
mod people;
mod principals;

use entrada_core::calendar;
use entrada_core::effect::HttpResponse;
use http::Method;
use serde_json::{Value, json};

use crate::ask::Ask;
use crate::fault::Fault;
use crate::{Emulator, reply};
use access::Caller;

/// The application id of Microsoft Graph.
pub(crate) const GRAPH: &str = "00000003-0000-0000-c000-000000000000";

/// A status and a document; no document where the status is 204.
type Done = Result<(u16, Value), Fault>;

/// How an object is named in a path.
enum Name<'a> {
    Id(&'a str),
    AppId(&'a str),
}

impl Emulator {
    pub(crate) fn graph(&mut self, ask: &Ask<'_>) -> HttpResponse {
        let result = access::authenticate(ask).and_then(|caller| self.directory(ask, &caller));
        let (request, client) = self.trace(ask);
        let response = match result {
            Ok((204, _)) => reply::body(204, "application/json", ""),
            Ok((status, document)) => reply::json(status, &document),
            Err(fault) => {
                let date = calendar::rfc3339(ask.now.unix);
                let inner = json!({ "date": date.trim_end_matches('Z'), "request-id": request,
                    "client-request-id": client });
                let document =
                    json!({ "error": { "code": fault.code, "message": fault.message, "innerError": inner } });
                let response = reply::json(fault.status, &document);
                match fault.challenge {
                    Some(challenge) => reply::with(response, "www-authenticate", &challenge),
                    None => response,
                }
            }
        };
        reply::with(reply::with(response, "request-id", &request), "client-request-id", &client)
    }

    fn directory(&mut self, ask: &Ask<'_>, caller: &Caller) -> Done {
        let path = ask.pieces();
        let method = ask.method().clone();
        let path = match path.as_slice() {
            ["v1.0", rest @ ..] => rest,
            [version, ..] => {
                return Err(Fault::new(404, "BadRequest", format!("Invalid version: {version}")));
            }
            [] => return Err(unknown(ask)),
        };
        let Some((first, rest)) = path.split_first() else { return Err(unknown(ask)) };
        // `applications(appId='…')` is `applications` and a name.
        let (kind, rest) = match first
            .split_once("(appId='")
            .and_then(|(k, r)| Some((k, r.strip_suffix("')")?)))
        {
            Some((kind, id)) => (
                kind,
                std::iter::once(Name::AppId(id)).chain(rest.iter().map(|n| Name::Id(n))).collect::<Vec<_>>(),
            ),
            None => (*first, rest.iter().map(|name| Name::Id(name)).collect()),
        };
        let (get, post) = (method == Method::GET, method == Method::POST);
        match (kind, rest.as_slice()) {
            ("me", []) if get => self.me(caller),
            ("users", []) if get => self.users(ask),
            ("users", [Name::Id(name)]) if get => self.user_named(name),
            ("directoryObjects", [Name::Id("getByIds")]) if post => self.by_ids(ask),
            ("applications", []) if get => self.applications(ask),
            ("applications", []) if post => self.register(ask, caller),
            ("applications", [name]) => self.application(ask, caller, name),
            ("applications", [name, Name::Id(action)]) if post => self.credentials(ask, caller, name, action),
            ("servicePrincipals", []) if get => self.principals(ask),
            ("servicePrincipals", []) if post => self.make_principal(ask, caller),
            ("servicePrincipals", [name]) => self.principal(ask, caller, name),
            _ => Err(unknown(ask)),
        }
    }
}

fn unknown(ask: &Ask<'_>) -> Fault {
    let segment = ask.pieces().last().copied().unwrap_or_default().to_owned();
    Fault::new(400, "BadRequest", format!("Resource not found for the segment '{segment}'."))
}
