//! Everything that the command prints, most talkative and in every form, searched for what must not be
//! seen. Each run of the other tests is searched for the secrets of the ready-made world too: see
//! `support`.

#![cfg(unix)]

mod support;

use std::process::{Child, Command, Stdio};

use entrada_core::effect::HttpRequest;
use entrada_emulator::person::Person;
use entrada_emulator::serve::Server;
use entrada_emulator::{Config, world};
use support::{Ended, as_app, at, emulator, run, tool};

const RESOURCE: [&str; 2] = ["--resource", "https://management.azure.com"];

/// Everything secret that the emulator has given out.
fn given_out(server: &Server) -> Vec<String> {
    server.with(|emulator| {
        let codes = emulator.codes().chain(emulator.device_codes()).chain(emulator.refresh_tokens());
        codes.map(str::to_owned).collect()
    })
}

fn start(mut command: Command, credential: &str) -> Child {
    command
        .args(["-vv", "--timeout", "60", "token", "--credential", credential, "-o", "json"])
        .args(RESOURCE)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the command starts")
}

/// One request as the person's browser makes it, to the emulator itself and to the command's listener.
fn browse(server: &Server) -> impl FnMut(HttpRequest) -> Result<entrada_core::effect::HttpResponse, String> {
    let host = support::address(server);
    move |request| {
        let uri = request.uri().to_string();
        assert!(uri.starts_with(&host) || uri.starts_with("http://localhost:"), "{uri}");
        let mut call = http::Request::builder().method(request.method()).uri(uri);
        for (name, value) in request.headers() {
            call = call.header(name, value);
        }
        let call = call.body(request.body().expose().to_vec()).map_err(|error| error.to_string())?;
        let agent = ureq::Agent::config_builder().http_status_as_error(false).max_redirects(0);
        let agent: ureq::Agent = agent.max_redirects_will_error(false).build().into();
        let (head, mut body) = agent.run(call).map_err(|error| error.to_string())?.into_parts();
        let bytes = body.read_to_vec().map_err(|error| error.to_string())?;
        Ok(http::Response::from_parts(head, bytes.into()))
    }
}

#[test]
fn an_interactive_sign_in_shows_nothing() {
    let server = emulator(Config::default());
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("address");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let script = tool(folder.path(), "browser", &format!("printf %s \"$1\" > '{}'", pipe.display()));
    let mut command = at(&server);
    command.env("BROWSER", script);
    let child = start(command, "interactive-browser");
    let address = std::fs::read_to_string(&pipe).unwrap();
    let mut browse = browse(&server);
    let arrival = Person::default().sign_in(&address, &mut browse).unwrap();
    let back = http::Request::builder()
        .method(arrival.method)
        .uri(arrival.url)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(arrival.body)
        .unwrap();
    assert!(browse(back).unwrap().status().is_success());
    let ended = Ended::of(&child.wait_with_output().unwrap());
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    let query = url_query(&address);
    assert!(query.len() == 2, "state and nonce");
    ended.keeps(query);
    let secrets = given_out(&server);
    assert!(secrets.len() >= 2, "a code and a refresh token");
    ended.keeps(secrets);
}

/// The values of an address that must not be seen.
fn url_query(address: &str) -> Vec<String> {
    let query = address.split_once('?').map_or("", |(_, query)| query);
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs.filter(|(name, _)| matches!(*name, "state" | "nonce")).map(|(_, value)| value.to_owned()).collect()
}

#[test]
fn a_device_code_shows_nothing_but_the_code_to_type() {
    use std::io::{BufRead as _, BufReader, Read as _};
    let mut config = Config::default();
    config.policy.device_interval = 1;
    let server = emulator(config);
    let mut child = start(at(&server), "device-code");
    let mut lines = BufReader::new(child.stderr.take().unwrap());
    let mut told = String::new();
    let typed = loop {
        assert_ne!(lines.read_line(&mut told).unwrap(), 0, "{told}");
        let device = server.with(|emulator| emulator.device_codes().next().map(str::to_owned));
        let typed = device.and_then(|device| server.with(|e| e.user_code(&device).map(str::to_owned)));
        if let Some(typed) = typed.filter(|typed| told.contains(typed.as_str())) {
            break typed;
        }
    };
    let line = told.lines().find(|line| line.contains(&typed)).unwrap();
    let page = line.split_whitespace().find(|word| word.starts_with("http")).unwrap();
    Person::default().approve_device(page, &typed, browse(&server)).unwrap();
    lines.read_to_string(&mut told).unwrap();
    let mut ended = Ended::of(&child.wait_with_output().unwrap());
    assert_eq!(ended.code, 0, "{told}");
    ended.stderr = told;
    assert!(!ended.stderr.contains("eyJ"));
    ended.keeps(given_out(&server));
}

#[test]
fn calls_and_refusals_show_nothing() {
    let server = emulator(Config::default());
    let names = ["-s", world::SUBSCRIPTION, "-g", world::RESOURCE_GROUP];
    let show: Vec<_> =
        ["-vv", "workspace", "show", "-w", world::WORKSPACE].into_iter().chain(names).collect();
    let list: Vec<_> = ["-vv", "workspace", "list"].into_iter().chain(names).collect();
    for arguments in [show, list, vec!["-vv", "demo"]] {
        let ended = run(as_app(&server), &arguments);
        assert_eq!(ended.code, 0, "{}", ended.stderr);
        assert!(!ended.stdout.contains("eyJ"), "a token among results");
    }
    let mut wrong = as_app(&server);
    wrong.env("AZURE_CLIENT_SECRET", "canary-of-a-wrong-secret");
    let ended = run(wrong, ["-vv", "token", "--error-format", "json"].into_iter().chain(RESOURCE));
    assert_eq!(ended.code, 1);
    ended.keeps(["canary-of-a-wrong-secret"]);
}
