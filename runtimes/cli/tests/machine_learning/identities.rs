//! `entrada identity`, and roles of identities.

use entrada_emulator::serve::Server;
use entrada_emulator::{Config, world};
use serde_json::{Value, json};

use crate::support::{address, as_app, emulator, run};
use crate::{ask, rest, workspace_path};

#[test]
fn identities_are_added_and_none_is_lost() {
    let server = emulator(Config::default());
    let show = |more: &[&str]| ask(&server, &[&["identity", "show", "-o", "json"], more].concat()).json();
    let enable = |more: &[&str]| ask(&server, &[&["identity", "enable", "-o", "json"], more].concat());
    assert_eq!(show(&[])["system_assigned"], true);
    let before = server.requests().len();
    let same = enable(&["--system"]);
    assert_eq!(same.json()["system_assigned"], true, "{same:?}");
    let writes = |from: usize| {
        server.requests()[from..]
            .iter()
            .filter(|asked| asked.method != "GET" && asked.service == "Azure Resource Manager")
            .count()
    };
    assert_eq!(writes(before), 0, "it has that already");
    let more = enable(&["--user-assigned", world::USER_IDENTITY_RESOURCE]);
    assert_eq!(more.code, 0, "{more:?}");
    let now = show(&[]);
    assert_eq!(
        (&now["system_assigned"], &now["user_assigned"][0]["client_id"]),
        (&json!(true), &json!(world::USER_IDENTITY))
    );
    assert_eq!(more.json(), now);

    let cluster = ["--compute", world::CLUSTER];
    assert_eq!(show(&cluster)["system_assigned"], false);
    let enabled = enable(&["--compute", world::CLUSTER, "--user-assigned", world::USER_IDENTITY_RESOURCE]);
    assert_eq!(
        enabled.json()["user_assigned"][0]["principal_id"],
        world::USER_IDENTITY_OBJECT,
        "{enabled:?}"
    );
    // Both kinds are impossible on a compute, and that is known before anything is written.
    let before = server.requests().len();
    let both = enable(&["--compute", world::CLUSTER, "--system"]);
    assert_eq!(both.code, 2, "{both:?}");
    assert_eq!(writes(before), 0);
    let instance = enable(&["--compute", world::INSTANCE, "--system"]);
    assert_eq!(instance.json()["system_assigned"], true, "{instance:?}");
    assert!(instance.json()["principal_id"].is_string());
    for more in [&[][..], &["--user-assigned", world::USER_IDENTITY], &["--system", "--compute", "a/b"]] {
        assert_eq!(enable(more).code, 2, "{more:?}");
    }
    let table = ask(&server, &["identity", "show"]);
    assert!(table.stdout.starts_with("KIND") && table.stdout.contains(world::USER_IDENTITY), "{table:?}");
}

#[test]
fn identities_that_are_named_go_and_no_other() {
    let server = emulator(Config::default());
    let show = |more: &[&str]| ask(&server, &[&["identity", "show", "-o", "json"], more].concat()).json();
    let disable = |more: &[&str]| ask(&server, &[&["identity", "disable", "-o", "json"], more].concat());
    let assigned = ["--user-assigned", world::USER_IDENTITY_RESOURCE];
    let other = world::USER_IDENTITY_RESOURCE.replace("/ml-identity", "/other");
    let enable = ["identity", "enable", assigned[0], assigned[1], "--user-assigned", &other];
    assert_eq!(ask(&server, &enable).code, 0);
    // Without a name nothing goes.
    for more in [&[][..], &["--user-assigned", world::USER_IDENTITY]] {
        assert_eq!(disable(more).code, 2, "{more:?}");
    }
    assert_eq!(show(&[])["user_assigned"].as_array().unwrap().len(), 2);
    let gone = disable(&assigned);
    assert_eq!(gone.code, 0, "{gone:?}");
    assert_eq!(gone.json(), show(&[]));
    let left = show(&[]);
    assert_eq!((&left["system_assigned"], &left["user_assigned"][0]["id"]), (&json!(true), &json!(other)));
    let writes = || server.requests().iter().filter(|asked| asked.method == "PATCH").count();
    let before = writes();
    let again = disable(&assigned);
    assert_eq!((again.code, again.json(), writes()), (0, left, before), "{again:?}");
    assert!(
        again.stderr.contains(&format!("it did not have {}", world::USER_IDENTITY_RESOURCE)),
        "{again:?}"
    );
    let own = disable(&["--system"]).json();
    assert_eq!((&own["system_assigned"], own["user_assigned"].as_array().unwrap().len()), (&json!(false), 1));
    let none = disable(&["--user-assigned", &other]);
    assert_eq!((none.code, none.json()["user_assigned"].as_array().unwrap().len()), (0, 0), "{none:?}");

    // A compute keeps one; that is known before anything is written.
    let cluster = ["--compute", world::CLUSTER];
    assert_eq!(ask(&server, &[&enable[..], &cluster].concat()).code, 0);
    let one = disable(&[&cluster[..], &assigned].concat());
    assert_eq!(one.json()["user_assigned"][0]["id"], other.as_str(), "{one:?}");
    let last = disable(&[&cluster[..], &["--user-assigned", &other]].concat());
    assert_eq!((last.code, show(&cluster)), (2, one.json()), "{last:?}");
}

