//! The ready-made world: what [`crate::Config::default`] holds, with names for tests and examples.
//!
//! Nothing in it exists anywhere else; the secrets are public.

use entrada_core::cloud::Cloud;

use crate::config::{
    App, AppSecret, Config, ManagedIdentity, Policy, Resource, ResourceGroup, RoleAssignment, Subscription,
    Tenant, TokenVersion, User, Workspace,
};

/// The directory.
pub const TENANT: &str = "8d6f5c1e-2b7a-4f3d-9c40-1a2b3c4d5e6f";
/// The directory's domain.
pub const TENANT_DOMAIN: &str = "contoso.onmicrosoft.com";

/// A confidential app of the directory.
pub const APP: &str = "3f0c7f66-6c0e-4d6b-8a55-7d1f2f0b9a01";
/// The object id of its service principal.
pub const APP_OBJECT: &str = "b1d9f7a4-41f3-4a88-9b1a-0c5e6d7f8a02";
/// Its secret.
pub const SECRET: &str = "tkJ8Q~entrada.emulator-client_secret";
/// Where its codes may be sent, besides `http://localhost`.
pub const APP_REDIRECT: &str = "https://app.contoso.example/signin";

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

/// The subscription.
pub const SUBSCRIPTION: &str = "c07b4c83-5e95-40c6-81d7-8c5d6e7f9a09";
/// Its resource group.
pub const RESOURCE_GROUP: &str = "ml-rg";
/// The first of its five workspaces.
pub const WORKSPACE: &str = "ml-demo";
/// All its workspaces.
pub const WORKSPACES: [&str; 5] = [WORKSPACE, "ml-forecast", "ml-research", "ml-staging", "ml-vision"];

/// Azure Resource Manager, as a scope.
pub const MANAGEMENT_SCOPE: &str = "https://management.azure.com/.default";

impl Default for Config {
    fn default() -> Config {
        Config {
            tenants: vec![Tenant {
                id: TENANT.into(),
                domains: vec![TENANT_DOMAIN.into()],
                name: "Contoso".into(),
            }],
            apps: apps(),
            users: vec![
                user(USER, PASSWORD, USER_OBJECT, "Ada Lovelace", false),
                user(MFA_USER, MFA_PASSWORD, MFA_USER_OBJECT, "Grace Hopper", true),
            ],
            identities: vec![
                ManagedIdentity {
                    tenant: TENANT.into(),
                    client_id: SYSTEM_IDENTITY.into(),
                    object_id: SYSTEM_IDENTITY_OBJECT.into(),
                    resource_id: None,
                },
                ManagedIdentity {
                    tenant: TENANT.into(),
                    client_id: USER_IDENTITY.into(),
                    object_id: USER_IDENTITY_OBJECT.into(),
                    resource_id: Some(USER_IDENTITY_RESOURCE.into()),
                },
            ],
            resources: resources(),
            subscriptions: vec![Subscription {
                id: SUBSCRIPTION.into(),
                name: "Contoso research".into(),
                tenant: TENANT.into(),
            }],
            resource_groups: vec![ResourceGroup {
                subscription: SUBSCRIPTION.into(),
                name: RESOURCE_GROUP.into(),
                location: "westeurope".into(),
            }],
            workspaces: WORKSPACES.into_iter().map(workspace).collect(),
            role_assignments: vec![RoleAssignment {
                principal: "*".into(),
                scope: format!("/subscriptions/{SUBSCRIPTION}"),
            }],
            policy: Policy::default(),
        }
    }
}

fn user(username: &str, password: &str, object_id: &str, name: &str, mfa: bool) -> User {
    User {
        username: username.into(),
        password: password.into(),
        object_id: object_id.into(),
        tenant: TENANT.into(),
        name: name.into(),
        mfa,
        disabled: false,
    }
}

fn apps() -> Vec<App> {
    let tool = |client_id: &str, object_id: &str, name: &str| App {
        client_id: client_id.into(),
        object_id: object_id.into(),
        name: name.into(),
        tenant: None,
        public: true,
        secrets: Vec::new(),
        redirect_uris: vec!["http://localhost".into()],
        family: Some("1".into()),
        roles: Vec::new(),
    };
    vec![
        App {
            client_id: APP.into(),
            object_id: APP_OBJECT.into(),
            name: "Contoso training pipeline".into(),
            tenant: Some(TENANT.into()),
            public: false,
            secrets: vec![AppSecret { value: SECRET.into(), expires: None }],
            redirect_uris: vec![APP_REDIRECT.into(), "http://localhost".into()],
            family: None,
            roles: Vec::new(),
        },
        tool(DEVELOPER_CLIENT, "d18c5d94-6fa6-41d7-92e8-9d6e7f8a0b10", "Microsoft Azure CLI"),
        tool(FAMILY_CLIENT, "e29d6ea5-70b7-42e8-83f9-ae7f8a9b1c11", "Microsoft Azure PowerShell"),
    ]
}

fn workspace(name: &str) -> Workspace {
    Workspace {
        subscription: SUBSCRIPTION.into(),
        resource_group: RESOURCE_GROUP.into(),
        name: name.into(),
        location: "westeurope".into(),
        friendly_name: format!("Contoso {}", name.trim_start_matches("ml-")),
        description: String::new(),
    }
}

/// The services that tokens are commonly asked for, in every cloud that is open.
fn resources() -> Vec<Resource> {
    let open = || Cloud::ALL.into_iter().filter(|cloud| cloud.closed.is_none());
    let owned = |uris: Vec<&str>| uris.into_iter().map(str::to_owned).collect::<Vec<_>>();
    let mut management: Vec<&str> = open().filter_map(|cloud| cloud.resource_manager).collect();
    management.extend([
        "https://management.core.windows.net",
        "https://management.core.chinacloudapi.cn",
        "https://management.core.usgovcloudapi.net",
    ]);
    let resource = |id: &str, name: &str, uris: Vec<&str>, version| Resource {
        id: id.into(),
        name: name.into(),
        uris: owned(uris),
        version,
    };
    vec![
        resource(
            "797f4846-ba00-4fd7-ba43-dac1f8f63013",
            "Windows Azure Service Management API",
            management,
            TokenVersion::V1,
        ),
        resource(
            "00000003-0000-0000-c000-000000000000",
            "Microsoft Graph",
            open().filter_map(|cloud| cloud.graph).collect(),
            TokenVersion::V1,
        ),
        resource(
            "0736f41a-0425-4b46-bdb5-1563eff02385",
            "Azure Machine Learning",
            open().filter_map(|cloud| cloud.machine_learning).collect(),
            TokenVersion::V1,
        ),
        resource(
            "cfa8b339-82a2-471a-a3c9-0fc0be7a4093",
            "Azure Key Vault",
            vec!["https://vault.azure.net"],
            TokenVersion::V1,
        ),
        resource(
            "e406a681-f3d4-42a8-90b6-c2b029497af1",
            "Azure Storage",
            vec!["https://storage.azure.com"],
            TokenVersion::V1,
        ),
        resource(
            "fb60f99c-7a34-4190-8149-302f77469936",
            "AAD Token Exchange Endpoint",
            open().filter_map(|cloud| cloud.token_exchange).collect(),
            TokenVersion::V2,
        ),
    ]
}
