//! What the hosts of managed identities have outside of their answers: the port of Service Fabric with
//! its own certificate, and the key files of the agent of Azure Arc.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use entrada_core::time::Now;
use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use rustls::ServerConfig;

use super::certificate::{self, self_signed};
use crate::{Config, Emulator};

/// Where the hosts stand.
pub(super) struct Machine {
    pub(super) service_fabric: SocketAddr,
    pub(super) thumbprint: String,
    temporary: Option<PathBuf>,
}

impl Machine {
    /// Takes a free port and makes a certificate. The keys are put into the folder that was configured, else into a
    /// temporary one.
    pub(super) fn make(
        now: Now,
        config: &mut Config,
    ) -> io::Result<(Machine, TcpListener, Arc<ServerConfig>)> {
        let listener = super::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))?;
        let (leaf, server) = self_signed(now)?;
        let print = digest(&SHA1_FOR_LEGACY_USE_ONLY, &leaf);
        let thumbprint = print.as_ref().iter().map(|byte| format!("{byte:02X}")).collect();
        let service_fabric = listener.local_addr()?;
        let mut machine = Machine { service_fabric, thumbprint, temporary: None };
        match &config.hosts.key_folder {
            None => {
                // The folder is told with its links resolved, since an honest agent's has none.
                let made = fs::canonicalize(certificate::temporary("keys")?)?;
                config.hosts.key_folder = Some(made.display().to_string());
                machine.temporary = Some(made);
            }
            Some(folder) => {
                let named = |error: io::Error| io::Error::new(error.kind(), format!("{folder}: {error}"));
                fs::create_dir_all(folder).map_err(named)?;
            }
        }
        Ok((machine, listener, server))
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        if let Some(folder) = &self.temporary {
            let _ = fs::remove_dir_all(folder);
        }
    }
}

/// The key files that the agent was made to write, which go with it. Nothing else in their folder is touched.
#[derive(Default)]
pub(super) struct Keys {
    made: Vec<PathBuf>,
}

impl Keys {
    /// Makes the files those keys that the agent waits for.
    pub(super) fn keep(&mut self, emulator: &Emulator) {
        self.made.retain(|made| {
            let waited = emulator.arc_keys().any(|(path, _)| Path::new(path) == made);
            if !waited {
                let _ = fs::remove_file(made);
            }
            waited
        });
        for (path, key) in emulator.arc_keys() {
            let mut options = OpenOptions::new();
            options.write(true).create_new(true);
            #[cfg(unix)]
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
            if let Ok(mut file) = options.open(path) {
                self.made.push(path.into());
                let _ = file.write_all(key.expose().as_bytes());
            }
        }
    }
}

impl Drop for Keys {
    fn drop(&mut self) {
        for made in &self.made {
            let _ = fs::remove_file(made);
        }
    }
}
