//! The access token.

use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use http::HeaderValue;

use crate::effect::StoreName;
use crate::error::{Error, ErrorKind};
use crate::jwt::Identity;
use crate::secret::Secret;
use crate::time::{Mono, Now, Unix};

/// How long before its end a token without a hint of the authority's is due for renewal.
const DUE: i64 = 300;

/// A bearer token, with what is known of it. Clones share it: cloning costs nothing and allocates nothing.
#[derive(Clone)]
pub struct AccessToken(Arc<Inner>);

#[derive(Clone)]
struct Inner {
    secret: Secret,
    expires_on: Unix,
    ends: Mono,
    refresh_on: Option<Unix>,
    tenant: Option<Arc<str>>,
    scopes: Option<String>,
    /// What the token tells, read when somebody wants to know.
    identity: OnceLock<Identity>,
    source: &'static str,
    kept_in: Option<StoreName>,
    /// What is sent, written when it is sent first.
    header: OnceLock<HeaderValue>,
}

impl AccessToken {
    /// A token that was asked for at `asked` and lives until `expires_on`.
    ///
    /// # Errors
    /// `Malformed` when the text cannot be a bearer token (RFC 6750 section 2.1), or is dead already.
    pub fn new(
        secret: Secret,
        expires_on: Unix,
        asked: Now,
        source: &'static str,
    ) -> Result<AccessToken, Error> {
        let refused = |why: &str| {
            Error::new(ErrorKind::Malformed, format!("an access token was received that {why}"))
                .from_source(source)
        };
        if secret.is_empty() {
            return Err(refused("is empty"));
        }
        // Anything else could not be sent, or would smuggle a second header into a request.
        // All of it is looked at, since that goes many bytes at a time.
        if !secret.expose().bytes().fold(true, |fine, byte| fine & byte.is_ascii_graphic()) {
            return Err(refused("has characters that no token has"));
        }
        let life = asked.unix.until(expires_on);
        if life.is_zero() {
            return Err(refused("has expired already").with_remedy("check the clock of this machine"));
        }
        Ok(AccessToken(Arc::new(Inner {
            identity: OnceLock::new(),
            ends: asked.mono.after(life),
            secret,
            expires_on,
            refresh_on: None,
            tenant: None,
            scopes: None,
            source,
            kept_in: None,
            header: OnceLock::new(),
        })))
    }

    /// The same, if it is alive still: a reply that was long under way may bring a dead token.
    ///
    /// # Errors
    /// `Timeout` when it died before it came.
    pub fn alive_at(self, now: Now) -> Result<AccessToken, Error> {
        if self.is_alive(now) {
            return Ok(self);
        }
        Err(Error::new(ErrorKind::Timeout, "the access token that was received died on its way here")
            .with_remedy("check the network and the clock of this machine, and ask again")
            .from_source(self.0.source))
    }

    /// The same, with the time from which it should be renewed.
    #[must_use]
    pub fn refreshed_on(mut self, at: Option<Unix>) -> AccessToken {
        let expires_on = self.0.expires_on;
        self.change().refresh_on = at.map(|at| at.min(expires_on));
        self
    }

    /// The same, as issued for this tenant, where the token itself does not tell.
    #[must_use]
    pub fn of_tenant(mut self, tenant: Option<impl Into<Arc<str>>>) -> AccessToken {
        self.change().tenant = tenant.map(Into::into);
        self
    }

    /// The same, as obtained by the credential of this name, which used another to get it.
    #[must_use]
    pub fn from_source(mut self, source: &'static str) -> AccessToken {
        self.change().source = source;
        self
    }

    /// The same, as one that is kept between runs in this document, for whoever has to remove it there.
    #[must_use]
    pub fn kept_in(mut self, document: StoreName) -> AccessToken {
        self.change().kept_in = Some(document);
        self
    }

    /// The same, with the scopes that the authority granted.
    #[must_use]
    pub fn granting(mut self, scopes: Option<String>) -> AccessToken {
        self.change().scopes = scopes;
        self
    }

    fn change(&mut self) -> &mut Inner {
        Arc::make_mut(&mut self.0)
    }

