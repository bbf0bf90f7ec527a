//! A credential with the driver that serves it.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use entrada_core::cache::{Joined, Lead, Recent, Turn, Waiting};
use entrada_core::call::forgetting;
use entrada_core::flow::{self, BoxFlow};
use entrada_core::time::Mono;
use entrada_core::{AccessToken, DefaultChain, Error, Partition, SharedCache, TokenRequest};
use http::HeaderValue;

use crate::driver::{Driver, RunOptions};

/// Something to get access tokens from. Cheap to clone, and usable from many tasks at once.
///
/// Tokens are kept while they live (see [`entrada_core::cache`]): any number of callers make one request,
/// a token that is due is renewed by a task of its own, and nobody waits for that.
#[derive(Clone)]
pub struct Credential {
    credential: Arc<dyn flow::Credential>,
    partition: Partition,
    cache: Option<SharedCache>,
    driver: Driver,
    limit: Option<Duration>,
}

impl Credential {
    /// This credential, served by a driver of its own.
    ///
    /// # Errors
    /// As for [`Driver::new`].
    pub fn new(credential: impl flow::Credential + 'static) -> Result<Credential, Error> {
        Ok(Credential::with_driver(credential, &Driver::new()?))
    }

    /// What this machine offers, by the default chain: a service principal in the environment, a
    /// managed identity, the session of the Azure CLI.
    ///
    /// # Errors
    /// As for [`Driver::new`] and [`DefaultChain::build`].
    pub fn default_chain() -> Result<Credential, Error> {
        let driver = Driver::new()?;
        let chain = DefaultChain::from_environment(driver.environment()).build()?;
        Ok(Credential::with_driver(chain, &driver))
    }

    /// This credential, served by that driver.
    #[must_use]
    pub fn with_driver(credential: impl flow::Credential + 'static, driver: &Driver) -> Credential {
        Credential {
            partition: credential.partition(),
            cache: Some(SharedCache::new()),
            credential: Arc::new(credential),
            driver: driver.clone(),
            limit: None,
        }
    }

    /// The same, with this cache. Credentials that share one share their tokens, where they are of the same kind,
    /// app, tenant and user: those by which an app proves itself, on-behalf-of, and user name and password. The
    /// tokens of any other are its own, and of its clones.
    #[must_use]
    pub fn with_cache(mut self, cache: &SharedCache) -> Credential {
        self.cache = Some(cache.clone());
        self
    }

    /// The same, asking anew for each token.
    #[must_use]
    pub fn without_cache(mut self) -> Credential {
        self.cache = None;
        self
    }

    /// The same, with calls that take no longer than this.
    #[must_use]
    pub fn within(mut self, limit: Duration) -> Credential {
        self.limit = Some(limit);
        self
    }

