//! What a token is for.

use clap::Arg;
use entrada_core::{Error, Scopes};

#[derive(Clone, Debug, clap::Args)]
pub(crate) struct TargetArgs {
    /// What the token is for; a value may hold several scopes of one resource
    #[arg(long, value_name = "SCOPE")]
    scope: Vec<String>,
    /// What the token is for, as a resource: its scope is RESOURCE/.default
    #[arg(long, value_name = "RESOURCE", conflicts_with = "scope")]
    resource: Option<String>,
}

impl TargetArgs {
    /// The options as they were given.
    pub(crate) fn options(&self) -> Vec<(&'static str, &str)> {
        let scopes = self.scope.iter().map(|scope| ("--scope", scope.as_str()));
        scopes.chain(self.resource.iter().map(|resource| ("--resource", resource.as_str()))).collect()
    }

    /// The scopes, if any were given.
    pub(crate) fn scopes(&self) -> Result<Option<Scopes>, Error> {
        match (&self.resource, self.scope.as_slice()) {
            (Some(resource), _) => Scopes::of_resource(resource).map(Some),
            (None, []) => Ok(None),
            (None, scopes) => Scopes::new(scopes).map(Some),
        }
    }
}

/// The help of `--scope` where it may be left out.
pub(super) fn with_default(scope: Arg) -> Arg {
    scope.help("What the token is for; a value may hold several scopes of one resource [default: Azure Resource Manager]")
}
