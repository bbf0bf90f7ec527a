//! The command as users run it, against an emulator on real sockets.

#![allow(dead_code, reason = "each test program uses its part")]

pub(crate) mod asking;
pub(crate) mod webdriver;

use std::convert::Infallible;
use std::ffi::OsStr;
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;
use std::thread;

use entrada_core::claims::Claims;
use entrada_core::{Secret, pkce};
use entrada_emulator::person::Person;
use entrada_emulator::serve::{Options, Server};
use entrada_emulator::{Config, world};
use serde_json::Value;

/// An emulator for one test.
pub(crate) fn emulator(config: Config) -> Server {
    let options = Options { http: Some(([127, 0, 0, 1], 0).into()), ..Options::default() };
    Server::start(config, [7; 32], options).expect("the emulator starts")
}

pub(crate) fn address(server: &Server) -> String {
    server.http_url().expect("it serves http")
}

/// The command with nothing of this machine in its environment but a PATH without tools.
pub(crate) fn entrada() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_entrada"));
    command.env_clear().env("PATH", "/nowhere").env("TZ", "UTC").stdin(Stdio::null());
    command.current_dir(std::env::temp_dir());
    if cfg!(windows) {
        // Without it Windows has no sockets and starts no programs.
        command.env("SYSTEMROOT", std::env::var_os("SYSTEMROOT").expect("Windows tells it"));
        command.env("ProgramData", r"C:\ProgramData");
    }
    command
}

/// For `AZURE_POD_IDENTITY_AUTHORITY_HOST`, where this machine's own metadata service must not be asked: a proxy that
/// says, as Docker Desktop's does, that there is none.
pub(crate) fn no_metadata_service() -> &'static str {
    static ADDRESS: OnceLock<String> = OnceLock::new();
    ADDRESS.get_or_init(|| {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("there is a free port");
        let address = listener.local_addr().expect("it has an address");
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // Whoever hangs up before the answer does not need it.
                let _ = say_unreachable(stream);
            }
        });
        format!("http://{address}")
    })
}

fn say_unreachable(mut stream: TcpStream) -> io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?).lines();
    while lines.next().transpose()?.is_some_and(|line| !line.is_empty()) {}
    let text =
        "dial tcp 169.254.169.254:80: connectex: A socket operation was attempted to an unreachable network.";
    let length = text.len();
    write!(
        stream,
        "HTTP/1.1 403 Forbidden\r\nContent-Type: text/plain\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{text}"
    )
}

/// The same, pointed at an emulator.
pub(crate) fn at(server: &Server) -> Command {
    let mut command = entrada();
    command.env("ENTRADA_EMULATOR", address(server));
    command
}

/// The same, with the service principal of the ready-made world.
pub(crate) fn as_app(server: &Server) -> Command {
    let mut command = at(server);
    command
        .env("AZURE_TENANT_ID", world::TENANT)
        .env("AZURE_CLIENT_ID", world::APP)
        .env("AZURE_CLIENT_SECRET", world::SECRET);
    command
}

/// An emulator that serves https too; the command has to trust its CA: see [`at_https`].
pub(crate) fn secure_emulator() -> Server {
    let options = Options { https: true, ..Options::default() };
    Server::start(Config::default(), [7; 32], options).expect("the emulator starts")
}

/// The command, pointed at the https of an emulator.
pub(crate) fn at_https(server: &Server) -> Command {
    let mut command = entrada();
    command
        .env("ENTRADA_EMULATOR", server.https_url().expect("it serves https"))
        .env("SSL_CERT_FILE", server.ca_path().expect("it has a CA"));
    command
}

/// A code as it comes back to the app after a person signed in.
pub(crate) fn code(server: &Server, client: &str, redirect_uri: &str, verifier: Option<&str>) -> String {
    let mut parameters = vec![
        ("client_id", client.to_owned()),
        ("response_type", "code".to_owned()),
        ("redirect_uri", redirect_uri.to_owned()),
        ("scope", format!("{} openid profile offline_access", world::MANAGEMENT_SCOPE)),
    ];
    if let Some(verifier) = verifier {
        parameters.push(("code_challenge", pkce::challenge(&Secret::new(verifier))));
        parameters.push(("code_challenge_method", "S256".to_owned()));
    }
    let page = format!("{}/{}/oauth2/v2.0/authorize", address(server), world::TENANT);
    code_of(server, &page, &parameters, &Person::default())
}

/// A code as this page with these parameters gives it to somebody.
pub(crate) fn code_of(server: &Server, page: &str, parameters: &[(&str, String)], person: &Person) -> String {
    let query: Vec<_> = parameters.iter().map(|(name, value)| format!("{name}={}", escaped(value))).collect();
    let start = format!("{page}?{}", query.join("&"));
    let send = |request| Ok::<_, Infallible>(server.with(|emulator| emulator.answer(server.now(), &request)));
    person.sign_in(&start, send).unwrap().parameter("code").unwrap()
}

fn escaped(text: &str) -> String {
    text.bytes()
        .map(|b| {
            if b.is_ascii_alphanumeric() || b == b'-' {
                char::from(b).to_string()
            } else {
                format!("%{b:02X}")
            }
        })
        .collect()
}

/// A folder with files, for options that take files.
pub(crate) struct Files(tempfile::TempDir);

