//! What an app shall sign in with: a secret, a certificate that is there, or one that is made here.

use std::path::Path;

use entrada_core::error::MadeKind;
use entrada_core::graph::setup::{Certificate, Life, Proof};
use entrada_core::{Error, ErrorKind};
use entrada_host::keys::pem::BlockKind;

use super::file::NewFile;
use crate::args::ProofArgs;
use crate::setup::Setup;
use crate::ui::say;

/// What is ready before the directory is asked for anything.
pub(super) struct Prepared {
    pub(super) proof: Proof,
    /// The certificate's file.
    pub(super) path: Option<String>,
    /// That file, when it was made here.
    pub(super) made: Option<NewFile>,
}

/// Reads or makes what is registered for the app of this name.
pub(super) fn prepare(setup: &Setup, args: &ProofArgs, owner: &str) -> Result<Prepared, Error> {
    let life = Life { days: args.days.unwrap_or(args.years * 365) };
    #[cfg(feature = "create-cert")]
    if let Some(file) = &args.create_cert {
        return create(setup, file.as_deref(), owner, life);
    }
    #[cfg(not(feature = "create-cert"))]
    let _ = owner;
    let (proof, path) = match &args.cert {
        Some(file) => {
            let file = file.strip_prefix('@').unwrap_or(file);
            (Proof::Certificate(read(setup, Path::new(file), args)?), Some(file.to_owned()))
        }
        None if args.no_password => (Proof::Nothing, None),
        None => (Proof::Secret(life), None),
    };
    Ok(Prepared { proof, path, made: None })
}

/// The certificate of a PEM file, which has to have its key too where it is to be used at once.
fn read(setup: &Setup, path: &Path, args: &ProofArgs) -> Result<Certificate, Error> {
    let unreadable = |why: &str| {
        Error::new(
            ErrorKind::Configuration,
            format!("the certificate {} cannot be read: {why}", path.display()),
        )
    };
    let read = entrada_host::files::read(path, 1 << 20, setup.limit(false));
    let bytes = read.map_err(|failure| unreadable(&failure.to_string()))?.bytes;
    let blocks = entrada_host::keys::pem::read(bytes.expose()).unwrap_or_default();
    if args.wait && blocks.iter().all(|block| block.kind == BlockKind::Certificate) {
        let why = unreadable("there is no private key in it, and --wait signs in with that");
        return Err(why.with_remedy("leave --wait out, or name a file that has the key too"));
    }
    let der = blocks
        .into_iter()
        .find(|block| block.kind == BlockKind::Certificate)
        .map(|block| block.der.expose().to_vec())
        .ok_or_else(|| unreadable("it has no certificate in PEM"))?;
    Ok(Certificate { der, valid: None })
}

/// A new certificate, in its file already: the key is never only in memory when the directory knows it.
#[cfg(feature = "create-cert")]
fn create(setup: &Setup, file: Option<&Path>, owner: &str, life: Life) -> Result<Prepared, Error> {
    use entrada_core::flow::Entropy as _;
    let path = file.map_or_else(
        || {
            let mut bytes = [0; 4];
            entrada_host::OsEntropy::default().fill(&mut bytes);
            format!("entrada-cert-{:08x}.pem", u32::from_be_bytes(bytes)).into()
        },
        Path::to_owned,
    );
    let path = std::path::absolute(&path).unwrap_or(path);
    let file = NewFile::reserve(&path)?;
    let make = || entrada_host::keys::NewCertificate::make(owner, life.days);
    let made = setup.progress.during("make an RSA key of 3072 bits", make)?;
    file.write(made.pem())?;
    let proof = Proof::Certificate(Certificate { der: made.der().to_vec(), valid: None });
    Ok(Prepared { proof, path: Some(path.display().to_string()), made: Some(file) })
}

/// Keeps the file that was made unless the directory certainly does not know its certificate; else the file goes
/// with the certificate. What is kept is told.
pub(super) fn settle<T>(made: Option<NewFile>, registered: Result<T, Error>) -> Result<T, Error> {
    let Some(file) = made else { return registered };
    let name = file.name();
    match &registered {
        Ok(_) => say(&format!("the certificate and its private key are in {name}; keep them to yourself")),
        Err(error) if error.made().iter().all(|made| made.what != MadeKind::Certificate) => {
            return registered;
        }
        Err(_) => say(&format!(
            "the certificate and its private key are kept in {name}; go on with --cert '@{name}' in place of --create-cert, or remove the file"
        )),
    }
    file.leave();
    registered
}
