//! The ready-made world, put together.

use entrada_core::cloud::Cloud;

use super::*;
use crate::config::{
    App, AppCertificate, AppSecret, Compute, Config, FederatedCredential, Federation, Hosts, ManagedIdentity,
    OnlineEndpoint, Pipelines, Policy, Resource, ResourceGroup, ResourceIdentity, RoleAssignment,
    ServiceConnection, Subscription, Tenant, TokenVersion, User, Workspace,
};

impl Default for Config {
    fn default() -> Config {
        Config {
            tenants: vec![Tenant {
                id: TENANT.into(),
                domains: vec![TENANT_DOMAIN.into(), FEDERATED_DOMAIN.into()],
                name: "Contoso".into(),
            }],
            apps: apps(),
            federations: vec![Federation {
                domain: FEDERATED_DOMAIN.into(),
                host: ADFS_HOST.into(),
                saml2: false,
            }],
            users: vec![
                user(USER, PASSWORD, USER_OBJECT, "Ada Lovelace", false),
                user(MFA_USER, MFA_PASSWORD, MFA_USER_OBJECT, "Grace Hopper", true),
                user(FEDERATED_USER, FEDERATED_PASSWORD, FEDERATED_USER_OBJECT, "Lin Fabrikam", false),
            ],
            instances: Vec::new(),
            location: LOCATION.into(),
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
                location: LOCATION.into(),
            }],
            workspaces: WORKSPACES.into_iter().map(workspace).collect(),
            computes: vec![compute(CLUSTER, "AmlCompute"), compute(INSTANCE, "ComputeInstance")],
            online_endpoints: ENDPOINTS.into_iter().map(online_endpoint).collect(),
            role_assignments: vec![
                assignment("*", READER, ""),
                assignment(APP_OBJECT, OWNER, "ServicePrincipal"),
                assignment(USER_OBJECT, OWNER, "User"),
            ],
            hosts: Hosts::default(),
            pipelines: Pipelines {
                system_access_token: SYSTEM_ACCESS_TOKEN.into(),
                service_connections: vec![ServiceConnection {
                    id: SERVICE_CONNECTION.into(),
                    issuer: PIPELINES_ISSUER.into(),
                    subject: PIPELINES_SUBJECT.into(),
                    audience: TOKEN_EXCHANGE.into(),
                }],
            },
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
        ..User::default()
    }
}

fn apps() -> Vec<App> {
    let tool = |client_id: &str, object_id: &str, name: &str| App {
        client_id: client_id.into(),
        object_id: object_id.into(),
        name: name.into(),
        tenant: None,
        public: true,
        redirect_uris: vec!["http://localhost".into(), ADFS_REDIRECT.into()],
        family: Some("1".into()),
        ..App::default()
    };
    vec![
        App {
            client_id: APP.into(),
            object_id: APP_OBJECT.into(),
            name: "Contoso training pipeline".into(),
            tenant: Some(TENANT.into()),
            secrets: vec![AppSecret { value: SECRET.into(), ..AppSecret::default() }],
            graph_permissions: vec!["Application.ReadWrite.OwnedBy".into(), "Directory.Read.All".into()],
            redirect_uris: vec![APP_REDIRECT.into(), "http://localhost".into()],
            ..App::default()
        },
        certificate_app(CERTIFICATE_APP, CERTIFICATE_APP_OBJECT, "Contoso batch scoring", CERTIFICATE_PEM),
        App {
            subject_name_issuer: true,
            ..certificate_app(
                SUBJECT_NAME_APP,
                SUBJECT_NAME_APP_OBJECT,
                "Contoso data import",
                include_str!("../../keys/issued.cert.pem"),
            )
        },
        App {
            client_id: FEDERATED_APP.into(),
            object_id: FEDERATED_APP_OBJECT.into(),
            name: "Contoso workload".into(),
            tenant: Some(TENANT.into()),
            federated_credentials: vec![
                trust(CLUSTER_ISSUER, CLUSTER_SUBJECT),
                trust(PIPELINES_ISSUER, PIPELINES_SUBJECT),
                trust(&format!("https://login.microsoftonline.com/{TENANT}/v2.0"), USER_IDENTITY_OBJECT),
            ],
            identity_bindings: vec![FederatedCredential {
                audience: IDENTITY_BINDING.into(),
                ..trust(CLUSTER_ISSUER, CLUSTER_SUBJECT)
            }],
            ..App::default()
        },
        App {
            secrets: vec![AppSecret { value: API_SECRET.into(), ..AppSecret::default() }],
            ..certificate_app(API, API_OBJECT, "Contoso model API", CERTIFICATE_PEM)
        },
        tool(DEVELOPER_CLIENT, "d18c5d94-6fa6-41d7-92e8-9d6e7f8a0b10", "Microsoft Azure CLI"),
        tool(FAMILY_CLIENT, "e29d6ea5-70b7-42e8-83f9-ae7f8a9b1c11", "Microsoft Azure PowerShell"),
    ]
}

fn certificate_app(client_id: &str, object_id: &str, name: &str, pem: &str) -> App {
    App {
        client_id: client_id.into(),
        object_id: object_id.into(),
        name: name.into(),
        tenant: Some(TENANT.into()),
        certificates: vec![AppCertificate { pem: pem.into(), ..AppCertificate::default() }],
        regional: client_id == CERTIFICATE_APP,
        redirect_uris: vec!["http://localhost".into()],
        ..App::default()
    }
}

fn assignment(principal: &str, role: &str, kind: &str) -> RoleAssignment {
    RoleAssignment {
        principal: principal.into(),
        scope: format!("/subscriptions/{SUBSCRIPTION}"),
        role: role.into(),
        principal_type: kind.into(),
        ..RoleAssignment::default()
    }
}

fn trust(issuer: &str, subject: &str) -> FederatedCredential {
    FederatedCredential {
        issuer: issuer.into(),
        subject: subject.into(),
        audience: TOKEN_EXCHANGE.into(),
        key: None,
    }
}

fn compute(name: &str, kind: &str) -> Compute {
    Compute {
        workspace: WORKSPACE.into(),
        name: name.into(),
        kind: kind.into(),
        size: "Standard_DS3_v2".into(),
        ..Compute::default()
    }
}

fn online_endpoint((name, mode): (&str, &str)) -> OnlineEndpoint {
    OnlineEndpoint {
        workspace: WORKSPACE.into(),
        name: name.into(),
        auth_mode: mode.into(),
        primary_key: ENDPOINT_KEY.into(),
        secondary_key: "emulated-endpoint-key-secondary".into(),
    }
}

fn workspace(name: &str) -> Workspace {
    Workspace {
        subscription: SUBSCRIPTION.into(),
        resource_group: RESOURCE_GROUP.into(),
        name: name.into(),
        location: LOCATION.into(),
        friendly_name: format!("Contoso {}", name.trim_start_matches("ml-")),
        description: String::new(),
        identity: ResourceIdentity { system: true, user: Vec::new() },
        linked: serde_json::Map::new(),
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
