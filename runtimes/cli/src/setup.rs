//! What every verb works with, from the global options and the environment.

use std::io::Read as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use entrada_blocking::{Driver, Terminal, TraceLine};
use entrada_core::arm::ResourceManager;
use entrada_core::call::{Audiences, Dialect, Service};
use entrada_core::dotenv::DotEnv;
use entrada_core::graph::Graph;
use entrada_core::{
    Authority, Cloud, Endpoint, Environment, Error, ErrorKind, PlainHttp, Product, SecretBytes,
};
use entrada_host::store::AzureCliCache;

use crate::args::{AuthorityArgs, Global};
use crate::failure::Failure;
use crate::interrupts::Interrupts;
use crate::kept::Kept;
use crate::progress::Progress;
use crate::ui::say;

/// The environment, the driver and the limits of one command.
pub(crate) struct Setup {
    pub(crate) environment: Environment,
    pub(crate) driver: Driver,
    pub(crate) interrupts: Interrupts,
    pub(crate) progress: Progress,
    pub(crate) http: PlainHttp,
    pub(crate) kept: Arc<Kept>,
    emulator: Option<String>,
    arm: Option<Endpoint>,
    graph: Option<Endpoint>,
    timeout: Option<Duration>,
    began: Instant,
}

impl Setup {
    pub(crate) fn new(global: &Global) -> Result<Setup, Failure> {
        let began = Instant::now();
        let progress = Progress::on_terminal();
        let interrupts = Interrupts::catch(global.error_format, progress.clone())?;
        let mut environment = entrada_host::environment::from_process();
        if let Some(file) = &global.env_file {
            environment = environment.with_dotenv(&read_env_file(file)?);
        }
        let emulator =
            global.emulator.clone().or_else(|| environment.get("ENTRADA_EMULATOR").map(str::to_owned));
        let http = match global.allow_http_loopback || emulator.is_some() {
            true => PlainHttp::OnLoopback,
            false => PlainHttp::from_environment(&environment),
        };
        if let Some(address) = &emulator {
            let endpoint = Endpoint::authority(address, http)?;
            if !endpoint.is_loopback() {
                return Err(Error::new(
                    ErrorKind::Configuration,
                    "the emulator's address is not on this machine",
                )
                .into());
            }
            environment = environment.with("AZURE_POD_IDENTITY_AUTHORITY_HOST", address);
        }
        // An emulator takes the place of every service but of one that an option names.
        let given = |option: &Option<String>, variable: &str| {
            let named = option.as_deref().or(emulator.as_deref()).or(environment.get(variable));
            named.map(|address| Endpoint::authority(address, http)).transpose()
        };
        let arm = given(&global.arm_endpoint, "ENTRADA_ARM_ENDPOINT")?;
        let graph = given(&global.graph_endpoint, "ENTRADA_GRAPH_ENDPOINT")?;
        let kept = Arc::new(Kept::new(global, &environment)?);
        let mut builder = Driver::builder()
            .environment(environment.clone())
            .on_account_of(product()?)
            .ui(Terminal::new(environment.clone()))
            .store(AzureCliCache::of(&environment).beside(Arc::clone(&kept)));
        let verbose = global.verbose;
        if verbose > 0 {
            builder = builder.trace(move |line| trace(line, verbose));
        } else {
            let progress = progress.clone();
            builder = builder.trace(move |line| progress.follow(line));
        }
        Ok(Setup {
            driver: builder.build()?,
            kept,
            interrupts,
            progress,
            http,
            emulator,
            arm,
            graph,
            timeout: global.timeout,
            began,
            environment,
        })
    }

    /// Whether an emulator takes the place of every service.
    pub(crate) fn has_emulator(&self) -> bool {
        self.emulator.is_some()
    }

    /// What is left of the command's time: as given, else by whether a person is asked.
    pub(crate) fn limit(&self, interactive: bool) -> Duration {
        let whole = self.timeout.unwrap_or(Duration::from_secs(if interactive { 900 } else { 120 }));
        whole.saturating_sub(self.began.elapsed())
    }

    /// What is left of the time that was given, if any was.
    pub(crate) fn given_limit(&self) -> Option<Duration> {
        Some(self.timeout?.saturating_sub(self.began.elapsed()))
    }

