//! Who calls, and what the caller may do.

use entrada_core::cloud::Cloud;
use entrada_core::jwt::Jwt;
use serde_json::Value;

use super::GRAPH;
use super::fault;
use crate::Emulator;
use crate::ask::Ask;
use crate::config::App;
use crate::fault::Fault;
use crate::jwt;

/// Whom a valid token speaks for.
pub(super) struct Caller {
    token: Jwt,
}

impl Caller {
    fn text(&self, name: &str) -> &str {
        self.token.text(name).unwrap_or_default()
    }

    /// The object id of the user, or of the app's service principal.
    pub(super) fn object(&self) -> &str {
        self.text("oid")
    }

    pub(super) fn tenant(&self) -> &str {
        self.text("tid")
    }

    /// Whether it is a person, for whom an app asks.
    pub(super) fn is_person(&self) -> bool {
        self.token.text("scp").is_some()
    }

    fn has(&self, permissions: &[&str]) -> bool {
        let roles = self.token.claims.get("roles").and_then(Value::as_array);
        let mut roles = roles.into_iter().flatten().filter_map(Value::as_str);
        roles.any(|role| permissions.contains(&role))
    }

    /// Members of a directory may read it; apps need a permission.
    pub(super) fn may_read(&self) -> Result<(), Fault> {
        let permissions = [
            "Application.Read.All",
            "Application.ReadWrite.OwnedBy",
            "Application.ReadWrite.All",
            "Directory.Read.All",
            "Directory.ReadWrite.All",
        ];
        if self.is_person() || self.has(&permissions) { Ok(()) } else { Err(fault::denied()) }
    }

    /// Whether it may read people.
    pub(super) fn may_read_people(&self) -> Result<(), Fault> {
        let permissions =
            ["User.Read.All", "User.ReadBasic.All", "Directory.Read.All", "Directory.ReadWrite.All"];
        if self.is_person() || self.has(&permissions) { Ok(()) } else { Err(fault::denied()) }
    }
}

/// The bearer token, checked for this host.
pub(super) fn authenticate(ask: &Ask<'_>) -> Result<Caller, Fault> {
    let refuse = |message: &str| {
        let challenge = format!(
            "Bearer realm=\"\", authorization_uri=\"{}/common/oauth2/authorize\", client_id=\"{GRAPH}\"",
            ask.origin.authority()
        );
        let fault = Fault::new(401, "InvalidAuthenticationToken", message);
        Err(Fault { challenge: Some(challenge), ..fault })
    };
    let bearer = ask.header("authorization").and_then(|header| header.split_once(' '));
    let token = bearer.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
    let Some(token) = token.and_then(|(_, token)| jwt::verify(token.trim())) else {
        return refuse("Access token is empty or invalid.");
    };
    let number = |name: &str| token.claims.get(name).and_then(Value::as_i64).unwrap_or_default();
    if number("exp") <= ask.now.unix.0 {
        return refuse("Lifetime validation failed, the token is expired.");
    }
    let audience = token.text("aud").unwrap_or_default();
    let bare = audience.strip_suffix('/').unwrap_or(audience);
    let own = match ask.origin.cloud() {
        Some(cloud) => cloud.graph.map(str::to_owned),
        None => Cloud::PUBLIC.graph.map(str::to_owned),
    };
    let known = [own, Some(GRAPH.to_owned())];
    if !known.into_iter().flatten().any(|known| known.eq_ignore_ascii_case(bare)) {
        return refuse("Access token validation failure. Invalid audience.");
    }
    Ok(Caller { token })
}

impl Emulator {
    /// Whether the caller may register an app.
    pub(super) fn may_register(&self, caller: &Caller) -> Result<(), Fault> {
        let permissions =
            ["Application.ReadWrite.OwnedBy", "Application.ReadWrite.All", "Directory.ReadWrite.All"];
        let person = caller.is_person() && self.config.policy.people_register_apps;
        if person || caller.has(&permissions) { Ok(()) } else { Err(fault::denied()) }
    }

    /// Whether the caller may change this app: its owner, or who may change all.
    pub(super) fn may_change(&self, caller: &Caller, app: &App) -> Result<(), Fault> {
        let owns = app.owners.iter().any(|owner| owner.eq_ignore_ascii_case(caller.object()));
        let own = owns && self.may_register(caller).is_ok();
        if own || caller.has(&["Application.ReadWrite.All", "Directory.ReadWrite.All"]) {
            Ok(())
        } else {
            Err(fault::denied())
        }
    }
}
