//! Who may read what: the bearer token, the subscription's directory, demands, and roles.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use entrada_core::cloud::Cloud;
use entrada_core::jwt::Jwt;
use serde_json::{Value, json};

use crate::Emulator;
use crate::ask::Ask;
use crate::config::{RoleAssignment, Subscription};
use crate::fault::Fault;
use crate::jwt;

/// How far clocks may differ, in seconds.
const SKEW: i64 = 300;

/// Whom a valid token speaks for.
pub(crate) struct Caller {
    token: Jwt,
}

impl Caller {
    fn text(&self, name: &str) -> &str {
        self.token.text(name).unwrap_or_default()
    }

    fn number(&self, name: &str) -> i64 {
        self.token.claims.get(name).and_then(Value::as_i64).unwrap_or_default()
    }

    fn list(&self, name: &str) -> Vec<&str> {
        let values = self.token.claims.get(name).and_then(Value::as_array);
        values.into_iter().flatten().filter_map(Value::as_str).collect()
    }

    pub(crate) fn tenant(&self) -> &str {
        self.text("tid")
    }

    /// The name that refusals give: the user, or else the app.
    fn name(&self) -> &str {
        ["upn", "preferred_username", "appid", "azp"]
            .into_iter()
            .find_map(|claim| self.token.text(claim))
            .unwrap_or_default()
    }
}

/// The bearer token, checked for this host.
pub(crate) fn authenticate(ask: &Ask<'_>, tenant: Option<&str>) -> Result<Caller, Fault> {
    authenticate_for(ask, tenant, &audiences(ask))
}

/// The bearer token, checked to be for one of these audiences.
pub(crate) fn authenticate_for(
    ask: &Ask<'_>,
    tenant: Option<&str>,
    allowed: &[String],
) -> Result<Caller, Fault> {
    let address = format!("{}/{}", login(ask), tenant.unwrap_or("common"));
    let refuse = |code: &'static str, message: &str| {
        let challenge = format!(
            "Bearer authorization_uri=\"{address}\", error=\"invalid_token\", error_description=\"{message}\""
        );
        Err(Fault::new(401, code, message).challenge(challenge))
    };
    let Some(header) = ask.header("authorization") else {
        return refuse(
            "AuthenticationFailed",
            "Authentication failed. The 'Authorization' header is missing.",
        );
    };
    let token = match header.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token.trim(),
        _ => {
            return refuse(
                "AuthenticationFailed",
                "Authentication failed. The 'Authorization' header is provided in an invalid format.",
            );
        }
    };
    if token.is_empty() {
        return refuse(
            "AuthenticationFailedMissingToken",
            "Authentication failed. The 'Authorization' header is missing the access token.",
        );
    }
    let Some(token) = jwt::verify(token) else {
        return refuse("InvalidAuthenticationToken", "The access token is invalid.");
    };
    let caller = Caller { token };
    if caller.number("exp") <= ask.now.unix.0 {
        return refuse("ExpiredAuthenticationToken", "The access token expiry is in the past.");
    }
    if caller.number("nbf") > ask.now.unix.0.saturating_add(SKEW) {
        return refuse("InvalidAuthenticationToken", "The access token is not valid yet.");
    }
    let audience = caller.text("aud");
    let bare = audience.strip_suffix('/').unwrap_or(audience);
    if !allowed.iter().any(|known| known.eq_ignore_ascii_case(bare)) {
        let list: Vec<_> = allowed.iter().map(|known| format!("'{known}','{known}/'")).collect();
        let message = format!(
            "The access token has been obtained for wrong audience or resource '{audience}'. It should exactly match \
             with one of the allowed audiences {}.",
            list.join(",")
        );
        return refuse("InvalidAuthenticationTokenAudience", &message);
    }
    Ok(caller)
}

/// The authority that challenges name. The public cloud still uses its old name.
fn login(ask: &Ask<'_>) -> String {
    match ask.origin.cloud() {
        Some(cloud) if cloud == Cloud::PUBLIC => "https://login.windows.net".to_owned(),
        _ => ask.origin.authority(),
    }
}

/// The audiences of tokens that are taken.
pub(crate) fn audiences(ask: &Ask<'_>) -> Vec<String> {
    let core = |name: &str| format!("https://management.core.{name}");
    match ask.origin.cloud() {
        Some(cloud) if cloud == Cloud::PUBLIC => {
            vec![core("windows.net"), "https://management.azure.com".to_owned()]
        }
        Some(cloud) => {
            let own = cloud.resource_manager.map(str::to_owned).into_iter();
            own.chain(match cloud.short {
                "china" => Some(core("chinacloudapi.cn")),
                "usgov" => Some(core("usgovcloudapi.net")),
                _ => None,
            })
            .collect()
        }
        None => vec![core("windows.net"), "https://management.azure.com".to_owned(), ask.origin.to_string()],
    }
}

