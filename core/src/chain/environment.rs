//! Whom environment variables describe.

use std::sync::Arc;

use super::at;
use crate::authority::Authority;
use crate::cache::Partition;
use crate::effect::Reply;
use crate::environment::Environment;
use crate::error::{Error, ErrorKind};
use crate::flow::{self, BoxFlow, Credential, Cx, Flow};
use crate::flows::authority_client::EntraClient;
use crate::flows::client_auth::ClientCertificate;
use crate::flows::client_certificate::ClientCertificateCredential;
use crate::flows::client_secret::ClientSecretCredential;
use crate::flows::username_password::UsernamePasswordCredential;
use crate::request::TokenRequest;
use crate::run::Step;
use crate::secret::Secret;
use crate::tenant::Tenant;
use crate::token::AccessToken;

const NAME: &str = "environment";

/// Whoever the `AZURE_*` variables describe: a service principal with a client secret or a certificate,
/// or a user with a password, the first of them that is complete.
///
/// | what | variables |
/// |---|---|
/// | client secret | `AZURE_TENANT_ID`, `AZURE_CLIENT_ID`, `AZURE_CLIENT_SECRET` |
/// | certificate | `AZURE_TENANT_ID`, `AZURE_CLIENT_ID`, `AZURE_CLIENT_CERTIFICATE_PATH`; where they apply `AZURE_CLIENT_CERTIFICATE_PASSWORD` and `AZURE_CLIENT_SEND_CERTIFICATE_CHAIN` (`1` or `true`) |
/// | user name and password | `AZURE_CLIENT_ID`, `AZURE_USERNAME`, `AZURE_PASSWORD`; `AZURE_TENANT_ID`, else work and school accounts of any tenant |
///
/// An incomplete environment is "not available", and the message says what is missing.
///
/// ```
/// use entrada_core::{Authority, Cloud, Environment, EnvironmentCredential};
///
/// let environment = Environment::new() // a driver reads that of the process
///     .with("AZURE_TENANT_ID", "contoso.onmicrosoft.com")
///     .with("AZURE_CLIENT_ID", "client-id")
///     .with("AZURE_CLIENT_SECRET", "secret");
/// let described = EnvironmentCredential::new(&environment, &Authority::of_cloud(Cloud::PUBLIC)?);
/// # Ok::<(), entrada_core::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct EnvironmentCredential {
    described: Result<Described, Error>,
}

/// Who that is.
#[derive(Clone, Debug)]
enum Described {
    App(Arc<dyn Credential>),
    User(Box<UsernamePasswordCredential>),
}

impl Described {
    fn credential(&self) -> &dyn Credential {
        match self {
            Described::App(app) => app.as_ref(),
            Described::User(user) => user.as_ref(),
        }
    }
}

impl EnvironmentCredential {
    /// The credential of this environment, at this authority.
    #[must_use]
    pub fn new(environment: &Environment, authority: &Authority) -> EnvironmentCredential {
        EnvironmentCredential { described: choose(environment, authority) }
    }

    /// The credential of this environment, at this authority, or where this is why there is none: whoever is
    /// described cannot be asked for a token then.
    #[must_use]
    pub fn of(environment: &Environment, authority: &Result<Authority, Error>) -> EnvironmentCredential {
        EnvironmentCredential { described: at(authority, |authority| choose(environment, authority)) }
    }

    /// The same, where it is a user: allowed to send the password to this federation service, as for
    /// [`UsernamePasswordCredential::trusting_federation`].
    #[must_use]
    pub fn trusting_federation(self, host: impl Into<String>) -> EnvironmentCredential {
        self.map_user(|user| user.trusting_federation(host))
    }

    /// The same, where it is a user: allowed to send the password to whatever federation service the
    /// authority names, as for [`UsernamePasswordCredential::trusting_any_federation`].
    #[must_use]
    pub fn trusting_any_federation(self) -> EnvironmentCredential {
        self.map_user(UsernamePasswordCredential::trusting_any_federation)
    }

    fn map_user(
        self,
        change: impl FnOnce(UsernamePasswordCredential) -> UsernamePasswordCredential,
    ) -> EnvironmentCredential {
        let described = self.described.map(|described| match described {
            Described::User(user) => Described::User(Box::new(change(*user))),
            app => app,
        });
        EnvironmentCredential { described }
    }
}

