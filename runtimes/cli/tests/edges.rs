//! The command at its edges: options that mean something everywhere, interrupts, closed outputs, limits.

#![cfg(unix)]

mod support;

use std::ffi::OsString;
use std::io::{Read as _, Write as _};
use std::os::unix::ffi::OsStringExt as _;
use std::process::{Command, Stdio};

use entrada_emulator::{Config, world};
use support::{Ended, as_app, at, emulator, entrada, run, run_with_input, tool};

const ASK: [&str; 3] = ["token", "--resource", "https://management.azure.com"];

#[test]
fn options_come_before_variables_in_every_credential() {
    let server = emulator(Config::default());
    for credential in ["default", "environment", "client-secret"] {
        let run = |more: &[&str]| {
            run(
                as_app(&server),
                ASK.into_iter().chain(["--credential", credential]).chain(more.iter().copied()),
            )
        };
        assert_eq!(run(&[]).code, 0, "{credential}");
        let tenant = run(&["--tenant-id", "00000000-0000-0000-0000-000000000001"]);
        assert_eq!(tenant.code, 1, "{credential}: {tenant:?}");
        assert_eq!(run(&["--client-secret-file", "/nowhere"]).code, 2, "{credential}");
        let other = run(&["--request-tenant", "other.example", "--additionally-allowed-tenant", "*"]);
        assert_ne!(other.code, 2, "{credential}: the tenant was allowed: {other:?}");
    }
    let identity = format!("client-id:{}", world::USER_IDENTITY);
    let managed = run(at(&server), ASK.into_iter().chain(["--identity", &identity]));
    assert_eq!(managed.json()["identity"]["clientId"], world::USER_IDENTITY, "{managed:?}");
}

#[test]
fn an_option_for_another_credential_is_a_mistake() {
    let server = emulator(Config::default());
    for option in [
        ["--redirect-uri", "http://localhost"],
        ["--identity", "system"],
        ["--login-hint", "a"],
        ["--subscription", "s"],
    ] {
        let ended =
            run(as_app(&server), ASK.into_iter().chain(["--credential", "client-secret"]).chain(option));
        assert_eq!(ended.code, 2, "{ended:?}");
        assert!(ended.stderr.contains(option[0]));
    }
}

#[test]
fn workspace_show_asks_for_one_token() {
    let server = emulator(Config::default());
    let names = ["-s", world::SUBSCRIPTION, "-g", world::RESOURCE_GROUP, "-w", world::WORKSPACE];
    assert_eq!(run(as_app(&server), ["workspace", "show"].into_iter().chain(names)).code, 0);
    assert_eq!(server.with(|emulator| emulator.token_requests()), 1);
}

#[test]
fn a_result_that_cannot_be_written_is_a_failure_and_a_closed_pipe_is_none() {
    let server = emulator(Config::default());
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = as_app(&server).args(ASK).stdout(full).stderr(Stdio::piped()).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let output = as_app(&server).args(ASK).stdout(writer).stderr(Stdio::piped()).output().unwrap();
    assert_eq!((output.status.code(), output.stderr.len()), (Some(0), 0));
}

#[test]
fn arguments_that_are_not_text_are_a_usage_error() {
    for first in ["decode", "--bogus"] {
        let mut command = entrada();
        command.arg(first).arg(OsString::from_vec(vec![0xff])).args(["--error-format", "json"]);
        assert_eq!(Ended::of(&command.output().unwrap()).error()["error"], "usage");
    }
}

#[test]
fn input_has_a_limit_in_size_and_time() {
    let server = emulator(Config::default());
    let ask = || ASK.into_iter().chain(["--credential", "client-secret", "--client-secret-file", "-"]);
    let long = run_with_input(as_app(&server), ask(), &"x".repeat(100_000));
    assert_eq!(long.code, 2, "{long:?}");
    let (reader, writer) = std::io::pipe().unwrap();
    let mut command = as_app(&server);
    command.args(ask()).args(["--timeout", "0.2", "--error-format", "json"]).stdin(reader);
    let ended = Ended::of(&command.output().unwrap());
    drop(writer);
    assert_eq!((ended.code, ended.error()["error"].as_str()), (5, Some("timeout")), "{ended:?}");
}

#[test]
fn the_commands_limit_is_a_timeout_whoever_was_cut_off() {
    // A port that is listened on and never answered.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", silent.local_addr().unwrap());
    let folder = tempfile::tempdir().unwrap();
    tool(folder.path(), "az", "while :; do :; done");
    for (credential, attempts) in
        [("managed-identity", 0), ("azure-cli", 0), ("environment,managed-identity,azure-cli", 2)]
    {
        let mut command = entrada();
        command.env("AZURE_POD_IDENTITY_AUTHORITY_HOST", &address).env("PATH", folder.path());
        let ended = run(
            command,
            ASK.into_iter().chain(["--credential", credential, "--timeout", "0.3", "--error-format", "json"]),
        );
        let error = ended.error();
        assert_eq!((ended.code, error["error"].as_str()), (5, Some("timeout")), "{credential}: {ended:?}");
        assert_eq!(error["attempts"].as_array().map_or(0, Vec::len), attempts, "{credential}: {ended:?}");
    }
}

