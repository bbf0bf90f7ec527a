//! Microsoft Graph and role assignments: made, replicated, used.

use entrada_emulator::config::{Policy, Replication};
use entrada_emulator::{Config, world};
use http::Method;
use serde_json::{Value, json};

use crate::support::{ARM, Answer, World};

const GRAPH: &str = "https://graph.microsoft.com/v1.0";
const SCIENTIST: &str = "f6c7c914-8db3-469d-8ca1-694a8f32e121";

struct Admin {
    world: World,
    graph: String,
    arm: String,
}

impl Admin {
    fn of(config: Config) -> Admin {
        let mut world = World::of(config);
        let graph = world.app_token("https://graph.microsoft.com/.default", &[]);
        let arm = world.app_token(world::MANAGEMENT_SCOPE, &[]);
        Admin { world, graph, arm }
    }

    fn replicating(replication: Replication) -> Admin {
        Admin::of(Config { policy: Policy { replication, ..Policy::default() }, ..Config::default() })
    }

    fn graph(&mut self, method: Method, path: &str, body: &Value) -> Answer {
        let bearer = format!("Bearer {}", self.graph);
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
        self.world.send(method, &format!("{GRAPH}{path}"), &headers, &body)
    }

    fn post(&mut self, path: &str, body: &Value) -> Answer {
        self.graph(Method::POST, path, body)
    }

    fn read(&mut self, path: &str) -> Answer {
        self.graph(Method::GET, path, &Value::Null)
    }

    fn assign(&mut self, scope: &str, name: &str, principal: &str, kind: Option<&str>) -> Answer {
        let mut properties = json!({ "principalId": principal, "roleDefinitionId":
            format!("/subscriptions/{}/providers/Microsoft.Authorization/roleDefinitions/{SCIENTIST}", world::SUBSCRIPTION) });
        if let Some(kind) = kind {
            properties["principalType"] = kind.into();
        }
        let url = format!(
            "{ARM}{scope}/providers/Microsoft.Authorization/roleAssignments/{name}?api-version=2022-04-01"
        );
        let bearer = format!("Bearer {}", self.arm);
        let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
        self.world.send(Method::PUT, &url, &headers, &json!({ "properties": properties }).to_string())
    }
}

fn text(value: &Value, name: &str) -> String {
    value[name].as_str().unwrap().to_owned()
}

fn workspace() -> String {
    format!(
        "/subscriptions/{}/resourceGroups/{}/providers/Microsoft.MachineLearningServices/workspaces/{}",
        world::SUBSCRIPTION,
        world::RESOURCE_GROUP,
        world::WORKSPACE
    )
}

const NAME: &str = "11111111-1111-4111-8111-111111111111";