fn choose(environment: &Environment, authority: &Authority) -> Result<Described, Error> {
    let app = |tenant: &str, client: &str| -> Result<EntraClient, Error> {
        Ok(EntraClient::new(tenant, client)?
            .with_authority(authority.clone())
            .as_environment_says(environment))
    };
    let client = environment.get("AZURE_CLIENT_ID");
    if let (Some(tenant), Some(client)) = (environment.get("AZURE_TENANT_ID"), client) {
        if let Some(secret) = environment.get_exact("AZURE_CLIENT_SECRET") {
            let app = ClientSecretCredential::of(app(tenant, client)?, secret)?;
            return Ok(Described::App(Arc::new(app)));
        }
        if let Some(certificate) = certificate(environment) {
            let app = ClientCertificateCredential::of(app(tenant, client)?, certificate);
            return Ok(Described::App(Arc::new(app)));
        }
    }
    let (user, password) = (environment.get("AZURE_USERNAME"), environment.get_exact("AZURE_PASSWORD"));
    if let (Some(client), Some(user), Some(password)) = (client, user, password) {
        let any = Tenant::organizations();
        let tenant = environment.get("AZURE_TENANT_ID").unwrap_or(any.as_str());
        let user = UsernamePasswordCredential::of(app(tenant, client)?, user, password)?;
        return Ok(Described::User(Box::new(user)));
    }
    Err(incomplete(environment))
}

fn certificate(environment: &Environment) -> Option<ClientCertificate> {
    let certificate = ClientCertificate::file(environment.get("AZURE_CLIENT_CERTIFICATE_PATH")?);
    let certificate = match environment.get_exact("AZURE_CLIENT_CERTIFICATE_PASSWORD") {
        Some(password) => certificate.with_password(Secret::new(password)),
        None => certificate,
    };
    let said = environment.get("AZURE_CLIENT_SEND_CERTIFICATE_CHAIN").unwrap_or_default();
    let chain = said == "1" || said.eq_ignore_ascii_case("true");
    Some(if chain { certificate.sending_chain() } else { certificate })
}

/// What is there and what is missing, for the credential that comes nearest to being complete.
fn incomplete(environment: &Environment) -> Error {
    let set = |name: &&str| environment.get(name).is_some();
    let known = [
        "AZURE_TENANT_ID",
        "AZURE_CLIENT_ID",
        "AZURE_CLIENT_SECRET",
        "AZURE_CLIENT_CERTIFICATE_PATH",
        "AZURE_USERNAME",
        "AZURE_PASSWORD",
    ];
    let have: Vec<_> = known.into_iter().filter(set).collect();
    let user = set(&"AZURE_USERNAME") || set(&"AZURE_PASSWORD");
    let needed: &[&str] = match user && !set(&"AZURE_CLIENT_SECRET") && !set(&"AZURE_CLIENT_CERTIFICATE_PATH")
    {
        true => &["AZURE_CLIENT_ID", "AZURE_USERNAME", "AZURE_PASSWORD"],
        false => &["AZURE_TENANT_ID", "AZURE_CLIENT_ID"],
    };
    let mut missing: Vec<_> = needed.iter().copied().filter(|name| !set(name)).collect();
    if !user && !set(&"AZURE_CLIENT_SECRET") && !set(&"AZURE_CLIENT_CERTIFICATE_PATH") {
        missing.push(
            "one of AZURE_CLIENT_SECRET, AZURE_CLIENT_CERTIFICATE_PATH, AZURE_USERNAME with AZURE_PASSWORD",
        );
    }
    let missing = match missing.split_last() {
        Some((last, others)) if !others.is_empty() => format!("{} and {last}", others.join(", ")),
        _ => missing.concat(),
    };
    let what = match have.is_empty() {
        true => "no service principal is described by environment variables".to_owned(),
        false => format!("the environment has {} but not {missing}", have.join(", ")),
    };
    let error = Error::new(ErrorKind::Unavailable, what).with_remedy(format!("set {missing}"));
    // A tenant, an app or a name alone may be meant for another credential; a proof is not.
    let proof = ["AZURE_CLIENT_SECRET", "AZURE_CLIENT_CERTIFICATE_PATH", "AZURE_PASSWORD"];
    if have.len() > 1 || proof.iter().any(set) { error.nearly() } else { error }
}

