//! A service principal as environment variables describe it.

use crate::authority::Authority;
use crate::environment::Environment;
use crate::error::{Error, ErrorKind};
use crate::flow::{self, BoxFlow, Credential};
use crate::flows::authority_client::EntraClient;
use crate::flows::client_secret::ClientSecretCredential;
use crate::request::TokenRequest;
use crate::tenant::AdditionalTenants;
use crate::token::AccessToken;

const NAME: &str = "environment";

/// What `AZURE_TENANT_ID`, `AZURE_CLIENT_ID` and `AZURE_CLIENT_SECRET` describe.
///
/// A certificate or a user name and password are recognised, and said to be missing from this
/// version. An incomplete environment is "not available", and the message says what is missing.
#[derive(Debug)]
pub struct EnvironmentCredential {
    inner: Result<ClientSecretCredential, Error>,
}

impl EnvironmentCredential {
    /// The credential of this environment, at this authority.
    #[must_use]
    pub fn new(environment: &Environment, authority: &Authority) -> EnvironmentCredential {
        EnvironmentCredential { inner: choose(environment, authority) }
    }
}

fn choose(environment: &Environment, authority: &Authority) -> Result<ClientSecretCredential, Error> {
    let tenant = environment.get("AZURE_TENANT_ID");
    let client = environment.get("AZURE_CLIENT_ID");
    let secret = environment.get_exact("AZURE_CLIENT_SECRET");
    if let (Some(tenant), Some(client), Some(secret)) = (tenant, client, secret) {
        let client = EntraClient::new(tenant, client)?
            .with_authority(authority.clone())
            .allowing(AdditionalTenants::from_environment(environment));
        return ClientSecretCredential::of(client, secret);
    }
    let set = |name: &&str| environment.get(name).is_some();
    let other = ["AZURE_CLIENT_CERTIFICATE_PATH", "AZURE_PASSWORD"].into_iter().find(set);
    if let (Some(_), Some(other)) = (client, other) {
        return Err(Error::new(
            ErrorKind::Unavailable,
            format!("{other} is set, but this version takes only a client secret from the environment"),
        ));
    }
    let wanted = ["AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET"];
    let (have, missing): (Vec<_>, Vec<_>) = wanted.into_iter().partition(set);
    let what = match have.is_empty() {
        true => "no service principal is described by environment variables".to_owned(),
        false => format!("the environment has {} but not {}", have.join(", "), missing.join(", ")),
    };
    Err(Error::new(ErrorKind::Unavailable, what).with_remedy(format!("set {}", missing.join(", "))))
}

impl Credential for EnvironmentCredential {
    fn name(&self) -> &'static str {
        NAME
    }

    fn begin(&self, request: &TokenRequest) -> BoxFlow<AccessToken> {
        match &self.inner {
            Ok(credential) => flow::map(credential.begin(request), |token| Ok(token.from_source(NAME))),
            Err(error) => flow::ready(Err(error.clone().from_source(NAME))),
        }
    }
}
