//! The `claims` parameter (OpenID Connect Core section 5.5): what the client can handle, and what a
//! resource demanded of it.

use serde_json::{Value, json};

use super::fault::Fault;
use super::scope::Audience;
use crate::Emulator;
use crate::ask::Params;
use crate::store::Session;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Demands {
    /// Whether the client can answer challenges, so that its tokens may live long (`CP1`).
    pub(crate) capable: bool,
    /// Authentication contexts the token has to carry.
    pub(crate) acrs: Vec<String>,
    /// The token's session has to have begun after this, in seconds since 1970.
    pub(crate) newer_than: Option<i64>,
}

impl Demands {
    pub(crate) fn read(params: &Params) -> Result<Demands, Fault> {
        let Some(text) = params.get("claims") else {
            return Ok(Demands::default());
        };
        let Ok(Value::Object(claims)) = serde_json::from_str(text) else {
            return Err(Fault::malformed());
        };
        let of = |name: &str| claims.get("access_token").map_or(&Value::Null, |token| &token[name]);
        let capable = values(of("xms_cc")).iter().any(|value| value.eq_ignore_ascii_case("cp1"));
        let newer_than = values(of("nbf")).first().and_then(|value| value.parse().ok());
        Ok(Demands { capable, acrs: values(of("acrs")), newer_than })
    }

    /// Demands these authentication contexts too.
    pub(crate) fn add(&mut self, acrs: Vec<String>) {
        self.acrs.extend(acrs);
        self.acrs.sort();
        self.acrs.dedup();
    }
}

impl Emulator {
    /// The authentication contexts that the world demands of every session for a resource.
    pub(crate) fn demanded_for(&self, audience: &Audience) -> Vec<String> {
        let names = self.names_of(audience);
        let demands = self.config.policy.demands.iter();
        demands
            .filter(|known| names.contains(&bare(&known.scope)))
            .filter_map(|known| known.acrs.clone())
            .collect()
    }

    /// Every name of a resource, without slashes at their ends.
    fn names_of(&self, audience: &Audience) -> Vec<String> {
        let resource = self.config.resources.iter().find(|known| known.id == audience.id);
        let uris = resource.into_iter().flat_map(|known| known.uris.iter().map(|uri| bare(uri)));
        uris.chain([bare(&audience.asked), bare(&audience.id)]).filter(|name| !name.is_empty()).collect()
    }

    /// Refuses whomever a policy blocks at this resource.
    pub(crate) fn not_blocked(&self, principal: &str, audience: &Audience) -> Result<(), Fault> {
        let names = self.names_of(audience);
        let blocked = self.config.policy.blocks.iter().any(|block| {
            let whom = block.principal == "*" || block.principal.eq_ignore_ascii_case(principal);
            whom && names.contains(&bare(&block.resource))
        });
        if !blocked {
            return Ok(());
        }
        let message = "Access has been blocked by Conditional Access policies. The access policy does not allow token \
                       issuance.";
        let claims = json!({ "access_token": { "capolids": { "essential": true, "values": [principal] } } });
        let fault = Fault::new("access_denied", 53_003, message).suberror("message_only");
        Err(Fault { claims: Some(claims.to_string()), ..fault })
    }

    /// What is demanded can be beyond what the person once did; then the person is needed again, and is
    /// to be shown the same demand.
    pub(crate) fn demands_met(
        &self,
        session: &Session,
        audience: &Audience,
        demands: &Demands,
        claims: &str,
    ) -> Result<(), Fault> {
        if demands.newer_than.is_some_and(|newer| session.started.0 < newer) {
            return Err(Fault { claims: Some(claims.to_owned()), ..Fault::revoked() });
        }
        let mut all = demands.clone();
        all.add(self.demanded_for(audience));
        let mut unmet = all.acrs;
        unmet.retain(|acr| !session.acrs.contains(acr));
        if unmet.is_empty() {
            return Ok(());
        }
        let message = format!(
            "Due to a configuration change made by your administrator, or because you moved to a new location, you \
             must use multi-factor authentication to access '{}'.",
            audience.id
        );
        let claims = json!({ "access_token": { "acrs": { "essential": true, "values": unmet } } });
        let fault = Fault::new("interaction_required", 50_076, message).suberror("basic_action");
        Err(Fault { claims: Some(claims.to_string()), ..fault })
    }
}

fn bare(name: &str) -> String {
    name.trim_end_matches('/').to_ascii_lowercase()
}

/// What `value` and `values` hold, as texts.
fn values(member: &Value) -> Vec<String> {
    let one = member.get("value").into_iter();
    let many = member.get("values").and_then(Value::as_array).into_iter().flatten();
    one.chain(many)
        .filter_map(|value| match value {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(claims: &str) -> Result<Demands, Fault> {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        Demands::read(&Params::parse(form.append_pair("claims", claims).finish().as_bytes()))
    }

    #[test]
    fn every_kind_is_read() {
        let text = r#"{"access_token":{"xms_cc":{"values":["cp1"]},"acrs":{"essential":true,"values":["p1"]},
                       "nbf":{"essential":true,"value":"1726077595"}}}"#;
        let demands = read(text).unwrap();
        assert!(demands.capable);
        assert_eq!(demands.acrs, ["p1"]);
        assert_eq!(demands.newer_than, Some(1_726_077_595));
        assert_eq!(read(r#"{"access_token":null}"#).unwrap(), Demands::default());
        assert_eq!(read("").unwrap(), Demands::default());
        assert_eq!(read("[]").unwrap_err().code, 9_002_313);
    }
}
