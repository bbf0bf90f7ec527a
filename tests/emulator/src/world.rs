//! The ready-made world: what [`crate::Config::default`] holds, with names for tests and examples.
//!
//! Nothing in it exists anywhere else; the secrets are public.

mod made;

/// The directory.
pub const TENANT: &str = "8d6f5c1e-2b7a-4f3d-9c40-1a2b3c4d5e6f";
/// The directory's domain.
pub const TENANT_DOMAIN: &str = "contoso.onmicrosoft.com";
/// The directory's host as an external tenant.
pub const EXTERNAL_HOST: &str = "contoso.ciamlogin.com";
/// The host of the AD FS of [`FEDERATED_DOMAIN`].
pub const ADFS_HOST: &str = "sts.fabrikam.example";
/// Where the tools' sign-ins at an AD FS come back to, which compares it letter by letter.
pub const ADFS_REDIRECT: &str = "http://localhost:8400";
/// A domain of the directory whose people sign in at an AD FS.
pub const FEDERATED_DOMAIN: &str = "fabrikam.example";
/// The one directory of dSTS, at `/dstsv2/{id}` of any host that is none of Azure's.
pub const DSTS_TENANT: &str = "7a433bfc-2514-4697-b467-e0933190487f";

/// A confidential app of the directory.
pub const APP: &str = "3f0c7f66-6c0e-4d6b-8a55-7d1f2f0b9a01";
/// The object id of its service principal.
pub const APP_OBJECT: &str = "b1d9f7a4-41f3-4a88-9b1a-0c5e6d7f8a02";
/// Its secret.
pub const SECRET: &str = "tkJ8Q~entrada.emulator-client_secret";
/// Where its codes may be sent, besides `http://localhost`.
pub const APP_REDIRECT: &str = "https://app.contoso.example/signin";

/// A confidential app of the directory that authenticates with a certificate.
pub const CERTIFICATE_APP: &str = "2c81d0f3-94b6-4e57-8a1d-6f3e20b7c512";
/// The object id of its service principal.
pub const CERTIFICATE_APP_OBJECT: &str = "64f7be12-0a3d-4c98-b2e5-91d7c8043a13";
/// Its key and its certificate, as PEM. They were made for this crate and protect nothing.
pub const CERTIFICATE_PEM: &str = include_str!("../keys/client.pem");
/// The same as PKCS #12, encrypted with [`CERTIFICATE_PFX_PASSWORD`].
pub const CERTIFICATE_PFX: &[u8] = include_bytes!("../keys/client.pfx");
/// The password of [`CERTIFICATE_PFX`].
pub const CERTIFICATE_PFX_PASSWORD: &str = "kP4~entrada.emulator-pfx";

/// A confidential app that accepts every certificate of one subject and issuer, sent with its chain.
pub const SUBJECT_NAME_APP: &str = "5d09e6a8-13f2-4b7c-9e64-c02a7f81d314";
/// The object id of its service principal.
pub const SUBJECT_NAME_APP_OBJECT: &str = "90b3c7d5-6e18-4f2a-a7c9-3d54e1f06b15";
/// A key, its certificate, which is not registered though an older one of its names is, and the
/// certificate of their issuer, as PEM. They were made for this crate and protect nothing.
pub const RENEWED_CERTIFICATE_PEM: &str = include_str!("../keys/renewed.pem");

/// A confidential app that trusts a cluster, a pipeline and the machine's user-assigned identity.
pub const FEDERATED_APP: &str = "a7e2f491-5c0d-4836-b9f7-18d6e3c25a16";
/// The object id of its service principal.
pub const FEDERATED_APP_OBJECT: &str = "f1c84b36-d29e-4a75-8360-7b0e9d1f4c17";
/// The audience of tokens that serve as client assertions.
pub const TOKEN_EXCHANGE: &str = "api://AzureADTokenExchange";
/// The issuer of the cluster's service account tokens.
pub const CLUSTER_ISSUER: &str =
    "https://westeurope.oic.prod-aks.azure.com/8d6f5c1e-2b7a-4f3d-9c40-1a2b3c4d5e6f/0c5b2a97/";
/// The service account that [`FEDERATED_APP`] trusts.
pub const CLUSTER_SUBJECT: &str = "system:serviceaccount:training:pipeline";
/// The host of the cluster's token proxy (identity bindings of AKS). On other hosts that are none of
/// Azure's it is played below `/aks-token-proxy`.
pub const TOKEN_PROXY_HOST: &str = "10.240.0.10";
/// The audience of the tokens that the proxy takes. Entra itself takes none of them.
pub const IDENTITY_BINDING: &str = "api://AKSIdentityBinding";
/// The address at which a job of Azure Pipelines asks for tokens (`SYSTEM_OIDCREQUESTURI`). On loopback
/// the same path is served.
pub const PIPELINES_URI: &str = "https://dev.azure.com/contoso/5f0e1d2c-3b4a-4958-8776-a5b4c3d2e120/_apis/distributedtask/hubs/build/plans/6a1f2e3d-4c5b-4a69-9887-b6c5d4e3f221/jobs/7b203f4e-5d6c-4b7a-8a98-c7d6e5f40322/oidctoken";
/// The job's token (`SYSTEM_ACCESSTOKEN`).
pub const SYSTEM_ACCESS_TOKEN: &str = "eyJ0eXAi.entrada.emulator-system_access_token";
/// A service connection that [`FEDERATED_APP`] trusts.
pub const SERVICE_CONNECTION: &str = "8c31405f-6e7d-4c8b-9ba9-d8e7f6051423";
/// The issuer of its tokens.
pub const PIPELINES_ISSUER: &str = "https://vstoken.dev.azure.com/9d425160-7f8e-4d9c-8cba-e9f807162524";
/// The subject of its tokens.
pub const PIPELINES_SUBJECT: &str = "sc://contoso/training/azure-ml";

