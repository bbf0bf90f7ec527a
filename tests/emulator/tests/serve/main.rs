//! The emulator on real sockets.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::sync::Arc;

use entrada_core::secret::SecretBytes;
use entrada_emulator::person::Person;
use entrada_emulator::serve::{Options, Server};
use entrada_emulator::{Config, world};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use serde_json::Value;
use url::form_urlencoded;

fn start(options: Options) -> Server {
    Server::start(Config::default(), [3; 32], options).expect("the server starts")
}

fn both() -> Server {
    start(Options { https: true, ..Options::default() })
}

fn address(url: &str) -> SocketAddr {
    url.split("//").nth(1).unwrap().parse().unwrap()
}

/// Writes a request and reads the one response: its head and its body.
fn exchange(mut stream: impl Read + Write, request: &str) -> (String, String) {
    stream.write_all(request.as_bytes()).unwrap();
    read_one(&mut stream)
}

fn read_one(stream: &mut impl Read) -> (String, String) {
    let mut bytes = Vec::new();
    let mut byte = [0];
    while !bytes.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).expect("a whole head");
        bytes.push(byte[0]);
    }
    let head = String::from_utf8(bytes).unwrap().to_lowercase();
    let length = head.split("content-length: ").nth(1).and_then(|rest| rest.lines().next()).unwrap();
    let mut body = vec![0; length.parse().unwrap()];
    stream.read_exact(&mut body).unwrap();
    (head, String::from_utf8(body).unwrap())
}

fn token_request(host: &str, scope: &str) -> String {
    let body = form_urlencoded::Serializer::new(String::new())
        .append_pair("grant_type", "client_credentials")
        .append_pair("client_id", world::APP)
        .append_pair("client_secret", world::SECRET)
        .append_pair("scope", scope)
        .finish();
    format!(
        "POST /{}/oauth2/v2.0/token HTTP/1.1\r\nHost: {host}\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
        world::TENANT,
        body.len()
    )
}

fn token(body: &str) -> String {
    let document: Value = serde_json::from_str(body).unwrap();
    document["access_token"].as_str().unwrap_or_else(|| panic!("{document}")).to_owned()
}

fn workspace_request(host: &str, token: &str) -> String {
    format!(
        "GET /subscriptions/{}/resourceGroups/{}/providers/Microsoft.MachineLearningServices/workspaces/{}\
         ?api-version=2024-10-01 HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\n\r\n",
        world::SUBSCRIPTION,
        world::RESOURCE_GROUP,
        world::WORKSPACE
    )
}

#[test]
fn a_token_and_a_workspace_on_one_connection() {
    let server = start(Options::default());
    let url = server.http_url().unwrap();
    let at = address(&url);
    let host = at.to_string();
    let mut stream = TcpStream::connect(at).unwrap();
    let (head, body) = exchange(&mut stream, &token_request(&host, world::MANAGEMENT_SCOPE));
    assert!(head.starts_with("http/1.1 200"), "{head}{body}");
    let (head, body) = exchange(&mut stream, &workspace_request(&host, &token(&body)));
    assert!(head.starts_with("http/1.1 200"), "{head}{body}");
    assert!(body.contains("\"ml-demo\""));
    assert!(server.https_url().is_none() && server.ca_path().is_none());
    let asked = server.requests();
    assert_eq!(asked.len(), 2);
    assert_eq!((asked[0].service, asked[0].method.as_str(), asked[0].status), ("Entra ID", "POST", 200));
    assert_eq!(asked[0].grant.as_deref(), Some("client_credentials"));
    assert_eq!(asked[0].client.as_deref(), Some(world::APP));
    assert_eq!(asked[1].service, "Azure Resource Manager");
    assert!(!format!("{asked:?}").contains(world::SECRET));
    assert_eq!(server.with(|emulator| emulator.token_requests()), 1);
}

#[test]
fn the_same_over_tls_with_the_authority_it_made() {
    let server = both();
    let url = server.https_url().unwrap();
    let at = address(&url);
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(server.ca_path().unwrap()).unwrap()).unwrap();
    let connect = |name: &'static str, roots: RootCertStore| {
        let config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let name = ServerName::try_from(name).unwrap();
        let connection = ClientConnection::new(Arc::new(config), name).unwrap();
        StreamOwned::new(connection, TcpStream::connect(at).unwrap())
    };
    for name in ["localhost", "127.0.0.1", "::1"] {
        let scope = format!("{url}/.default");
        let request = token_request(&at.to_string(), &scope);
        let (head, body) = exchange(connect(name, roots.clone()), &request);
        assert!(head.starts_with("http/1.1 200"), "{head}{body}");
        let request = workspace_request(&at.to_string(), &token(&body));
        let (head, body) = exchange(connect(name, roots.clone()), &request);
        assert!(head.starts_with("http/1.1 200"), "{head}{body}");
    }
    assert!(connect("example.com", roots).write_all(b"GET").is_err());
    assert!(connect("localhost", RootCertStore::empty()).write_all(b"GET").is_err());
}

