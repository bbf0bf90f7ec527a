//! Making tokens, and the documents that carry them.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::client::Proof;
use super::fault::Fault;
use super::scope::{Audience, Wanted};
use super::tenant::{ADFS, DSTS};
use crate::Emulator;
use crate::ask::Ask;
use crate::config::{App, TokenVersion, User};
use crate::jwt;
use crate::store::{Refresh, Session};

/// A principal without a person: an app or a managed identity.
pub(crate) struct Principal<'a> {
    pub(crate) tenant: &'a str,
    pub(crate) client_id: &'a str,
    pub(crate) object_id: &'a str,
    pub(crate) roles: &'a [String],
    pub(crate) proof: Proof,
    /// The Azure resource that a managed identity belongs to.
    pub(crate) resource_id: Option<&'a str>,
}

/// Tokens of a person for an app.
pub(crate) struct UserGrant<'a> {
    pub(crate) app: &'a App,
    pub(crate) proof: Proof,
    pub(crate) session: &'a Session,
    pub(crate) wanted: &'a Wanted,
    /// What the person agreed to at first, which refresh tokens remember.
    pub(crate) scope: &'a str,
    pub(crate) nonce: Option<&'a str>,
    pub(crate) capable: bool,
    pub(crate) client_info: bool,
}

pub(super) fn issuer(ask: &Ask<'_>, version: TokenVersion, tenant: &str) -> String {
    match version {
        _ if tenant == ADFS => format!("{}/{ADFS}", ask.origin),
        _ if tenant == DSTS => format!("{}/dstsv2/{tenant}", ask.origin),
        _ if ask.origin.external().is_some() => format!("https://{tenant}.ciamlogin.com/{tenant}/v2.0"),
        TokenVersion::V1 => format!("https://sts.windows.net/{tenant}/"),
        TokenVersion::V2 => format!("{}/{tenant}/v2.0", ask.origin.authority()),
    }
}

/// The name of a user for one app: the same for each sign-in, and useless to other apps.
fn pairwise(user: &str, client: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(format!("{user} {client}")))
}

impl Emulator {
    /// The claims every access token has.
    fn common(&mut self, ask: &Ask<'_>, audience: &Audience, tenant: &str, life: i64) -> Map<String, Value> {
        let now = ask.now.unix.0;
        let aud = match audience.version {
            TokenVersion::V1 => &audience.asked,
            TokenVersion::V2 => &audience.id,
        };
        let version = if audience.version == TokenVersion::V1 { "1.0" } else { "2.0" };
        let claims = json!({
            "aud": aud, "iss": issuer(ask, audience.version, tenant), "iat": now, "nbf": now,
            "exp": now.saturating_add(life), "tid": tenant, "uti": self.draw.short(),
            "aio": self.draw.short(), "rh": format!("1.{}.", self.draw.short()), "ver": version,
        });
        match claims {
            Value::Object(mut claims) => {
                if tenant == ADFS {
                    claims.remove("tid");
                }
                claims
            }
            _ => Map::new(),
        }
    }

    /// An access token of a principal for itself.
    pub(crate) fn app_token(
        &mut self,
        ask: &Ask<'_>,
        audience: &Audience,
        who: &Principal<'_>,
        acrs: &[String],
        capable: bool,
        life: i64,
    ) -> String {
        let mut claims = self.common(ask, audience, who.tenant, life);
        let mut add = |name: &str, value: Value| claims.insert(name.to_owned(), value);
        match audience.version {
            TokenVersion::V1 => {
                add("appid", who.client_id.into());
                add("appidacr", who.proof.acr().into());
                add("idp", issuer(ask, TokenVersion::V1, who.tenant).into());
            }
            TokenVersion::V2 => {
                add("azp", who.client_id.into());
                add("azpacr", who.proof.acr().into());
            }
        }
        add("idtyp", "app".into());
        add("oid", who.object_id.into());
        add("sub", who.object_id.into());
        if !who.roles.is_empty() {
            add("roles", json!(who.roles));
        }
        if who.proof == Proof::Federated {
            add("xms_ficinfo", "CAAQABgAIAAoAjAA".into());
        }
        if let Some(resource_id) = who.resource_id {
            add("xms_mirid", resource_id.into());
        }
        demanded(&mut claims, acrs, capable);
        jwt::sign(&Value::Object(claims))
    }

    fn user_token(&mut self, ask: &Ask<'_>, grant: &UserGrant<'_>, user: &User, life: i64) -> String {
        let audience = &grant.wanted.audience;
        let mut claims = self.common(ask, audience, &grant.session.tenant, life);
        let mut add = |name: &str, value: Value| claims.insert(name.to_owned(), value);
        match audience.version {
            TokenVersion::V1 => {
                add("acr", "1".into());
                add("amr", if grant.session.mfa { json!(["pwd", "mfa"]) } else { json!(["pwd"]) });
                add("appid", grant.app.client_id.clone().into());
                add("appidacr", grant.proof.acr().into());
                add("unique_name", user.username.clone().into());
                add("upn", user.username.clone().into());
            }
            TokenVersion::V2 => {
                add("azp", grant.app.client_id.clone().into());
                add("azpacr", grant.proof.acr().into());
                add("preferred_username", user.username.clone().into());
            }
        }
        add("idtyp", "user".into());
        add("name", user.name.clone().into());
        if grant.session.tenant == ADFS {
            add("upn", user.username.clone().into());
        } else {
            add("oid", user.object_id.clone().into());
        }
        add("scp", grant.wanted.permissions().into());
        add("sid", grant.session.id.clone().into());
        add("sub", pairwise(&user.object_id, &audience.id).into());
        demanded(&mut claims, &grant.session.acrs, grant.capable);
        jwt::sign(&Value::Object(claims))
    }

