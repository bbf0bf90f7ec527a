//! Certificates for tests.

use std::sync::{Arc, Mutex};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;

/// An authority that nobody trusts until a test says so.
pub struct Authority(CertifiedIssuer<'static, KeyPair>);

/// A server's certificate and key.
pub struct Identity {
    certificate: CertificateDer<'static>,
    key: PrivateKeyDer<'static>,
}

impl Default for Authority {
    fn default() -> Authority {
        Authority::new()
    }
}

impl Authority {
    /// A new authority.
    ///
    /// # Panics
    /// When it cannot be made.
    #[must_use]
    pub fn new() -> Authority {
        let mut params = CertificateParams::new(Vec::new()).expect("parameters");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(rcgen::DnType::CommonName, "entrada test authority");
        let key = KeyPair::generate().expect("a key");
        Authority(CertifiedIssuer::self_signed(params, key).expect("an authority"))
    }

    /// Its certificate, as a file has it.
    #[must_use]
    pub fn pem(&self) -> String {
        self.0.pem()
    }

    /// A certificate for these names.
    #[must_use]
    pub fn issue(&self, names: &[&str]) -> Identity {
        self.issue_until(names, 2099)
    }

    /// A certificate for these names that ends with the beginning of the year.
    ///
    /// # Panics
    /// When it cannot be made.
    #[must_use]
    pub fn issue_until(&self, names: &[&str], year: i32) -> Identity {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let mut params = CertificateParams::new(names).expect("parameters");
        params.not_before = date_time_ymd(2000, 1, 1);
        params.not_after = date_time_ymd(year, 1, 1);
        let key = KeyPair::generate().expect("a key");
        let certificate = params.signed_by(&key, &self.0).expect("a certificate");
        Identity {
            certificate: certificate.der().clone(),
            key: PrivatePkcs8KeyDer::from(key.serialize_der()).into(),
        }
    }
}

impl Identity {
    /// The SHA-1 fingerprint of the certificate.
    #[must_use]
    pub fn fingerprint(&self) -> [u8; 20] {
        entrada_host::pin::fingerprint(&self.certificate)
    }

    /// A TLS server of this identity.
    ///
    /// # Panics
    /// When it cannot be made.
    #[must_use]
    pub fn server(&self) -> Arc<ServerConfig> {
        let chain = vec![self.certificate.clone()];
        Arc::new(builder().with_single_cert(chain, self.key.clone_key()).expect("a server"))
    }

    fn certified(&self) -> Arc<CertifiedKey> {
        let key = rustls::crypto::ring::sign::any_supported_type(&self.key).expect("a key that signs");
        Arc::new(CertifiedKey::new(vec![self.certificate.clone()], key))
    }
}

fn builder() -> rustls::ConfigBuilder<ServerConfig, rustls::server::WantsServerCert> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ServerConfig::builder_with_provider(provider);
    builder.with_safe_default_protocol_versions().expect("protocol versions").with_no_client_auth()
}

/// A TLS server that is asked for by its name (SNI), and has another identity from time to time. Who asks for
/// another name, or for none, is turned away.
#[derive(Debug)]
pub struct Named {
    name: String,
    asked: Mutex<Vec<Option<String>>>,
    identity: Mutex<Arc<CertifiedKey>>,
}

impl Named {
    /// The server of this name, with this identity for now.
    #[must_use]
    pub fn new(name: &str, identity: &Identity) -> Arc<Named> {
        let identity = Mutex::new(identity.certified());
        Arc::new(Named { name: name.to_owned(), asked: Mutex::default(), identity })
    }

    /// It has this identity from now on.
    ///
    /// # Panics
    /// When a thread of the server panicked.
    pub fn becomes(&self, identity: &Identity) {
        *self.identity.lock().expect("the identity") = identity.certified();
    }

    /// The names that were asked for since somebody looked.
    ///
    /// # Panics
    /// When a thread of the server panicked.
    #[must_use]
    pub fn asked(&self) -> Vec<Option<String>> {
        std::mem::take(&mut *self.asked.lock().expect("the names"))
    }

    /// Its side of TLS. Nobody may go on with a session of an earlier identity.
    #[must_use]
    pub fn server(self: &Arc<Named>) -> Arc<ServerConfig> {
        let mut config = builder().with_cert_resolver(self.clone());
        config.session_storage = Arc::new(rustls::server::NoServerSessionStorage {});
        config.send_tls13_tickets = 0;
        Arc::new(config)
    }
}

impl ResolvesServerCert for Named {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let name = hello.server_name().map(str::to_owned);
        self.asked.lock().expect("the names").push(name.clone());
        (name.as_ref() == Some(&self.name)).then(|| self.identity.lock().expect("the identity").clone())
    }
}