/// A confidential app that is an API in the middle: people call it, and it calls others on their behalf.
pub const API: &str = "b86d2e05-7f41-4c9a-95e3-0a4f6c1d8e18";
/// The object id of its service principal.
pub const API_OBJECT: &str = "0e7a95c2-48fb-4d16-8b03-e2c6d5f71a19";
/// Its secret. [`CERTIFICATE_PEM`] is registered with it too.
pub const API_SECRET: &str = "mW3Q8~entrada.emulator-middle_tier";
/// Its permission, for those who call it.
pub const API_SCOPE: &str = "api://b86d2e05-7f41-4c9a-95e3-0a4f6c1d8e18/access_as_user";

/// The public client of developer tools, of family `1`.
pub const DEVELOPER_CLIENT: &str = "04b07795-8ddb-461a-bbee-02f9e1bf7b46";
/// Another public client of the same family.
pub const FAMILY_CLIENT: &str = "1950a258-227b-4e31-a9cf-717495945fc2";

/// A user who signs in with a password.
pub const USER: &str = "ada@contoso.onmicrosoft.com";
/// The user's password.
pub const PASSWORD: &str = "correct horse battery staple";
/// The user's object id.
pub const USER_OBJECT: &str = "5a1b8c2d-9e3f-4a60-8b71-2c9d0e1f3a03";
/// A user who has to approve each sign-in on a second device.
pub const MFA_USER: &str = "grace@contoso.onmicrosoft.com";
/// That user's password.
pub const MFA_PASSWORD: &str = "nanoseconds of wire";
/// That user's object id.
pub const MFA_USER_OBJECT: &str = "6b2c9d3e-0f40-4b71-9c82-3d0e1f2a4b04";

/// A user of [`FEDERATED_DOMAIN`].
pub const FEDERATED_USER: &str = "lin@fabrikam.example";
/// That user's password, which has to be escaped in XML.
pub const FEDERATED_PASSWORD: &str = "one < two & \"three\" ]]> 'four'";
/// That user's object id.
pub const FEDERATED_USER_OBJECT: &str = "ae536271-8a9f-4ead-9dcb-0a1829273625";

/// The region of the machine and of everything else.
pub const LOCATION: &str = "westeurope";
/// The client id of the machine's system-assigned identity.
pub const SYSTEM_IDENTITY: &str = "7c3d0e4f-1a51-4c82-8d93-4e1f2a3b5c05";
/// The object id of the machine's system-assigned identity.
pub const SYSTEM_IDENTITY_OBJECT: &str = "8d4e1f50-2b62-4d93-9ea4-5f2a3b4c6d06";
/// The client id of the machine's user-assigned identity.
pub const USER_IDENTITY: &str = "9e5f2a61-3c73-4ea4-8fb5-6a3b4c5d7e07";
/// The object id of the machine's user-assigned identity.
pub const USER_IDENTITY_OBJECT: &str = "af6a3b72-4d84-4fb5-90c6-7b4c5d6e8f08";
/// The resource id of the machine's user-assigned identity.
pub const USER_IDENTITY_RESOURCE: &str = "/subscriptions/c07b4c83-5e95-40c6-81d7-8c5d6e7f9a09/resourceGroups/ml-rg/providers/Microsoft.ManagedIdentity/userAssignedIdentities/ml-identity";

/// The secret of App Service's and Service Fabric's endpoint (`IDENTITY_HEADER`).
pub const IDENTITY_HEADER: &str = "853b9a84-entrada.emulator-identity_header";
/// The secret of the endpoint of Azure Machine Learning compute (`MSI_SECRET`).
pub const MSI_SECRET: &str = "kR5Fz~entrada.emulator-msi_secret";

/// The subscription.
pub const SUBSCRIPTION: &str = "c07b4c83-5e95-40c6-81d7-8c5d6e7f9a09";
/// Its resource group.
pub const RESOURCE_GROUP: &str = "ml-rg";
/// The first of its five workspaces.
pub const WORKSPACE: &str = "ml-demo";
/// All its workspaces.
pub const WORKSPACES: [&str; 5] = [WORKSPACE, "ml-forecast", "ml-research", "ml-staging", "ml-vision"];

/// A compute cluster of the first workspace.
pub const CLUSTER: &str = "cpu-cluster";
/// A compute instance of it.
pub const INSTANCE: &str = "ada-instance";
/// Its online endpoints, and who may call each.
pub const ENDPOINTS: [(&str, &str); 3] =
    [("score-key", "Key"), ("score-aml", "AMLToken"), ("score-entra", "AADToken")];
/// The first key of its endpoints.
pub const ENDPOINT_KEY: &str = "emulated-endpoint-key-primary";

/// The role Owner, which [`APP`] and [`USER`] have on the subscription.
pub const OWNER: &str = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635";
/// The role Reader, which everybody has on the subscription.
pub const READER: &str = "acdd72a7-3385-48ef-bd42-f606fba81ae7";

/// Azure Resource Manager, as a scope.
pub const MANAGEMENT_SCOPE: &str = "https://management.azure.com/.default";
