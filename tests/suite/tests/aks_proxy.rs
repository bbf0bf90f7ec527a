//! Identity bindings of AKS with both drivers: the token proxy of a cluster on a socket, with TLS of its own
//! that is asked for by name, and whose authority is replaced while the program runs.

use std::path::Path;
use std::sync::{Arc, Mutex};

use entrada_core::flow::{BoxFlow, Credential};
use entrada_core::{
    AccessToken, Authority, Cloud, Environment, Error, ErrorKind, TokenRequest, WorkloadIdentityCredential,
};
use entrada_tests::pki::{self, Named};
use entrada_tests::scratch::Scratch;
use entrada_tests::servers::{Io, Server, read_request};

const NAME: &str = "token-proxy.aks.example";
const ASSERTION: &str = "federated.token.of.the.pod";

/// Runs flows, all on the same driver.
type Runs = Box<dyn Fn(BoxFlow<AccessToken>) -> Result<AccessToken, Error>>;

/// Both drivers, in an environment with a proxy of the internet that must not be used.
fn drivers() -> [(&'static str, Runs); 2] {
    let trap = || {
        let trap = "http://127.0.0.1:9";
        Environment::new().with("HTTPS_PROXY", trap).with("HTTP_PROXY", trap)
    };
    let blocking = entrada_blocking::Driver::builder().environment(trap()).build().unwrap();
    let tokio = entrada_tokio::Driver::builder().environment(trap()).build().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    [
        ("blocking", Box::new(move |flow| blocking.run(flow))),
        ("tokio", Box::new(move |flow| runtime.block_on(tokio.run(flow)))),
    ]
}

/// The cluster's proxy.
struct Proxy {
    names: Arc<Named>,
    server: Server,
    heard: Arc<Mutex<Vec<String>>>,
}

impl Proxy {
    /// It keeps its connections open, as a client may wish.
    fn of(identity: &pki::Identity) -> Proxy {
        let (names, heard) = (Named::new(NAME, identity), Arc::<Mutex<Vec<String>>>::default());
        let memory = heard.clone();
        let answer = move |io: &mut dyn Io, first: &[u8]| {
            let body = r#"{"access_token":"t","expires_in":3600,"token_type":"Bearer"}"#;
            let mut request = first.to_vec();
            while !request.is_empty() {
                memory.lock().unwrap().push(String::from_utf8_lossy(&request).into_owned());
                let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len());
                if io.write_all(format!("{head}{body}").as_bytes()).and_then(|()| io.flush()).is_err() {
                    return;
                }
                request = read_request(io);
            }
        };
        let server = Server::start(Some(names.server()), Arc::new(answer));
        Proxy { names, server, heard }
    }

    /// The requests since somebody looked.
    fn heard(&self) -> Vec<String> {
        std::mem::take(&mut *self.heard.lock().unwrap())
    }

    fn pod(&self, token: &Path, more: &[(&str, &str)]) -> Environment {
        let address = format!("https://127.0.0.1:{}/base/", self.server.port());
        let pod = Environment::new()
            .with("AZURE_TENANT_ID", "contoso.example")
            .with("AZURE_CLIENT_ID", "client")
            .with("AZURE_FEDERATED_TOKEN_FILE", token.to_str().unwrap())
            .with("AZURE_KUBERNETES_TOKEN_PROXY", address);
        more.iter().fold(pod, |pod, (name, value)| pod.with(*name, *value))
    }
}

fn credential(pod: &Environment) -> WorkloadIdentityCredential {
    let authority = Authority::of_cloud(Cloud::PUBLIC).unwrap();
    let credential = WorkloadIdentityCredential::from_environment(pod, &authority).unwrap();
    credential.through_cluster_proxy(pod).unwrap()
}

fn ask(runs: &Runs, credential: &WorkloadIdentityCredential) -> Result<AccessToken, Error> {
    runs(credential.begin(&TokenRequest::new(["https://vault.azure.net/.default"]).unwrap()))
}