#[test]
fn a_person_signs_in_over_http() {
    let server = start(Options::default());
    let url = server.http_url().unwrap();
    let at = address(&url);
    let authorize = format!(
        "{url}/{}/oauth2/v2.0/authorize?client_id={}&response_type=code&scope=openid&state=s\
         &redirect_uri=http://localhost:1&response_mode=form_post",
        world::TENANT,
        world::DEVELOPER_CLIENT
    );
    let arrival = Person::default()
        .sign_in(&authorize, |request| {
            let path = request.uri().path_and_query().unwrap();
            let kind =
                request.headers().get("content-type").map_or("text/plain", |kind| kind.to_str().unwrap());
            let text = format!(
                "{} {path} HTTP/1.1\r\nHost: {at}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n\r\n{}",
                request.method(),
                request.body().len(),
                std::str::from_utf8(request.body().expose()).unwrap()
            );
            let (head, body) = exchange(TcpStream::connect(at)?, &text);
            let status = head.split(' ').nth(1).unwrap();
            Ok::<_, io::Error>(http::Response::builder().status(status).body(SecretBytes::new(body)).unwrap())
        })
        .unwrap();
    assert_eq!(arrival.url, "http://localhost:1/");
    assert!(arrival.parameter("code").is_some());
}

#[test]
fn names_of_others_are_refused() {
    let server = start(Options::default());
    let at = address(&server.http_url().unwrap());
    for host in ["login.microsoftonline.com", "evil.example", "169.254.169.254", "localhost.evil.example", ""]
    {
        let request = format!("GET /common/discovery/v2.0/keys HTTP/1.1\r\nHost: {host}\r\n\r\n");
        let (head, _) = exchange(TcpStream::connect(at).unwrap(), &request);
        assert!(head.starts_with("http/1.1 421"), "{host}: {head}");
    }
    for host in ["localhost", "LOCALHOST:80", "127.0.0.1", "[::1]:5"] {
        let request = format!("GET /common/discovery/v2.0/keys HTTP/1.1\r\nHost: {host}\r\n\r\n");
        let (head, _) = exchange(TcpStream::connect(at).unwrap(), &request);
        assert!(head.starts_with("http/1.1 200"), "{host}: {head}");
    }
}

#[test]
fn a_large_body_is_refused() {
    let server = start(Options::default());
    let at = address(&server.http_url().unwrap());
    let mut stream = TcpStream::connect(at).unwrap();
    let head = format!("POST /x HTTP/1.1\r\nHost: {at}\r\nContent-Length: {}\r\n\r\n", (1 << 20) + 1);
    stream.write_all(head.as_bytes()).unwrap();
    let (head, _) = read_one(&mut stream);
    assert!(head.starts_with("http/1.1 413"), "{head}");
    // The same without saying so at first.
    let mut stream = TcpStream::connect(at).unwrap();
    let size = (1 << 20) + 1;
    let head = format!("POST /x HTTP/1.1\r\nHost: {at}\r\nTransfer-Encoding: chunked\r\n\r\n{size:x}\r\n");
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(&vec![b'a'; size]).unwrap();
    let (head, _) = read_one(&mut stream);
    assert!(head.starts_with("http/1.1 413"), "{head}");
}

#[test]
fn only_loopback() {
    for http in [SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0)), SocketAddr::from(([10, 0, 0, 1], 0))] {
        let options = Options { http: Some(http), ..Options::default() };
        let error = Server::start(Config::default(), [0; 32], options).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
    }
    let nothing = Options { http: None, ..Options::default() };
    assert!(Server::start(Config::default(), [0; 32], nothing).is_err());
}

#[test]
fn only_https_where_that_is_wanted() {
    let port = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
    let server = start(Options { http: None, https: true, https_port: port, ..Options::default() });
    assert_eq!(server.https_url(), Some(format!("https://127.0.0.1:{port}")));
    assert!(server.http_url().is_none());
    let environment = server.environment();
    assert!(!environment.iter().any(|(name, _)| name == "ENTRADA_ALLOW_HTTP_LOOPBACK"));
    assert!(environment.iter().all(|(_, value)| !value.starts_with("http:")));
}

#[test]
fn the_environment_and_the_end() {
    let server = both();
    let environment = server.environment();
    let value = |name: &str| environment.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
    let (http, https) = (server.http_url(), server.https_url());
    assert_eq!(value("AZURE_AUTHORITY_HOST"), https);
    assert_eq!(value("AZURE_POD_IDENTITY_AUTHORITY_HOST"), http);
    assert_eq!(value("AZURE_TENANT_ID").as_deref(), Some(world::TENANT));
    assert_eq!(value("AZURE_CLIENT_ID").as_deref(), Some(world::APP));
    assert_eq!(value("AZURE_CLIENT_SECRET").as_deref(), Some(world::SECRET));
    assert_eq!(value("ENTRADA_ARM_ENDPOINT"), https);
    assert_eq!(value("ENTRADA_GRAPH_ENDPOINT"), https);
    assert_eq!(value("ENTRADA_ALLOW_HTTP_LOOPBACK").as_deref(), Some("1"));
    let path = server.ca_path().unwrap().to_owned();
    assert_eq!(value("SSL_CERT_FILE"), Some(path.display().to_string()));
    assert!(std::fs::read_to_string(&path).unwrap().starts_with("-----BEGIN CERTIFICATE-----"));
    let at = address(&http.unwrap());
    drop(server);
    assert!(TcpStream::connect(at).is_err());
    assert!(!path.exists() && !path.parent().unwrap().exists());
}

#[test]
fn the_certificate_stays_where_it_was_wanted() {
    let directory = std::env::temp_dir().join(format!("entrada-emulator-test-{}", std::process::id()));
    let options = || Options { https: true, ca_dir: Some(directory.clone()), ..Options::default() };
    let first = start(options());
    let path = first.ca_path().unwrap().to_owned();
    let before = std::fs::read(&path).unwrap();
    drop(first);
    assert!(path.exists());
    drop(start(options()));
    assert_ne!(std::fs::read(&path).unwrap(), before, "a new authority each time");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o133, 0);
    }
    std::fs::remove_dir_all(directory).unwrap();
}
