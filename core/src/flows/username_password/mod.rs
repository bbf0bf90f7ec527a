//! User name and password (RFC 6749 section 4.3): discouraged, see [`UsernamePasswordCredential`].
//!
//! The authority is asked first who checks the password of the account. For most it does so itself; for
//! a federated account a federation service does (AD FS and its like), and gives a SAML assertion, with
//! which the token is asked for. The authority never sees the password of a federated account.
//!
//! ```text
//! realm ──managed──────────────────────────────▶ grant "password" ───────────┐
//!   │                                                                        ├▶ token
//!   └─federated─▶ metadata (MEX) ─▶ assertion (WS-Trust) ─▶ grant "saml…" ───┘
//!                      └─ each at a host that the caller trusts ─┘
//! ```

mod assertion;
mod mex;
mod realm;
mod refused;
mod sign_in;
#[cfg(test)]
mod tests;
mod ws_trust;

use self::sign_in::SignIn;
use super::authority_client::EntraClient;
use crate::cache::Partition;
use crate::endpoint::TrustedHosts;
use crate::error::{Error, ErrorKind};
use crate::flow::{self, BoxFlow, Credential};
use crate::request::TokenRequest;
use crate::secret::Secret;
use crate::token::{AccessToken, TokenResponse};

const NAME: &str = "username-password";

/// A person's user name and password, given to the program.
///
/// **Discouraged.** It cannot answer a second factor, which Microsoft demands of ever more accounts; a
/// program that holds a person's password can do all that the person can; it does not work for personal
/// accounts. Microsoft's own libraries mark it as deprecated. A person should sign in with
/// [`InteractiveBrowserCredential`](crate::InteractiveBrowserCredential) or
/// [`DeviceCodeCredential`](crate::DeviceCodeCredential), a program as itself, with a managed identity,
/// a workload identity, a certificate or a secret.
///
/// The app has to be a public client ("Allow public client flows") or prove itself ([`EntraClient::with_secret`] and its
/// like), and nobody can be asked for consent.
///
/// # Federated accounts
///
/// The authority names the federation service of the account, so the password would go where a server
/// says. It does not, unless the caller trusts that host: [`trusting_federation`]. Else the flow ends
/// with a `Configuration` error that names the host.
///
/// [`trusting_federation`]: UsernamePasswordCredential::trusting_federation
///
/// ```
/// use entrada_core::effect::Effect;
/// use entrada_core::{Credential, Run, Step, TokenRequest, UsernamePasswordCredential};
/// # struct Fixed;
/// # impl entrada_core::Entropy for Fixed { fn fill(&mut self, b: &mut [u8]) { b.fill(7) } }
///
/// let user = UsernamePasswordCredential::new("contoso.com", "client-id", "jo@contoso.com", "password")?
///     .trusting_federation("sts.contoso.com");
/// let request = TokenRequest::new(["https://management.azure.com/.default"])?;
///
/// let mut run = Run::new(user.begin(&request));
/// let Step::Do(Effect::Http(call)) = run.start(Default::default(), &mut Fixed) else { unreachable!() };
/// assert_eq!(call.request().uri().path(), "/common/userrealm/jo@contoso.com");
/// # Ok::<(), entrada_core::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct UsernamePasswordCredential {
    client: EntraClient,
    account: Account,
    hosts: TrustedHosts,
}

/// Who signs in. `Debug` shows the name, never the password.
#[derive(Clone, Debug)]
struct Account {
    username: String,
    password: Secret,
}

impl UsernamePasswordCredential {
    /// The account `username`, signing in to the app `client_id` of `tenant` in the public cloud.
    ///
    /// # Errors
    /// `Configuration` when a value is missing or cannot be what it is meant to be.
    pub fn new(
        tenant: impl Into<String>,
        client_id: impl Into<String>,
        username: impl Into<String>,
        password: impl Into<Secret>,
    ) -> Result<UsernamePasswordCredential, Error> {
        UsernamePasswordCredential::of(EntraClient::new(tenant, client_id)?, username, password)
    }

    /// The account `username`, signing in to this app, a public client or one that proves itself.
    ///
    /// # Errors
    /// `Configuration` when the user name or the password is empty, or the user name has control
    /// characters.
    pub fn of(
        client: EntraClient,
        username: impl Into<String>,
        password: impl Into<Secret>,
    ) -> Result<UsernamePasswordCredential, Error> {
        let refused = |what: &'static str, remedy: &'static str| {
            Err(Error::new(ErrorKind::Configuration, what).with_remedy(remedy))
        };
        let (username, password) = (username.into().trim().to_owned(), password.into());
        if username.is_empty() || username.chars().any(char::is_control) {
            return refused(
                "the user name is missing or has control characters",
                "use the name that the person signs in with, such as jo@contoso.com",
            );
        }
        if password.is_empty() {
            return refused("the password is empty", "give the password of the account");
        }
        let account = Account { username, password };
        Ok(UsernamePasswordCredential { client, account, hosts: TrustedHosts::none() })
    }

    /// The same, allowed to send the password to this federation service, should the authority name it:
    /// a whole host name such as `sts.contoso.com`, with its port where that is not 443. It may be said
    /// more than once.
    #[must_use]
    pub fn trusting_federation(mut self, host: impl Into<String>) -> UsernamePasswordCredential {
        self.hosts = self.hosts.allow(host);
        self
    }

    /// The same, allowed to send the password to whatever federation service the authority names, by
    /// https and not to this machine: the trust of other Azure identity libraries.
    #[must_use]
    pub fn trusting_any_federation(mut self) -> UsernamePasswordCredential {
        self.hosts = self.hosts.allow_any();
        self
    }

    /// The flow, with all that the authority gives at its end.
    #[must_use]
    pub fn sign_in(&self, request: &TokenRequest) -> BoxFlow<TokenResponse> {
        match self.flow(request) {
            Ok(flow) => self.client.once_known(NAME, Box::new(flow)),
            Err(error) => flow::ready(Err(error.from_source(NAME))),
        }
    }

    fn flow(&self, request: &TokenRequest) -> Result<SignIn, Error> {
        let tenant = self.client.tenant_for_person(request)?;
        // The authority would refuse it (AADSTS9001023), and have the password all the same.
        if tenant.is("common") || tenant.is("consumers") {
            return Err(Error::new(
                ErrorKind::Configuration,
                format!("a password cannot be used through {tenant}; nothing was sent"),
            )
            .with_remedy("give the tenant ID, or use organizations"));
        }
        Ok(SignIn::new(self, request, tenant))
    }
}

impl Credential for UsernamePasswordCredential {
    fn name(&self) -> &'static str {
        NAME
    }

    fn begin(&self, request: &TokenRequest) -> BoxFlow<AccessToken> {
        flow::map(self.sign_in(request), |response| Ok(response.access))
    }

    fn partition(&self) -> Partition {
        Partition::of_app(NAME, &self.client).for_user(self.account.username.to_lowercase())
    }
}