    /// The token. Send it to the resource it is for and nowhere else.
    #[must_use]
    pub fn secret(&self) -> &Secret {
        &self.0.secret
    }

    /// `Bearer …`, marked as sensitive. It is written once; after that, each call hands out the same bytes.
    #[must_use]
    pub fn authorization(&self) -> HeaderValue {
        let write = || {
            let text = Secret::new(format!("Bearer {}", self.0.secret.expose()));
            let mut value =
                HeaderValue::from_str(text.expose()).unwrap_or(HeaderValue::from_static("Bearer"));
            value.set_sensitive(true);
            value
        };
        self.0.header.get_or_init(write).clone()
    }

    /// When it dies.
    #[must_use]
    pub fn expires_on(&self) -> Unix {
        self.0.expires_on
    }

    /// From when on it should be renewed: what the authority asked for, or half way through a life of
    /// two hours or more. Nothing for a shorter one without a hint.
    #[must_use]
    pub fn refresh_on(&self) -> Option<Unix> {
        self.0.refresh_on
    }

    /// From when on it should be renewed: [`AccessToken::refresh_on`], else five minutes before its end.
    #[must_use]
    pub fn refresh_due(&self) -> Unix {
        self.0.refresh_on.unwrap_or(Unix(self.0.expires_on.0.saturating_sub(DUE)))
    }

    /// Whether it can still be used: both clocks have to say so.
    #[must_use]
    pub fn is_alive(&self, now: Now) -> bool {
        now.unix < self.0.expires_on && now.mono < self.0.ends
    }

    /// How long it can still be used, by the clock that is less generous.
    #[must_use]
    pub fn life_left(&self, now: Now) -> Duration {
        now.unix.until(self.0.expires_on).min(now.mono.until(self.0.ends))
    }

    /// The tenant that issued it, if known.
    #[must_use]
    pub fn tenant(&self) -> Option<&str> {
        self.identity().tenant.as_deref().or(self.0.tenant.as_deref())
    }

    /// The scopes that the authority says it granted.
    #[must_use]
    pub fn scopes(&self) -> Option<&str> {
        self.0.scopes.as_deref()
    }

    /// Whom it speaks for, as far as it tells.
    #[must_use]
    pub fn identity(&self) -> &Identity {
        self.0.identity.get_or_init(|| Identity::of_token(self.0.secret.expose()))
    }

    /// The document in which it is kept between runs, where it is.
    #[must_use]
    pub fn document(&self) -> Option<&StoreName> {
        self.0.kept_in.as_ref()
    }

    /// The name of the credential that obtained it.
    #[must_use]
    pub fn source(&self) -> &'static str {
        self.0.source
    }
}

impl fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessToken")
            .field("expires_on", &self.0.expires_on)
            .field("refresh_on", &self.0.refresh_on)
            .field("tenant", &self.tenant())
            .field("scopes", &self.0.scopes)
            .field("identity", self.identity())
            .field("source", &self.0.source)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(mono: u64, unix: i64) -> Now {
        Now { mono: Mono(mono * 1000), unix: Unix(unix) }
    }

    #[test]
    fn alive_only_by_both_clocks() {
        let token = AccessToken::new("t".into(), Unix(1100), at(50, 1000), "test").unwrap();
        assert!(token.is_alive(at(149, 1099)));
        assert!(!token.is_alive(at(149, 1100)));
        assert!(!token.is_alive(at(150, 1000)), "the wall clock was set back");
        assert_eq!(token.life_left(at(140, 1000)), Duration::from_secs(10));
        assert_eq!(token.refresh_due(), Unix(800));
        assert_eq!(token.refreshed_on(Some(Unix(9999))).refresh_on(), Some(Unix(1100)));
    }

    #[test]
    fn what_cannot_be_sent_is_no_token() {
        for bad in ["", "a b", "a\r\nx: y", "\u{7f}", "é", "a\0"] {
            assert!(AccessToken::new(bad.into(), Unix(9), at(0, 0), "test").is_err(), "{bad:?}");
        }
        assert!(AccessToken::new("t".into(), Unix(0), at(0, 0), "test").is_err());
    }
}