    /// A token for these scopes.
    ///
    /// # Errors
    /// `Configuration` for scopes that make no sense; else those of the credential.
    pub fn token<'a, S: AsRef<str>>(
        &'a self,
        scopes: impl IntoIterator<Item = S>,
    ) -> impl Future<Output = Result<AccessToken, Error>> + Send + 'a {
        let request = TokenRequest::new(scopes);
        async move { self.get_token(&request?).await }
    }

    /// A token as requested.
    ///
    /// # Errors
    /// Those of the credential.
    pub async fn get_token(&self, request: &TokenRequest) -> Result<AccessToken, Error> {
        self.obtain(request, &self.options()).await
    }

    /// Forgets this token, which a service rejected (401), so that the next caller gets another: in memory, and
    /// where it is kept between runs. One that came in its place meanwhile stays. Calls made by
    /// [`Credential::call`] do this by themselves.
    ///
    /// # Errors
    /// `Unavailable` where it is kept between runs and cannot be removed there.
    pub async fn forget(&self, token: &AccessToken) -> Result<(), Error> {
        self.call(forgetting(token.clone())).await
    }

    /// Has the cache in memory forget this token.
    pub(crate) fn uncache(&self, token: &AccessToken) {
        if let Some(cache) = &self.cache {
            cache.forget(token);
        }
    }

    /// A handle for tokens of these scopes: it can be asked for each request, since asking it allocates
    /// nothing while a token lives.
    ///
    /// # Errors
    /// `Configuration` for scopes that make no sense.
    pub fn for_scopes<S: AsRef<str>>(
        &self,
        scopes: impl IntoIterator<Item = S>,
    ) -> Result<ScopedCredential, Error> {
        Ok(self.for_request(TokenRequest::new(scopes)?))
    }

    /// A handle for tokens as requested.
    #[must_use]
    pub fn for_request(&self, request: TokenRequest) -> ScopedCredential {
        ScopedCredential { credential: self.clone(), request, recent: Recent::default() }
    }

    /// Makes a call that needs tokens of this credential.
    ///
    /// # Errors
    /// Those of the call.
    pub async fn call<T: Send>(&self, call: BoxFlow<T>) -> Result<T, Error> {
        self.driver.run_with(call, RunOptions { credential: Some(self), ..self.options() }).await
    }

    /// The name of the credential.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.credential.name()
    }

    /// The driver that serves it.
    #[must_use]
    pub fn driver(&self) -> &Driver {
        &self.driver
    }

    /// A token from the cache, or from the credential for all who want it.
    pub(crate) async fn obtain(
        &self,
        request: &TokenRequest,
        options: &RunOptions<'_>,
    ) -> Result<AccessToken, Error> {
        let Some(cache) = &self.cache else {
            let flow = self.credential.begin(request);
            return self.driver.run_by(flow, *options, &mut *self.driver.entropy()).await;
        };
        let now = self.driver.now();
        let until = options.deadline.map(|limit| now.mono.after(limit));
        match cache.turn(&self.partition, request, now) {
            Turn::Use(token) => Ok(token),
            Turn::Fail(error) => Err(error),
            Turn::Refresh(token, lead) => {
                self.renew(request, lead);
                Ok(token)
            }
            Turn::Lead(lead) => self.lead(self.credential.begin(request), lead, *options).await,
            Turn::Wait(waiting) => match self.wait_for(waiting, until).await? {
                Joined::Done(result) => result?.alive_at(self.driver.now()),
                Joined::Lead(lead) => {
                    let deadline = until.map(|until| self.driver.now().mono.until(until));
                    self.lead(self.credential.begin(request), lead, RunOptions { deadline, ..*options }).await
                }
            },
        }
    }

    async fn wait_for(&self, waiting: Waiting, until: Option<Mono>) -> Result<Joined, Error> {
        let Some(until) = until else { return Ok(waiting.await) };
        let limit = self.driver.now().mono.until(until);
        tokio::time::timeout(limit, waiting).await.map_err(|_| Waiting::too_late())
    }

    async fn lead(
        &self,
        flow: BoxFlow<AccessToken>,
        lead: Lead,
        options: RunOptions<'_>,
    ) -> Result<AccessToken, Error> {
        let mut entropy = self.driver.entropy();
        let result = self.driver.run_by(flow, options, &mut *entropy).await;
        lead.settle(self.driver.now(), &mut *entropy, result)
    }

    /// Renews in a task of its own. It ends with the runtime it was begun in; then the next caller after a
    /// while tries again.
    fn renew(&self, request: &TokenRequest, lead: Lead) {
        let credential = self.clone();
        let flow = self.credential.renew(request);
        tokio::spawn(async move {
            // The error is nobody's: the token that there is still lives.
            let _ = credential.lead(flow, lead, RunOptions::default()).await;
        });
    }

    fn options(&self) -> RunOptions<'_> {
        RunOptions { deadline: self.limit, ..RunOptions::default() }
    }
}

/// A credential for one kind of token: see [`Credential::for_scopes`].
///
/// Give each thread or task its own clone: a clone answers from its own copy for up to one second, without the
/// cache's lock.
#[derive(Clone, Debug)]
pub struct ScopedCredential {
    credential: Credential,
    request: TokenRequest,
    recent: Recent,
}

impl ScopedCredential {
    /// A token.
    ///
    /// # Errors
    /// Those of the credential.
    pub async fn token(&self) -> Result<AccessToken, Error> {
        // Claims demand a fresh one.
        let Some(cache) = self.credential.cache.as_ref().filter(|_| self.request.claims().is_none()) else {
            return self.credential.get_token(&self.request).await;
        };
        let (now, revision) = (self.credential.driver.now(), cache.revision());
        if let Some(token) = self.recent.get(cache, now) {
            return Ok(token);
        }
        let token = self.credential.get_token(&self.request).await?;
        self.recent.keep(&token, now, revision);
        Ok(token)
    }

    /// The value of the `Authorization` header, marked as sensitive: the same bytes for as long as the token
    /// is the same.
    ///
    /// # Errors
    /// Those of the credential.
    pub async fn authorization(&self) -> Result<HeaderValue, Error> {
        Ok(self.token().await?.authorization())
    }

    /// Forgets this token, which a service rejected.
    ///
    /// # Errors
    /// As for [`Credential::forget`].
    pub async fn forget(&self, token: &AccessToken) -> Result<(), Error> {
        self.credential.forget(token).await
    }

    /// The request that it makes.
    #[must_use]
    pub fn request(&self) -> &TokenRequest {
        &self.request
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credential").field("credential", &self.credential).finish_non_exhaustive()
    }
}
