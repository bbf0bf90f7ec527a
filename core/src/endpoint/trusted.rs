//! Addresses that a server names and a caller has vouched for.

use url::Url;

use super::check::{is_link_local, is_loopback, parse, refused};
use super::{Endpoint, Route};
use crate::error::{Error, ErrorKind};

/// The hosts that a secret may go to although a server names them: none, unless the caller says so.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrustedHosts {
    hosts: Vec<String>,
    any: bool,
}

impl TrustedHosts {
    /// No host.
    #[must_use]
    pub fn none() -> TrustedHosts {
        TrustedHosts::default()
    }

    /// The same and this host: its whole name, with its port where that is not 443.
    #[must_use]
    pub fn allow(mut self, host: impl Into<String>) -> TrustedHosts {
        self.hosts.push(host.into().trim().to_owned());
        self
    }

    /// The same and any other host but this machine itself and link-local addresses, which have to be named.
    #[must_use]
    pub fn allow_any(mut self) -> TrustedHosts {
        self.any = true;
        self
    }

    fn admits(&self, url: &Url, name: &str) -> bool {
        self.hosts.iter().any(|host| host.eq_ignore_ascii_case(name))
            || (self.any && !is_loopback(url) && !is_link_local(url))
    }
}

impl Endpoint {
    /// An address that a server gave, if the caller trusts its host: `https://`, without user info or
    /// fragment. A query is kept.
    ///
    /// This is the one way from what a server says to another host. It is for federation services,
    /// whose address nobody but the authority knows, and it is closed unless the caller opens it.
    ///
    /// # Errors
    /// `Malformed`, saying which rule the address breaks; `Configuration`, naming the host, where it is
    /// not trusted.
    pub fn trusted(address: &str, hosts: &TrustedHosts) -> Result<Endpoint, Error> {
        let malformed = |error: Error| error.as_kind(ErrorKind::Malformed);
        let url = parse(address.trim()).map_err(malformed)?;
        let name = match (url.host_str().unwrap_or_default(), url.port()) {
            // No name is longer (RFC 1035 section 2.3.4).
            (host, _) if host.len() > 253 => {
                return Err(Error::new(
                    ErrorKind::Malformed,
                    "a server gave an address whose host is too long",
                ));
            }
            (host, None) => host.to_owned(),
            (host, Some(port)) => format!("{host}:{port}"),
        };
        if url.scheme() != "https" {
            return Err(malformed(refused(&url, "it is not https")));
        }
        if !hosts.admits(&url, &name) {
            return Err(Error::new(
                ErrorKind::Configuration,
                format!("a server gave an address at {name}, which was not trusted with a password"),
            )
            .with_remedy(format!(
                "if {name} is the sign-in service of your organization, trust it by name: trusting_federation(\"{name}\"); else use another way to sign in"
            )));
        }
        let route = if is_loopback(&url) { Route::Local } else { Route::Internet };
        Ok(Endpoint::of(url, route))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_host_that_was_named_is_trusted() {
        let hosts =
            TrustedHosts::none().allow(" STS.contoso.com ").allow("sts.contoso.com:8443").allow("[::1]");
        for good in [
            "https://sts.contoso.com/adfs/services/trust/mex",
            "https://STS.CONTOSO.COM:443/x?y=z",
            "https://sts.contoso.com:8443/",
            "https://[::1]/",
        ] {
            assert!(Endpoint::trusted(good, &hosts).is_ok(), "{good}");
        }
        for (bad, kind) in [
            ("https://sts.contoso.com.evil.example/", ErrorKind::Configuration),
            ("https://evil.sts.contoso.com/", ErrorKind::Configuration),
            ("https://sts.contoso.com./", ErrorKind::Configuration),
            ("https://contoso.com/", ErrorKind::Configuration),
            ("https://sts.contoso.com:444/", ErrorKind::Configuration),
            ("https://127.0.0.1/", ErrorKind::Configuration),
            ("http://sts.contoso.com/", ErrorKind::Malformed),
            ("ftp://sts.contoso.com/", ErrorKind::Malformed),
            ("https://sts.contoso.com@evil.example/", ErrorKind::Malformed),
            ("https://u:p@sts.contoso.com/", ErrorKind::Malformed),
            ("https://sts.contoso.com/#x", ErrorKind::Malformed),
            ("https://sts.contoso.com\\@evil.example/", ErrorKind::Malformed),
            ("sts.contoso.com", ErrorKind::Malformed),
            ("/adfs", ErrorKind::Malformed),
            ("", ErrorKind::Malformed),
        ] {
            assert_eq!(Endpoint::trusted(bad, &hosts).unwrap_err().kind(), kind, "{bad}");
        }
        let error = Endpoint::trusted("https://other.example:8443/x", &hosts).unwrap_err();
        assert!(error.to_string().contains("trusting_federation(\"other.example:8443\")"), "{error}");
        assert!(Endpoint::trusted("https://sts.contoso.com/", &TrustedHosts::none()).is_err());
        assert!(Endpoint::trusted("https:///", &TrustedHosts::none().allow("")).is_err());
    }

    #[test]
    fn any_host_is_any_other_machine() {
        let any = TrustedHosts::none().allow("127.0.0.1:8443").allow_any();
        assert!(Endpoint::trusted("https://127.0.0.1:8443/", &any).is_ok(), "what was named stays so");
        assert!(Endpoint::trusted("https://whoever.example/", &any).is_ok());
        for bad in [
            "https://127.0.0.1/",
            "https://localhost/",
            "https://[::1]/",
            "https://169.254.169.254/",
            "http://x/",
        ] {
            assert!(Endpoint::trusted(bad, &any).is_err(), "{bad}");
        }
        let long = format!("https://{}/", "a".repeat(254));
        assert_eq!(Endpoint::trusted(&long, &any).unwrap_err().kind(), ErrorKind::Malformed);
    }
}
