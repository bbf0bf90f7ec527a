//! From process start to token: `entrada token` next to a bare ureq POST, in turn, against the same
//! local authority; and `entrada token` with a token that is kept, in encrypted files (the default) and in plain
//! ones, next to `entrada --version`. Prints medians and the median of the pairwise ratios. Exits with 1 where one
//! is over its limit.
//!
//! The key of encrypted files comes from wherever this machine keeps it: the kernel's keyring, where it has one.
//!
//! `cargo bench -p entrada-cli --bench cold_start`; with `ENTRADA_BIN` naming another build of the command,
//! that one is measured.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use entrada_emulator::serve::{Options, Server};
use entrada_emulator::{Config, world};

const PAIRS: usize = 101;

fn main() {
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    let bare = built_example();
    let options = Options { http: Some(([127, 0, 0, 1], 0).into()), ..Options::default() };
    let server = Server::start(Config::default(), [7; 32], options).expect("the emulator starts");
    let address = server.http_url().expect("it serves http");

    let built = std::env::var_os("ENTRADA_BIN").unwrap_or_else(|| env!("CARGO_BIN_EXE_entrada").into());
    let mut entrada = Command::new(&built);
    entrada
        .args(["token", "--credential", "client-secret", "--resource", "https://management.azure.com"])
        .env("ENTRADA_EMULATOR", &address)
        .env("AZURE_TENANT_ID", world::TENANT)
        .env("AZURE_CLIENT_ID", world::APP)
        .env("AZURE_CLIENT_SECRET", world::SECRET);
    let body = format!(
        "client_id={}&client_secret={}&grant_type=client_credentials&scope={}",
        world::APP,
        world::SECRET,
        world::MANAGEMENT_SCOPE
    );
    let mut peer = Command::new(bare);
    peer.args([format!("{address}/{}/oauth2/v2.0/token", world::TENANT), body]);

    let mut over = compare(["entrada token", "bare ureq POST"], &mut entrada, &mut peer, 1.3);

    entrada.arg("--keep-app-tokens");
    for (name, protection) in [("kept, encrypted", "encrypted"), ("kept, plain", "plaintext")] {
        let home = tempfile::tempdir().expect("a folder");
        entrada.env("HOME", home.path()).env("ENTRADA_TOKEN_CACHE", protection);
        entrada.env_remove("XDG_CACHE_HOME");
        time(&mut entrada);
        let asked = server.with(|emulator| emulator.token_requests());
        let mut version = Command::new(&built);
        over += compare([name, "entrada --version"], &mut entrada, version.arg("--version"), 1.5);
        let since = server.with(|emulator| emulator.token_requests()) - asked;
        assert_eq!(since, 0, "a token that is kept is not asked for");
    }
    std::process::exit(i32::from(over > 0));
}

/// Times both in turn; gives how many of them are over the limit, one or none.
fn compare([name, peer_name]: [&str; 2], ours: &mut Command, peer: &mut Command, limit: f64) -> usize {
    time(ours);
    time(peer);
    let pairs: Vec<_> = (0..PAIRS).map(|_| (time(ours), time(peer))).collect();
    let milliseconds = |took: Duration| took.as_secs_f64() * 1e3;
    let mine = median(pairs.iter().map(|(ours, _)| milliseconds(*ours)).collect());
    let theirs = median(pairs.iter().map(|(_, theirs)| milliseconds(*theirs)).collect());
    let ratio =
        median(pairs.iter().map(|(ours, theirs)| ours.as_secs_f64() / theirs.as_secs_f64()).collect());
    println!("{name:<20} {mine:6.2} ms (median of {PAIRS})");
    println!("{peer_name:<20} {theirs:6.2} ms");
    let verdict = if ratio < limit { "" } else { ": NOT REACHED" };
    println!(
        "ratio                {ratio:6.2}   (median of the pairwise ratios; to stay below {limit}){verdict}"
    );
    usize::from(ratio >= limit)
}

fn built_example() -> std::path::PathBuf {
    let status = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--release", "-p", "entrada-cli", "--example", "bare_post"])
        .status()
        .expect("cargo starts");
    assert!(status.success(), "the peer builds");
    let target = std::path::Path::new(env!("CARGO_BIN_EXE_entrada")).parent().expect("a folder");
    target.join("examples").join("bare_post")
}

fn time(command: &mut Command) -> Duration {
    let began = Instant::now();
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().expect("it starts");
    let took = began.elapsed();
    assert!(output.status.success() && !output.stdout.is_empty(), "it prints something");
    took
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
