//! The data plane of Azure Machine Learning: discovery, which asks for no token; experiments and models; and
//! online endpoints, each called with the key or the token of its kind.

use entrada_core::cloud::Cloud;
use entrada_core::effect::HttpResponse;
use serde_json::{Value, json};

use crate::arm::{authenticate_for, fault_reply, management_audiences};
use crate::ask::Ask;
use crate::fault::Fault;
use crate::{Emulator, jwt, reply};

/// The first steps of its paths, where one origin serves all.
pub(crate) const STEPS: [&str; 4] = ["discovery", "history", "modelmanagement", "score"];

/// The cloud whose data plane a host is of.
pub(crate) fn cloud_of(host: &str) -> Option<&'static Cloud> {
    Cloud::ALL.into_iter().find(|cloud| {
        cloud.machine_learning.and_then(|address| address.strip_prefix("https://")) == Some(host)
            || cloud.machine_learning_hosts.iter().any(|suffix| host.ends_with(suffix))
    })
}

impl Emulator {
    pub(crate) fn data_plane(&mut self, ask: &Ask<'_>) -> HttpResponse {
        let path = ask.pieces();
        let result = match path.as_slice() {
            ["discovery", ..] if ask.is_get() => Ok(discovery(ask)),
            ["history", "v1.0", rest @ ..] if ask.is_get() => self.listed(ask, rest, "experiments"),
            ["modelmanagement", "v1.0", rest @ ..] if ask.is_get() => self.listed(ask, rest, "models"),
            ["score", rest @ ..] if ask.is_post() => self.score(ask, rest.first().copied()),
            _ => Err(Fault::new(404, "ResourceNotFound", format!("There is nothing at '{}'.", ask.path()))),
        };
        let response = match result {
            Ok(document) => reply::json(200, &document),
            Err(fault) => fault_reply(&fault),
        };
        reply::with(response, "x-ms-request-id", &self.draw.guid())
    }

    /// A list of a workspace. Tokens for Azure Resource Manager are taken too.
    fn listed(&self, ask: &Ask<'_>, rest: &[&str], what: &str) -> Result<Value, Fault> {
        let [
            "subscriptions",
            subscription,
            "resourceGroups",
            group,
            "providers",
            _,
            "workspaces",
            name,
            last,
        ] = rest
        else {
            return Err(Fault::new(404, "ResourceNotFound", "There is no such list."));
        };
        let mut allowed = management_audiences(ask);
        allowed.extend(own_audience(ask));
        let caller = authenticate_for(ask, None, &allowed)?;
        if ask.query.get("api-version").is_none() {
            return Err(Fault::new(
                400,
                "MissingApiVersionParameter",
                "The api-version query parameter is required.",
            ));
        }
        self.subscription(ask, &caller, subscription)?;
        let found = self.config.workspaces.iter().find(|known| {
            known.subscription.eq_ignore_ascii_case(subscription)
                && known.resource_group.eq_ignore_ascii_case(group)
                && known.name.eq_ignore_ascii_case(name)
        });
        match (found, *last == what) {
            (Some(found), true) => Ok(json!({ "value": [{ "name": format!("{}-{what}", found.name) }] })),
            _ => Err(Fault::new(404, "ResourceNotFound", "There is no such workspace or list.")),
        }
    }

    /// What an online endpoint says to whoever may call it.
    fn score(&self, ask: &Ask<'_>, named: Option<&str>) -> Result<Value, Fault> {
        let host = ask.origin.host();
        let name = named.unwrap_or_else(|| host.split('.').next().unwrap_or_default());
        let found = self.config.online_endpoints.iter().find(|one| one.name.eq_ignore_ascii_case(name));
        let found = found.ok_or_else(|| Fault::new(404, "ResourceNotFound", "There is no such endpoint."))?;
        let refused = || Fault::new(401, "Unauthorized", "The key or token is not one of this endpoint.");
        let token = ask.header("authorization").and_then(|value| value.strip_prefix("Bearer "));
        let token = token.ok_or_else(refused)?;
        match found.auth_mode.as_str() {
            "Key" if found.primary_key.matches(token) || found.secondary_key.matches(token) => {}
            "AMLToken" => {
                let jwt = jwt::verify(token).ok_or_else(refused)?;
                let alive =
                    jwt.claims.get("exp").and_then(Value::as_i64).is_some_and(|exp| exp > ask.now.unix.0);
                if jwt.text("aud") != Some(&format!("endpoint:{}", found.name)) || !alive {
                    return Err(refused());
                }
            }
            "AADToken" => {
                // Exactly the audience, without a slash at its end.
                let jwt = jwt::verify(token).ok_or_else(refused)?;
                if !own_audience(ask).any(|own| jwt.text("aud") == Some(&own)) {
                    return Err(refused());
                }
                authenticate_for(ask, None, &own_audience(ask).collect::<Vec<_>>())?;
            }
            _ => return Err(refused()),
        }
        Ok(json!({ "endpoint": found.name, "called_with": found.auth_mode }))
    }
}

fn own_audience(ask: &Ask<'_>) -> impl Iterator<Item = String> {
    let cloud = cloud_of(&ask.origin.host()).unwrap_or(Cloud::PUBLIC);
    cloud.machine_learning.map(str::to_owned).into_iter()
}

fn discovery(ask: &Ask<'_>) -> Value {
    let base = ask.origin.to_string();
    let names = [
        "api",
        "catalog",
        "experimentation",
        "gallery",
        "history",
        "hyperdrive",
        "labeling",
        "modelmanagement",
        "pipelines",
        "studio",
    ];
    names
        .into_iter()
        .map(|name| (name.to_owned(), Value::from(base.clone())))
        .collect::<serde_json::Map<_, _>>()
        .into()
}
