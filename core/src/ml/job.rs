//! The job of Azure Machine Learning that a program runs in, as its environment tells.

use std::sync::Arc;

use super::config::WorkspaceConfig;
use crate::authority::Authority;
use crate::chain::DefaultChain;
use crate::environment::Environment;
use crate::error::{Error, ErrorKind};
use crate::flow::Credential;
use crate::flows::azure_ml_on_behalf_of::AzureMlOnBehalfOfCredential;
use crate::flows::managed::{ManagedIdentityCredential, ManagedIdentityId};
use crate::jwt::Jwt;
use crate::secret::Secret;
use crate::tenant::is_guid;
use crate::time::{Now, Unix};
use crate::token::AccessToken;

/// Whose tokens a job gets.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum JobIdentity {
    /// Those of the person who submitted it (`user_identity`).
    Person,
    /// Those of the compute's managed identity with this client id.
    Managed(String),
    /// Those of whatever the environment offers besides.
    Default,
}

/// A job, by its variables. Each may be missing: the list is not documented in full.
#[derive(Clone, Debug)]
pub struct Job {
    environment: Environment,
}

impl Job {
    /// The job of this environment; nothing, where it is the environment of none.
    #[must_use]
    pub fn of_environment(environment: &Environment) -> Option<Job> {
        let known = ["AZUREML_RUN_ID", "AZUREML_RUN_TOKEN", "AZUREML_OBO_ENABLED", "OBO_ENDPOINT"];
        let is_job = known.iter().any(|name| environment.get(name).is_some());
        is_job.then(|| Job { environment: environment.clone() })
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.environment.get(name)
    }

    /// The id of the run (`AZUREML_RUN_ID`).
    #[must_use]
    pub fn run_id(&self) -> Option<&str> {
        self.text("AZUREML_RUN_ID")
    }

    /// The name of the experiment (`AZUREML_ARM_PROJECT_NAME`).
    #[must_use]
    pub fn experiment(&self) -> Option<&str> {
        self.text("AZUREML_ARM_PROJECT_NAME").or_else(|| self.text("MLFLOW_EXPERIMENT_NAME"))
    }

    /// The GUID of the workspace (`AZUREML_WORKSPACE_ID`), which is not its ARM id.
    #[must_use]
    pub fn workspace_id(&self) -> Option<&str> {
        self.text("AZUREML_WORKSPACE_ID")
    }

    /// Where MLflow sends its records (`MLFLOW_TRACKING_URI`).
    #[must_use]
    pub fn tracking_uri(&self) -> Option<&str> {
        self.text("MLFLOW_TRACKING_URI")
    }

    /// Where the addresses of the workspace's services are listed (`AZUREML_DISCOVERY_SERVICE_ENDPOINT`).
    #[must_use]
    pub fn discovery_url(&self) -> Option<&str> {
        self.text("AZUREML_DISCOVERY_SERVICE_ENDPOINT")
    }

    /// The workspace it runs in: `AZUREML_ARM_SUBSCRIPTION`, `AZUREML_ARM_RESOURCEGROUP` and
    /// `AZUREML_ARM_WORKSPACE_NAME`, else `AZUREML_WORKSPACE_SCOPE`. Nothing, where they do not tell.
    ///
    /// # Errors
    /// `Configuration`, naming the variable, when what they tell is no workspace.
    pub fn workspace(&self) -> Result<Option<WorkspaceConfig>, Error> {
        const NAMES: [&str; 3] =
            ["AZUREML_ARM_SUBSCRIPTION", "AZUREML_ARM_RESOURCEGROUP", "AZUREML_ARM_WORKSPACE_NAME"];
        const SCOPE: &str = "AZUREML_WORKSPACE_SCOPE";
        let of_job = |error: Error| {
            error.with_remedy("a job of Azure Machine Learning sets it: leave it as it was, unset it outside of one, or name the workspace yourself")
        };
        match (NAMES.map(|name| self.text(name)), self.text(SCOPE)) {
            ([Some(subscription), Some(group), Some(workspace)], _) => {
                WorkspaceConfig::called(NAMES, [subscription, group, workspace].map(str::to_owned))
                    .map_err(of_job)
                    .map(Some)
            }
            (_, Some(scope)) => WorkspaceConfig::of_resource_id(scope)
                .map_err(|error| {
                    let what = format!("{SCOPE} cannot be used: {}", error.message());
                    of_job(error.saying(what))
                })
                .map(Some),
            _ => Ok(None),
        }
    }