    /// All of standard input, up to `most` bytes, within the command's time.
    pub(crate) fn standard_input(&self, what: &str, most: usize) -> Result<SecretBytes, Error> {
        let (tell, told) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            let mut bytes = Vec::new();
            let read = std::io::stdin().lock().take(most as u64 + 1).read_to_end(&mut bytes);
            let _ = tell.send(read.map(|_| SecretBytes::new(bytes)));
        });
        let unreadable = |why: &str| format!("{what} cannot be read from standard input: {why}");
        match told.recv_timeout(self.limit(false)) {
            Ok(Ok(bytes)) if bytes.len() > most => {
                Err(Error::new(ErrorKind::Configuration, unreadable("there is too much of it")))
            }
            Ok(Ok(bytes)) => Ok(bytes),
            Ok(Err(error)) => Err(Error::new(ErrorKind::Configuration, unreadable(&error.to_string()))),
            Err(_) => Err(Error::new(ErrorKind::Timeout, unreadable("its end did not come in time"))),
        }
    }

    /// Who issues tokens: the options, the emulator, the environment, the public cloud, in this order.
    pub(crate) fn authority(&self, args: &AuthorityArgs) -> Result<Authority, Error> {
        let given = args.authority.as_deref().or(self.emulator.as_deref());
        let authority = match (args.oidc_authority.as_deref(), given) {
            (Some(issuer), _) => Authority::provider(issuer, self.http)?,
            (None, Some(address)) => Authority::new(address, self.http)?,
            (None, None) => Authority::from_environment(&self.environment, self.http)?,
        };
        Ok(if args.disable_instance_discovery { authority.without_discovery() } else { authority })
    }

    /// The same, or why there is none, where the fault is a variable's, which the credentials that need none do not
    /// mind. What an option says has to be right.
    pub(crate) fn authority_or_why(&self, args: &AuthorityArgs) -> Result<Result<Authority, Error>, Error> {
        let by_option = args.authority.is_some() || args.oidc_authority.is_some();
        match self.authority(args) {
            Err(error) if by_option => Err(error),
            authority => Ok(authority),
        }
    }

    /// Microsoft Graph, of the authority's cloud, or where the options say.
    pub(crate) fn graph(&self, args: &AuthorityArgs) -> Result<Graph, Error> {
        Graph::beside(&self.authority(args)?, self.graph.clone())
    }

    /// Azure Resource Manager, of the authority's cloud, or where the options say.
    pub(crate) fn resource_manager(&self, args: &AuthorityArgs) -> Result<ResourceManager, Error> {
        ResourceManager::beside(&self.authority(args)?, self.arm.clone())
    }

    /// The authority's cloud, where its addresses are needed.
    pub(crate) fn known_cloud(&self, args: &AuthorityArgs) -> Result<&'static Cloud, Error> {
        let authority = self.authority(args)?;
        authority.cloud_or_played().ok_or_else(|| {
            let host = authority.host().host();
            let what = format!("{host} is of no known cloud, so the addresses of its services are not known");
            Error::new(ErrorKind::Configuration, what)
                .with_remedy("name the authority of a known cloud with --authority; leave --json-auth out, if it is for that")
        })
    }

    /// Lets tokens be of the cloud that the Azure Machine Learning SDK is told of too.
    pub(crate) fn keep_one_cloud(&self, args: &mut AuthorityArgs) -> Result<(), Error> {
        let given = args.authority.is_some() || args.oidc_authority.is_some() || self.has_emulator();
        let configured = given.then(|| self.authority(args)).transpose()?;
        let authority = entrada_core::ml::authority(&self.environment, configured, self.http)?;
        if !given && self.environment.get("AZURE_AUTHORITY_HOST").is_none() {
            args.authority = Some(authority.host().url().to_string());
        }
        Ok(())
    }

    /// Which tokens go where: to the services of the authority's cloud, and to those that were configured.
    pub(crate) fn audiences(&self, args: &AuthorityArgs) -> Result<Audiences, Error> {
        let authority = self.authority(args)?;
        let mut audiences = authority.cloud().map_or_else(Audiences::none, Audiences::of_cloud);
        if self.arm.is_some() {
            audiences = audiences.with(self.resource_manager(args)?.service().clone());
        }
        if self.graph.is_some() {
            audiences = audiences.with(self.graph(args)?.service().clone());
        }
        if let (Some(address), Some(cloud)) = (&self.emulator, authority.cloud_or_played()) {
            let endpoint = Endpoint::authority(address, self.http)?;
            let scopes = entrada_core::ml::data_plane_scopes(cloud)?;
            audiences = audiences.with(Service::new(endpoint, scopes, Dialect::MachineLearning));
        }
        Ok(audiences)
    }
}

/// The command, as requests name it.
pub(crate) fn product() -> Result<Product, Error> {
    Product::new(concat!("entrada-cli/", env!("CARGO_PKG_VERSION")))
}

fn read_env_file(file: &std::path::Path) -> Result<DotEnv, Error> {
    let unreadable = |why: &str| {
        Error::new(ErrorKind::Configuration, format!("the file {} cannot be read: {why}", file.display()))
    };
    let contents = entrada_host::files::read(file, 1 << 20, Duration::from_secs(10))
        .map_err(|failure| unreadable(&failure.to_string()))?;
    let text = std::str::from_utf8(contents.bytes.expose()).map_err(|_| unreadable("it is not UTF-8"))?;
    let parsed = DotEnv::parse(text);
    for line in &parsed.bad_lines {
        say(&format!("warning: {}: line {line} cannot be read and was passed over", file.display()));
    }
    Ok(parsed)
}

/// `-v` tells what is done, `-vv` also what came of it.
fn trace(line: &TraceLine, verbose: u8) {
    match line {
        TraceLine::Reply { .. } if verbose < 2 => {}
        line => say(&line.to_string()),
    }
}
