//! A credential with the driver that serves it.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use entrada_core::flow::{self, BoxFlow};
use entrada_core::{AccessToken, Authority, DefaultChain, Error, PlainHttp, TokenRequest};

use crate::driver::{Driver, RunOptions};

/// Something to get access tokens from. Cheap to clone, and usable from many threads at once.
#[derive(Clone)]
pub struct Credential {
    credential: Arc<dyn flow::Credential>,
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
    /// As for [`Driver::new`]; `Configuration` when `AZURE_AUTHORITY_HOST` cannot be one.
    pub fn default_chain() -> Result<Credential, Error> {
        let driver = Driver::new()?;
        let environment = driver.environment();
        let authority = Authority::from_environment(environment, PlainHttp::from_environment(environment))?;
        let chain = DefaultChain::new(environment, &authority).build()?;
        Ok(Credential::with_driver(chain, &driver))
    }

    /// This credential, served by that driver.
    #[must_use]
    pub fn with_driver(credential: impl flow::Credential + 'static, driver: &Driver) -> Credential {
        Credential { credential: Arc::new(credential), driver: driver.clone(), limit: None }
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
        self.driver.run_with(self.credential.begin(request), self.options()).await
    }

    /// Makes a call that needs tokens of this credential.
    ///
    /// # Errors
    /// Those of the call.
    pub async fn call<T: Send>(&self, call: BoxFlow<T>) -> Result<T, Error> {
        self.driver.run_with(call, RunOptions { credential: Some(&self.credential), ..self.options() }).await
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

    fn options(&self) -> RunOptions<'_> {
        RunOptions { deadline: self.limit, ..RunOptions::default() }
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credential").field("credential", &self.credential).finish_non_exhaustive()
    }
}