impl Emulator {
    /// The subscription, if the caller's directory is its own.
    pub(crate) fn subscription(
        &self,
        ask: &Ask<'_>,
        caller: &Caller,
        id: &str,
    ) -> Result<Subscription, Fault> {
        let found = self.config.subscriptions.iter().find(|known| known.id.eq_ignore_ascii_case(id));
        let Some(found) = found else {
            let message = format!("The subscription '{id}' could not be found.");
            return Err(Fault::new(404, "SubscriptionNotFound", message));
        };
        if !found.tenant.eq_ignore_ascii_case(caller.tenant()) {
            let (theirs, ours) = (caller.tenant(), &found.tenant);
            let login = login(ask);
            let message = format!(
                "The access token is from the wrong issuer 'https://sts.windows.net/{theirs}/'. It must match the \
                 tenant 'https://sts.windows.net/{ours}/' associated with this subscription. Please use the authority \
                 (URL) '{login}/{ours}' to get the token. Note, if the subscription is transferred to another tenant \
                 there is no impact to the services, but information about new tenant could take time to propagate (up \
                 to an hour). If you just transferred your subscription and see this error message, please try back \
                 later."
            );
            let challenge = format!(
                "Bearer authorization_uri=\"{login}/{ours}\", error=\"invalid_token\", error_description=\"The access \
                 token is from the wrong issuer.\""
            );
            return Err(Fault::new(401, "InvalidAuthenticationTokenTenant", message).challenge(challenge));
        }
        Ok(found.clone())
    }

    /// Checks what is demanded of tokens for this scope.
    pub(crate) fn demanded(&self, ask: &Ask<'_>, caller: &Caller, scope: &str) -> Result<(), Fault> {
        let capable = caller.list("xms_cc").iter().any(|value| value.eq_ignore_ascii_case("cp1"));
        for demand in self.config.policy.demands.iter().filter(|demand| within(scope, &demand.scope)) {
            let claims = match (&demand.acrs, demand.newer_than) {
                (Some(acrs), _) if !caller.list("acrs").contains(&acrs.as_str()) => {
                    json!({ "access_token": { "acrs": { "essential": true, "values": [acrs] } } })
                }
                (_, Some(newer)) if capable && caller.number("iat") < newer => {
                    json!({ "access_token": {
                        "nbf": { "essential": true, "value": newer.to_string() },
                        "xms_caeerror": { "value": "10012" },
                    } })
                }
                _ => continue,
            };
            let challenge = format!(
                "Bearer realm=\"\", authorization_uri=\"{}/common/oauth2/authorize\", error=\"insufficient_claims\", \
                 claims=\"{}\"",
                ask.origin.authority(),
                STANDARD.encode(claims.to_string())
            );
            let message =
                "Authentication failed. The access token does not meet the policies of this resource.";
            return Err(Fault::new(401, "AuthenticationFailed", message).challenge(challenge));
        }
        Ok(())
    }

    /// The roles that the caller has on the scope or above it.
    pub(super) fn roles_of(&self, caller: &Caller, scope: &str) -> impl Iterator<Item = &RoleAssignment> {
        self.config.role_assignments.iter().filter(move |role| {
            let theirs = role.principal == "*" || role.principal.eq_ignore_ascii_case(caller.text("oid"));
            theirs && within(scope, &role.scope)
        })
    }

    /// Whether the caller has a role on the scope, above it or anywhere in it.
    pub(crate) fn may_see(&self, caller: &Caller, scope: &str) -> bool {
        self.roles_of(caller, scope).next().is_some()
            || self.config.role_assignments.iter().any(|role| {
                role.principal.eq_ignore_ascii_case(caller.text("oid")) && within(&role.scope, scope)
            })
    }

    pub(crate) fn authorize_action(
        &self,
        ask: &Ask<'_>,
        caller: &Caller,
        action: &str,
        scope: &str,
    ) -> Result<(), Fault> {
        if self.allows(ask, caller, action, scope) {
            return Ok(());
        }
        let (name, object_id) = (caller.name(), caller.text("oid"));
        let message = format!(
            "The client '{name}' with object id '{object_id}' does not have authorization to perform action '{action}' \
             over scope '{scope}' or the scope is invalid. If access was recently granted, please refresh your \
             credentials."
        );
        Err(Fault::new(403, "AuthorizationFailed", message))
    }
}

/// Whether a scope is another one or lies below it, without regard to case.
pub(super) fn within(scope: &str, above: &str) -> bool {
    let pieces = |text: &str| {
        text.split('/').filter(|piece| !piece.is_empty()).map(str::to_ascii_lowercase).collect::<Vec<_>>()
    };
    pieces(scope).starts_with(&pieces(above))
}

#[cfg(test)]
mod tests {
    use super::within;

    #[test]
    fn scopes_are_compared_by_segments() {
        assert!(within("/subscriptions/A/resourceGroups/g", "/subscriptions/a"));
        assert!(within("/subscriptions/a", "/SUBSCRIPTIONS/a/"));
        assert!(!within("/subscriptions/ab", "/subscriptions/a"));
        assert!(!within("/subscriptions/a", "/subscriptions/a/resourceGroups/g"));
    }
}
