//! A certificate authority that lives as long as the server, and the server's certificate by it.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use entrada_core::calendar;
use entrada_core::time::{Now, Unix};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, SerialNumber, date_time_ymd,
};
use ring::rand::{SecureRandom as _, SystemRandom};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

const DAY: i64 = 86_400;
const FILE: &str = "entrada-emulator-ca.pem";

/// The certificate to trust, and what the server shows.
pub(super) struct Authority {
    pub(super) pem: String,
    pub(super) server: Arc<ServerConfig>,
}

impl Authority {
    /// Makes both anew. The authority's key is dropped: it signs one certificate.
    pub(super) fn make(now: Now) -> io::Result<Authority> {
        let mut params = params(now, Vec::new(), "entrada emulator")?;
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let key = KeyPair::generate().map_err(io::Error::other)?;
        let certificate = params.self_signed(&key).map_err(io::Error::other)?;
        let issuer = Issuer::new(params, key);

        let names = ["localhost", "127.0.0.1", "::1"].map(str::to_owned).to_vec();
        let mut params = self::params(now, names, "localhost")?;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        let key = KeyPair::generate().map_err(io::Error::other)?;
        let leaf = params.signed_by(&key, &issuer).map_err(io::Error::other)?;
        let server = server(vec![leaf.der().clone(), certificate.der().clone()], &key)?;
        Ok(Authority { pem: certificate.pem(), server })
    }
}

/// A certificate that nobody signed but itself, in DER, and a server that shows it.
pub(super) fn self_signed(now: Now) -> io::Result<(Vec<u8>, Arc<ServerConfig>)> {
    let params = params(now, vec!["localhost".to_owned()], "localhost")?;
    let key = KeyPair::generate().map_err(io::Error::other)?;
    let leaf = params.self_signed(&key).map_err(io::Error::other)?;
    Ok((leaf.der().to_vec(), server(vec![leaf.der().clone()], &key)?))
}

fn server(chain: Vec<CertificateDer<'static>>, key: &KeyPair) -> io::Result<Arc<ServerConfig>> {
    let secret = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let mut server = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?
        .with_no_client_auth()
        .with_single_cert(chain, secret)
        .map_err(io::Error::other)?;
    server.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(server))
}

/// A new folder in the temporary one, for this purpose.
pub(super) fn temporary(purpose: &str) -> io::Result<PathBuf> {
    let name: String = random()?.iter().map(|byte| format!("{byte:02x}")).collect();
    let directory = std::env::temp_dir().join(format!("entrada-emulator-{purpose}-{name}"));
    make_private(&directory)?;
    Ok(directory)
}

#[cfg(unix)]
fn make_private(directory: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    fs::DirBuilder::new().mode(0o700).create(directory)
}

/// The temporary folder is the user's own.
#[cfg(not(unix))]
fn make_private(directory: &Path) -> io::Result<()> {
    fs::create_dir(directory)
}

/// What both have in common: valid from yesterday, for clocks that are behind, and for 90 days.
fn params(now: Now, names: Vec<String>, name: &str) -> io::Result<CertificateParams> {
    let mut params = CertificateParams::new(names).map_err(io::Error::other)?;
    params.distinguished_name.push(DnType::CommonName, name);
    let mut serial = random()?;
    // A serial number is positive.
    serial[0] = serial[0] & 0x7f | 0x40;
    params.serial_number = Some(SerialNumber::from_slice(&serial));
    let (year, month, day) = date(Unix(now.unix.0 - DAY));
    params.not_before = date_time_ymd(year, month, day);
    let (year, month, day) = date(now.unix.after(Duration::from_secs(90 * 86_400)));
    params.not_after = date_time_ymd(year, month, day);
    Ok(params)
}

fn date(at: Unix) -> (i32, u8, u8) {
    let text = calendar::rfc3339(at);
    let mut parts = text.get(..10).unwrap_or_default().split('-');
    let year = parts.next().and_then(|part| part.parse().ok()).unwrap_or(1970);
    let mut small = || parts.next().and_then(|part| part.parse().ok()).unwrap_or(1);
    (year, small(), small())
}

fn random() -> io::Result<[u8; 16]> {
    let mut bytes = [0; 16];
    SystemRandom::new().fill(&mut bytes).map_err(|_| io::Error::other("no randomness"))?;
    Ok(bytes)
}

/// Where the certificate lies.
pub(super) struct Folder {
    certificate: PathBuf,
    temporary: Option<PathBuf>,
}

impl Folder {
    pub(super) fn write(directory: Option<PathBuf>, pem: &str) -> io::Result<Folder> {
        let (directory, temporary) = match directory {
            Some(directory) => {
                fs::create_dir_all(&directory)?;
                (directory, None)
            }
            None => {
                let name: String = random()?.iter().map(|byte| format!("{byte:02x}")).collect();
                let directory = std::env::temp_dir().join(format!("entrada-emulator-{name}"));
                fs::create_dir(&directory)?;
                (directory.clone(), Some(directory))
            }
        };
        let folder = Folder { certificate: directory.join(FILE), temporary };
        match fs::remove_file(&folder.certificate) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o644);
        options.open(&folder.certificate)?.write_all(pem.as_bytes())?;
        Ok(folder)
    }

    pub(super) fn certificate(&self) -> &Path {
        &self.certificate
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if let Some(directory) = &self.temporary {
            let _ = fs::remove_file(&self.certificate);
            let _ = fs::remove_dir(directory);
        }
    }
}
