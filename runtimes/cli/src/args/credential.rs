//! Options that say who asks for a token.

use std::path::PathBuf;

use clap::ValueEnum;
use entrada_core::cache::accounts::AuthenticationRecord;
use entrada_core::{ExpectedIdentity, ManagedIdentityId, Secret};

use super::AssertionArgs;

/// The credentials that are built.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum CredentialName {
    /// environment, workload-identity, managed-identity, shared-cache, visual-studio-code, azure-cli,
    /// azure-powershell, azure-developer-cli, in that order; AZURE_TOKEN_CREDENTIALS narrows it
    Default,
    /// A service principal as AZURE_* variables describe it
    Environment,
    /// A service principal with a client secret
    ClientSecret,
    /// A service principal with a certificate
    ClientCertificate,
    /// A service principal with an assertion of somebody else's
    ClientAssertion,
    /// A workload whose platform writes it a token, as Kubernetes does
    WorkloadIdentity,
    /// The identity of this Azure machine
    ManagedIdentity,
    /// The service connection of a job of Azure Pipelines
    AzurePipelines,
    /// A service, for the person whose token it was sent
    OnBehalfOf,
    /// A person, by an authorization code that came back already
    AuthorizationCode,
    /// A person, in the browser of this machine
    InteractiveBrowser,
    /// A person, in the browser of another device
    DeviceCode,
    /// A person who signed in before
    RefreshToken,
    /// The person who submitted this job of Azure Machine Learning
    AzureMlOnBehalfOf,
    /// A person's name and password; cannot do MFA, deprecated by Microsoft
    UsernamePassword,
    /// A person who signed in before with `entrada login`, or with another program that uses the same files: encrypted
    /// ones (the default) are shared with Azure Identity for Go on Linux alone, plain ones (`--token-cache plaintext`)
    /// with that for Python on Linux
    SharedCache,
    /// Whoever is signed in to Azure in Visual Studio Code; only a broker gives its tokens, so there is none
    VisualStudioCode,
    /// The account that is signed in to the Azure CLI
    AzureCli,
    /// The account that is signed in to the Azure Developer CLI
    AzureDeveloperCli,
    /// The account that is signed in to Azure PowerShell
    AzurePowershell,
}

impl CredentialName {
    /// Whether a person is asked.
    pub(crate) fn is_interactive(self) -> bool {
        matches!(self, CredentialName::InteractiveBrowser | CredentialName::DeviceCode)
    }
}

impl CredentialName {
    /// Those that get tokens of an app for itself from the authority.
    pub(crate) const APPS: [CredentialName; 7] = [
        CredentialName::ClientSecret,
        CredentialName::ClientCertificate,
        CredentialName::ClientAssertion,
        CredentialName::WorkloadIdentity,
        CredentialName::AzurePipelines,
        CredentialName::Environment,
        CredentialName::Default,
    ];

    /// Whether it is the session of a developer's tool.
    pub(crate) fn is_tool(self) -> bool {
        use CredentialName::{AzureCli, AzureDeveloperCli, AzurePowershell};
        matches!(self, AzureCli | AzureDeveloperCli | AzurePowershell)
    }

    /// Whether it may leave something behind when it is cut off: a tool's process, a listener.
    pub(crate) fn leaves_something(self) -> bool {
        self.is_interactive() || self.is_tool() || self == CredentialName::Default
    }
}