/// The flow of whoever is described, under the one name of tokens and errors alike.
#[derive(Debug)]
struct Named(BoxFlow<AccessToken>);

impl Flow for Named {
    type Output = AccessToken;

    fn step(&mut self, cx: &mut Cx<'_>, reply: Option<Reply>) -> Step<AccessToken> {
        match self.0.step(cx, reply) {
            Step::Do(effect) => Step::Do(effect),
            Step::Done(Ok(token)) => Step::Done(Ok(token.from_source(NAME))),
            Step::Done(Err(error)) => Step::Done(Err(error.renamed(NAME))),
        }
    }

    fn interrupted(&self, error: Error) -> Error {
        self.0.interrupted(error)
    }
}

impl Credential for EnvironmentCredential {
    fn name(&self) -> &'static str {
        NAME
    }

    fn begin(&self, request: &TokenRequest) -> BoxFlow<AccessToken> {
        match &self.described {
            Ok(described) => Box::new(Named(described.credential().begin(request))),
            Err(error) => flow::ready(Err(error.clone().renamed(NAME))),
        }
    }

    fn partition(&self) -> Partition {
        // Its tokens name another source, so that they are not those of the credential inside.
        Partition::private()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cloud::Cloud;

    fn of(variables: &[(&str, &str)]) -> Result<&'static str, String> {
        let environment: Environment = variables.iter().copied().collect();
        let authority = Authority::of_cloud(Cloud::PUBLIC).unwrap();
        choose(&environment, &authority)
            .map(|described| described.credential().name())
            .map_err(|error| format!("{} {}", error.message(), error.remedy().unwrap_or_default()))
    }

    const TENANT: (&str, &str) = ("AZURE_TENANT_ID", "contoso.com");
    const CLIENT: (&str, &str) = ("AZURE_CLIENT_ID", "client");
    const SECRET: (&str, &str) = ("AZURE_CLIENT_SECRET", "canary-secret");
    const FILE: (&str, &str) = ("AZURE_CLIENT_CERTIFICATE_PATH", "/c.pem");
    const USER: (&str, &str) = ("AZURE_USERNAME", "jo@contoso.com");
    const WORD: (&str, &str) = ("AZURE_PASSWORD", "canary-password");

    #[test]
    fn the_first_that_is_complete() {
        assert_eq!(of(&[TENANT, CLIENT, SECRET, FILE, USER, WORD]), Ok("client-secret"));
        assert_eq!(of(&[TENANT, CLIENT, FILE, USER, WORD]), Ok("client-certificate"));
        assert_eq!(of(&[TENANT, CLIENT, USER, WORD]), Ok("username-password"));
        assert_eq!(of(&[CLIENT, USER, WORD]), Ok("username-password"));
        assert_eq!(of(&[CLIENT, USER, WORD, SECRET]), Ok("username-password"));
        assert_eq!(of(&[TENANT, CLIENT, ("AZURE_CLIENT_SECRET", " "), FILE]), Ok("client-certificate"));
    }

    #[test]
    fn what_is_missing_is_said() {
        for (variables, said) in [
            (&[][..], "no service principal"),
            (&[CLIENT], "has AZURE_CLIENT_ID but not AZURE_TENANT_ID and one of AZURE_CLIENT_SECRET"),
            (&[SECRET], "not AZURE_TENANT_ID and AZURE_CLIENT_ID"),
            (&[TENANT, SECRET], "set AZURE_CLIENT_ID"),
            (&[CLIENT, FILE], "set AZURE_TENANT_ID"),
            (&[CLIENT, USER], "set AZURE_PASSWORD"),
            (&[USER, WORD], "set AZURE_CLIENT_ID"),
        ] {
            let error = of(variables).unwrap_err();
            assert!(error.contains(said), "{said}: {error}");
            assert!(!error.contains("canary"));
        }
    }
}
