//! Microsoft's identity library for Python against the emulator that our own tests rely on.

mod support;

use std::process::Command;

use entrada_emulator::serve::{Options, Server};
use entrada_emulator::{Config, world};

#[test]
fn azure_identity_for_python() {
    let Some(python) = std::env::var_os("ENTRADA_PYTHON") else {
        eprintln!("SKIPPED: ENTRADA_PYTHON names no Python with azure-identity");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let options = Options {
        http: Some(([127, 0, 0, 1], 0).into()),
        https: true,
        ca_dir: Some(folder.path().to_owned()),
        ..Options::default()
    };
    let mut config = Config::default();
    config.policy.device_interval = 1;
    let server = Server::start(config, [7; 32], options).unwrap();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/suite/interop/azure_identity.py");
    let output = Command::new(python)
        .arg(script)
        .args([server.http_url().unwrap(), server.https_url().unwrap()])
        .arg(server.ca_path().unwrap())
        .args([world::TENANT, world::APP, world::SECRET, world::USER_IDENTITY])
        .output()
        .unwrap();
    let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && stdout.contains("azure-identity agrees"), "{stdout}\n{stderr}");
}
