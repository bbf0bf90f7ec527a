//! `entrada workspace keys` and `entrada endpoint`.

use entrada_emulator::serve::Server;
use entrada_emulator::{Config, world};
use serde_json::json;

use crate::ask;
use crate::support::{address, as_app, emulator, entrada, run, run_with_input};

#[test]
fn the_keys_of_a_workspace() {
    let server = emulator(Config::default());
    let ended = ask(&server, &["workspace", "keys", "-o", "json"]);
    let keys = ended.json();
    let storage = keys["storage_key"].as_str().unwrap().to_owned();
    assert!(storage.starts_with("emulated-key-"), "{ended:?}");
    assert_eq!(keys["registry_passwords"].as_object().unwrap().len(), 2, "{ended:?}");
    let table = ask(&server, &["workspace", "keys"]);
    assert!(table.stdout.contains(&storage) && !table.stderr.contains(&storage), "{table:?}");
    // With every step told, no key is.
    let told = ask(&server, &["workspace", "keys", "-vv", "-o", "json"]);
    assert!(told.stderr.contains("listKeys") && !told.stderr.contains("emulated-key-"), "{told:?}");
}

/// What an endpoint says when it is called with this.
fn score(server: &Server, endpoint: &str, header: &str) -> u16 {
    let (name, value) = header.trim().split_once(": ").unwrap();
    let request = http::Request::post(format!("{}/score/{endpoint}", address(server)))
        .header(name, value)
        .body(entrada_core::SecretBytes::new("{}"))
        .unwrap();
    server.with(|emulator| emulator.answer(server.now(), &request)).status().as_u16()
}

#[test]
fn what_an_endpoint_is_called_with() {
    let server = emulator(Config::default());
    let listed = ask(&server, &["endpoint", "list", "-o", "json"]).json();
    assert_eq!(listed.as_array().unwrap().len(), world::ENDPOINTS.len(), "{listed}");
    for (name, mode) in world::ENDPOINTS {
        let shown = ask(&server, &["endpoint", "show", name]);
        assert!(shown.stdout.contains("Succeeded"), "{shown:?}");
        let header = ask(&server, &["endpoint", "auth", name, "-o", "header"]);
        assert_eq!(header.code, 0, "{header:?}");
        assert_eq!(score(&server, name, &header.stdout), 200, "{name} {mode}");
        // What is for one endpoint is for no other.
        let other = world::ENDPOINTS.iter().find(|(other, _)| *other != name).unwrap().0;
        assert_eq!(score(&server, other, &header.stdout), 401, "{name} at {other}");
    }
    let document = |name: &str| ask(&server, &["endpoint", "auth", name]).json();
    assert_eq!(document("score-key")["primary_key"], world::ENDPOINT_KEY);
    let token = document("score-aml");
    assert!(token["refresh_on"].as_i64().unwrap() < token["expires_on"].as_i64().unwrap(), "{token}");
    // Exactly the audience of the data plane; with a slash at its end the endpoint refuses the token.
    let entra = document("score-entra")["access_token"].as_str().unwrap().to_owned();
    let claims = run_with_input(entrada(), ["decode"], &entra).json()["claims"].clone();
    assert_eq!(claims["aud"], "https://ml.azure.com");
    let slashed =
        run(as_app(&server), ["token", "--scope", "https://ml.azure.com//.default", "-o", "header"]);
    assert_eq!(score(&server, "score-entra", &slashed.stdout), 401, "{slashed:?}");
    assert!(slashed.stderr.contains("https://ml.azure.com/.default"), "{slashed:?}");
    let missing = ask(&server, &["endpoint", "auth", "nosuch"]);
    assert_eq!((missing.code, &missing.error()["code"]), (1, &json!("ResourceNotFound")), "{missing:?}");
    assert_eq!(ask(&server, &["endpoint", "show", "../x"]).code, 2);
}

#[test]
fn one_key_of_an_endpoint_is_made_anew_and_the_other_stays() {
    let server = emulator(Config::default());
    let keys = || {
        let document = ask(&server, &["endpoint", "auth", "score-key"]).json();
        ["primary_key", "secondary_key"].map(|name| document[name].as_str().unwrap().to_owned())
    };
    let header = |key: &str| format!("Authorization: Bearer {key}");
    let anew = |more: &[&str]| ask(&server, &[&["endpoint", "regenerate-key"], more].concat());
    let before = keys();
    assert_eq!(score(&server, "score-key", &header(&before[1])), 200);
    let new = anew(&["score-key", "--key", "secondary", "-o", "raw"]);
    assert_eq!((new.code, new.stdout.trim()), (0, &*keys()[1]), "{new:?}");
    assert_eq!(keys()[0], before[0], "the other one stays");
    assert_eq!([&before[1], &keys()[1]].map(|key| score(&server, "score-key", &header(key))), [401, 200]);
    let new = anew(&["score-key", "--key", "primary"]);
    assert_eq!(new.json()["primary_key"], keys()[0], "{new:?}");
    assert_ne!(keys()[0], before[0]);
    // Which one is never guessed; where there are no keys, none is made.
    assert_eq!(anew(&["score-key"]).code, 2);
    let none = anew(&["score-aml", "--key", "primary"]);
    assert!(none.code == 1 && none.stdout.is_empty(), "{none:?}");
}

/// Whoever cannot be shown the new key is told that there is one.
#[cfg(target_os = "linux")]
#[test]
fn a_new_key_that_cannot_be_printed_is_told_of() {
    let server = emulator(Config::default());
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let mut command = as_app(&server);
    command.args(["endpoint", "regenerate-key", "score-key", "--key", "primary", "--error-format", "json"]);
    command.args(crate::NAMES);
    let child = command.stdout(full).stderr(std::process::Stdio::piped()).spawn().unwrap();
    let error = crate::support::Ended::of(&child.wait_with_output().unwrap()).error();
    assert!(error["message"].as_str().unwrap().contains("the endpoint has the new key"), "{error}");
    assert!(error["remedy"].as_str().unwrap().contains("entrada endpoint auth score-key"), "{error}");
}
