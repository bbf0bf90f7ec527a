//! One attempt to sign in: its secrets, and the address the browser is sent to.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use url::Url;

use crate::exchange::{Form, RetryPolicy};
use crate::flow::Entropy;
use crate::flows::authority_client::EntraClient;
use crate::flows::token_exchange::Grant;
use crate::pkce;
use crate::request::TokenRequest;
use crate::secret::Secret;
use crate::tenant::Tenant;
use crate::token::Party;

/// Who is expected to sign in, and how.
#[derive(Clone, Debug, Default)]
pub struct SignInHints {
    login_hint: Option<String>,
    domain_hint: Option<String>,
    prompt: Option<String>,
}

impl SignInHints {
    /// The same for this account.
    #[must_use]
    pub fn login_hint(mut self, user: impl Into<String>) -> SignInHints {
        self.login_hint = Some(user.into());
        self
    }

    /// The same for accounts of this domain, or `organizations` or `consumers`.
    #[must_use]
    pub fn domain_hint(mut self, domain: impl Into<String>) -> SignInHints {
        self.domain_hint = Some(domain.into());
        self
    }

    /// The same with this `prompt`: `login`, `consent`, `select_account`, `create` or `none`; or with none, which
    /// leaves it to the authority.
    #[must_use]
    pub fn prompt(mut self, prompt: Option<&str>) -> SignInHints {
        self.prompt = prompt.map(str::to_owned);
        self
    }
}

/// What ties the browser's return to this attempt.
#[derive(Clone, Debug)]
pub(crate) struct Attempt {
    pub(crate) redirect_uri: String,
    pub(crate) verifier: Secret,
    pub(crate) state: Secret,
    pub(crate) nonce: Secret,
}

impl Attempt {
    pub(crate) fn new(entropy: &mut dyn Entropy, redirect_uri: String) -> Attempt {
        let mut text = || {
            let mut bytes = [0; 24];
            entropy.fill(&mut bytes);
            Secret::new(URL_SAFE_NO_PAD.encode(bytes))
        };
        let (state, nonce) = (text(), text());
        let mut random = [0; 32];
        entropy.fill(&mut random);
        Attempt { redirect_uri, verifier: pkce::verifier(random), state, nonce }
    }

    /// The authorize URL (OpenID Connect Core section 3.1.2.1). The code comes back in a form, so that
    /// it stays out of the browser's history.
    pub(crate) fn url(
        &self,
        client: &EntraClient,
        tenant: &Tenant,
        hints: &SignInHints,
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
            ("prompt", hints.prompt.as_deref()),
            ("login_hint", hints.login_hint.as_deref()),
            ("domain_hint", hints.domain_hint.as_deref()),
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
}

/// What an authorization code is redeemed with (RFC 6749 section 4.1.3, RFC 7636 section 4.5).
pub(crate) struct Code<'a> {
    pub(crate) code: &'a Secret,
    pub(crate) redirect_uri: &'a str,
    pub(crate) verifier: Option<&'a Secret>,
}

impl Code<'_> {
    /// The grant of this code, which is good for one redemption, so the request is not repeated once it
    /// was received.
    pub(crate) fn grant(
        &self,
        source: &'static str,
        client: &EntraClient,
        tenant: &Tenant,
        request: &TokenRequest,
    ) -> Grant {
        let form = Form::new()
            .field("grant_type", "authorization_code")
            .secret("code", self.code)
            .field("redirect_uri", self.redirect_uri);
        let form = match self.verifier {
            Some(verifier) => form.secret("code_verifier", verifier),
            None => form,
        };
        Grant {
            client: client.clone(),
            tenant: tenant.clone(),
            form: form
                .field("scope", &request.scopes().for_sign_in())
                .field("client_info", "1")
                .optional("claims", request.claims_parameter().as_deref()),
            label: "the token of the sign-in (authorization_code)",
            source,
            party: Party::User,
            policy: RetryPolicy::ONCE,
            anchor: None,
        }
    }
}