    /// Whose tokens it gets, in the order of Microsoft's own components: the person's where
    /// `AZUREML_OBO_ENABLED` says so, then those of `DEFAULT_IDENTITY_CLIENT_ID`.
    #[must_use]
    pub fn identity(&self) -> JobIdentity {
        match self.text("DEFAULT_IDENTITY_CLIENT_ID").filter(|id| is_guid(id)) {
            _ if self.text("AZUREML_OBO_ENABLED").is_some() => JobIdentity::Person,
            Some(id) => JobIdentity::Managed(id.to_owned()),
            None => JobIdentity::Default,
        }
    }

    /// The credential of [`Job::identity`].
    ///
    /// # Errors
    /// `Configuration` when variables are not what they are meant to be.
    pub fn credential(&self, authority: &Authority) -> Result<Arc<dyn Credential>, Error> {
        Ok(match self.identity() {
            JobIdentity::Person => Arc::new(AzureMlOnBehalfOfCredential::new(&self.environment)),
            JobIdentity::Managed(id) => {
                let id = ManagedIdentityId::client_id(&id)?;
                Arc::new(ManagedIdentityCredential::new(&self.environment, id))
            }
            JobIdentity::Default => Arc::new(DefaultChain::new(&self.environment, authority).build()?),
        })
    }

    /// The token of the run (`AZUREML_RUN_TOKEN`): for the services of the workspace and for MLflow, not for
    /// Azure Resource Manager. It lives until `AZUREML_RUN_TOKEN_EXPIRY` or its own `exp`, whichever is
    /// sooner, and is not renewed.
    ///
    /// # Errors
    /// `Unavailable` where there is none; `Expired` when it is dead; `Malformed` when neither tells its life.
    pub fn run_token(&self, now: Now) -> Result<AccessToken, Error> {
        const NAME: &str = "azure-ml-run-token";
        let token = self.text("AZUREML_RUN_TOKEN").ok_or_else(|| {
            Error::new(ErrorKind::Unavailable, "this job has no token of its run (AZUREML_RUN_TOKEN)")
                .from_source(NAME)
        })?;
        let said = self.text("AZUREML_RUN_TOKEN_EXPIRY").and_then(epoch);
        let own = Jwt::decode(token).and_then(|jwt| jwt.claims.get("exp")?.as_i64());
        let ends = said.into_iter().chain(own).min().ok_or_else(|| {
            Error::new(
                ErrorKind::Malformed,
                "neither AZUREML_RUN_TOKEN nor AZUREML_RUN_TOKEN_EXPIRY tells its life",
            )
            .from_source(NAME)
        })?;
        if ends <= now.unix.0 {
            return Err(Error::new(ErrorKind::Expired, "the token of this run has expired")
                .with_remedy("use the identity of the job for what takes longer; a new run has a new token")
                .from_source(NAME));
        }
        AccessToken::new(Secret::new(token), Unix(ends), now, NAME)
    }
}

