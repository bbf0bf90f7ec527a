//! Which certificates are trusted.

use std::fs;
use std::path::{Path, PathBuf};

use entrada_core::environment::Environment;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

/// The trust that the environment names instead of the platform's: the certificates in
/// `SSL_CERT_FILE` and in the folders of `SSL_CERT_DIR`, as OpenSSL reads them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedRoots {
    file: Option<PathBuf>,
    folders: Vec<PathBuf>,
}

impl NamedRoots {
    /// What the environment names; `None` when it names nothing and the platform's roots stand.
    #[must_use]
    pub fn of(environment: &Environment) -> Option<NamedRoots> {
        let file = environment.get("SSL_CERT_FILE").map(PathBuf::from);
        let folders = environment.get("SSL_CERT_DIR").map(std::env::split_paths);
        let folders: Vec<_> =
            folders.into_iter().flatten().filter(|path| !path.as_os_str().is_empty()).collect();
        (file.is_some() || !folders.is_empty()).then_some(NamedRoots { file, folders })
    }

    /// Reads them. What is not there or is no certificate is passed over: trusting less than was
    /// meant is safe, and says so at the first handshake.
    #[must_use]
    pub fn load(&self) -> RootCertStore {
        let mut roots = RootCertStore::empty();
        let listed = self.folders.iter().filter_map(|folder| fs::read_dir(folder).ok()).flatten();
        let inside = listed.filter_map(|entry| Some(entry.ok()?.path())).filter(|path| path.is_file());
        for path in self.file.clone().into_iter().chain(inside) {
            roots.add_parsable_certificates(certificates(&path));
        }
        roots
    }
}

fn certificates(path: &Path) -> Vec<CertificateDer<'static>> {
    let certificates = CertificateDer::pem_file_iter(path).into_iter().flatten();
    certificates.filter_map(Result::ok).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn named_or_not() {
        assert_eq!(NamedRoots::of(&Environment::new().with("SSL_CERT_FILE", " ")), None);
        let named = NamedRoots::of(&Environment::new().with("SSL_CERT_FILE", "/nowhere/at/all")).unwrap();
        assert!(named.load().is_empty());
        let named = NamedRoots::of(&Environment::new().with("SSL_CERT_DIR", "/nowhere/at/all")).unwrap();
        assert!(named.load().is_empty());
    }
}