#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Credential")]
pub(crate) struct CredentialArgs {
    /// Whom to ask; several names are tried in order
    #[arg(
        long,
        value_enum,
        value_delimiter = ',',
        value_name = "NAME[,NAME…]",
        default_value = "default",
        hide_possible_values = false
    )]
    pub(crate) credential: Vec<CredentialName>,
    /// The tenant [env: AZURE_TENANT_ID]
    #[arg(long, value_name = "TENANT")]
    pub(crate) tenant_id: Option<String>,
    /// The app; with `default` the managed identity too, where --identity names none [env: AZURE_CLIENT_ID]
    #[arg(long, value_name = "ID")]
    pub(crate) client_id: Option<String>,
    /// A file as `az ad sp create-for-rbac --json-auth` prints it: tenant, app, secret or certificate, and
    /// the cloud; `-` is standard input
    #[arg(long, value_name = "FILE")]
    pub(crate) auth_file: Option<PathBuf>,
    /// The secret of that file.
    #[arg(skip)]
    pub(crate) auth_secret: Option<Secret>,
    /// A file with the client secret; `-` is standard input [env: AZURE_CLIENT_SECRET]
    #[arg(long, value_name = "FILE")]
    pub(crate) client_secret_file: Option<PathBuf>,
    /// A certificate with its key, PEM or PKCS #12 [env: AZURE_CLIENT_CERTIFICATE_PATH]
    #[arg(long, value_name = "FILE")]
    pub(crate) certificate: Option<PathBuf>,
    /// A file with the certificate's password [env: AZURE_CLIENT_CERTIFICATE_PASSWORD]
    #[arg(long, value_name = "FILE")]
    pub(crate) certificate_password_file: Option<PathBuf>,
    /// Send the certificate along, for apps that trust it by subject and issuer
    #[arg(long)]
    pub(crate) send_certificate_chain: bool,
    #[command(flatten)]
    pub(crate) assertion: AssertionArgs,
    /// A file with the user's token that on-behalf-of exchanges
    #[arg(long, value_name = "FILE")]
    pub(crate) user_assertion_file: Option<PathBuf>,
    /// The federated token of workload-identity [env: AZURE_FEDERATED_TOKEN_FILE]
    #[arg(long, value_name = "FILE")]
    pub(crate) token_file: Option<PathBuf>,
    /// Let workload-identity ask the token proxy of its cluster (identity bindings of AKS)
    #[arg(long)]
    pub(crate) enable_aks_proxy: bool,
    /// The service connection of azure-pipelines [env: AZURESUBSCRIPTION_SERVICE_CONNECTION_ID, with
    /// AZURESUBSCRIPTION_TENANT_ID and AZURESUBSCRIPTION_CLIENT_ID before AZURE_*]
    #[arg(long, value_name = "ID")]
    pub(crate) service_connection_id: Option<String>,
    /// The name of username-password, or whose account shared-cache takes [env: AZURE_USERNAME]
    #[arg(long, value_name = "USER")]
    pub(crate) username: Option<String>,
    /// A file with the password [env: AZURE_PASSWORD]
    #[arg(long, value_name = "FILE")]
    pub(crate) password_file: Option<PathBuf>,
    /// A federation service that may be sent the password, of the variables too; `*` is any
    #[arg(long, value_name = "HOST")]
    pub(crate) trust_federation: Vec<String>,
    /// A file with a refresh token
    #[arg(long, value_name = "FILE")]
    pub(crate) refresh_token_file: Option<PathBuf>,
    /// A file with an authorization code; --redirect-uri is where it came back to
    #[arg(long, value_name = "FILE")]
    pub(crate) authorization_code_file: Option<PathBuf>,
    /// A file with the PKCE verifier of the authorization code
    #[arg(long, value_name = "FILE")]
    pub(crate) code_verifier_file: Option<PathBuf>,
    /// A user-assigned managed identity: client-id:X, object-id:X or resource-id:X; `system` is the host's own, whatever
    /// AZURE_CLIENT_ID says
    #[arg(long, value_name = "ID")]
    pub(crate) identity: Option<ManagedIdentityId>,
    /// Take no person's token for that of a managed identity, as a compute instance or Cloud Shell gives it
    #[arg(long)]
    pub(crate) refuse_to_guess: bool,
    /// Take tokens of this identity alone: app, user, client-id:X, object-id:X, or a sign-in name. `app` takes no
    /// person's token for that of a managed identity either
    #[arg(long, value_name = "WHOSE")]
    pub(crate) expect_identity: Option<ExpectedIdentity>,
    #[command(flatten)]
    pub(crate) authority: AuthorityArgs,
    /// Another tenant that tokens may be of; `*` allows any
    #[arg(long, value_name = "TENANT")]
    pub(crate) additionally_allowed_tenant: Vec<String>,
    /// Say that this client can handle claims challenges
    #[arg(long)]
    pub(crate) enable_cae: bool,
    /// Answer for azure-cli from the Azure CLI's own files, without running it, where they can be read
    #[arg(long, conflicts_with = "no_cache")]
    pub(crate) native: bool,
    /// Where the browser comes back to [default: http://localhost at a free port; an AD FS wants it as it is registered, port too]
    #[arg(long, value_name = "URI")]
    pub(crate) redirect_uri: Option<String>,
    /// The account to sign in
    #[arg(long, value_name = "USER")]
    pub(crate) login_hint: Option<String>,
    /// The record of a sign-in, as the Azure Identity libraries keep it: where the file exists, the app, the account and
    /// the tenant are those that it names; `login` writes it
    #[arg(long, value_name = "FILE")]
    pub(crate) authentication_record: Option<PathBuf>,
    /// What is in that file.
    #[arg(skip)]
    pub(crate) record: Option<AuthenticationRecord>,
    /// The domain of the account to sign in, or organizations, or consumers
    #[arg(long, value_name = "DOMAIN")]
    pub(crate) domain_hint: Option<String>,
    /// What the browser has to ask, whoever is signed in to it already [default: select_account,
    /// with --login-hint nothing]
    #[arg(long, value_name = "PROMPT", value_parser = ["login", "consent", "select_account", "create", "none"])]
    pub(crate) prompt: Option<String>,
    /// Neither read nor write the persistent cache
    #[arg(long)]
    pub(crate) no_cache: bool,
    /// Keep the tokens of service principals too [env: ENTRADA_KEEP_APP_TOKENS=1]
    #[arg(long, conflicts_with = "no_cache")]
    pub(crate) keep_app_tokens: bool,
}

/// Who issues tokens.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct AuthorityArgs {
    /// The authority, or a cloud: public, china, usgov, bleu, delos, govsg [env: AZURE_AUTHORITY_HOST].
    /// A path of /adfs makes it an AD FS, /dstsv2/TENANT a dSTS, /tfp/TENANT/POLICY one of B2C
    #[arg(long, value_name = "URL")]
    pub(crate) authority: Option<String>,
    /// A provider of OpenID Connect in the authority's place, by its issuer's address; its metadata tells
    /// where tokens are to be had
    #[arg(long, value_name = "URL", conflicts_with = "authority")]
    pub(crate) oidc_authority: Option<String>,
    /// Trust an authority host that is not a known one, without asking the public cloud about it
    #[arg(long)]
    pub(crate) disable_instance_discovery: bool,
}
