//! What the page of an interactive sign-in is told: the account, its domain, and what it has to ask.

#![cfg(unix)]

mod support;

use std::process::{Command, Stdio};

use entrada_emulator::Config;
use entrada_emulator::serve::Server;
use support::{Ended, at, emulator, run, tool, words};

const ASK: &str = "token --resource https://management.azure.com --credential interactive-browser";

/// The address that the browser is opened with.
fn opened(server: &Server, options: &str) -> http::Uri {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("address");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let script = tool(folder.path(), "browser", &format!("printf %s \"$1\" > '{}'", pipe.display()));
    let mut command = at(server);
    command.env("BROWSER", script).args(words(ASK)).args(words(options));
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let address = std::fs::read_to_string(&pipe).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    address.parse().unwrap()
}

/// The hints among its parameters, in order.
fn hints(address: &http::Uri) -> Vec<&str> {
    let told = |parameter: &&str| {
        ["prompt=", "login_hint=", "domain_hint="].iter().any(|name| parameter.starts_with(name))
    };
    let mut hints: Vec<_> = address.query().unwrap_or_default().split('&').filter(told).collect();
    hints.sort_unstable();
    hints
}

#[test]
fn the_page_is_told() {
    let server = emulator(Config::default());
    for (options, told) in [
        ("", &["prompt=select_account"][..]),
        ("--login-hint jo", &["login_hint=jo"]),
        ("--login-hint jo --prompt login", &["login_hint=jo", "prompt=login"]),
        ("--prompt consent", &["prompt=consent"]),
        ("--prompt none --domain-hint contoso.com", &["domain_hint=contoso.com", "prompt=none"]),
        ("--domain-hint organizations", &["domain_hint=organizations", "prompt=select_account"]),
    ] {
        assert_eq!(hints(&opened(&server, options)), told, "{options}");
    }
}

#[test]
fn a_prompt_that_there_is_not() {
    let server = emulator(Config::default());
    let ended: Ended = run(at(&server), words(ASK).chain(words("--prompt sometimes")));
    assert_eq!(ended.code, 2, "{ended:?}");
    assert!(ended.stderr.contains("select_account"), "{ended:?}");
}
