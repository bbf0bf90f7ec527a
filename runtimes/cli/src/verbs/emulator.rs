//! `entrada emulator`.

use std::time::Duration;

use entrada_core::{Error, ErrorKind};
use entrada_emulator::Config;
use entrada_emulator::config::{Host, Replication};
use entrada_emulator::serve::{Options, Server};
use serde_json::{Map, Value, json};

use crate::args::{EmulatorArgs, EmulatorOutput};
use crate::failure::Failure;
use crate::output;
use crate::setup::Setup;
use crate::ui::say;

pub(crate) fn run(setup: &Setup, args: &EmulatorArgs) -> Result<(), Failure> {
    let mut config = match &args.config {
        Some(file) => read_config(file)?,
        None => Config::default(),
    };
    if let Some(seconds) = args.replication {
        config.policy.replication = Replication::of(seconds);
    }
    let options = Options {
        http: Some(std::net::SocketAddr::from(([127, 0, 0, 1], args.port))),
        https: args.https,
        ca_dir: args.ca_dir.clone(),
        https_port: args.https_port,
        hosts: true,
    };
    let server = start(config, options)?;
    say(
        "The emulator plays Microsoft Entra ID, the metadata service and the other hosts of managed identities, Azure",
    );
    say("Resource Manager, Microsoft Graph and the services of Azure Machine Learning here:");
    for (name, address) in [("http", server.http_url()), ("https", server.https_url())] {
        if let Some(address) = address {
            say(&format!("  {name:<6} {address}"));
        }
    }
    if let Some(path) = server.ca_path() {
        say(&format!("  CA     {}", path.display()));
    }
    say("Its users, secrets and keys are public: it is for tests. Interrupt it (Ctrl-C) to end it.\n");
    output::print(&match args.output {
        EmulatorOutput::Env => exports(&server),
        EmulatorOutput::Json => document(&server).to_string(),
    })?;
    // A minute at a time, since a wait has to end somewhere.
    let minute = Duration::from_secs(60);
    loop {
        let nap = setup.given_limit().unwrap_or(minute).min(minute);
        if nap.is_zero() || !setup.interrupts.cancel().sleep(nap) {
            return Ok(());
        }
    }
}

/// The variables of the world, then those of each host, of which one at a time can be taken.
fn exports(server: &Server) -> String {
    let export = |(name, value): (String, String)| format!("export {name}={}", quoted(&value));
    let mut lines: Vec<_> = server.environment().into_iter().map(export).collect();
    for host in Host::ALL {
        lines.push(format!("# to run as on the host {}, alone:", host.prefix()));
        lines
            .extend(server.environment_of(host).into_iter().map(|variable| format!("#{}", export(variable))));
    }
    let keys = server.with(|emulator| emulator.config().hosts.key_folder().to_owned());
    lines.push(format!(
        "# The keys of arc are in {keys}; who reads those in the agent's own folder alone refuses them."
    ));
    lines.join("\n")
}

fn document(server: &Server) -> Value {
    let hosts = Host::ALL
        .map(|host| (host.prefix().to_owned(), Value::from_iter(server.environment_of(host))))
        .into_iter();
    json!({
        "http": server.http_url(),
        "https": server.https_url(),
        "ca": server.ca_path().map(|path| path.display().to_string()),
        "environment": Value::from_iter(server.environment()),
        "hosts": hosts.collect::<Map<_, _>>(),
    })
}

/// Starts the emulator with a seed of its own, so that its codes cannot be guessed from another run.
pub(crate) fn start(config: Config, options: Options) -> Result<Server, Error> {
    let failed =
        |why: String| Error::new(ErrorKind::Configuration, format!("the emulator cannot be started: {why}"));
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).map_err(|error| failed(error.to_string()))?;
    Server::start(config, seed, options).map_err(|error| failed(error.to_string()))
}

fn read_config(file: &std::path::Path) -> Result<Config, Error> {
    let bad = |why: String| {
        Error::new(ErrorKind::Configuration, format!("the world in {} cannot be used: {why}", file.display()))
    };
    let contents = entrada_host::files::read(file, 1 << 20, Duration::from_secs(10))
        .map_err(|failure| bad(failure.to_string()))?;
    serde_json::from_slice(contents.bytes.expose()).map_err(|error| bad(error.to_string()))
}

/// A value as a shell takes it.
fn quoted(value: &str) -> String {
    let plain = value.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~+/:@%=".contains(&b));
    if plain { value.to_owned() } else { format!("'{}'", value.replace('\'', r"'\''")) }
}
