//! Azure Machine Learning, whose compute instances and jobs may give a person's token: whose it is, and whoever
//! wants another's.

use entrada_emulator::config::Host;
use entrada_emulator::serve::{Options, Server};
use entrada_emulator::{Config, world};
use serde_json::Value;

use super::support::{address, as_app, entrada, run};
use super::{ASK, MANAGED, on, serve};

#[test]
fn a_compute_instance_tells_whose_token_it_gave() {
    let server = serve();
    server.with(|emulator| emulator.config_mut().hosts.single_sign_on = true);
    let whose = |more: &[&str]| {
        let ended = on(&server, Host::MachineLearning, more);
        assert_eq!(ended.json()["source"], "managed-identity", "{ended:?}");
        let identity = ended.json()["identity"].clone();
        (identity["type"].clone(), identity["username"].clone(), identity["clientId"].clone())
    };
    let id = format!("client-id:{}", world::USER_IDENTITY);
    for more in [&MANAGED[..], &[]] {
        let (kind, name, _) = whose(more);
        assert_eq!((kind, name), ("user".into(), world::USER.into()));
        let named = [more, &["--identity", &id, "--refuse-to-guess"]].concat();
        assert_eq!(whose(&named), ("app".into(), Value::Null, world::USER_IDENTITY.into()));
        let strict = [more, &["--refuse-to-guess"]].concat();
        let before = server.requests().len();
        for host in [Host::MachineLearning, Host::CloudShell] {
            let ended = on(&server, host, &strict);
            assert_eq!((ended.code, &ended.error()["error"]), (2, &"configuration".into()), "{ended:?}");
        }
        assert_eq!(server.requests().len(), before);
    }
}

#[test]
fn that_a_person_s_token_came_is_said_however_it_is_printed() {
    let options = Options { hosts: true, http: Some(([127, 0, 0, 1], 0).into()), ..Options::default() };
    let server = Server::start(Config::default(), [7; 32], options).unwrap();
    server.with(|emulator| emulator.config_mut().hosts.single_sign_on = true);
    let on_instance = |more: &[&str]| {
        let mut command = entrada();
        command.envs(server.environment_of(Host::MachineLearning));
        run(command, [&ASK[..3], more].concat())
    };
    let id = format!("client-id:{}", world::USER_IDENTITY);
    for format in ["json", "raw", "header", "env", "kubernetes"] {
        for credential in [&MANAGED[..], &[]] {
            let ended = on_instance(&[credential, &["-o", format]].concat());
            let said = ended.stderr.matches("the token of a person").count();
            assert_eq!((ended.code, said), (0, 1), "{format}: {ended:?}");
            assert!(
                ended.stderr.contains(world::USER) && ended.stderr.contains("--refuse-to-guess"),
                "{ended:?}"
            );
            let named = [credential, &["-o", format, "--identity", &id]].concat();
            assert_eq!(on_instance(&named).stderr, "", "{format}");
        }
    }
    // Verbs that print no token say so too, once for all the tokens they need.
    let names = ["-s", world::SUBSCRIPTION, "-g", world::RESOURCE_GROUP, "-w", world::WORKSPACE];
    for verb in [&["workspace", "show"][..], &["workspace", "list"], &["identity", "show"]] {
        let mut command = entrada();
        command.envs(server.environment_of(Host::MachineLearning)).env("ENTRADA_EMULATOR", address(&server));
        let names = if verb[1] == "list" { &names[..2] } else { &names };
        let ended = run(command, verb.iter().chain(names).chain(&MANAGED));
        assert_eq!((ended.code, ended.stderr.matches("the token of a person").count()), (0, 1), "{ended:?}");
    }
}

