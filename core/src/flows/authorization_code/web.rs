//! A sign-in of a web app: begun in one HTTP request, finished in another.

use url::Url;

use super::attempt::{Attempt, Code, SignInHints};
use super::issuer::same_issuer;
use super::kept;
use super::redemption::Redemption;
use crate::endpoint;
use crate::error::{Error, ErrorKind};
use crate::flow::{self, BoxFlow, Entropy};
use crate::flows::authority_client::EntraClient;
use crate::flows::begun_by::BegunBy;
use crate::flows::interactive_browser::redirect::{self, Outcome};
use crate::request::TokenRequest;
use crate::secret::Secret;
use crate::tenant::Tenant;
use crate::token::TokenResponse;

const NAME: &str = "authorization-code";

/// How people sign in to a web app.
///
/// ```
/// use entrada_core::{EntraClient, Entropy, Secret, TokenRequest};
/// use entrada_core::flows::authorization_code::{PendingSignIn, WebSignIn};
/// # struct Fixed;
/// # impl Entropy for Fixed { fn fill(&mut self, b: &mut [u8]) { b.fill(7) } }
/// # let entropy = &mut Fixed;
/// let app = EntraClient::new("contoso.onmicrosoft.com", "client-id")?.with_secret("secret")?;
/// let sign_in = WebSignIn::new(app, "https://app.contoso.com/signed-in")?;
///
/// // GET /sign-in: keep what is pending where the browser cannot read it, and redirect.
/// let request = TokenRequest::new(["https://graph.microsoft.com/User.Read"])?;
/// let (address, pending) = sign_in.start(&request, entropy)?;
/// let kept: Secret = pending.to_json();
/// assert_eq!(address.host_str(), Some("login.microsoftonline.com"));
///
/// // POST /signed-in, maybe in another process: the form that the browser brings.
/// let pending = PendingSignIn::from_json(&kept)?;
/// # let form = format!("code=c&state={}", address.query_pairs().find(|(n, _)| n == "state").unwrap().1);
/// # let form = form.as_bytes();
/// let flow = sign_in.finish(&pending, form); // run it with a driver
/// # assert!(format!("{flow:?}").starts_with("Redemption"));
/// # Ok::<(), entrada_core::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct WebSignIn {
    client: EntraClient,
    redirect_uri: String,
    hints: SignInHints,
}

impl WebSignIn {
    /// Sign-in to this app, a confidential client or a public one, coming back to this redirect URI,
    /// which the app has to have registered.
    ///
    /// # Errors
    /// `Configuration` when the URI is neither https nor http on this machine, or has a fragment.
    pub fn new(client: EntraClient, redirect_uri: &str) -> Result<WebSignIn, Error> {
        let url = endpoint::read(redirect_uri.trim());
        let loopback = |url: &Url| matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
        let fit = |url: &Url| match url.scheme() {
            "https" => url.fragment().is_none(),
            "http" => loopback(url) && url.fragment().is_none(),
            _ => false,
        };
        if !url.as_ref().is_some_and(fit) {
            return Err(Error::new(ErrorKind::Configuration, "the redirect URI is not an https address")
                .with_remedy(
                    "use one that is registered for the app, such as https://app.contoso.com/signed-in",
                ));
        }
        let redirect_uri = redirect_uri.trim().to_owned();
        Ok(WebSignIn { client, redirect_uri, hints: SignInHints::default() })
    }

    /// The same with these hints.
    #[must_use]
    pub fn with_hints(mut self, hints: SignInHints) -> WebSignIn {
        self.hints = hints;
        self
    }

    /// Begins a sign-in: where to send the browser, and what to keep until it comes back.
    ///
    /// # Errors
    /// `Configuration` when the tenant of the request is not allowed, or nothing is known of the authority
    /// yet: see [`EntraClient::discover`].
    pub fn start(
        &self,
        request: &TokenRequest,
        entropy: &mut dyn Entropy,
    ) -> Result<(Url, PendingSignIn), Error> {
        let tenant = self.client.tenant_for_person(request)?;
        if self.client.authority().needs_discovery(self.client.tenant()) {
            return Err(Error::new(ErrorKind::Configuration, "nothing is known of the authority yet")
                .with_remedy("run EntraClient::discover before the first sign-in"));
        }
        let attempt = Attempt::new(entropy, self.redirect_uri.clone());
        let url = attempt.url(&self.client, &tenant, &self.hints, request);
        let begun_by = BegunBy::of(&self.client);
        Ok((url, PendingSignIn { begun_by, attempt, tenant, request: request.clone() }))
    }

    /// The flow that finishes a sign-in. `parameters` is the form, or the query, that the browser brought
    /// to the redirect URI, as it came. A sign-in that another app began, or that was begun at another
    /// authority, is `Configuration`, and nothing is sent.
    ///
    /// A pending sign-in is good for one return: forget it before, whatever comes of it.
    #[must_use]
    pub fn finish(&self, pending: &PendingSignIn, parameters: &[u8]) -> BoxFlow<TokenResponse> {
        match self.redemption(pending, parameters) {
            Ok(redemption) => self.client.once_known(NAME, Box::new(redemption)),
            Err(error) => flow::ready(Err(error.from_source(NAME))),
        }
    }

    fn redemption(&self, pending: &PendingSignIn, parameters: &[u8]) -> Result<Redemption, Error> {
        pending.begun_by.check(&self.client)?;
        let Attempt { redirect_uri, verifier, state, nonce } = &pending.attempt;
        match redirect::read(parameters, state) {
            Some(Outcome::Code(code, issuer)) => {
                same_issuer(&self.client, &pending.tenant, issuer.as_deref())?;
                let code = Code { code: &code, redirect_uri, verifier: Some(verifier) };
                let grant = code.grant(NAME, &self.client, &pending.tenant, &pending.request);
                Ok(Redemption::new(grant, nonce.clone()))
            }
            Some(Outcome::Refused(refusal)) => {
                let detail = crate::redact::clean(
                    refusal.description().unwrap_or_default(),
                    std::slice::from_ref(state),
                );
                Err(refusal.into_redirect_error(self.client.authority().host().host(), detail))
            }
            None => Err(Error::new(
                ErrorKind::Malformed,
                "what came to the redirect URI does not belong to this sign-in",
            )
            .with_remedy("answer it with 400 and let the person sign in again")),
        }
    }
}

/// A sign-in that waits for the browser to come back. It holds secrets: `Debug` shows none of them.
#[derive(Clone, Debug)]
pub struct PendingSignIn {
    pub(super) begun_by: BegunBy,
    pub(super) attempt: Attempt,
    pub(super) tenant: Tenant,
    pub(super) request: TokenRequest,
}

impl PendingSignIn {
    /// All of it as JSON, to be kept at the server, or encrypted in a cookie.
    #[must_use]
    pub fn to_json(&self) -> Secret {
        kept::write(self)
    }

    /// Reads what [`PendingSignIn::to_json`] wrote.
    ///
    /// # Errors
    /// `Configuration` when it is not that.
    pub fn from_json(kept: &Secret) -> Result<PendingSignIn, Error> {
        kept::read(kept)
    }
}
