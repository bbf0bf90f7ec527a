//! Identity bindings of AKS: the cluster's own proxy takes the token requests of its workloads.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::effect::{FileContents, FileFailure};
use crate::endpoint::{Endpoint, PlainHttp, PrivateTrust, Route};
use crate::environment::Environment;
use crate::error::{Error, ErrorKind};
use crate::memo::Memo;

const PROXY: &str = "AZURE_KUBERNETES_TOKEN_PROXY";
const NAME: &str = "AZURE_KUBERNETES_SNI_NAME";
const CA_FILE: &str = "AZURE_KUBERNETES_CA_FILE";
const CA_DATA: &str = "AZURE_KUBERNETES_CA_DATA";

/// The proxy that takes the token requests of a cluster's workloads in place of the authority.
///
/// Everything else about the authority stays: only where a token request is sent changes.
#[derive(Clone, Debug)]
pub struct TokenProxy {
    base: Endpoint,
    server_name: Option<String>,
    ca: Authorities,
}

/// Whose certificates the proxy's leads to.
#[derive(Clone)]
enum Authorities {
    Platform,
    Data(Vec<u8>),
    /// A file that is renewed, and what it held when it last held certificates.
    File(PathBuf, Memo<Vec<u8>>),
}

impl fmt::Debug for Authorities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Authorities::Platform => f.write_str("Platform"),
            Authorities::Data(pem) => write!(f, "Data({} bytes)", pem.len()),
            Authorities::File(path, _) => f.debug_tuple("File").field(path).finish(),
        }
    }
}

impl TokenProxy {
    /// The proxy at this address, by the platform's certificates.
    ///
    /// # Errors
    /// `Configuration` when the address breaks a rule of [`Endpoint::authority`]; it has to be `https://`.
    pub fn new(address: &str) -> Result<TokenProxy, Error> {
        let base = Endpoint::authority(address, PlainHttp::Refused)?;
        Ok(TokenProxy { base, server_name: None, ca: Authorities::Platform })
    }

    /// The same, asked for by this name, which its certificate has to prove.
    ///
    /// # Errors
    /// `Configuration` when it is not the name of a server.
    pub fn named(mut self, server_name: impl Into<String>) -> Result<TokenProxy, Error> {
        let name = server_name.into();
        let legal = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.');
        if name.is_empty() || name.len() > 253 || !name.bytes().all(legal) {
            return Err(bad("the token proxy's name is not the name of a server".into()));
        }
        self.server_name = Some(name);
        Ok(self)
    }

    /// The same, by these certificates, in PEM, and no others.
    ///
    /// # Errors
    /// `Configuration` when there is no certificate in them.
    pub fn trusting(mut self, certificates: impl Into<Vec<u8>>) -> Result<TokenProxy, Error> {
        let certificates = certificates.into();
        if !has_certificate(&certificates) {
            return Err(bad("there is no certificate in PEM for the token proxy".into()));
        }
        self.ca = Authorities::Data(certificates);
        Ok(self)
    }

    /// The same, by the certificates in this file, in PEM, and no others. It is read before every request,
    /// so that it may be replaced; while it is written, what it held before counts.
    #[must_use]
    pub fn trusting_file(mut self, path: impl Into<PathBuf>) -> TokenProxy {
        self.ca = Authorities::File(path.into(), Memo::default());
        self
    }

    /// What `AZURE_KUBERNETES_TOKEN_PROXY`, `AZURE_KUBERNETES_SNI_NAME`, `AZURE_KUBERNETES_CA_FILE` and
    /// `AZURE_KUBERNETES_CA_DATA` describe; nothing, where none of them is set.
    ///
    /// # Errors
    /// `Configuration` when the variables contradict each other or one cannot be what it is meant to be,
    /// naming them.
    pub fn from_environment(environment: &Environment) -> Result<Option<TokenProxy>, Error> {
        let of = |name: &'static str| {
            move |error: Error| bad(format!("{name} cannot be used: {}", error.message()))
        };
        let Some(address) = environment.get(PROXY) else {
            return match [NAME, CA_FILE, CA_DATA].into_iter().find(|name| environment.get(name).is_some()) {
                Some(other) => Err(bad(format!("{other} is set, but {PROXY} is not"))),
                None => Ok(None),
            };
        };
        let mut proxy = TokenProxy::new(address).map_err(of(PROXY))?;
        if let Some(name) = environment.get(NAME) {
            proxy = proxy.named(name).map_err(of(NAME))?;
        }
        match (environment.get(CA_FILE), environment.get(CA_DATA)) {
            (Some(_), Some(_)) => Err(bad(format!("{CA_FILE} and {CA_DATA} are both set; only one may be"))),
            (Some(file), None) => Ok(Some(proxy.trusting_file(file))),
            (None, Some(data)) => proxy.trusting(data).map_err(of(CA_DATA)).map(Some),
            (None, None) => Ok(Some(proxy)),
        }
    }

    /// The file to read before each request, if the certificates are in one.
    pub(crate) fn file(&self) -> Option<&PathBuf> {
        match &self.ca {
            Authorities::File(path, _) => Some(path),
            _ => None,
        }
    }

    /// The trust of the next request. While the file is being replaced, what it held before counts.
    pub(crate) fn trust(
        &self,
        read: Option<Result<FileContents, FileFailure>>,
    ) -> Result<Arc<PrivateTrust>, Error> {
        let roots = match (&self.ca, read) {
            (Authorities::Platform, _) => None,
            (Authorities::Data(data), _) => Some(data.clone()),
            (Authorities::File(path, last), read) => Some(self.renewed(path, last, read)?),
        };
        Ok(Arc::new(PrivateTrust { roots, server_name: self.server_name.clone() }))
    }

    fn renewed(
        &self,
        path: &Path,
        last: &Memo<Vec<u8>>,
        read: Option<Result<FileContents, FileFailure>>,
    ) -> Result<Vec<u8>, Error> {
        let kind = match read {
            Some(Err(FileFailure::Unsupported)) => ErrorKind::Unavailable,
            Some(Err(FileFailure::Mismatch)) => ErrorKind::Misuse,
            Some(Err(FileFailure::TimedOut)) => ErrorKind::Timeout,
            _ => ErrorKind::Configuration,
        };
        let why = match read {
            Some(Ok(file)) if has_certificate(file.bytes.expose()) => {
                let roots = file.bytes.expose().to_vec();
                last.set(roots.clone());
                return Ok(roots);
            }
            Some(Ok(file)) if !file.bytes.is_empty() => {
                return Err(bad(format!("{} has no certificate in PEM in it", Self::what(path))));
            }
            Some(Err(failure)) => failure.to_string(),
            _ => "it is empty".to_owned(),
        };
        last.get().ok_or_else(|| Error::new(kind, format!("{} cannot be used: {why}", Self::what(path))))
    }

    fn what(path: &Path) -> String {
        format!("the file of the token proxy's certificates {} ({CA_FILE})", path.display())
    }

    /// Where a token request for this address is sent instead.
    pub(crate) fn target(&self, token: &Endpoint, trust: Arc<PrivateTrust>) -> Endpoint {
        let steps = token.url().path().split('/').filter(|step| !step.is_empty());
        self.base.join_encoded(steps).routed(Route::Private(trust))
    }
}