#[test]
fn a_role_is_given_to_an_identity_by_the_id_of_its_resource() {
    let server = emulator(Config::default());
    let workspace = format!("{}/{}", workspace_path(), world::WORKSPACE);
    let instance = format!("{workspace}/computes/{}", world::INSTANCE);
    let assign = |id: &str| {
        let words =
            ["role", "assign", "--role", "AzureML Data Scientist", "--scope", &workspace, "--assignee"];
        run(as_app(&server), words.iter().chain(&[id, "-o", "json", "--error-format", "json"]))
    };
    let own = |more: &[&str]| {
        ask(&server, &[&["identity", "show", "-o", "json"], more].concat()).json()["principal_id"].clone()
    };
    let none = assign(&instance);
    assert_eq!(none.code, 1, "{none:?}");
    assert!(none.error()["remedy"].as_str().unwrap().contains("resource id"), "{none:?}");
    assert_eq!(ask(&server, &["identity", "enable", "--system", "--compute", world::INSTANCE]).code, 0);
    for (id, object) in [
        (workspace.replace("resourceGroups", "resourcegroups"), own(&[])),
        (instance.clone(), own(&["--compute", world::INSTANCE])),
        (world::USER_IDENTITY_RESOURCE.to_owned(), json!(world::USER_IDENTITY_OBJECT)),
    ] {
        let assigned = assign(&id);
        assert_eq!((assigned.code, &assigned.json()["principalId"]), (0, &object), "{assigned:?}");
        assert_eq!(assigned.json()["principalType"], "ServicePrincipal");
    }
    // The names that tokens are asked for by hold no resource id.
    let filter = format!(
        "{}/v1.0/servicePrincipals?$filter=servicePrincipalNames/any(c:c%20eq%20'{}')",
        address(&server),
        world::USER_IDENTITY_RESOURCE
    );
    let found = rest(&server, &["GET", &filter]);
    assert_eq!(found.json()["value"], json!([]), "{found:?}");
}

/// A cluster and an instance with everything set that has another default.
fn set_up_with_care(config: &mut Config) {
    let object = |value: Value| value.as_object().cloned().unwrap();
    for compute in &mut config.computes {
        compute.tags = object(json!({ "cost-center": "42" }));
        compute.described = object(json!({ "description": "of team A", "disableLocalAuth": true }));
        compute.made_of = object(match compute.name == world::CLUSTER {
            true => json!({
                "vmPriority": "LowPriority", "isolatedNetwork": true, "enableNodePublicIp": false,
                "remoteLoginPortPublicAccess": "Disabled", "subnet": { "id": "/subscriptions/s/subnet" },
                "scaleSettings": { "minNodeCount": 1, "maxNodeCount": 9 },
                "userAccountCredentials": { "adminUserName": "ada", "adminUserSshPublicKey": "ssh-rsa A" },
            }),
            false => json!({
                "enableSSO": false, "enableNodePublicIp": false, "enableRootAccess": false,
                "applicationSharingPolicy": "Personal", "idleTimeBeforeShutdown": "PT30M",
                "sshSettings": { "sshPublicAccess": "Enabled", "adminPublicKey": "ssh-rsa A" },
                "setupScripts": { "scripts": { "creationScript": { "scriptSource": "inline" } } },
                "schedules": { "computeStartStop": [{ "status": "Enabled", "action": "Stop",
                    "triggerType": "Cron", "cron": { "expression": "0 18 * * *" } }] },
            }),
        });
    }
}

#[test]
fn a_compute_that_is_given_an_identity_keeps_all_else() {
    let mut config = Config::default();
    set_up_with_care(&mut config);
    let server = emulator(config);
    for name in [world::CLUSTER, world::INSTANCE] {
        let address =
            format!("{}/{}/computes/{name}?api-version=2024-10-01", workspace_path(), world::WORKSPACE);
        let told = || rest(&server, &["GET", &address]).json();
        let before = told();
        let enabled = ask(&server, &["identity", "enable", "--compute", name, "--system"]);
        assert_eq!(enabled.code, 0, "{enabled:?}");
        let mut after = told();
        assert_eq!(after["identity"]["type"], "SystemAssigned", "{after}");
        after["identity"] = before["identity"].clone();
        assert_eq!(after, before, "{name}");
    }
    // A password of the nodes cannot be said again: nothing is written.
    let cluster = |server: &Server| {
        let find = |emulator: &entrada_emulator::Emulator| {
            let computes = &emulator.config().computes;
            format!("{:?}", computes.iter().find(|one| one.name == world::CLUSTER))
        };
        server.with(|emulator| find(emulator))
    };
    server.with(|emulator| {
        let computes = &mut emulator.config_mut().computes;
        let cluster = computes.iter_mut().find(|one| one.name == world::CLUSTER).unwrap();
        cluster.made_of["userAccountCredentials"] = json!({ "adminUserName": "ada" });
        cluster.identity = Default::default();
    });
    let before = cluster(&server);
    let refused = ask(&server, &["identity", "enable", "--compute", world::CLUSTER, "--system"]);
    assert_eq!((refused.code, &refused.error()["error"]), (2, &json!("configuration")), "{refused:?}");
    assert_eq!(cluster(&server), before);
}