    /// An access token of a person for a developer's tool, as hosts get it that act for people.
    pub(crate) fn person_token(
        &mut self,
        ask: &Ask<'_>,
        user: &User,
        resource: &str,
        life: i64,
    ) -> Result<String, Fault> {
        let wanted = Wanted::of_user(&self.config, &ask.origin, &format!("{resource}/.default"))?;
        let tool = self.config.apps.iter().find(|app| app.public).cloned();
        let app = tool.ok_or_else(|| Fault::new("unauthorized_client", 700_016, "There is no such app."))?;
        let session = Session {
            id: self.draw.guid(),
            tenant: user.tenant.clone(),
            user: user.object_id.clone(),
            mfa: user.mfa,
            acrs: Vec::new(),
            started: ask.now.unix,
        };
        let grant = UserGrant {
            app: &app,
            proof: Proof::None,
            session: &session,
            wanted: &wanted,
            scope: "",
            nonce: None,
            capable: false,
            client_info: false,
        };
        Ok(self.user_token(ask, &grant, user, life))
    }

    fn id_token(&mut self, ask: &Ask<'_>, grant: &UserGrant<'_>, user: &User) -> String {
        let now = ask.now.unix.0;
        let mut claims = json!({
            "aud": grant.app.client_id, "iss": issuer(ask, TokenVersion::V2, &grant.session.tenant),
            "iat": now, "nbf": now, "exp": now.saturating_add(3600), "auth_time": grant.session.started.0,
            "sub": pairwise(&user.object_id, &grant.app.client_id),
        });
        let mut add = |name: &str, value: Value| claims[name] = value;
        if grant.session.tenant == ADFS {
            add("upn", user.username.clone().into());
        } else {
            add("name", user.name.clone().into());
            if !self.config.policy.nameless {
                add("preferred_username", user.username.clone().into());
            }
            add("oid", user.object_id.clone().into());
            add("tid", grant.session.tenant.clone().into());
            add("uti", self.draw.short().into());
            add("ver", "2.0".into());
        }
        if let Some(nonce) = grant.nonce {
            claims["nonce"] = nonce.into();
        }
        jwt::sign(&claims)
    }

    /// The answer to a user's grant, with everything that was asked for.
    pub(crate) fn user_document(&mut self, ask: &Ask<'_>, grant: &UserGrant<'_>) -> Result<Value, Fault> {
        let user = self.config.user_of_object(&grant.session.user).cloned();
        let user = user.filter(|user| !user.disabled).ok_or_else(|| {
            Fault::new("invalid_grant", 50_057, "The user account is disabled.").suberror("bad_token")
        })?;
        self.not_blocked(&user.object_id, &grant.wanted.audience)?;
        let policy = &self.config.policy;
        let life = if grant.capable { policy.revocable_access_token } else { policy.access_token };
        let mut document = json!({
            "token_type": "Bearer", "scope": grant.wanted.granted(), "expires_in": life, "ext_expires_in": life,
            "access_token": self.user_token(ask, grant, &user, life),
        });
        // Families of clients are Microsoft's own, and Entra's.
        let family = grant.app.family.as_ref().filter(|_| grant.session.tenant != ADFS);
        if grant.wanted.has("offline_access") {
            let token = self.draw.opaque();
            let refresh = Refresh {
                session: grant.session.clone(),
                client: grant.app.client_id.clone(),
                family: family.cloned(),
                scope: grant.scope.to_owned(),
                issued: ask.now.unix,
                revoked: false,
            };
            self.store.refresh.insert(token.clone(), refresh);
            document["refresh_token"] = token.into();
            if let Some(family) = family {
                document["foci"] = family.clone().into();
            }
        }
        if grant.wanted.has("openid") {
            document["id_token"] = self.id_token(ask, grant, &user).into();
        }
        if grant.client_info {
            document["client_info"] = client_info(&user).into();
        }
        Ok(document)
    }
}

/// The account, as the `client_info` parameter wants it.
pub(crate) fn client_info(user: &User) -> String {
    URL_SAFE_NO_PAD.encode(json!({ "uid": user.object_id, "utid": user.tenant }).to_string())
}

fn demanded(claims: &mut Map<String, Value>, acrs: &[String], capable: bool) {
    if !acrs.is_empty() {
        claims.insert("acrs".into(), json!(acrs));
    }
    if capable {
        claims.insert("xms_cc".into(), json!(["CP1"]));
    }
}
