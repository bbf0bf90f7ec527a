//! `--auth-file`: a service principal's file in the place of the options that say the same.

use std::path::Path;

use entrada_core::auth_file::AuthProof;
use entrada_core::{AuthFile, Authority, Error, ErrorKind};

use crate::args::{CredentialArgs, CredentialName};
use crate::failure::Failure;
use crate::setup::Setup;
use crate::usage;

/// Reads the file that the options name, if they name one, and puts what it says into their place.
pub(super) fn expand(setup: &Setup, args: &mut CredentialArgs) -> Result<(), Failure> {
    let Some(path) = args.auth_file.clone() else { return Ok(()) };
    let proofs = [
        ("--client-secret-file", args.client_secret_file.is_some()),
        ("--certificate", args.certificate.is_some()),
        ("--assertion-file", args.assertion.assertion_file.is_some()),
        ("--assertion-from", args.assertion.assertion_from.is_some()),
    ];
    if let Some((option, _)) = proofs.iter().find(|(_, given)| *given) {
        return Err(usage(format!("--auth-file says how the app proves itself; leave {option} out")));
    }
    let file = read(setup, &path).map_err(|error| within(&path, error))?;
    same(("--tenant-id", args.tenant_id.as_deref()), ("--auth-file", file.tenant().as_str()))?;
    same(("--client-id", args.client_id.as_deref()), ("--auth-file", file.client_id()))?;
    let authority = authority(setup, args, &file).map_err(|error| within(&path, error))?;
    args.authority.authority = Some(authority.host().url().to_string());
    let manager = setup.resource_manager(&args.authority);
    file.resource_manager(manager.as_ref().ok()).map_err(|error| within(&path, error))?;
    args.tenant_id = Some(file.tenant().as_str().to_owned());
    args.client_id = Some(file.client_id().to_owned());
    let own = match file.proof() {
        AuthProof::Certificate(certificate) => {
            args.certificate = Some(certificate.clone());
            CredentialName::ClientCertificate
        }
        AuthProof::Secret(secret) => {
            args.auth_secret = Some(secret.clone());
            CredentialName::ClientSecret
        }
        _ => return Err(usage("--auth-file: the app proves itself in a way that is not known here")),
    };
    if args.credential == [CredentialName::Default] {
        args.credential = vec![own];
    }
    Ok(())
}

fn read(setup: &Setup, path: &Path) -> Result<AuthFile, Error> {
    const MOST: usize = 64 << 10;
    let bytes = if path == Path::new("-") {
        setup.standard_input("the service principal's file", MOST)?
    } else {
        let read = entrada_host::files::read(path, MOST, setup.limit(false));
        let unreadable =
            |why: String| Error::new(ErrorKind::Configuration, format!("it cannot be read: {why}"));
        read.map_err(|failure| unreadable(failure.to_string()))?.bytes
    };
    AuthFile::parse(bytes.expose(), setup.http)
}

/// The option and the emulator are what is configured; the variable is, where the file names its host.
fn authority(setup: &Setup, args: &CredentialArgs, file: &AuthFile) -> Result<Authority, Error> {
    if args.authority.authority.is_some() || setup.has_emulator() {
        return file.authority(Some(&setup.authority(&args.authority)?));
    }
    let by_variable = Authority::from_environment(&setup.environment, setup.http)?;
    file.authority(None).or_else(|error| file.authority(Some(&by_variable)).map_err(|_| error))
}

/// An option may not say another thing than a file.
pub(super) fn same((option, given): (&str, Option<&str>), (file, said): (&str, &str)) -> Result<(), Failure> {
    match given {
        Some(given) if !given.eq_ignore_ascii_case(said) => {
            Err(usage(format!("{option} is {given}, and {file} says {said}: leave one of them out")))
        }
        _ => Ok(()),
    }
}

/// What is wrong with a file, said so that it is found.
pub(super) fn within(path: &Path, error: Error) -> Error {
    let what = format!("the file {} cannot be used: {}", path.display(), error.message());
    error.saying(what)
}
