//! The browser's return: telling our redirect from everything else that may knock.

use serde_json::{Map, Value};

use crate::effect::LoopbackHosts;
use crate::endpoint;
use crate::error::{Error, ErrorKind};
use crate::secret::Secret;
use crate::token::Refusal;

/// Where the browser comes back to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RedirectUri {
    host: String,
    pub(super) port: Option<u16>,
    pub(super) hosts: LoopbackHosts,
    pub(super) path: String,
}

impl Default for RedirectUri {
    /// `http://localhost` at any free port.
    fn default() -> RedirectUri {
        RedirectUri {
            host: "localhost".to_owned(),
            port: None,
            hosts: LoopbackHosts::Both,
            path: String::new(),
        }
    }
}

impl RedirectUri {
    /// The redirect URI of this text. Without a port any free one is used; Entra ignores the port of
    /// a loopback address.
    ///
    /// # Errors
    /// `Configuration` when it is not `http://` on this machine.
    pub fn new(text: &str) -> Result<RedirectUri, Error> {
        let refused = |why: &str| {
            Error::new(ErrorKind::Configuration, format!("the redirect URI cannot be listened on: {why}"))
                .with_remedy("use http://localhost, with a port if the app demands one")
        };
        let url = endpoint::read(text.trim()).ok_or_else(|| refused("it is not a URL"))?;
        if url.scheme() != "http" {
            return Err(refused("it is not http"));
        }
        let plain = url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty()
            && url.password().is_none();
        if !plain {
            return Err(refused("it has more than a host, a port and a path"));
        }
        let hosts = match url.host_str() {
            Some("localhost") => LoopbackHosts::Both,
            Some("127.0.0.1") => LoopbackHosts::V4,
            Some("[::1]") => LoopbackHosts::V6,
            _ => return Err(refused("its host is not this machine")),
        };
        Ok(RedirectUri {
            host: url.host_str().unwrap_or_default().to_owned(),
            port: explicit_port(text),
            hosts,
            // A server that compares letter by letter tells the two apart.
            path: url
                .path()
                .strip_suffix('/')
                .filter(|_| !text.trim().ends_with('/'))
                .unwrap_or(url.path())
                .to_owned(),
        })
    }

    /// As it is sent to the authority, once the port is known.
    #[must_use]
    pub fn uri(&self, port: u16) -> String {
        format!("http://{}:{port}{}", self.host, self.path)
    }

    /// The path that the browser asks for.
    pub(super) fn asked_path(&self) -> &str {
        if self.path.is_empty() { "/" } else { &self.path }
    }
}

/// The port as written; `Url` forgets `:80`.
fn explicit_port(text: &str) -> Option<u16> {
    let (_, rest) = text.trim().split_once("://")?;
    let authority = rest.split('/').next()?;
    let after_brackets = authority.rsplit(']').next()?;
    after_brackets.rsplit_once(':')?.1.parse().ok().filter(|port| *port != 0)
}

/// Who knocked.
#[derive(Debug)]
pub enum Incoming {
    /// Not our redirect: a favicon, a prefetch, a scanner, an old tab. Answered with this status.
    Stranger(u16),
    /// Our redirect.
    Ours(Outcome),
}

/// What our redirect brings.
#[derive(Debug)]
pub enum Outcome {
    /// An authorization code, and who says that it issued it (RFC 9207), if anybody does.
    Code(Secret, Option<String>),
    /// A refusal (RFC 6749 section 4.1.2.1).
    Refused(Refusal),
}

/// Reads one HTTP/1 request as it came from the socket. Total: any bytes have a meaning.
///
/// The redirect is ours only if its `state` is, which is looked at before anything else in it, in
/// constant time. A request of the right path with another state is a stranger too: an old tab, or
/// somebody who tries to slip in a code of their own.
#[must_use]
pub fn parse(request: &[u8], path: &str, state: &Secret) -> Incoming {
    let Some((head, body)) = split(request) else {
        return Incoming::Stranger(400);
    };
    let mut words = head.lines().next().unwrap_or_default().split(' ');
    let (Some(method), Some(target), Some(version)) = (words.next(), words.next(), words.next()) else {
        return Incoming::Stranger(400);
    };
    if !version.starts_with("HTTP/1.") {
        return Incoming::Stranger(400);
    }
    let (target_path, query) = target.split_once('?').unwrap_or((target, ""));
    if target_path != path {
        return Incoming::Stranger(404);
    }
    let fields = match method {
        "GET" => Fields::read(query.as_bytes()),
        "POST" if is_form(head) => Fields::read(body),
        "POST" => return Incoming::Stranger(415),
        _ => return Incoming::Stranger(405),
    };
    match fields.outcome(state) {
        Some(outcome) => Incoming::Ours(outcome),
        None => Incoming::Stranger(if fields.0.is_empty() { 404 } else { 400 }),
    }
}

/// Reads the query, or the form, of a redirect; nothing, if its `state` is another or it brings nothing.
pub(crate) fn read(parameters: &[u8], state: &Secret) -> Option<Outcome> {
    Fields::read(parameters).outcome(state)
}

fn split(request: &[u8]) -> Option<(&str, &[u8])> {
    let end = request.windows(4).position(|window| window == b"\r\n\r\n")?;
    Some((std::str::from_utf8(&request[..end]).ok()?, &request[end + 4..]))
}