#[test]
fn tokens_of_another_identity_than_the_expected_one_are_refused() {
    let server = serve();
    server.with(|emulator| emulator.config_mut().hosts.single_sign_on = true);
    let (id, object) =
        (format!("client-id:{}", world::USER_IDENTITY), format!("object-id:{}", world::USER_IDENTITY_OBJECT));
    let user = format!("object-id:{}", world::USER_OBJECT);
    for credential in [&MANAGED[..], &[]] {
        let ask = |more: &[&str]| on(&server, Host::MachineLearning, &[credential, more].concat());
        for expected in ["user", world::USER, &user] {
            assert_eq!(ask(&["--expect-identity", expected]).code, 0, "{expected}");
            let other = ask(&["--expect-identity", expected, "--identity", &id]);
            assert_eq!((other.code, &other.error()["error"]), (1, &"refused".into()), "{expected} {other:?}");
            assert_eq!(other.stdout, "");
        }
        for expected in [&id, &object] {
            assert_eq!(ask(&["--expect-identity", expected, "--identity", &id]).code, 0, "{expected}");
            let other = ask(&["--expect-identity", expected]);
            assert_eq!((other.code, &other.error()["error"]), (1, &"refused".into()), "{expected} {other:?}");
            assert!(other.error()["message"].as_str().unwrap().contains(world::USER), "{other:?}");
        }
        assert_eq!(ask(&["--expect-identity", "app", "--identity", &id]).code, 0);
        // The host is not even asked for what would be a person's.
        let before = server.requests().len();
        assert_eq!(ask(&["--expect-identity", "app"]).code, 2);
        assert_eq!(server.requests().len(), before);
    }
    assert_eq!(on(&server, Host::MachineLearning, &["--expect-identity", "me"]).code, 2);
    assert_eq!(run(entrada(), ["login", "--expect-identity", "user"]).code, 2);
}

#[test]
fn refusing_to_guess_is_for_managed_identity() {
    let mut command = entrada();
    command.args(ASK).args(["--error-format", "json", "--credential", "azure-cli", "--refuse-to-guess"]);
    let ended = run(command, Vec::<String>::new());
    assert_eq!(ended.code, 2, "{ended:?}");
    assert!(ended.error()["message"].as_str().unwrap().contains("--refuse-to-guess"), "{ended:?}");
}

#[test]
fn a_job_for_the_person_who_submitted_it() {
    let server = serve();
    let ask = |more: &[&str]| on(&server, Host::MachineLearningJob, more);
    let ended = ask(&["--credential", "azure-ml-on-behalf-of"]);
    let token = ended.json();
    assert_eq!(token["source"], "azure-ml-on-behalf-of", "{ended:?}");
    assert_eq!(
        (&token["identity"]["type"], &token["identity"]["username"]),
        (&"user".into(), &world::USER.into())
    );
    // Elsewhere it is absent, and says why; a chain goes on.
    let elsewhere = |credential: &str| {
        let mut command = as_app(&server);
        command.args(ASK).args(["--error-format", "json", "--credential", credential]);
        run(command, Vec::<String>::new())
    };
    let absent = elsewhere("azure-ml-on-behalf-of");
    assert_eq!((absent.code, &absent.error()["error"]), (3, &"unavailable".into()), "{absent:?}");
    let remedy = absent.error()["remedy"].as_str().unwrap().to_owned();
    assert!(["user_identity", "pipeline", "studio"].iter().all(|reason| remedy.contains(reason)), "{remedy}");
    assert_eq!(elsewhere("azure-ml-on-behalf-of,client-secret").json()["source"], "client-secret");
    let demanded = ask(&[
        "--credential",
        "azure-ml-on-behalf-of",
        "--claims",
        r#"{"access_token":{"acrs":{"essential":true,"values":["p1"]}}}"#,
    ]);
    assert_eq!(
        (demanded.code, &demanded.error()["error"]),
        (4, &"interaction-required".into()),
        "{demanded:?}"
    );
    let unused = ask(&["--credential", "azure-ml-on-behalf-of", "--client-id", world::APP]);
    assert_eq!(unused.code, 2, "{unused:?}");
}
