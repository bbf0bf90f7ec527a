//! A request taken apart: where it came to, its path, query and form.

use std::fmt;

use entrada_core::cloud::Cloud;
use entrada_core::effect::HttpRequest;
use entrada_core::time::Now;
use http::{Method, header};
use url::form_urlencoded;

/// Scheme and authority of the request, the base of every address in an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Origin {
    scheme: String,
    authority: String,
}

impl Origin {
    /// The host without the port, in lower case.
    pub(crate) fn host(&self) -> String {
        let host = match self.authority.strip_prefix('[') {
            Some(rest) => rest.split(']').next().unwrap_or_default(),
            None => self.authority.split(':').next().unwrap_or_default(),
        };
        host.to_ascii_lowercase()
    }

    /// The port, where it is named.
    pub(crate) fn port(&self) -> Option<u16> {
        self.authority.rsplit_once(':')?.1.parse().ok()
    }

    /// The cloud of a regional host of the token service: `{region}.login.microsoft.com` in the public
    /// cloud, `{region}.` and any name of the authority in others.
    pub(crate) fn region(&self) -> Option<&'static Cloud> {
        let host = self.host();
        let (region, rest) = host.split_once('.')?;
        let legal = region.starts_with(|c: char| c.is_ascii_lowercase()) && !region.ends_with('-');
        let cloud = Cloud::of_authority(rest).ok().flatten()?;
        (legal && (cloud != Cloud::PUBLIC || rest == "login.microsoft.com")).then_some(cloud)
    }

    /// The cloud whose authority, regional authority or resource manager this is.
    pub(crate) fn cloud(&self) -> Option<&'static Cloud> {
        let host = self.host();
        if let Some(cloud) = self.region() {
            return Some(cloud);
        }
        Cloud::of_authority(&host).ok().flatten().or_else(|| {
            Cloud::ALL.into_iter().find(|cloud| {
                [cloud.resource_manager, cloud.graph]
                    .into_iter()
                    .flatten()
                    .any(|known| known.strip_prefix("https://") == Some(&host))
            })
        })
    }

    /// The name of an external tenant: `{name}.ciamlogin.com`.
    pub(crate) fn external(&self) -> Option<String> {
        let host = self.host();
        host.strip_suffix(".ciamlogin.com").filter(|name| !name.contains('.')).map(str::to_owned)
    }

    /// The name of a tenant of B2C: `{name}.b2clogin.com`.
    pub(crate) fn b2c(&self) -> Option<String> {
        let host = self.host();
        host.strip_suffix(".b2clogin.com").filter(|name| !name.contains('.')).map(str::to_owned)
    }

    /// The origin that issues tokens for this one. Machines are in the public cloud.
    pub(crate) fn authority(&self) -> String {
        match self.cloud() {
            Some(cloud) => format!("https://{}", cloud.authority),
            None if self.host() == crate::route::METADATA => format!("https://{}", Cloud::PUBLIC.authority),
            None => self.to_string(),
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.scheme, self.authority)
    }
}

/// Parameters of a query or a form. Not `Debug`: they hold secrets.
#[derive(Clone, Default)]
pub(crate) struct Params(Vec<(String, String)>);

impl Params {
    pub(crate) fn parse(bytes: &[u8]) -> Params {
        Params(form_urlencoded::parse(bytes).into_owned().collect())
    }

    /// The value, if there is one and it is not empty.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str()).filter(|v| !v.is_empty())
    }

    pub(crate) fn text(&self, name: &str) -> &str {
        self.get(name).unwrap_or_default()
    }

    /// As [`Params::get`], without regard to the case of the name: the way of Azure Resource Manager.
    pub(crate) fn get_any_case(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    /// A name that occurs twice.
    pub(crate) fn doubled(&self) -> Option<&str> {
        let names = self.0.iter().enumerate();
        names.into_iter().find_map(|(index, (name, _))| {
            self.0[..index].iter().any(|(earlier, _)| earlier == name).then_some(name.as_str())
        })
    }
}

pub(crate) struct Ask<'a> {
    pub(crate) now: Now,
    pub(crate) origin: Origin,
    pub(crate) segments: Vec<String>,
    pub(crate) query: Params,
    /// Whether the token proxy of a cluster passed it on.
    pub(crate) bound: bool,
    request: &'a HttpRequest,
}

impl<'a> Ask<'a> {
    /// Nothing, if the request does not say which host it is for.
    pub(crate) fn new(now: Now, request: &'a HttpRequest) -> Option<Ask<'a>> {
        let uri = request.uri();
        let authority = match uri.authority() {
            Some(authority) => authority.as_str().to_owned(),
            None => request.headers().get(header::HOST)?.to_str().ok()?.to_owned(),
        };
        if authority.is_empty() || authority.contains(['@', '/', '\\', '"', '<', '>', ' ']) {
            return None;
        }
        let scheme = uri.scheme_str().unwrap_or("http").to_owned();
        let path = uri.path().strip_prefix('/').unwrap_or(uri.path());
        Some(Ask {
            now,
            origin: Origin { scheme, authority },
            segments: path.split('/').map(decode).collect(),
            query: Params::parse(uri.query().unwrap_or_default().as_bytes()),
            bound: false,
            request,
        })
    }

    /// The same request as the token proxy of a cluster passes it on: to the public cloud, where the proxy
    /// has a host of its own.
    pub(crate) fn passed_on(&self, own_host: bool) -> Ask<'a> {
        let public = || Origin { scheme: "https".into(), authority: Cloud::PUBLIC.authority.into() };
        Ask {
            now: self.now,
            origin: if own_host { public() } else { self.origin.clone() },
            segments: self.segments.clone(),
            query: self.query.clone(),
            bound: true,
            request: self.request,
        }
    }

    pub(crate) fn method(&self) -> &Method {
        self.request.method()
    }

    pub(crate) fn is_get(&self) -> bool {
        *self.method() == Method::GET
    }

    pub(crate) fn is_post(&self) -> bool {
        *self.method() == Method::POST
    }

    pub(crate) fn path(&self) -> &str {
        self.request.uri().path()
    }

    /// The path in pieces, to match on.
    pub(crate) fn pieces(&self) -> Vec<&str> {
        self.segments.iter().map(String::as_str).collect()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.request.headers().get(name)?.to_str().ok()
    }

    pub(crate) fn body(&self) -> &[u8] {
        self.request.body().expose()
    }

    /// The body, if it says that it is a form; else nothing.
    pub(crate) fn form(&self) -> Params {
        let kind = self.header("content-type").unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim();
        if kind.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            Params::parse(self.request.body().expose())
        } else {
            Params::default()
        }
    }
}

/// Percent-decoding (RFC 3986 section 2.1); what is not an escape stays as it is.
fn decode(segment: &str) -> String {
    let digit = |byte: Option<&u8>| byte.and_then(|byte| char::from(*byte).to_digit(16));
    let bytes = segment.as_bytes();
    let (mut out, mut at) = (Vec::with_capacity(bytes.len()), 0);
    while let Some(byte) = bytes.get(at) {
        match (byte, digit(bytes.get(at + 1)), digit(bytes.get(at + 2))) {
            (b'%', Some(high), Some(low)) => {
                out.extend(u8::try_from(high * 16 + low));
                at += 3;
            }
            _ => {
                out.push(*byte);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// Whether this is a GUID in its usual form.
pub(crate) fn is_guid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(index, byte)| match index {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}
