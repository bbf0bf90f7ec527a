//! The emulator on loopback sockets: HTTP/1.1, with or without TLS.
//!
//! The only place of this crate that reads a clock, opens a socket or writes a file.

mod certificate;
mod connection;
mod environment;
mod machine;
mod record;

use std::collections::VecDeque;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Instant, SystemTime};

use entrada_core::time::{Mono, Now, Unix};
use tokio::runtime::Builder;
use tokio::sync::oneshot;
use tokio_rustls::TlsAcceptor;

use crate::config::Host;
use crate::{Config, Emulator};
use certificate::{Authority, Folder};
use machine::{Keys, Machine};
pub use record::Asked;

/// Where to listen. Only loopback addresses are accepted.
#[derive(Clone, Debug)]
pub struct Options {
    /// For plain HTTP; port 0 takes a free one.
    pub http: Option<SocketAddr>,
    /// Whether to listen for HTTPS too, on `127.0.0.1`.
    pub https: bool,
    /// The port for HTTPS; 0 takes a free one.
    pub https_port: u16,
    /// The directory that gets the certificate of the authority made for this server. Without one, a
    /// temporary directory that goes with the server.
    pub ca_dir: Option<PathBuf>,
    /// Whether to play all that belongs to the hosts of managed identities: Service Fabric at a port of its
    /// own with its own certificate, and the agent of Azure Arc with its key files, in the folder
    /// that is configured for them, else in a temporary one.
    pub hosts: bool,
}

impl Default for Options {
    /// Plain HTTP on a free port of `127.0.0.1`.
    fn default() -> Options {
        Options {
            http: Some(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))),
            https: false,
            https_port: 0,
            ca_dir: None,
            hosts: false,
        }
    }
}

/// The clocks of this process.
#[derive(Clone, Copy)]
struct Clock {
    started: Instant,
}

impl Clock {
    fn now(self) -> Now {
        let mono = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        let unix = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        Now { mono: Mono(mono), unix: Unix(i64::try_from(unix.as_secs()).unwrap_or(i64::MAX)) }
    }
}

/// What the connections share.
struct Shared {
    emulator: Emulator,
    asked: VecDeque<Asked>,
    /// The key files, where they are played.
    keys: Option<Keys>,
}

/// A running emulator. It stops when this is dropped.
pub struct Server {
    shared: Arc<Mutex<Shared>>,
    clock: Clock,
    http: Option<SocketAddr>,
    https: Option<SocketAddr>,
    folder: Option<Folder>,
    machine: Option<Machine>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Starts listening, on a thread of its own.
    ///
    /// # Errors
    /// `InvalidInput` for an address that is not loopback or if there is nothing to listen on, and
    /// whatever binding, writing the certificate or starting the thread fails with.
    pub fn start(mut config: Config, seed: [u8; 32], options: Options) -> io::Result<Server> {
        let refuse = |why: &str| Err(io::Error::new(io::ErrorKind::InvalidInput, why));
        if options.http.is_some_and(|address| !address.ip().is_loopback()) {
            return refuse("the emulator listens on loopback addresses only");
        }
        if options.http.is_none() && !options.https {
            return refuse("there is nothing to listen on");
        }
        let clock = Clock { started: Instant::now() };
        let plain = options.http.map(bind).transpose()?;
        let mut secure = Vec::new();
        let mut folder = None;
        if options.https {
            let listener = bind(SocketAddr::from((Ipv4Addr::LOCALHOST, options.https_port)))?;
            let authority = Authority::make(clock.now())?;
            folder = Some(Folder::write(options.ca_dir, &authority.pem)?);
            secure.push((listener, TlsAcceptor::from(authority.server)));
        }
        let address = |listener: &TcpListener| listener.local_addr();
        let http = plain.as_ref().map(address).transpose()?;
        let https = secure.first().map(|(listener, _)| address(listener)).transpose()?;
        let mut machine = None;
        if options.hosts {
            let (made, listener, server) = Machine::make(clock.now(), &mut config)?;
            secure.push((listener, TlsAcceptor::from(server)));
            machine = Some(made);
        }
        let keys = machine.is_some().then(Keys::default);
        let shared = Arc::new(Mutex::new(Shared {
            emulator: Emulator::new(config, seed),
            asked: VecDeque::new(),
            keys,
        }));
        let runtime = Builder::new_current_thread().enable_io().enable_time().build()?;
        let (stop, stopped) = oneshot::channel();
        let state = connection::State { shared: Arc::clone(&shared), clock };
        let thread = std::thread::Builder::new().name("entrada-emulator".into()).spawn(move || {
            runtime.block_on(connection::listen(plain, secure, state, stopped));
        })?;
        Ok(Server { shared, clock, http, https, folder, machine, stop: Some(stop), thread: Some(thread) })
    }

    /// `http://127.0.0.1:{port}`, if plain HTTP is served.
    #[must_use]
    pub fn http_url(&self) -> Option<String> {
        self.http.map(|address| format!("http://{address}"))
    }

    /// `https://127.0.0.1:{port}`, if HTTPS is served.
    #[must_use]
    pub fn https_url(&self) -> Option<String> {
        self.https.map(|address| format!("https://{address}"))
    }

    /// The certificate to trust, a PEM file, if HTTPS is served.
    #[must_use]
    pub fn ca_path(&self) -> Option<&Path> {
        self.folder.as_ref().map(Folder::certificate)
    }

    /// The environment variables that send a program here, secrets of the emulated world among them.
    #[must_use]
    pub fn environment(&self) -> Vec<(String, String)> {
        environment::of(self)
    }

    /// The environment variables that make a program believe that it runs on this host, secrets among
    /// them. Nothing where the host is not served: see [`Options::hosts`].
    #[must_use]
    pub fn environment_of(&self, host: Host) -> Vec<(String, String)> {
        environment::of_host(self, host)
    }

    /// What was asked so far, the oldest first, without secrets; the last ten thousand at most.
    #[must_use]
    pub fn requests(&self) -> Vec<Asked> {
        self.lock().asked.iter().cloned().collect()
    }

    /// Works on the emulator while no request is answered.
    pub fn with<R>(&self, work: impl FnOnce(&mut Emulator) -> R) -> R {
        work(&mut self.lock().emulator)
    }

    /// The clocks by which requests are answered.
    #[must_use]
    pub fn now(&self) -> Now {
        self.clock.now()
    }

    fn lock(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Server").field("http", &self.http).field("https", &self.https).finish_non_exhaustive()
    }
}

fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let listener = TcpListener::bind(address)?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}