impl Files {
    pub(crate) fn new() -> Files {
        Files(tempfile::tempdir().expect("a folder"))
    }

    /// Writes a file and gives its path, as an argument.
    pub(crate) fn put(&self, name: &str, contents: impl AsRef<[u8]>) -> String {
        let path = self.path(name);
        std::fs::write(&path, contents).expect("the file can be written");
        path
    }

    pub(crate) fn path(&self, name: &str) -> String {
        self.0.path().join(name).display().to_string()
    }

    /// Runs OpenSSL in the folder.
    pub(crate) fn openssl<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) {
        let output = Command::new("openssl").args(arguments).current_dir(self.0.path()).output();
        let output = output.expect("these tests need the `openssl` command");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
}

/// Words of a text, for arguments without blanks.
pub(crate) fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split_whitespace()
}

/// A line of the key in a PEM file.
pub(crate) fn key_line(pem: &str) -> &str {
    let key = pem.split_once("PRIVATE KEY-----").map_or("", |(_, rest)| rest.trim_start());
    key.lines().next().unwrap_or_default()
}

/// Whether a text holds a part of a token. Claims that are demanded are no secret, and in base64 begin as tokens do.
fn holds_a_token(text: &str) -> bool {
    let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || "+/-_".contains(c)));
    words.filter(|word| word.contains("eyJ")).any(|word| {
        let claims = Claims::from_challenge(word).map(|claims| claims.to_json());
        !claims.is_some_and(|claims| claims.starts_with(r#"{"access_token":{"#))
    })
}

/// How a command ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ended {
    pub(crate) fn of(output: &Output) -> Ended {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("it prints UTF-8");
        let ended = Ended {
            code: output.status.code().unwrap_or(-1),
            stdout: text(&output.stdout),
            stderr: text(&output.stderr),
        };
        ended.keeps([
            world::SECRET,
            world::PASSWORD,
            world::MFA_PASSWORD,
            world::API_SECRET,
            world::CERTIFICATE_PFX_PASSWORD,
            world::SYSTEM_ACCESS_TOKEN,
        ]);
        // However it is escaped.
        assert!(world::FEDERATED_PASSWORD.starts_with("one < two"));
        ended.keeps(["one < two", "one &lt; two", "one%20%3C", "one+%3C"]);
        ended.keeps([world::CERTIFICATE_PEM, world::RENEWED_CERTIFICATE_PEM].map(key_line));
        // Tokens are results: nothing else that is printed holds one.
        assert!(!holds_a_token(&ended.stderr), "a token on standard error");
        ended
    }

    /// Fails if one of these secrets was printed.
    pub(crate) fn keeps<S: AsRef<str>>(&self, secrets: impl IntoIterator<Item = S>) {
        for secret in secrets {
            let secret = secret.as_ref();
            assert!(!secret.is_empty());
            assert!(!self.stdout.contains(secret) && !self.stderr.contains(secret), "a secret was printed");
        }
    }

    /// Standard output as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// Standard error's last line as JSON.
    pub(crate) fn error(&self) -> Value {
        let line = self.stderr.lines().last().unwrap_or_default();
        serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

pub(crate) fn run<A: AsRef<OsStr>>(mut command: Command, arguments: impl IntoIterator<Item = A>) -> Ended {
    Ended::of(&command.args(arguments).output().expect("the command starts"))
}

/// Runs a command with this text on its standard input.
pub(crate) fn run_with_input<A: AsRef<OsStr>>(
    mut command: Command,
    arguments: impl IntoIterator<Item = A>,
    input: &str,
) -> Ended {
    let command = command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the command starts");
    let mut stdin = child.stdin.take().expect("it has an input");
    stdin.write_all(input.as_bytes()).expect("it reads its input");
    drop(stdin);
    Ended::of(&child.wait_with_output().expect("it ends"))
}

/// Runs a command that asks for a sign-in on another device, as this person.
pub(crate) fn on_device(server: &Server, mut command: Command, arguments: &[&str], person: &Person) -> Ended {
    let command = command.args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the command starts");
    let mut told = BufReader::new(child.stderr.take().expect("it is piped"));
    let mut prompt = String::new();
    told.read_line(&mut prompt).expect("it prompts");
    let words: Vec<_> = prompt.split_whitespace().collect();
    let page = words.iter().find(|word| word.starts_with("http")).expect("the prompt names a page");
    let after = words.iter().position(|word| *word == "code").expect("the prompt names a code");
    let send = |request| Ok::<_, Infallible>(server.with(|emulator| emulator.answer(server.now(), &request)));
    person.approve_device(page, words[after + 1].trim_end_matches('.'), send).expect("the page takes it");
    let mut rest = String::new();
    told.read_to_string(&mut rest).expect("it ends");
    let ended = Ended::of(&child.wait_with_output().expect("it ends"));
    Ended { stderr: rest, ..ended }
}

/// A program named `name` in a folder of its own, for PATH.
#[cfg(unix)]
pub(crate) fn tool(folder: &std::path::Path, name: &str, script: &str) -> std::path::PathBuf {
    use std::os::unix::fs::PermissionsExt as _;
    let path = folder.join(name);
    std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).expect("the script can be written");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755))
        .expect("it can be made a program");
    path
}
