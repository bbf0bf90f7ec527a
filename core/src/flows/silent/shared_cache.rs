//! The shared token cache: accounts that signed in before, and are kept in the document that Azure Identity shares.

use super::{Memory, Pace, Silent};
use crate::environment::Environment;
use crate::error::Error;
use crate::flow::{BoxFlow, Credential};
use crate::flows::authority_client::EntraClient;
use crate::request::TokenRequest;
use crate::token::AccessToken;

const NAME: &str = "shared-cache";

/// Whom somebody expects here who knows this credential from elsewhere.
const UNSEEN: &str =
    "accounts of Visual Studio (encrypted by DPAPI), of the Keychain and of a broker are not seen";

/// An account that signed in before, by this library or another that keeps accounts in the same files. Nobody
/// is asked; where several accounts fit, there is no token.
///
/// [`Memory::shared`] says which files these are and which other libraries use them: in the default, encrypted
/// form only Azure Identity for Go on Linux. Accounts that an operating system's broker keeps to itself (Web Account
/// Manager) are not among them.
///
/// ```
/// use entrada_core::{EntraClient, Memory, SharedTokenCacheCredential};
///
/// let memory = Memory::shared().of_user("ada@contoso.com");
/// let ada = SharedTokenCacheCredential::of(EntraClient::developer()?, memory);
/// # Ok::<(), entrada_core::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct SharedTokenCacheCredential {
    client: EntraClient,
    memory: Memory,
}

impl SharedTokenCacheCredential {
    /// Accounts that were kept for this app, or for its family, as [`Memory`] says.
    #[must_use]
    pub fn of(client: EntraClient, memory: Memory) -> SharedTokenCacheCredential {
        SharedTokenCacheCredential { client, memory }
    }

    /// Accounts of the developer tools at the authority of this app: `AZURE_USERNAME` names one, and
    /// `AZURE_TENANT_ID` its home.
    ///
    /// # Errors
    /// As for [`EntraClient::developer`].
    pub fn from_environment(
        environment: &Environment,
        authority: &crate::Authority,
    ) -> Result<SharedTokenCacheCredential, Error> {
        let mut memory = Memory::shared();
        if let Some(username) = environment.get("AZURE_USERNAME") {
            memory = memory.of_user(username);
        }
        if let Some(tenant) =
            environment.get("AZURE_TENANT_ID").filter(|tenant| crate::tenant::is_guid(tenant))
        {
            memory = memory.at_home_in(tenant);
        }
        let client =
            EntraClient::developer()?.with_authority(authority.clone()).as_environment_says(environment);
        Ok(SharedTokenCacheCredential::of(client, memory))
    }
}

impl SharedTokenCacheCredential {
    fn flow(&self, request: &TokenRequest) -> Silent {
        Silent::new(NAME, &self.client, &self.memory, request).not_seeing(UNSEEN)
    }
}

impl Credential for SharedTokenCacheCredential {
    fn name(&self) -> &'static str {
        NAME
    }

    fn begin(&self, request: &TokenRequest) -> BoxFlow<AccessToken> {
        Box::new(self.flow(request))
    }

    fn renew(&self, request: &TokenRequest) -> BoxFlow<AccessToken> {
        Box::new(self.flow(request).at(Pace::Patient))
    }
}
