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
    keys: PathBuf,
}

impl Machine {
    /// Takes a free port, makes a certificate and a temporary folder, and has the keys put there.
    pub(super) fn make(
        now: Now,
        config: &mut Config,
    ) -> io::Result<(Machine, TcpListener, Arc<ServerConfig>)> {
        let listener = super::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))?;
        let (leaf, server) = self_signed(now)?;
        let print = digest(&SHA1_FOR_LEGACY_USE_ONLY, &leaf);
        let thumbprint = print.as_ref().iter().map(|byte| format!("{byte:02X}")).collect();
        // The folder is told with its links resolved, since an honest agent's has none.
        let keys = fs::canonicalize(certificate::temporary("keys")?)?;
        config.hosts.key_folder = keys.display().to_string();
        Ok((Machine { service_fabric: listener.local_addr()?, thumbprint, keys }, listener, server))
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.keys);
    }
}

/// Makes the files of a folder those keys that the agent waits for.
pub(super) fn keep_keys(folder: &Path, emulator: &Emulator) {
    let mut stale: Vec<PathBuf> =
        fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    for (path, key) in emulator.arc_keys() {
        let path = PathBuf::from(path);
        stale.retain(|known| *known != path);
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        if let Ok(mut file) = options.open(&path) {
            let _ = file.write_all(key.expose().as_bytes());
        }
    }
    for path in stale {
        let _ = fs::remove_file(path);
    }
}