#[test]
fn a_tenant_that_is_not_the_authoritys_is_a_mistake() {
    let command = || {
        let mut command = entrada();
        command
            .env("AZURE_CLIENT_ID", "c")
            .env("AZURE_CLIENT_SECRET", "s")
            .env("AZURE_TENANT_ID", "B.example");
        command
    };
    let at = ["--credential", "client-secret", "--authority", "https://contoso.ciamlogin.com/A.example"];
    let configured = run(command(), ASK.into_iter().chain(at));
    let asked_for = ["--tenant-id", "A.example", "--request-tenant", "B.example"];
    let asked_for = run(command(), ASK.into_iter().chain(at).chain(asked_for));
    for ended in [configured, asked_for] {
        assert_eq!(ended.code, 2, "{ended:?}");
        assert!(ended.stderr.contains("A.example") && ended.stderr.contains("B.example"), "{ended:?}");
    }
}

#[test]
fn services_are_told_that_it_is_the_command() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let authority = std::thread::spawn(move || {
        let mut stream = listener.accept().unwrap().0;
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            stream.read_exact(&mut byte).unwrap();
            head.push(byte[0]);
        }
        let body = r#"{"error":"invalid_scope"}"#;
        let length = body.len();
        write!(stream, "HTTP/1.1 400 Bad Request\r\nContent-Length: {length}\r\n\r\n{body}").unwrap();
        String::from_utf8(head).unwrap().to_ascii_lowercase()
    });
    let mut command = entrada();
    command.env("AZURE_TENANT_ID", "t").env("AZURE_CLIENT_ID", "c").env("AZURE_CLIENT_SECRET", "s");
    let options = ["--credential", "client-secret", "--authority", &address, "--allow-http-loopback"];
    assert_eq!(run(command, ASK.into_iter().chain(options)).code, 1);
    let version = env!("CARGO_PKG_VERSION");
    let head = authority.join().unwrap();
    assert!(head.contains(&format!("\r\nuser-agent: entrada-cli/{version} entrada/{version}\r\n")), "{head}");
}

#[test]
fn an_interrupt_ends_it_with_130_and_its_tool_too() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pid");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    tool(folder.path(), "az", &format!("echo $$ > '{}'; while :; do :; done", pipe.display()));
    let mut command = entrada();
    command.env("PATH", folder.path()).args(ASK).args([
        "--credential",
        "azure-cli",
        "--error-format",
        "json",
    ]);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let tool_pid = std::fs::read_to_string(&pipe).unwrap().trim().to_owned();
    let interrupted = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(interrupted.success());
    let ended = Ended::of(&child.wait_with_output().unwrap());
    assert_eq!((ended.code, ended.error()["error"].as_str()), (130, Some("cancelled")), "{ended:?}");
    let state = std::fs::read_to_string(format!("/proc/{tool_pid}/stat")).unwrap_or_default();
    let gone = state.is_empty() || state.rsplit(')').next().is_some_and(|rest| rest.trim().starts_with('Z'));
    assert!(gone, "the tool goes on: {state}");
}

#[test]
fn an_interrupt_ends_a_request_at_once() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let mut command = entrada();
    command
        .env("AZURE_TENANT_ID", "t")
        .env("AZURE_CLIENT_ID", "c")
        .env("AZURE_CLIENT_SECRET", "s")
        .env("ENTRADA_ALLOW_HTTP_LOOPBACK", "1")
        .env("AZURE_AUTHORITY_HOST", format!("http://{}", silent.local_addr().unwrap()))
        .args(ASK)
        .args(["--credential", "client-secret", "--error-format", "json"]);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let _request = silent.accept().unwrap();
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let ended = Ended::of(&child.wait_with_output().unwrap());
    assert_eq!((ended.code, ended.error()["error"].as_str()), (130, Some("cancelled")), "{ended:?}");
}

#[test]
fn decode_takes_what_people_paste_and_tells_no_false_times() {
    let decode = |input: &str| run_with_input(entrada(), ["decode"], input);
    // {"alg":"none"} . {"exp":999999999999999999,"iat":1.5,"name":"\u009b\u202e"}
    let token = "eyJhbGciOiJub25lIn0.eyJleHAiOjk5OTk5OTk5OTk5OTk5OTk5OSwiaWF0IjoxLjUsIm5hbWUiOiLCm-KAriJ9.";
    for input in [token.to_owned(), format!("\u{feff}authorization: bearer {token}\r\n")] {
        let ended = decode(&input);
        let document = ended.json();
        assert_eq!(document["times"], serde_json::json!({"iat": "1970-01-01 00:00:01 +00:00"}), "{ended:?}");
        assert!(!ended.stdout.contains(['\u{9b}', '\u{202e}']), "nothing moves the cursor");
    }
}

#[test]
fn usage_errors_keep_what_was_expected() {
    let ended = run(entrada(), ["token", "--credential", "nonsense", "--error-format", "json"]);
    assert!(ended.error()["message"].as_str().unwrap().contains("client-secret"), "{ended:?}");
    let missing = run(entrada(), ["decode", "--env-file", "/nowhere", "x"]);
    assert_eq!(missing.code, 2);
    assert!(missing.stderr.contains("/nowhere"));
}
