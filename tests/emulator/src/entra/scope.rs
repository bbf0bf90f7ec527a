//! Which resource a token is for, and what it allows.

use super::fault::Fault;
use crate::ask::{Origin, is_guid};
use crate::config::{Config, TokenVersion};

/// The scopes of OpenID Connect, which belong to no resource.
const RESERVED: [&str; 4] = ["openid", "profile", "email", "offline_access"];
const GRAPH: &str = "00000003-0000-0000-c000-000000000000";

/// A resource, as it was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Audience {
    /// The name in the request, slash at the end and all: it comes back as `aud`.
    pub(crate) asked: String,
    /// The application id.
    pub(crate) id: String,
    pub(crate) version: TokenVersion,
}

/// A scope parameter, read.
#[derive(Clone, Debug)]
pub(crate) struct Wanted {
    pub(crate) audience: Audience,
    /// The permissions asked for, `.default` among them.
    permissions: Vec<String>,
    reserved: Vec<String>,
}

impl Wanted {
    /// Reads the scopes of a user's token. None at all means the profile, from Graph.
    pub(crate) fn of_user(config: &Config, origin: &Origin, scope: &str) -> Result<Wanted, Fault> {
        let mut asked: Option<(Audience, Vec<String>)> = None;
        let mut reserved = Vec::new();
        for item in scope.split_whitespace() {
            if RESERVED.contains(&item) {
                reserved.push(item.to_owned());
                continue;
            }
            let (resource, permission) = item.rsplit_once('/').unwrap_or((GRAPH, item));
            if resource.is_empty() || permission.is_empty() {
                return Err(Fault::wrong_scope(item));
            }
            let audience = find(config, origin, resource)?;
            match &mut asked {
                None => asked = Some((audience, vec![permission.to_owned()])),
                Some((first, permissions)) if first.id == audience.id => {
                    permissions.push(permission.to_owned())
                }
                Some(_) => return Err(several(scope)),
            }
        }
        let (audience, permissions) = match asked {
            Some(asked) => asked,
            None => (find(config, origin, GRAPH)?, vec!["User.Read".to_owned()]),
        };
        if permissions.len() > 1 && permissions.iter().any(|permission| permission == ".default") {
            return Err(Fault::wrong_scope(scope));
        }
        Ok(Wanted { audience, permissions, reserved })
    }

    /// Reads the scope of an app's own token: a resource and `/.default`.
    pub(crate) fn of_app(config: &Config, origin: &Origin, scope: &str) -> Result<Audience, Fault> {
        let mut found: Option<Audience> = None;
        for item in scope.split_whitespace().filter(|item| !RESERVED.contains(item)) {
            let Some(resource) = item.strip_suffix("/.default") else {
                let message = format!(
                    "The provided value for scope {item} is not valid. Client credential flows must have a scope \
                     value with /.default suffixed to the resource identifier (application ID URI)."
                );
                return Err(Fault::new("invalid_scope", 1_002_012, message));
            };
            let audience = find(config, origin, resource)?;
            if found.as_ref().is_some_and(|first| first.id != audience.id) {
                return Err(several(scope));
            }
            found.get_or_insert(audience);
        }
        found.ok_or_else(|| Fault::wrong_scope(scope))
    }

    pub(crate) fn has(&self, reserved: &str) -> bool {
        self.reserved.iter().any(|known| known == reserved)
    }

    /// The `scp` claim.
    pub(crate) fn permissions(&self) -> String {
        let default = if self.audience.id == GRAPH { "User.Read" } else { "user_impersonation" };
        let names =
            self.permissions.iter().map(|name| if name == ".default" { default } else { name.as_str() });
        names.collect::<Vec<_>>().join(" ")
    }

    /// The `scope` of the answer: full names, and `.default` beside what it stands for.
    pub(crate) fn granted(&self) -> String {
        let mut full: Vec<String> = self
            .permissions()
            .split(' ')
            .map(str::to_owned)
            .chain(self.permissions.iter().filter(|name| *name == ".default").cloned())
            .map(|name| match self.audience.asked.as_str() {
                GRAPH => name,
                asked => format!("{asked}/{name}"),
            })
            .collect();
        if self.audience.id == GRAPH {
            full.extend(self.reserved.iter().filter(|name| *name != "offline_access").cloned());
        }
        full.join(" ")
    }
}

fn several(scope: &str) -> Fault {
    let message = format!(
        "Provided value for the input parameter scope '{scope}' is not valid when requesting an access token. \
         It contains more than one resource."
    );
    Fault::new("invalid_request", 28_002, message)
}

/// The resource of this name: an id, or a URI with or without a slash at the end.
pub(crate) fn find(config: &Config, origin: &Origin, name: &str) -> Result<Audience, Fault> {
    let bare = name.strip_suffix('/').unwrap_or(name);
    let known = config.resources.iter().find(|resource| {
        resource.id.eq_ignore_ascii_case(name)
            || resource.uris.iter().any(|uri| uri.eq_ignore_ascii_case(bare))
    });
    // A server on loopback is every service at once, Azure Resource Manager first.
    let known = known.or_else(|| {
        let own = origin.cloud().is_none() && origin.to_string().eq_ignore_ascii_case(bare);
        own.then(|| config.resources.first()).flatten()
    });
    if let Some(resource) = known.filter(|_| !elsewhere(origin, bare)) {
        let (asked, id) = (name.to_owned(), resource.id.clone());
        return Ok(Audience { asked, id, version: resource.version });
    }
    // An app can be a resource too.
    let of_app = bare.strip_prefix("api://").filter(|id| is_guid(id)).unwrap_or(name);
    if let Some(app) = config.app(of_app) {
        let (asked, id) = (name.to_owned(), app.client_id.clone());
        return Ok(Audience { asked, id, version: TokenVersion::V2 });
    }
    let message = format!(
        "The resource principal named {name} was not found in the tenant. This can happen if the application has \
         not been installed by the administrator of the tenant or consented to by any user in the tenant. You \
         might have sent your authentication request to the wrong tenant."
    );
    Err(Fault::new("invalid_resource", 500_011, message))
}

/// Whether the resource belongs to another cloud than the authority.
fn elsewhere(origin: &Origin, uri: &str) -> bool {
    use entrada_core::cloud::Cloud;
    let Some(here) = origin.cloud() else {
        return false;
    };
    let belongs = |cloud: &Cloud| {
        let scope = cloud.resource_manager_scope.map(|scope| scope.trim_end_matches("/.default"));
        [cloud.resource_manager, scope, cloud.machine_learning, cloud.graph]
            .into_iter()
            .flatten()
            .any(|known| known.eq_ignore_ascii_case(uri))
    };
    !belongs(here) && Cloud::ALL.into_iter().any(belongs)
}
