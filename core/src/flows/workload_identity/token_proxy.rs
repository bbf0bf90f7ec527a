//! Identity bindings of AKS: the cluster's own proxy takes the token requests of its workloads.

use std::path::PathBuf;
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
#[derive(Clone, Debug)]
enum Authorities {
    Platform,
    Data(Vec<u8>),
    /// A file that is renewed, and what it held when it last held certificates.
    File(PathBuf, Memo<Vec<u8>>),
}

impl TokenProxy {
    /// What `AZURE_KUBERNETES_TOKEN_PROXY`, `AZURE_KUBERNETES_SNI_NAME`, `AZURE_KUBERNETES_CA_FILE` and
    /// `AZURE_KUBERNETES_CA_DATA` describe; nothing, where none of them is set.
    ///
    /// # Errors
    /// `Configuration` when the variables contradict each other or one cannot be what it is meant to be,
    /// naming them.
    pub fn from_environment(environment: &Environment) -> Result<Option<TokenProxy>, Error> {
        let bad = |what: String| Err(Error::new(ErrorKind::Configuration, what));
        let (file, data) = (environment.get(CA_FILE), environment.get(CA_DATA));
        let Some(address) = environment.get(PROXY) else {
            return match [NAME, CA_FILE, CA_DATA].into_iter().find(|name| environment.get(name).is_some()) {
                Some(other) => bad(format!("{other} is set, but {PROXY} is not")),
                None => Ok(None),
            };
        };
        let base = Endpoint::authority(address, PlainHttp::Refused).map_err(|error| {
            Error::new(error.kind(), format!("{PROXY} cannot be used: {}", error.message()))
        })?;
        let ca = match (file, data) {
            (Some(_), Some(_)) => {
                return bad(format!("{CA_FILE} and {CA_DATA} are both set; only one may be"));
            }
            (Some(file), None) => Authorities::File(file.into(), Memo::default()),
            (None, Some(data)) if has_certificate(data.as_bytes()) => Authorities::Data(data.into()),
            (None, Some(_)) => return bad(format!("{CA_DATA} has no certificate in PEM in it")),
            (None, None) => Authorities::Platform,
        };
        let server_name = environment.get(NAME).map(str::to_owned);
        let legal = |name: &String| {
            name.len() <= 253 && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.'))
        };
        if server_name.as_ref().is_some_and(|name| !legal(name)) {
            return bad(format!("{NAME} is not the name of a server"));
        }
        Ok(Some(TokenProxy { base, server_name, ca }))
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
        path: &std::path::Path,
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
                let what = format!("{CA_FILE} {} has no certificate in PEM in it", path.display());
                return Err(Error::new(ErrorKind::Configuration, what));
            }
            Some(Err(failure)) => failure.to_string(),
            _ => "it is empty".to_owned(),
        };
        last.get()
            .ok_or_else(|| Error::new(kind, format!("{CA_FILE} {} cannot be used: {why}", path.display())))
    }

    /// Where a token request for this address is sent instead.
    pub(crate) fn target(&self, token: &Endpoint, trust: Arc<PrivateTrust>) -> Endpoint {
        let steps = token.url().path().split('/').filter(|step| !step.is_empty());
        self.base.join_encoded(steps).routed(Route::Private(trust))
    }
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