fn is_form(head: &str) -> bool {
    head.lines().skip(1).any(|line| {
        let (name, value) = line.split_once(':').unwrap_or_default();
        let kind = value.split(';').next().unwrap_or_default().trim();
        name.trim().eq_ignore_ascii_case("content-type")
            && kind.eq_ignore_ascii_case("application/x-www-form-urlencoded")
    })
}

/// The fields of the form. One that stands twice counts as absent: no honest redirect has it.
struct Fields(Vec<(String, String)>);

impl Fields {
    fn read(text: &[u8]) -> Fields {
        Fields(url::form_urlencoded::parse(text).map(|(name, value)| (name.into(), value.into())).collect())
    }

    fn get(&self, name: &str) -> Option<&str> {
        let mut values = self.0.iter().filter(|(known, _)| known == name).map(|(_, value)| value.as_str());
        let first = values.next().filter(|value| !value.is_empty());
        if values.next().is_some() { None } else { first }
    }

    fn outcome(&self, state: &Secret) -> Option<Outcome> {
        self.get("state").filter(|got| state.matches(got))?;
        match (self.get("error"), self.get("code")) {
            (Some(_), _) => Some(Outcome::Refused(self.refusal())),
            (None, Some(code)) => Some(Outcome::Code(Secret::new(code), self.get("iss").map(str::to_owned))),
            (None, None) => None,
        }
    }

    fn refusal(&self) -> Refusal {
        let known = ["error", "error_description", "error_uri", "claims"];
        let document: Map<String, Value> = known
            .into_iter()
            .filter_map(|name| Some((name.to_owned(), Value::from(self.get(name)?))))
            .collect();
        Refusal::of_document(&document)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STATE: &str = "s3cret";

    fn read(request: &str) -> Incoming {
        parse(request.as_bytes(), "/", &Secret::new(STATE))
    }

    fn post(body: &str) -> Incoming {
        read(&format!(
            "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        ))
    }

    #[test]
    fn both_response_modes() {
        for incoming in
            [read("GET /?code=c%20d&state=s3cret HTTP/1.1\r\n\r\n"), post("state=s3cret&code=c+d")]
        {
            assert!(matches!(incoming, Incoming::Ours(Outcome::Code(code, None)) if code.expose() == "c d"));
        }
        let refused = post("error=access_denied&error_description=AADSTS65004%3A+no&state=s3cret");
        assert!(
            matches!(refused, Incoming::Ours(Outcome::Refused(r)) if r.code == Some("access_denied") && r.numbers == [65004])
        );
    }

    #[test]
    fn strangers() {
        for (request, status) in [
            ("", 400),
            ("GET / HTTP/1.1\r\n", 400),
            ("GET / HTTP/1.1\r\n\r\n", 404),
            ("GET /favicon.ico HTTP/1.1\r\n\r\n", 404),
            ("GET /?code=c&state=other HTTP/1.1\r\n\r\n", 400),
            ("GET /?code=c&state=S3CRET HTTP/1.1\r\n\r\n", 400),
            ("GET /?code=c HTTP/1.1\r\n\r\n", 400),
            ("GET /?state=s3cret HTTP/1.1\r\n\r\n", 400),
            ("GET /?code=a&state=s3cret&state=s3cret HTTP/1.1\r\n\r\n", 400),
            ("GET /?code=a&code=b&state=s3cret HTTP/1.1\r\n\r\n", 400),
            ("HEAD /?code=c&state=s3cret HTTP/1.1\r\n\r\n", 405),
            ("POST /?code=c&state=s3cret HTTP/1.1\r\n\r\n", 415),
            ("GET /?code=c&state=s3cret HTTP/2\r\n\r\n", 400),
            ("\u{e9}\r\n\r\n", 400),
        ] {
            assert!(matches!(read(request), Incoming::Stranger(got) if got == status), "{request:?}");
        }
        assert!(matches!(
            parse(&[0xff, b'\r', b'\n', b'\r', b'\n'], "/", &Secret::new("")),
            Incoming::Stranger(400)
        ));
    }

    #[test]
    fn an_empty_state_is_nobodys() {
        assert!(matches!(
            parse(b"GET /?code=c&state= HTTP/1.1\r\n\r\n", "/", &Secret::new("")),
            Incoming::Stranger(_)
        ));
    }

    #[test]
    fn redirect_uris() {
        for (text, port, uri) in [
            ("http://localhost", None, "http://localhost:7"),
            ("http://localhost:8400/", Some(8400), "http://localhost:7/"),
            ("http://localhost:8400/back/", Some(8400), "http://localhost:7/back/"),
            ("http://127.0.0.1:80/back", Some(80), "http://127.0.0.1:7/back"),
            ("http://[::1]:5", Some(5), "http://[::1]:7"),
            ("http://[::1]", None, "http://[::1]:7"),
        ] {
            let redirect = RedirectUri::new(text).unwrap();
            assert_eq!((redirect.port, redirect.uri(7).as_str()), (port, uri), "{text}");
        }
        for bad in [
            "",
            "https://localhost:1",
            "http://example.com:1",
            "http://localhost?x",
            "http://u@localhost",
            "urn:ietf:wg:oauth:2.0:oob",
            "http://0.0.0.0:1",
        ] {
            assert!(RedirectUri::new(bad).is_err(), "{bad}");
        }
    }
}
