//! A certificate in a file that may be renewed at any time.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use entrada_core::effect::FileFailure;
use entrada_core::error::Error;
use entrada_core::secret::{Secret, SecretBytes};
use rustls::crypto::CryptoProvider;
use sha2::{Digest, Sha256};

use super::fault::Fault;
use super::loaded::LoadedCertificate;
use crate::{files, tls};

/// No certificate file is as long.
const LIMIT: usize = 1 << 20;
/// Only a FIFO makes anybody wait.
const WITHIN: Duration = Duration::from_secs(10);
/// A file that changed so recently may change again without its time telling.
const SETTLED: Duration = Duration::from_secs(2);

/// A certificate with its private key in a file.
///
/// Nothing is read before the first use. At each use a look at the file tells whether it changed; then
/// it is read anew, so that a renewal needs no restart. A renewal that is not finished, or went wrong,
/// does no harm: until the file can be used again, the last good content is. The key is parsed (and
/// decrypted) once for one content.
pub struct CertificateFile {
    path: PathBuf,
    password: Option<Secret>,
    provider: Option<Arc<CryptoProvider>>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// The file as it was when this state was made; `None`: look into it again.
    stamp: Option<Stamp>,
    /// The digest of its bytes.
    content: Option<[u8; 32]>,
    good: Option<Arc<LoadedCertificate>>,
    failure: Option<Error>,
}

impl State {
    /// The last good content, else why there is none. `None` before the first reading.
    fn answer(&self) -> Option<Result<Arc<LoadedCertificate>, Error>> {
        self.good.clone().map(Ok).or_else(|| self.failure.clone().map(Err))
    }
}

impl CertificateFile {
    /// The file at `path`, in PEM or PKCS#12, with its password if it has one.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>, password: Option<Secret>) -> CertificateFile {
        CertificateFile { path: path.into(), password, provider: None, state: Mutex::default() }
    }

    /// The same with this cryptography instead of that of [`tls::provider`].
    #[must_use]
    pub fn with_provider(mut self, provider: Arc<CryptoProvider>) -> CertificateFile {
        self.provider = Some(provider);
        self
    }

    /// Where the file is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The certificate as the file now has it, or as it last had a good one.
    ///
    /// Hold on to the value while the parts of one assertion are made: the next call may give another.
    ///
    /// # Errors
    /// `Configuration` when the file never had a certificate that can be used.
    pub fn load(&self) -> Result<Arc<LoadedCertificate>, Error> {
        let stamp = Stamp::of(&self.path);
        if stamp.is_some() {
            let state = self.state();
            if state.stamp == stamp
                && let Some(answer) = state.answer()
            {
                return answer;
            }
        }
        let trusted = stamp.filter(Stamp::is_settled);
        let bytes = match self.read() {
            Ok(bytes) => bytes,
            Err(failure) => {
                let error = Fault::Unreadable(failure).into_error(&self.name());
                return self.keep(None, None, Err(error));
            }
        };
        let content = Sha256::digest(bytes.expose()).into();
        {
            let mut state = self.state();
            if state.content == Some(content)
                && let Some(answer) = state.answer()
            {
                state.stamp = trusted;
                return answer;
            }
        }
        let parsed = tls::provider(self.provider.clone()).and_then(|provider| {
            LoadedCertificate::named(bytes.expose(), self.password.as_ref(), &provider, &self.name())
        });
        self.keep(trusted, Some(content), parsed.map(Arc::new))
    }

    /// What was wrong with the file at the last look, though an older content may still be in use: for a
    /// log. `None` when all is well.
    #[must_use]
    pub fn renewal_failure(&self) -> Option<Error> {
        self.state().failure.clone()
    }

    /// Reads the file, again if it was replaced meanwhile.
    fn read(&self) -> Result<SecretBytes, FileFailure> {
        let mut attempts = 4;
        loop {
            attempts -= 1;
            match files::read(&self.path, LIMIT, WITHIN) {
                Err(FileFailure::Broken) if attempts > 0 => {}
                read => return read.map(|contents| contents.bytes),
            }
        }
    }

    fn keep(
        &self,
        stamp: Option<Stamp>,
        content: Option<[u8; 32]>,
        result: Result<Arc<LoadedCertificate>, Error>,
    ) -> Result<Arc<LoadedCertificate>, Error> {
        let mut state = self.state();
        (state.stamp, state.content) = (stamp, content);
        state.failure = result.as_ref().err().cloned();
        match result {
            Ok(good) => {
                state.good = Some(good.clone());
                Ok(good)
            }
            Err(error) => state.good.clone().ok_or(error),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Every write to it is whole.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn name(&self) -> String {
        format!("the certificate file {}", self.path.display())
    }
}

impl fmt::Debug for CertificateFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CertificateFile").field("path", &self.path).finish_non_exhaustive()
    }
}

/// What tells one state of a file from another without reading it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Stamp {
    length: u64,
    modified: Option<SystemTime>,
    /// Device, inode and the time of the last change of any kind.
    #[cfg(unix)]
    node: (u64, u64, i64, i64),
}

impl Stamp {
    /// Symbolic links are followed: what Kubernetes renews is where they point.
    fn of(path: &Path) -> Option<Stamp> {
        let data = fs::metadata(path).ok()?;
        #[cfg(unix)]
        use std::os::unix::fs::MetadataExt;
        Some(Stamp {
            length: data.len(),
            modified: data.modified().ok(),
            #[cfg(unix)]
            node: (data.dev(), data.ino(), data.ctime(), data.ctime_nsec()),
        })
    }

    /// Whether a change from now on would make another stamp, however coarse the times are.
    fn is_settled(&self) -> bool {
        let Some(modified) = self.modified else {
            return false;
        };
        let age = SystemTime::now().duration_since(modified).unwrap_or_else(|ahead| ahead.duration());
        age >= SETTLED
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fresh_change_is_not_trusted_to_be_the_last() {
        let stamp = |modified| Stamp {
            length: 1,
            modified,
            #[cfg(unix)]
            node: (0, 0, 0, 0),
        };
        let now = SystemTime::now();
        let long = Duration::from_secs(30);
        assert!(!stamp(Some(now)).is_settled());
        assert!(!stamp(None).is_settled());
        assert!(stamp(Some(now - long)).is_settled());
        assert!(stamp(Some(now + long)).is_settled(), "a clock that is ahead must not mean reading for ever");
    }
}