#[test]
fn the_authority_of_the_proxy_is_replaced_while_the_program_runs() {
    let (first, second) = (pki::Authority::new(), pki::Authority::new());
    for (driver, runs) in drivers() {
        let scratch = Scratch::new();
        let token = scratch.put("token", format!("{ASSERTION}\n"));
        let ca = scratch.put("ca.pem", first.pem());
        let proxy = Proxy::of(&first.issue(&[NAME]));
        let pod = proxy.pod(
            &token,
            &[("AZURE_KUBERNETES_SNI_NAME", NAME), ("AZURE_KUBERNETES_CA_FILE", ca.to_str().unwrap())],
        );
        let credential = credential(&pod);
        assert!(ask(&runs, &credential).is_ok(), "{driver}");
        assert_eq!(proxy.names.asked(), [Some(NAME.to_owned())], "{driver}");
        let heard = proxy.heard();
        assert_eq!(heard.len(), 1, "{driver}");
        assert!(heard[0].starts_with("POST /base/contoso.example/oauth2/v2.0/token HTTP/1.1"), "{heard:?}");
        let body = heard[0]
            .rsplit(
                "

",
            )
            .next()
            .unwrap_or_default();
        assert!(body.split('&').any(|field| field == format!("client_assertion={ASSERTION}")), "{heard:?}");

        // The proxy is one step ahead of the file: its new certificate is not trusted, and it hears nothing.
        // A connection that was made by the old one would not tell, so the file changes as well.
        proxy.names.becomes(&second.issue(&[NAME]));
        scratch.put("ca.pem", format!("renewed\n{}", first.pem()));
        let error = ask(&runs, &credential).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Network, "{driver}: {error}");
        assert!(proxy.heard().is_empty() && !proxy.names.asked().is_empty(), "{driver}");

        // The file follows, and the same program goes on.
        scratch.put("ca.pem", second.pem());
        assert!(ask(&runs, &credential).is_ok(), "{driver}");
        assert_eq!((proxy.heard().len(), proxy.names.asked()), (1, vec![Some(NAME.to_owned())]), "{driver}");

        // While it is written it may be empty or gone: what it held before counts.
        scratch.put("ca.pem", "");
        assert!(ask(&runs, &credential).is_ok(), "{driver}");
        std::fs::remove_file(&ca).unwrap();
        assert!(ask(&runs, &credential).is_ok(), "{driver}");
        scratch.put("ca.pem", "no certificate");
        let error = ask(&runs, &credential).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration, "{driver}: {error}");
        assert!(error.to_string().contains("AZURE_KUBERNETES_CA_FILE"), "{error}");
        assert_eq!(proxy.heard().len(), 2, "{driver}");
    }
}

#[test]
fn only_the_proxy_of_that_name_and_that_authority_hears_the_token() {
    let (authority, stranger) = (pki::Authority::new(), pki::Authority::new());
    let pem = authority.pem();
    for (driver, runs) in drivers() {
        let scratch = Scratch::new();
        let token = scratch.put("token", ASSERTION);
        let data = ("AZURE_KUBERNETES_CA_DATA", pem.as_str());
        let named = ("AZURE_KUBERNETES_SNI_NAME", NAME);
        let asked = || Some(NAME.to_owned());
        for (identity, variables, name) in [
            // A certificate of another authority, also where no authority is named; one for another name, or
            // for the address alone.
            (stranger.issue(&[NAME]), &[named, data][..], asked()),
            (authority.issue(&[NAME]), &[named], asked()),
            (authority.issue(&["other.aks.example"]), &[named, data], asked()),
            (authority.issue(&["127.0.0.1"]), &[named, data], asked()),
            (authority.issue_until(&[NAME], 2020), &[named, data], asked()),
            // Who asks for no name, or for another, is not talked to.
            (authority.issue(&["127.0.0.1"]), &[data], None),
            (
                authority.issue(&[NAME]),
                &[("AZURE_KUBERNETES_SNI_NAME", "other.aks.example"), data],
                Some("other.aks.example".into()),
            ),
        ] {
            let proxy = Proxy::of(&identity);
            let error = ask(&runs, &credential(&proxy.pod(&token, variables))).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Network, "{driver} {variables:?}: {error}");
            let names = proxy.names.asked();
            assert!(!names.is_empty() && names.iter().all(|seen| *seen == name), "{driver}: {names:?}");
            assert!(proxy.heard().is_empty(), "{driver} {variables:?}");
        }
        let proxy = Proxy::of(&authority.issue(&[NAME]));
        let right = credential(&proxy.pod(&token, &[named, data]));
        assert!(ask(&runs, &right).is_ok() && ask(&runs, &right).is_ok(), "{driver}");
        assert_eq!(
            (proxy.heard().len(), proxy.names.asked()),
            (2, vec![asked()]),
            "one connection serves both"
        );
    }
}
