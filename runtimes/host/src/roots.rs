//! Which certificates are trusted.

use std::fs;
use std::path::{Path, PathBuf};

use entrada_core::environment::Environment;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

/// Where distributions keep the platform's roots.
const USUAL: [&str; 4] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
];

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
        if file.is_some() || !folders.is_empty() {
            return Some(NamedRoots { file, folders });
        }
        // The loader of the platform's roots takes a blank variable for a name, and finds nothing.
        let blank = |name: &str| environment.variables().contains_key(name);
        let misled = cfg!(target_os = "linux") && (blank("SSL_CERT_FILE") || blank("SSL_CERT_DIR"));
        let usual = || USUAL.iter().map(PathBuf::from).find(|path| path.is_file());
        misled.then(|| NamedRoots { file: usual(), folders: Vec::new() })
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
        assert_eq!(NamedRoots::of(&Environment::new()), None);
        let blank = NamedRoots::of(&Environment::new().with("SSL_CERT_FILE", " "));
        assert!(
            blank.is_none_or(|roots| roots.file.is_none_or(|file| file.is_file())),
            "blank is not a name"
        );
        let named = NamedRoots::of(&Environment::new().with("SSL_CERT_FILE", "/nowhere/at/all")).unwrap();
        assert!(named.load().is_empty());
        let named = NamedRoots::of(&Environment::new().with("SSL_CERT_DIR", "/nowhere/at/all")).unwrap();
        assert!(named.load().is_empty());
    }
}
