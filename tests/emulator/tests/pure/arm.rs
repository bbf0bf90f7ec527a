//! Azure Resource Manager.

use entrada_core::claims::Claims;
use entrada_emulator::config::{Demand, RoleAssignment, Tenant};
use entrada_emulator::{Config, world};
use http::Method;

use crate::support::{ARM, World};

const VERSION: &str = "api-version=2024-10-01";

fn group() -> String {
    format!(
        "/subscriptions/{}/resourceGroups/{}/providers/Microsoft.MachineLearningServices/workspaces",
        world::SUBSCRIPTION,
        world::RESOURCE_GROUP
    )
}

fn one(name: &str) -> String {
    format!("{}/{name}?{VERSION}", group())
}

fn refused(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

fn token(world: &mut World) -> String {
    world.app_token(world::MANAGEMENT_SCOPE, &[])
}

#[test]
fn a_workspace() {
    let mut world = World::new();
    let token = token(&mut world);
    let answer = world.arm(&one("ML-Demo").replace("resourceGroups", "resourcegroups"), &token);
    assert_eq!(answer.status, 200, "{}", answer.text());
    let document = answer.json();
    assert_eq!(document["name"], world::WORKSPACE);
    assert_eq!(document["id"], format!("{}/ml-demo", group()));
    assert_eq!(document["type"], "Microsoft.MachineLearningServices/workspaces");
    assert_eq!(document["location"], "westeurope");
    assert_eq!(document["identity"]["tenantId"], world::TENANT);
    let properties = &document["properties"];
    assert_eq!(properties["discoveryUrl"], "https://westeurope.api.azureml.ms/discovery");
    assert_eq!(properties["provisioningState"], "Succeeded");
    assert_eq!(properties["workspaceId"].as_str().unwrap().len(), 36);
    assert!(!answer.header("x-ms-request-id").is_empty());
    assert!(!answer.header("x-ms-correlation-request-id").is_empty());
    assert!(!answer.header("x-ms-ratelimit-remaining-subscription-reads").is_empty());
}

#[test]
fn lists_come_in_pages() {
    let mut world = World::new();
    let token = token(&mut world);
    let in_subscription = format!(
        "/subscriptions/{}/providers/Microsoft.MachineLearningServices/workspaces",
        world::SUBSCRIPTION
    );
    for path in [group(), in_subscription] {
        let (mut next, mut names, mut pages) = (format!("{ARM}{path}?{VERSION}"), Vec::new(), 0);
        loop {
            let document = world.arm(&next, &token).json();
            let page = document["value"].as_array().unwrap();
            assert!(page.len() <= 2);
            names.extend(page.iter().map(|item| item["name"].as_str().unwrap().to_owned()));
            pages += 1;
            match document.get("nextLink") {
                Some(link) => next = link.as_str().unwrap().to_owned(),
                None => break,
            }
            assert!(next.starts_with(ARM) && next.contains(VERSION) && next.contains("$skipToken="));
        }
        assert_eq!(names, world::WORKSPACES);
        assert_eq!(pages, 3);
    }
    // A page of one list is none of another.
    let first = world.arm(&format!("{}?{VERSION}", group()), &token).json();
    let link = first["nextLink"].as_str().unwrap().to_owned();
    let other = link.replace(&format!("/resourceGroups/{}", world::RESOURCE_GROUP), "");
    assert_eq!(world.arm(&other, &token).arm_fault(), refused(400, "InvalidSkipToken"));
    let broken = world.arm(&format!("{}?{VERSION}&$skipToken=MQ", group()), &token);
    assert_eq!(broken.arm_fault(), refused(400, "InvalidSkipToken"));
}

#[test]
fn subscriptions_and_groups() {
    let mut world = World::new();
    let token = token(&mut world);
    let version = "api-version=2022-12-01";
    let list = world.arm(&format!("/subscriptions?{version}"), &token).json();
    assert_eq!(list["value"][0]["subscriptionId"], world::SUBSCRIPTION);
    assert_eq!(list["value"][0]["tenantId"], world::TENANT);
    let root = format!("/subscriptions/{}", world::SUBSCRIPTION);
    assert_eq!(world.arm(&format!("{root}?{version}"), &token).json()["state"], "Enabled");
    let groups = world.arm(&format!("{root}/resourcegroups?api-version=2021-04-01"), &token).json();
    assert_eq!(groups["value"][0]["name"], world::RESOURCE_GROUP);
    let group = world.arm(&format!("{root}/resourcegroups/ML-RG?api-version=2021-04-01"), &token).json();
    assert_eq!(group["name"], world::RESOURCE_GROUP);
}

#[test]
fn what_is_not_there() {
    let mut world = World::new();
    let token = token(&mut world);
    let mut ask = |path: &str| world.arm(path, &token).arm_fault();
    assert_eq!(ask(&one("nothing")), refused(404, "ResourceNotFound"));
    let elsewhere = one("ml-demo").replace(world::RESOURCE_GROUP, "nothing");
    assert_eq!(ask(&elsewhere), refused(404, "ResourceGroupNotFound"));
    let nowhere = one("ml-demo").replace(world::SUBSCRIPTION, "11111111-2222-4333-8444-555555555555");
    assert_eq!(ask(&nowhere), refused(404, "SubscriptionNotFound"));
    assert_eq!(ask(&one("ml-demo").replace("workspaces", "registries")), refused(404, "InvalidResourceType"));
    assert_eq!(ask("/providers?api-version=2022-12-01"), refused(404, "InvalidResourceType"));
    assert_eq!(ask(&one("ml-demo/computes/c")), refused(404, "ResourceNotFound"));
    assert_eq!(ask(&one("ml-demo/nothing/c")), refused(404, "InvalidResourceType"));
    assert_eq!(ask(&format!("{}/ml-demo", group())), refused(400, "MissingApiVersionParameter"));
    let wrong = one("ml-demo").replace("2024-10-01", "2024-10-02");
    assert_eq!(ask(&wrong), refused(400, "InvalidApiVersionParameter"));
    let answer = world.arm(&wrong, &token).json();
    assert!(answer["error"]["message"].as_str().unwrap().contains("2024-10-01,"));
    let mut sent = |method| {
        let bearer = format!("Bearer {token}");
        world.send(method, &format!("{ARM}{}", one("ml-demo")), &[("authorization", &bearer)], "").status
    };
    assert_eq!((sent(Method::POST), sent(Method::PUT)), (405, 415));
}

#[test]
fn no_token_tells_the_tenant() {
    let mut world = World::new();
    let answer = world.get(&format!("{ARM}{}", one("ml-demo")), &[]);
    assert_eq!(answer.arm_fault(), refused(401, "AuthenticationFailed"));
    let challenge = answer.header("www-authenticate");
    let address = format!("authorization_uri=\"https://login.windows.net/{}\"", world::TENANT);
    assert!(challenge.starts_with("Bearer ") && challenge.contains(&address), "{challenge}");
    let message = answer.json()["error"]["message"].as_str().unwrap().to_owned();
    assert_eq!(message, "Authentication failed. The 'Authorization' header is missing.");
    let empty = world.get(&format!("{ARM}{}", one("ml-demo")), &[("authorization", "Bearer ")]);
    assert_eq!(empty.status, 401);
}

#[test]
fn tokens_that_will_not_do() {
    let mut world = World::new();
    let right = token(&mut world);
    let graph = world.app_token("https://graph.microsoft.com/.default", &[]);
    let mut ask = |token: &str| world.arm(&one("ml-demo"), token).arm_fault();
    assert_eq!(ask("nonsense"), refused(401, "InvalidAuthenticationToken"));
    assert_eq!(ask(&right[..right.len() - 4]), refused(401, "InvalidAuthenticationToken"));
    assert_eq!(ask(&graph), refused(401, "InvalidAuthenticationTokenAudience"));
    for scope in ["https://management.core.windows.net//.default", "https://management.azure.com//.default"] {
        let token = world.app_token(scope, &[]);
        assert_eq!(world.arm(&one("ml-demo"), &token).status, 200, "{scope}");
    }
    world.pass(3598);
    assert_eq!(world.arm(&one("ml-demo"), &right).status, 200);
    world.pass(1);
    assert_eq!(world.arm(&one("ml-demo"), &right).arm_fault(), refused(401, "ExpiredAuthenticationToken"));
}

#[test]
fn a_token_of_another_directory() {
    let other = "11111111-2222-4333-8444-555555555555";
    let mut config = Config::default();
    config.tenants.push(Tenant { id: other.into(), domains: vec![], name: "Fabrikam".into() });
    config.subscriptions[0].tenant = other.into();
    let mut world = World::of(config);
    let token = token(&mut world);
    let answer = world.arm(&one("ml-demo"), &token);
    assert_eq!(answer.arm_fault(), refused(401, "InvalidAuthenticationTokenTenant"));
    let message = answer.json()["error"]["message"].as_str().unwrap().to_owned();
    assert!(message.contains(&format!("'https://sts.windows.net/{}/'", world::TENANT)), "{message}");
    assert!(message.contains(&format!("'https://sts.windows.net/{other}/'")), "{message}");
    assert!(answer.header("www-authenticate").contains(other));
    assert_eq!(
        world.arm("/subscriptions?api-version=2022-12-01", &token).json()["value"],
        serde_json::json!([])
    );
}

#[test]
fn roles() {
    let root = format!("/subscriptions/{}", world::SUBSCRIPTION);
    let role = RoleAssignment {
        principal: world::APP_OBJECT.into(),
        scope: format!("{root}/resourceGroups/{}", world::RESOURCE_GROUP),
        ..RoleAssignment::default()
    };
    let mut world = World::of(Config { role_assignments: vec![role], ..Config::default() });
    let token = token(&mut world);
    assert_eq!(world.arm(&one("ml-demo"), &token).status, 200);
    let above = format!("{root}/providers/Microsoft.MachineLearningServices/workspaces?{VERSION}");
    assert_eq!(world.arm(&above, &token).arm_fault(), refused(403, "AuthorizationFailed"));
    world.emulator.config_mut().role_assignments.clear();
    let answer = world.arm(&one("ml-demo"), &token);
    assert_eq!(answer.arm_fault(), refused(403, "AuthorizationFailed"));
    assert_eq!(answer.header("x-ms-failure-cause"), "gateway");
    let message = answer.json()["error"]["message"].as_str().unwrap().to_owned();
    let start = format!(
        "The client '{}' with object id '{}' does not have authorization to perform action 'Microsoft.MachineLearningServices/workspaces/read' over scope '{}/ml-demo'",
        world::APP,
        world::APP_OBJECT,
        group()
    );
    assert!(message.starts_with(&start), "{message}");
    // Without a role, what is there and what is not look the same.
    assert_eq!(world.arm(&one("nothing"), &token).status, 403);
    assert_eq!(
        world.arm("/subscriptions?api-version=2022-12-01", &token).json()["value"],
        serde_json::json!([])
    );
}

#[test]
fn a_demand_is_met_by_a_token_for_it() {
    let mut config = Config::default();
    config.policy.demands =
        vec![Demand { scope: format!("{}/ml-demo", group()), acrs: Some("p1".into()), newer_than: None }];
    let mut world = World::of(config);
    let plain = token(&mut world);
    assert_eq!(world.arm(&one("ml-vision"), &plain).status, 200, "another workspace is not concerned");
    let answer = world.arm(&one("ml-demo"), &plain);
    assert_eq!(answer.arm_fault(), refused(401, "AuthenticationFailed"));
    let challenge = answer.header("www-authenticate").to_owned();
    assert!(challenge.contains("error=\"insufficient_claims\""), "{challenge}");
    let claims = challenge.split("claims=\"").nth(1).unwrap().trim_end_matches('"');
    let claims = Claims::from_challenge(claims).unwrap().to_json();
    assert_eq!(claims, r#"{"access_token":{"acrs":{"essential":true,"values":["p1"]}}}"#);
    let token = world.app_token(world::MANAGEMENT_SCOPE, &[("claims", &claims)]);
    assert_eq!(world.arm(&one("ml-demo"), &token).status, 200);
}

#[test]
fn revoked_sessions_are_challenged_if_the_client_can_answer() {
    let mut world = World::new();
    let capability = Claims::capability().to_json();
    let plain = token(&mut world);
    let capable = world.app_token(world::MANAGEMENT_SCOPE, &[("claims", &capability)]);
    world.pass(10);
    let newer = world.now.unix.0;
    world.emulator.config_mut().policy.demands = vec![Demand {
        scope: format!("/subscriptions/{}", world::SUBSCRIPTION),
        acrs: None,
        newer_than: Some(newer),
    }];
    assert_eq!(world.arm(&one("ml-demo"), &plain).status, 200);
    let answer = world.arm(&one("ml-demo"), &capable);
    assert_eq!(answer.status, 401);
    assert!(answer.header("www-authenticate").contains("claims="));
    let fresh = world.app_token(world::MANAGEMENT_SCOPE, &[("claims", &capability)]);
    assert_eq!(world.arm(&one("ml-demo"), &fresh).status, 200);
}

#[test]
fn one_origin_for_everything() {
    let mut world = World::new();
    let origin = "http://127.0.0.1:8080";
    let scope = format!("{origin}/.default");
    let pairs = [
        ("grant_type", "client_credentials"),
        ("client_id", world::APP),
        ("client_secret", world::SECRET),
        ("scope", &scope),
    ];
    let answer = world.form(&format!("{origin}/{}/oauth2/v2.0/token", world::TENANT), &pairs).json();
    let token = answer["access_token"].as_str().unwrap();
    assert_eq!(world.arm(&format!("{origin}{}", one("ml-demo")), token).status, 200);
    assert_eq!(world.arm(&one("ml-demo"), token).arm_fault().1, "InvalidAuthenticationTokenAudience");
    let challenge = world.get(&format!("{origin}{}", one("ml-demo")), &[]);
    let address = format!("\"{origin}/{}\"", world::TENANT);
    assert!(challenge.header("www-authenticate").contains(&address));
}

#[test]
fn where_the_services_of_a_cloud_are() {
    let mut world = World::new();
    let mut ask = |host: &str, version: &str| {
        let answer = world.get(&format!("https://{host}/metadata/endpoints?api-version={version}"), &[]);
        (answer.status, answer.json())
    };
    let (status, public) = ask("management.azure.com", "2022-09-01");
    assert_eq!((status, &public["name"]), (200, &"AzureCloud".into()));
    assert_eq!(public["resourceManager"], "https://management.azure.com/");
    assert_eq!(public["authentication"]["loginEndpoint"], "https://login.microsoftonline.com");
    assert_eq!(public["authentication"]["audiences"][0], "https://management.core.windows.net/");
    let (_, china) = ask("management.chinacloudapi.cn", "2022-09-01");
    assert_eq!(china["authentication"]["loginEndpoint"], "https://login.chinacloudapi.cn");
    let (_, own) = ask("127.0.0.1:8443", "2022-09-01");
    assert_eq!(own["resourceManager"], "https://127.0.0.1:8443/");
    assert_eq!(own["authentication"]["loginEndpoint"], "https://127.0.0.1:8443");
    let audiences = ["https://management.core.windows.net/", "https://management.azure.com/"];
    assert_eq!(own["authentication"]["audiences"], serde_json::json!(audiences));
    assert_eq!(ask("management.azure.com", "2099-01-01").0, 400);
}

#[test]
fn the_directories_of_a_caller() {
    let mut world = World::new();
    let token = token(&mut world);
    let answer = world.arm("/tenants?api-version=2022-12-01", &token);
    let tenants = answer.json();
    assert_eq!((answer.status, tenants["value"].as_array().map(Vec::len)), (200, Some(1)));
    assert_eq!(tenants["value"][0]["tenantId"], world::TENANT);
    assert_eq!(tenants["value"][0]["defaultDomain"], world::TENANT_DOMAIN);
    assert_eq!(world.get(&format!("{ARM}/tenants?api-version=2022-12-01"), &[]).status, 401);
    assert_eq!(world.arm("/tenants", &token).status, 400);
}