fn bad(what: String) -> Error {
    Error::new(ErrorKind::Configuration, what)
}

fn has_certificate(bytes: &[u8]) -> bool {
    bytes.windows(27).any(|window| window == b"-----BEGIN CERTIFICATE-----")
}

#[cfg(test)]
mod tests {
    use super::*;

    const PEM: &str = "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n";

    fn of(variables: &[(&str, &str)]) -> Result<Option<TokenProxy>, String> {
        let environment: Environment = variables.iter().copied().collect();
        TokenProxy::from_environment(&environment).map_err(|error| error.to_string())
    }

    #[test]
    fn variables_and_their_errors() {
        assert!(of(&[]).unwrap().is_none());
        assert!(of(&[(PROXY, "https://proxy.example")]).unwrap().is_some());
        assert!(of(&[(PROXY, "https://p:8443/base"), (NAME, "a.b"), (CA_DATA, PEM)]).unwrap().is_some());
        for (variables, said) in [
            (&[(NAME, "a.b")][..], PROXY),
            (&[(CA_FILE, "/x")], PROXY),
            (&[(PROXY, "https://p"), (CA_FILE, "/x"), (CA_DATA, PEM)], CA_DATA),
            (&[(PROXY, "https://p"), (CA_DATA, "junk")], CA_DATA),
            (&[(PROXY, "http://p")], "not https"),
            (&[(PROXY, "https://u@p")], "user name"),
            (&[(PROXY, "https://p?x=1")], "query"),
            (&[(PROXY, "https://p#f")], "fragment"),
            (&[(PROXY, "https://p"), (NAME, "a/b")], NAME),
        ] {
            let error = of(variables).unwrap_err();
            assert!(error.contains(said), "{said}: {error}");
        }
    }

    #[test]
    fn options_and_their_errors() {
        let proxy = TokenProxy::new("https://p:8443/base").unwrap();
        assert!(proxy.file().is_none());
        let named = proxy.clone().named("a.b").unwrap().trusting(PEM).unwrap();
        let trust = named.trust(None).unwrap();
        assert_eq!(
            (trust.server_name.as_deref(), trust.roots.as_deref()),
            (Some("a.b"), Some(PEM.as_bytes()))
        );
        assert_eq!(named.trusting_file("/ca").file(), Some(&PathBuf::from("/ca")));
        assert!(TokenProxy::new("http://127.0.0.1:1").is_err());
        assert!(proxy.clone().trusting("junk").is_err() && proxy.named("").is_err());
    }

    #[test]
    fn addresses_and_renewal() {
        let proxy = of(&[(PROXY, "https://p:8443/base/"), (CA_FILE, "/ca")]).unwrap().unwrap();
        let read = |text: &str| {
            Some(Ok(FileContents { bytes: text.as_bytes().to_vec().into(), resolved: "/ca".into() }))
        };
        assert_eq!(proxy.trust(read("")).unwrap_err().kind(), ErrorKind::Configuration);
        for (failure, kind) in [
            (FileFailure::NotFound, ErrorKind::Configuration),
            (FileFailure::TimedOut, ErrorKind::Timeout),
            (FileFailure::Unsupported, ErrorKind::Unavailable),
        ] {
            assert_eq!(proxy.trust(Some(Err(failure))).unwrap_err().kind(), kind);
        }
        let shown = format!("{:?}", TokenProxy::new("https://p").unwrap().trusting(PEM).unwrap());
        assert!(shown.contains(&format!("Data({} bytes)", PEM.len())), "{shown}");
        let trust = proxy.trust(read(PEM)).unwrap();
        assert_eq!(proxy.trust(read("")).unwrap(), trust);
        assert_eq!(proxy.trust(Some(Err(FileFailure::NotFound))).unwrap(), trust);
        assert!(proxy.trust(read("junk")).is_err());
        let token =
            Endpoint::authority("https://login.microsoftonline.com/t/oauth2/v2.0/token", PlainHttp::Refused);
        let target = proxy.target(&token.unwrap(), trust.clone());
        assert_eq!(target.url().as_str(), "https://p:8443/base/t/oauth2/v2.0/token");
        assert_eq!(*target.route(), Route::Private(trust));
    }
}
