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
    /// App Service.
    AppService,
    /// Service Fabric.
    ServiceFabric,
    /// Azure Arc.
    Arc,
    /// Cloud Shell.
    CloudShell,
    /// Azure Machine Learning compute.
    MachineLearning,
    /// A job of Azure Machine Learning, for the person who submitted it.
    MachineLearningJob,
    /// The keys of a workspace.
    WorkspaceKeys,
    /// What an online endpoint is called with.
    EndpointAccess,
    /// Giving a workspace a managed identity.
    EnableIdentity,
    /// Azure Developer CLI.
    AzureDeveloperCli,
    /// Azure PowerShell.
    AzurePowerShell,
    /// Workload identity through the proxy of a cluster.
    WorkloadProxy,
    /// An authority that somebody has to vouch for.
    UnknownAuthority,
    /// Whoever signed in before, with any tool.
    SharedCache,
    /// A person whose sign-in is kept.
    RememberedSignIn,
    /// An app whose tokens are kept.
    RememberedApp,
    /// The session of the Azure CLI, without running it.
    AzureCliNative,
    /// The endpoint of a region.
    RegionalAuthority,
    /// The host of an external tenant.
    ExternalTenant,
    /// Microsoft's own dSTS.
    Dsts,
    /// Setting a service principal up.
    CreatePrincipal,
    /// Adding a secret, or a certificate, to an app that is there.
    AddCredential,
    /// Removing a secret and a certificate of an app, of two each.
    RemoveCredentials,
    /// Looking at a service principal.
    ShowPrincipal,
    /// Looking at an app registration.
    ShowApplication,
    /// Deleting an app with its service principal and its roles.
    DeletePrincipal,
    /// Finding whom a role is given to.
    FindPrincipal,
    /// Giving a role.
    AssignRole,
    /// Listing the roles at a scope.
    ListRoles,
    /// Listing the online endpoints of a workspace.
    ListEndpoints,
    /// Looking at the identities of a workspace.
    ShowIdentity,
    /// Taking an identity from a workspace.
    DisableIdentity,
    /// Making a key of an online endpoint anew.
    RegenerateKey,
}

