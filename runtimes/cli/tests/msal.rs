//! MSAL for Python and the command on one token cache.

#![cfg(unix)]

mod support;

use std::convert::Infallible;
use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Command, Stdio};

use entrada_emulator::person::Person;
use entrada_emulator::serve::{Options, Server};
use entrada_emulator::{Config, world};

#[test]
fn msal_for_python() {
    let Some(python) = std::env::var_os("ENTRADA_PYTHON") else {
        eprintln!("SKIPPED: ENTRADA_PYTHON names no Python with azure-identity");
        return;
    };
    let mut config = Config::default();
    config.policy.device_interval = 1;
    let server = Server::start(config, [7; 32], Options { https: true, ..Options::default() }).unwrap();
    let home = tempfile::tempdir().unwrap();
    let (https, ca) = (server.https_url().unwrap(), server.ca_path().unwrap());
    let mut child = Command::new(python)
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/suite/interop/msal_cache.py"))
        .arg(&https)
        .arg(ca)
        .args([world::TENANT, world::APP, world::SECRET, world::DEVELOPER_CLIENT, world::USER])
        .arg(env!("CARGO_BIN_EXE_entrada"))
        .arg(home.path().join(".IdentityService/msal.cache.nocae"))
        .env("HOME", home.path())
        .env("ENTRADA_TOKEN_CACHE", "plaintext")
        .env("ENTRADA_EMULATOR", &https)
        .env("SSL_CERT_FILE", ca)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut told = String::new();
    let mut lines = BufReader::new(child.stderr.take().unwrap());
    loop {
        let mut line = String::new();
        if lines.read_line(&mut line).unwrap() == 0 {
            break;
        }
        let words: Vec<_> = line.split_whitespace().collect();
        let code = words.iter().position(|word| *word == "code").and_then(|at| words.get(at + 1));
        if let (Some(page), Some(code)) = (words.iter().find(|word| word.starts_with("http")), code) {
            let send = |request| {
                Ok::<_, Infallible>(server.with(|emulator| emulator.answer(server.now(), &request)))
            };
            Person::default().approve_device(page, code.trim_end_matches('.'), send).unwrap();
        }
        told.push_str(&line);
    }
    let mut said = String::new();
    child.stdout.take().unwrap().read_to_string(&mut said).unwrap();
    assert!(child.wait().unwrap().success() && said.contains("msal agrees"), "{said}\n{told}");
}