/// Seconds since 1970, as a number with a fraction or without.
fn epoch(text: &str) -> Option<i64> {
    let whole = text.split_once('.').map_or(text, |(whole, _)| whole);
    whole.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Mono;

    const GUID: &str = "6a8f0f4e-3b8e-4b61-a8a8-1f1a5e2f9d10";

    fn job(pairs: &[(&str, &str)]) -> Job {
        let pairs = pairs.iter().copied().chain([("AZUREML_RUN_ID", "run_1")]);
        Job::of_environment(&pairs.collect()).unwrap()
    }

    #[test]
    fn whose_tokens_it_gets() {
        let default = ("DEFAULT_IDENTITY_CLIENT_ID", GUID);
        assert_eq!(job(&[("AZUREML_OBO_ENABLED", "True"), default]).identity(), JobIdentity::Person);
        assert_eq!(job(&[default]).identity(), JobIdentity::Managed(GUID.into()));
        assert_eq!(job(&[("DEFAULT_IDENTITY_CLIENT_ID", "clientid")]).identity(), JobIdentity::Default);
        let authority = Authority::of_cloud(crate::Cloud::PUBLIC).unwrap();
        let name = |pairs: &[(&str, &str)]| job(pairs).credential(&authority).unwrap().name();
        assert_eq!(name(&[("AZUREML_OBO_ENABLED", "1")]), "azure-ml-on-behalf-of");
        assert_eq!(name(&[default]), "managed-identity");
        assert!(Job::of_environment(&Environment::new().with("CI_NAME", "ci")).is_none());
    }

    #[test]
    fn its_workspace() {
        let expected = WorkspaceConfig::new(GUID, "rg", "ws").unwrap();
        let names = [
            ("AZUREML_ARM_SUBSCRIPTION", GUID),
            ("AZUREML_ARM_RESOURCEGROUP", "rg"),
            ("AZUREML_ARM_WORKSPACE_NAME", "ws"),
        ];
        assert_eq!(job(&names).workspace().unwrap(), Some(expected.clone()));
        let scope = expected.resource_id();
        assert_eq!(job(&[("AZUREML_WORKSPACE_SCOPE", &scope)]).workspace().unwrap(), Some(expected));
        assert_eq!(job(&names[..2]).workspace().unwrap(), None);
        for (place, name) in [
            (0, "AZUREML_ARM_SUBSCRIPTION"),
            (1, "AZUREML_ARM_RESOURCEGROUP"),
            (2, "AZUREML_ARM_WORKSPACE_NAME"),
        ] {
            for value in ["<ID>", "a/b"] {
                let mut broken = names;
                broken[place].1 = value;
                let error = job(&broken).workspace().unwrap_err();
                assert!(error.to_string().contains(name), "{error}");
            }
        }
        let error = job(&[("AZUREML_WORKSPACE_SCOPE", "/x")]).workspace().unwrap_err();
        assert!(error.to_string().contains("AZUREML_WORKSPACE_SCOPE"), "{error}");
    }

    #[test]
    fn the_token_of_its_run_ends_when_the_sooner_of_both_says() {
        use base64::Engine as _;
        let part = |text: &str| base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(text);
        let token = format!("{}.{}.{}", part(r#"{"alg":"RS256"}"#), part(r#"{"exp":2000}"#), part("s"));
        let at = |unix| Now { mono: Mono(0), unix: Unix(unix) };
        let ends = |expiry: &str| {
            let token = job(&[("AZUREML_RUN_TOKEN", &token), ("AZUREML_RUN_TOKEN_EXPIRY", expiry)]);
            token.run_token(at(1000)).map(|token| token.expires_on().0).map_err(|error| error.kind())
        };
        assert_eq!(ends("1500"), Ok(1500));
        assert_eq!(ends("1500.75"), Ok(1500));
        assert_eq!(ends("3000"), Ok(2000));
        assert_eq!(ends(""), Ok(2000));
        assert_eq!(ends("900"), Err(ErrorKind::Expired));
        assert_eq!(job(&[]).run_token(at(0)).unwrap_err().kind(), ErrorKind::Unavailable);
        let opaque = job(&[("AZUREML_RUN_TOKEN", "opaque")]);
        assert_eq!(opaque.run_token(at(0)).unwrap_err().kind(), ErrorKind::Malformed);
        assert!(!format!("{:?}", job(&[("AZUREML_RUN_TOKEN", "canary")])).contains("canary"));
    }
}