impl Kind {
    /// All of them.
    pub const ALL: [Kind; 53] = [
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
        Kind::AppService,
        Kind::ServiceFabric,
        Kind::Arc,
        Kind::CloudShell,
        Kind::MachineLearning,
        Kind::MachineLearningJob,
        Kind::WorkspaceKeys,
        Kind::EndpointAccess,
        Kind::EnableIdentity,
        Kind::AzureDeveloperCli,
        Kind::AzurePowerShell,
        Kind::WorkloadProxy,
        Kind::UnknownAuthority,
        Kind::SharedCache,
        Kind::RememberedSignIn,
        Kind::RememberedApp,
        Kind::AzureCliNative,
        Kind::RegionalAuthority,
        Kind::ExternalTenant,
        Kind::Dsts,
        Kind::CreatePrincipal,
        Kind::AddCredential,
        Kind::RemoveCredentials,
        Kind::ShowPrincipal,
        Kind::ShowApplication,
        Kind::DeletePrincipal,
        Kind::FindPrincipal,
        Kind::AssignRole,
        Kind::ListRoles,
        Kind::ListEndpoints,
        Kind::ShowIdentity,
        Kind::DisableIdentity,
        Kind::RegenerateKey,
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
            Kind::AppService => "app-service",
            Kind::ServiceFabric => "service-fabric",
            Kind::Arc => "arc",
            Kind::CloudShell => "cloud-shell",
            Kind::MachineLearning => "machine-learning",
            Kind::MachineLearningJob => "azure-ml-on-behalf-of",
            Kind::WorkspaceKeys => "workspace-keys",
            Kind::EndpointAccess => "endpoint-access",
            Kind::EnableIdentity => "enable-identity",
            Kind::AzureDeveloperCli => "azure-developer-cli",
            Kind::AzurePowerShell => "azure-powershell",
            Kind::WorkloadProxy => "workload-proxy",
            Kind::UnknownAuthority => "unknown-authority",
            Kind::SharedCache => "shared-cache",
            Kind::RememberedSignIn => "remembered-sign-in",
            Kind::RememberedApp => "remembered-app",
            Kind::AzureCliNative => "azure-cli-native",
            Kind::RegionalAuthority => "regional-authority",
            Kind::ExternalTenant => "external-tenant",
            Kind::Dsts => "dsts",
            Kind::CreatePrincipal => "create-principal",
            Kind::AddCredential => "add-credential",
            Kind::RemoveCredentials => "remove-credentials",
            Kind::ShowPrincipal => "show-principal",
            Kind::ShowApplication => "show-application",
            Kind::DeletePrincipal => "delete-principal",
            Kind::FindPrincipal => "find-principal",
            Kind::AssignRole => "assign-role",
            Kind::ListRoles => "list-roles",
            Kind::ListEndpoints => "list-endpoints",
            Kind::ShowIdentity => "show-identity",
            Kind::DisableIdentity => "disable-identity",
            Kind::RegenerateKey => "regenerate-key",
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
            Kind::WorkloadIdentity => &[T::Managed],
            Kind::OnBehalfOf => {
                &[T::Certified, T::AppToken, T::ForeignToken, T::OldToken, T::NoToken, T::AdFs]
            }
            Kind::AuthorizationCode => {
                &[T::OtherState, T::OtherIssuer, T::Half, T::UsedCode, T::OldCode, T::OtherRedirect, T::AdFs]
            }
            Kind::RefreshToken => &[T::Stranger, T::AdFs],
            Kind::UsernamePassword => &[T::AdFs],
            Kind::FederatedPassword => &[T::TrustAll, T::Distrust],
            Kind::ManagedIdentity | Kind::AppService => {
                &[T::ByClient, T::ByObject, T::ByResource, T::NotAssigned, T::NamedByEnvironment]
            }
            Kind::Arc => &[
                T::ByClient,
                T::ByObject,
                T::ByResource,
                T::NotAssigned,
                T::NamedByEnvironment,
                T::Installed,
            ],
            Kind::ServiceFabric | Kind::CloudShell => &[T::ByClient, T::ByObject, T::NamedByEnvironment],
            Kind::MachineLearning => &[
                T::ByClient,
                T::ByObject,
                T::NotAssigned,
                T::NamedByEnvironment,
                T::DefaultIdentity,
                T::NoGuess,
            ],
            Kind::DeviceCode => &[T::Claims, T::Resumed, T::AdFs],
            Kind::InteractiveBrowser => &[T::Claims, T::AdFs, T::External, T::Policy],
            Kind::AzureCli | Kind::AzureDeveloperCli => &[T::Claims],
            Kind::AzurePowerShell => &[T::Claims, T::OlderPowerShell],
            Kind::MachineLearningJob => &[T::Claims],
            Kind::EndpointAccess => &[T::WithKey, T::WithEntra],
            Kind::EnableIdentity | Kind::ShowIdentity | Kind::DisableIdentity => &[T::OfCompute],
            Kind::CreatePrincipal => &[T::Certified, T::Again],
            Kind::AddCredential => &[T::Certified],
            Kind::ShowPrincipal => &[T::ByObject],
            Kind::FindPrincipal => &[T::ByClient, T::ByObject, T::ByResource],
            Kind::WorkloadProxy => &[T::CertificatesInData, T::PlatformTrust],
            Kind::UnknownAuthority => &[T::Provider],
            Kind::RegionalAuthority => &[T::DetectedRegion],
            Kind::ExternalTenant => &[T::Policy],
            Kind::SharedCache => &[T::JustNow, T::OtherName, T::Claims],
            Kind::DefaultChain | Kind::RememberedSignIn | Kind::RememberedApp => &[T::JustNow, T::DayAgo],
            Kind::AzureCliNative => &[T::JustNow, T::OtherName, T::Claims, T::Principal],
            _ => &[],
        }
    }
}
