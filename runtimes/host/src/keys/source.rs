//! Where a certificate comes from.

use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use entrada_core::error::Error;
use entrada_core::secret::{Secret, SecretBytes};

use super::file::CertificateFile;
use super::loaded::LoadedCertificate;

/// A file, or bytes in memory. Clones share what was read.
#[derive(Clone)]
pub struct CertificateSource(Arc<Inner>);

enum Inner {
    File(CertificateFile),
    Bytes {
        bytes: SecretBytes,
        password: Option<Secret>,
        loaded: OnceLock<Result<Arc<LoadedCertificate>, Error>>,
    },
}

impl CertificateSource {
    /// The file at `path`, with its password if it has one; see [`CertificateFile`].
    #[must_use]
    pub fn from_file(path: impl Into<PathBuf>, password: Option<Secret>) -> CertificateSource {
        CertificateFile::new(path, password).into()
    }

    /// The content of such a file. It is parsed at the first use, and once.
    #[must_use]
    pub fn from_bytes(bytes: impl Into<SecretBytes>, password: Option<Secret>) -> CertificateSource {
        let inner = Inner::Bytes { bytes: bytes.into(), password, loaded: OnceLock::new() };
        CertificateSource(Arc::new(inner))
    }

    /// The certificate of the moment.
    ///
    /// # Errors
    /// `Configuration`, as for [`CertificateFile::load`] and [`LoadedCertificate::from_bytes`].
    pub fn load(&self) -> Result<Arc<LoadedCertificate>, Error> {
        match &*self.0 {
            Inner::File(file) => file.load(),
            Inner::Bytes { bytes, password, loaded } => {
                let parse = || LoadedCertificate::from_bytes(bytes.expose(), password.as_ref()).map(Arc::new);
                loaded.get_or_init(parse).clone()
            }
        }
    }
}

impl From<CertificateFile> for CertificateSource {
    fn from(file: CertificateFile) -> CertificateSource {
        CertificateSource(Arc::new(Inner::File(file)))
    }
}

impl fmt::Debug for CertificateSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.0 {
            Inner::File(file) => file.fmt(f),
            Inner::Bytes { bytes, .. } => write!(f, "CertificateSource({} bytes)", bytes.len()),
        }
    }
}
