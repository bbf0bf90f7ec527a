//! Options that say whose assertion proves an app.

use std::path::PathBuf;

use clap::ValueEnum;

use super::CredentialName;

/// The credentials whose tokens serve as assertions. Entra takes no token for one that was itself got by a federated
/// credential (AADSTS700231), and none of a person (AADSTS700229).
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum AssertionName {
    /// The identity of this Azure machine; --identity names it
    ManagedIdentity,
    /// Another app with a client secret
    ClientSecret,
    /// Another app with a certificate
    ClientCertificate,
}

impl AssertionName {
    /// The credential of the same name.
    pub(crate) fn credential(self) -> CredentialName {
        match self {
            AssertionName::ManagedIdentity => CredentialName::ManagedIdentity,
            AssertionName::ClientSecret => CredentialName::ClientSecret,
            AssertionName::ClientCertificate => CredentialName::ClientCertificate,
        }
    }
}

#[derive(Clone, Debug, clap::Args)]
pub(crate) struct AssertionArgs {
    /// A file with a client assertion, read anew at each use
    #[arg(long, value_name = "FILE")]
    pub(crate) assertion_file: Option<PathBuf>,
    /// Another credential whose tokens are the client assertions, which the app trusts by a federated credential.
    /// Of another app, the secret or certificate is the one that --client-secret-file or --certificate gives
    #[arg(long, value_name = "NAME", value_enum, conflicts_with = "assertion_file")]
    pub(crate) assertion_from: Option<AssertionName>,
    /// That other app
    #[arg(long, value_name = "ID", requires = "assertion_from")]
    pub(crate) assertion_client_id: Option<String>,
    /// Its tenant [default: that of the app]
    #[arg(long, value_name = "TENANT", requires = "assertion_client_id")]
    pub(crate) assertion_tenant_id: Option<String>,
    /// What the assertion is for, where the federated credential names an audience of its own [default:
    /// api://AzureADTokenExchange/.default, in China and the US government's cloud what those have for it]
    #[arg(long, value_name = "SCOPE", requires = "assertion_from")]
    pub(crate) assertion_scope: Option<String>,
}
