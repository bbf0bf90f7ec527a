//! What is simulated.

use super::Twist;

/// The flows that are simulated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Client secret.
    ClientSecret,
    /// Device code.
    DeviceCode,
    /// Interactive browser.
    InteractiveBrowser,
    /// Azure CLI.
    AzureCli,
    /// Managed identity.
    ManagedIdentity,
    /// The environment's service principal.
    Environment,
    /// The default chain.
    DefaultChain,
    /// A chain of one's own.
    ExplicitChain,
    /// Opening a workspace.
    GetWorkspace,
    /// Listing workspaces.
    ListWorkspaces,
    /// Finding the workspace's file.
    FindConfig,
    /// Client certificate.
    ClientCertificate,
    /// A managed identity's token as client assertion.
    ClientAssertion,
    /// Workload identity: a token in a file.
    WorkloadIdentity,
    /// A job of Azure Pipelines.
    AzurePipelines,
    /// On-behalf-of.
    OnBehalfOf,
    /// The sign-in of a web app.
    AuthorizationCode,
    /// A refresh token that was kept.
    RefreshToken,
    /// User name and password.
    UsernamePassword,
    /// The same for an account of a federation service.
    FederatedPassword,
}

impl Kind {
    /// All of them.
    pub const ALL: [Kind; 20] = [
        Kind::ClientSecret,
        Kind::DeviceCode,
        Kind::InteractiveBrowser,
        Kind::AzureCli,
        Kind::ManagedIdentity,
        Kind::Environment,
        Kind::DefaultChain,
        Kind::ExplicitChain,
        Kind::GetWorkspace,
        Kind::ListWorkspaces,
        Kind::FindConfig,
        Kind::ClientCertificate,
        Kind::ClientAssertion,
        Kind::WorkloadIdentity,
        Kind::AzurePipelines,
        Kind::OnBehalfOf,
        Kind::AuthorizationCode,
        Kind::RefreshToken,
        Kind::UsernamePassword,
        Kind::FederatedPassword,
    ];

    /// Its name, for files and tables.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Kind::ClientSecret => "client-secret",
            Kind::DeviceCode => "device-code",
            Kind::InteractiveBrowser => "interactive-browser",
            Kind::AzureCli => "azure-cli",
            Kind::ManagedIdentity => "managed-identity",
            Kind::Environment => "environment",
            Kind::DefaultChain => "default-chain",
            Kind::ExplicitChain => "explicit-chain",
            Kind::GetWorkspace => "get-workspace",
            Kind::ListWorkspaces => "list-workspaces",
            Kind::FindConfig => "find-config",
            Kind::ClientCertificate => "client-certificate",
            Kind::ClientAssertion => "client-assertion",
            Kind::WorkloadIdentity => "workload-identity",
            Kind::AzurePipelines => "azure-pipelines",
            Kind::OnBehalfOf => "on-behalf-of",
            Kind::AuthorizationCode => "authorization-code",
            Kind::RefreshToken => "refresh-token",
            Kind::UsernamePassword => "username-password",
            Kind::FederatedPassword => "federated-password",
        }
    }

    /// What may be twisted about its credential.
    #[must_use]
    pub fn twists(self) -> &'static [Twist] {
        use Twist as T;
        match self {
            Kind::ClientCertificate => {
                &[T::KeyInBytes, T::KeyByName, T::KeyPassword, T::Chain, T::PrivateAuthority, T::AdFs]
            }
            Kind::ClientAssertion => &[T::OtherIdentity],
            Kind::OnBehalfOf => &[T::Certified, T::AppToken, T::ForeignToken, T::OldToken, T::NoToken],
            Kind::AuthorizationCode => {
                &[T::OtherState, T::OtherIssuer, T::Half, T::UsedCode, T::OldCode, T::OtherRedirect]
            }
            Kind::RefreshToken => &[T::Stranger],
            Kind::FederatedPassword => &[T::TrustAll, T::Distrust],
            _ => &[],
        }
    }
}
