//! A real browser signs in through the emulator's pages to a running command.

#![cfg(unix)]

mod support;

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Command, Stdio};

use entrada_emulator::{Config, world};
use support::webdriver::Browser;
use support::{Ended, at, emulator, tool};

#[test]
fn signs_in_interactively() {
    let Some(browser) = Browser::start() else { return };
    let server = emulator(Config::default());
    let folder = tempfile::tempdir().unwrap();
    // The command's browser is a script that passes the address on to the test.
    let pipe = folder.path().join("address");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let script = tool(folder.path(), "browser", &format!("printf %s \"$1\" > '{}'", pipe.display()));

    let child = at(&server)
        .env("BROWSER", script)
        .args(["token", "--credential", "interactive-browser", "--resource", "https://management.azure.com"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut address = String::new();
    std::fs::File::open(&pipe).unwrap().read_to_string(&mut address).unwrap();

    browser.visit(&address);
    browser.picture("1-sign-in");
    browser.type_into("input[name=username]", world::USER);
    browser.type_into("input[name=password]", "wrong");
    browser.click("#signin");
    browser.picture("2-wrong-password");
    browser.expect("AADSTS50126");
    browser.type_into("input[name=password]", world::PASSWORD);
    browser.click("#signin");
    browser.expect("Signed in");
    browser.picture("3-signed-in");

    let ended = Ended::of(&child.wait_with_output().unwrap());
    assert_eq!(ended.code, 0, "{ended:?}");
    let token = ended.json();
    assert_eq!(token["source"], "interactive-browser");
    assert_eq!(token["identity"]["username"], world::USER);
    assert_eq!(token["tenant"], world::TENANT);
}

#[test]
fn approves_a_device_code() {
    let Some(browser) = Browser::start() else { return };
    let mut config = Config::default();
    config.policy.device_interval = 1;
    let server = emulator(config);
    let mut child = at(&server)
        .args(["token", "--credential", "device-code", "--resource", "https://management.azure.com"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut prompt = String::new();
    BufReader::new(child.stderr.take().unwrap()).read_line(&mut prompt).unwrap();
    let words: Vec<_> = prompt.split_whitespace().collect();
    let page = words.iter().find(|word| word.starts_with("http")).expect("the prompt names a page");
    let after = words.iter().position(|word| *word == "code").expect("the prompt names a code");
    let code = words[after + 1].trim_end_matches('.');

    browser.visit(page);
    browser.type_into("input[name=otc]", code);
    browser.picture("4-device-code");
    browser.click("form button");
    browser.type_into("input[name=username]", world::USER);
    browser.type_into("input[name=password]", world::PASSWORD);
    browser.picture("5-device-sign-in");
    browser.click("#approve");
    let ended = Ended::of(&child.wait_with_output().unwrap());
    browser.picture("6-device-done");
    assert_eq!(ended.code, 0, "{ended:?}\n{}", browser.page());
    let token = ended.json();
    assert_eq!(
        (&token["source"], &token["identity"]["username"]),
        (&"device-code".into(), &world::USER.into())
    );
}
