//! One attempt to sign in: its secrets, and the address the browser is sent to.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use url::Url;

use super::redirect::RedirectUri;
use crate::error::Error;
use crate::flow::Cx;
use crate::flows::authority_client::EntraClient;
use crate::pkce;
use crate::request::TokenRequest;
use crate::secret::Secret;
use crate::tenant::Tenant;

/// How an interactive sign-in is done.
#[derive(Clone, Debug)]
pub struct BrowserOptions {
    pub(super) redirect: RedirectUri,
    pub(super) login_hint: Option<String>,
    pub(super) domain_hint: Option<String>,
    pub(super) prompt: Option<String>,
    pub(super) limit: Duration,
    pub(super) done: String,
}

impl Default for BrowserOptions {
    /// A free port of `http://localhost`, the account picker, five minutes.
    fn default() -> BrowserOptions {
        BrowserOptions {
            redirect: RedirectUri::default(),
            login_hint: None,
            domain_hint: None,
            prompt: Some("select_account".to_owned()),
            limit: Duration::from_secs(300),
            done: "You are signed in. You can close this window and go back to the program.".to_owned(),
        }
    }
}

impl BrowserOptions {
    /// The same with a redirect URI that the app allows: `http://localhost`, with or without a port
    /// and a path.
    ///
    /// # Errors
    /// `Configuration` when it is not an address on this machine that can be listened on.
    pub fn redirect_uri(mut self, uri: &str) -> Result<BrowserOptions, Error> {
        self.redirect = RedirectUri::new(uri)?;
        Ok(self)
    }

    /// The same for this account; the account picker is left out.
    #[must_use]
    pub fn login_hint(mut self, user: impl Into<String>) -> BrowserOptions {
        self.login_hint = Some(user.into());
        self.prompt = None;
        self
    }

    /// The same for accounts of this domain, or `organizations` or `consumers`.
    #[must_use]
    pub fn domain_hint(mut self, domain: impl Into<String>) -> BrowserOptions {
        self.domain_hint = Some(domain.into());
        self
    }

    /// The same with another `prompt`: `login`, `consent`, `select_account` or `none`; or with none,
    /// which leaves it to the authority.
    #[must_use]
    pub fn prompt(mut self, prompt: Option<&str>) -> BrowserOptions {
        self.prompt = prompt.map(str::to_owned);
        self
    }

    /// The same with another limit for the person.
    #[must_use]
    pub fn within(mut self, limit: Duration) -> BrowserOptions {
        self.limit = limit;
        self
    }

    /// The same with another text on the last page.
    #[must_use]
    pub fn done_text(mut self, text: impl Into<String>) -> BrowserOptions {
        self.done = text.into();
        self
    }
}

/// What ties the browser's return to this attempt.
#[derive(Debug)]
pub(super) struct Attempt {
    redirect_uri: String,
    verifier: Secret,
    state: Secret,
    nonce: Secret,
}

impl Attempt {
    pub(super) fn new(cx: &mut Cx<'_>, redirect_uri: String) -> Attempt {
        let mut random = || Secret::new(URL_SAFE_NO_PAD.encode(cx.random::<24>()));
        let (state, nonce) = (random(), random());
        Attempt { redirect_uri, verifier: pkce::verifier(cx.random()), state, nonce }
    }

    /// The authorize URL (OpenID Connect Core section 3.1.2.1). The code comes back in a form, so that
    /// it stays out of the browser's history.
    pub(super) fn url(
        &self,
        client: &EntraClient,
        tenant: &Tenant,
        options: &BrowserOptions,
        request: &TokenRequest,
    ) -> Url {
        let mut url = client.authority().authorize(tenant).url().clone();
        let mut query = url.query_pairs_mut();
        query
            .append_pair("client_id", client.client_id())
            .append_pair("response_type", "code")
            .append_pair("response_mode", "form_post")
            .append_pair("redirect_uri", &self.redirect_uri)
            .append_pair("scope", &request.scopes().for_sign_in())
            .append_pair("state", self.state.expose())
            .append_pair("nonce", self.nonce.expose())
            .append_pair("code_challenge", &pkce::challenge(&self.verifier))
            .append_pair("code_challenge_method", "S256")
            .append_pair("client_info", "1");
        let claims = request.claims_parameter();
        let optional = [
            ("prompt", options.prompt.as_deref()),
            ("login_hint", options.login_hint.as_deref()),
            ("domain_hint", options.domain_hint.as_deref()),
            ("claims", claims.as_deref()),
        ];
        for (name, value) in optional {
            if let Some(value) = value {
                query.append_pair(name, value);
            }
        }
        drop(query);
        url
    }

    pub(super) fn redirect_uri(&self) -> &str {
        &self.redirect_uri
    }

    pub(super) fn verifier(&self) -> &Secret {
        &self.verifier
    }

    pub(super) fn state(&self) -> &Secret {
        &self.state
    }

    pub(super) fn into_nonce(self) -> Secret {
        self.nonce
    }
}
