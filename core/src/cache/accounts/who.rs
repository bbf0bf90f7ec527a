//! Whose the tokens of a reply are.

use std::fmt;

use crate::jwt::{self, Jwt};
use crate::token::TokenResponse;

/// The account of a reply, as far as the reply tells.
#[derive(Clone, Default)]
pub(super) struct Who {
    /// `uid.utid`, or the subject where the authority knows no such ids (AD FS).
    pub(super) home_account_id: Option<String>,
    /// The object id within the tenant, else the subject.
    pub(super) local_account_id: Option<String>,
    /// The name to sign in with.
    pub(super) username: Option<String>,
    /// The name to show.
    pub(super) name: Option<String>,
    /// The tenant that issued the tokens.
    pub(super) tenant: Option<String>,
    /// The host that issued the tokens.
    pub(super) issuer: Option<String>,
}

impl Who {
    pub(super) fn of(response: &TokenResponse) -> Who {
        let id_token = response.id_token.as_ref().and_then(|token| Jwt::decode(token.expose()));
        let claim = |names: &[&str]| {
            let id_token = id_token.as_ref()?;
            names.iter().find_map(|name| id_token.text(name)).map(str::to_owned)
        };
        let info = response.client_info.as_ref().and_then(|info| jwt::object(info.expose()));
        let part = |name: &str| info.as_ref()?.get(name)?.as_str().filter(|part| !part.is_empty());
        let issuer = claim(&["iss"]).and_then(|issuer| url::Url::parse(&issuer).ok());
        let home_account_id = match (part("uid"), part("utid")) {
            (Some(uid), Some(utid)) => Some(format!("{uid}.{utid}")),
            (uid, _) => claim(&["sub"]).or_else(|| uid.map(str::to_owned)),
        };
        let first_step =
            |issuer: &url::Url| issuer.path_segments()?.find(|step| !step.is_empty()).map(str::to_owned);
        Who {
            home_account_id,
            local_account_id: claim(&["oid", "sub"]),
            username: claim(&["preferred_username", "upn", "unique_name"]),
            name: claim(&["name"]),
            tenant: claim(&["tid"]).or_else(|| issuer.as_ref().and_then(first_step)),
            issuer: issuer.and_then(|issuer| issuer.host_str().map(str::to_owned)),
        }
    }
}

impl fmt::Debug for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Who").field("home_account_id", &self.home_account_id).finish_non_exhaustive()
    }
}