#[test]
fn a_principal_that_was_made_signs_in_and_its_role_opens_the_workspace() {
    let replication = Replication {
        application: 20,
        principal: 10,
        typed_principal: 15,
        untyped_principal: 60,
        credential: 30,
        shown: 0,
        assignment: 40,
    };
    let mut admin = Admin::replicating(replication);
    // Nobody may read without a role.
    admin.world.emulator.config_mut().role_assignments.retain(|role| role.principal != "*");
    let made = admin.post("/applications", &json!({ "displayName": "o'brien" }));
    assert_eq!(made.status, 201, "{}", made.text());
    let (object, app) = (text(&made.json(), "id"), text(&made.json(), "appId"));
    // Not known yet, by any way.
    assert_eq!(admin.read(&format!("/applications/{object}")).status, 404);
    let unknown = admin.post("/servicePrincipals", &json!({ "appId": app }));
    assert!(unknown.status == 400 && unknown.text().contains("does not reference"), "{}", unknown.text());
    let named = "/applications?$filter=displayName%20eq%20%27o%27%27brien%27";
    assert_eq!(admin.read(named).json()["value"], json!([]));
    admin.world.pass(20);
    assert_eq!(admin.read(named).json()["value"][0]["appId"], app);
    let principal = admin.post("/servicePrincipals", &json!({ "appId": app }));
    assert_eq!(principal.status, 201, "{}", principal.text());
    let principal = text(&principal.json(), "id");
    assert_eq!(admin.read(&format!("/servicePrincipals(appId='{app}')")).status, 404);
    let typed = Some("ServicePrincipal");
    let fault = admin.assign(&workspace(), NAME, &principal, typed).arm_fault();
    assert_eq!(fault, (400, "PrincipalNotFound".to_owned()));
    admin.world.pass(15);
    assert_eq!(admin.assign(&workspace(), NAME, &principal, None).arm_fault().1, "PrincipalNotFound");
    assert_eq!(admin.assign(&workspace(), NAME, &principal, typed).status, 201);
    assert_eq!(admin.assign(&workspace(), NAME, &principal, typed).status, 200);
    let other = "22222222-2222-4222-8222-222222222222";
    assert_eq!(admin.assign(&workspace(), other, &principal, typed).arm_fault().1, "RoleAssignmentExists");
    let taken = admin.assign(&workspace(), NAME, world::CERTIFICATE_APP_OBJECT, typed).arm_fault().1;
    assert_eq!(taken, "RoleAssignmentUpdateNotPermitted");

    let secret = admin.post(
        &format!("/applications/{object}/addPassword"),
        &json!({
            "passwordCredential": { "displayName": "rbac" }
        }),
    );
    let secret = text(&secret.json(), "secretText");
    let sign_in = |admin: &mut Admin| {
        let pairs = [
            ("grant_type", "client_credentials"),
            ("client_id", app.as_str()),
            ("client_secret", secret.as_str()),
            ("scope", world::MANAGEMENT_SCOPE),
        ];
        admin.world.token(world::TENANT, &pairs)
    };
    assert_eq!(sign_in(&mut admin).fault().2, 7_000_215);
    admin.world.pass(30);
    let token = text(&sign_in(&mut admin).json(), "access_token");
    let open = format!("{}?api-version=2024-10-01", workspace());
    admin.world.pass(40);
    assert_eq!(admin.world.arm(&open, &token).status, 200);
    let other = open.replace(world::WORKSPACE, "ml-vision");
    assert_eq!(admin.world.arm(&other, &token).status, 403, "its scope is the one workspace");
    // Its secrets are never shown again.
    assert!(!admin.read(&format!("/applications/{object}")).text().contains(&secret));
    assert_eq!(admin.graph(Method::DELETE, &format!("/applications/{object}"), &Value::Null).status, 204);
    assert_eq!(sign_in(&mut admin).fault().2, 700_016);
}

#[test]
fn who_may_not_is_refused() {
    let mut admin = Admin::of(Config::default());
    let fault = |answer: Answer| (answer.status, text(&answer.json()["error"], "code"));
    let certified = admin.read("/applications?$filter=displayName%20eq%20%27Contoso%20batch%20scoring%27");
    let certified = text(&certified.json()["value"][0], "id");
    let add = format!("/applications/{certified}/addPassword");
    assert_eq!(fault(admin.post(&add, &json!({}))), (403, "Authorization_RequestDenied".to_owned()));
    assert_eq!(fault(admin.post("/applications", &json!({ "displayName": "x", "wrong": 1 }))).0, 400);
    assert_eq!(fault(admin.post("/applications", &json!({}))).0, 400);
    assert_eq!(fault(admin.read("/me")).0, 400);
    // A token for another service is none here.
    admin.graph = admin.arm.clone();
    assert_eq!(fault(admin.read("/applications")), (401, "InvalidAuthenticationToken".to_owned()));
    // Reader is not enough to assign a role.
    admin.world.emulator.config_mut().role_assignments.retain(|role| role.principal == "*");
    let refused = admin.assign(&workspace(), NAME, world::CERTIFICATE_APP_OBJECT, None);
    assert_eq!(refused.arm_fault(), (403, "AuthorizationFailed".to_owned()));
}
