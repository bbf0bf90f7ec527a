//! `--authentication-record`: who signed in, in a file that the Azure Identity libraries read and write too.

use std::path::Path;

use entrada_core::cache::accounts::AuthenticationRecord;
use entrada_core::effect::FileFailure;
use entrada_core::{Error, ErrorKind};
use entrada_host::store::{Mode, write_atomically};

use super::auth_file::{same, within};
use crate::args::CredentialArgs;
use crate::failure::Failure;
use crate::setup::Setup;
use crate::usage;

/// Reads the record that the options name, if it exists, and puts the app and the tenant of it into their place. Its
/// authority is taken where nothing else says one: a file sends nobody away from what was configured.
pub(super) fn expand(setup: &Setup, args: &mut CredentialArgs) -> Result<(), Failure> {
    let Some(path) = args.authentication_record.clone() else { return Ok(()) };
    let Some(record) = read(setup, &path).map_err(|error| within(&path, error))? else { return Ok(()) };
    same(("--client-id", args.client_id.as_deref()), ("--authentication-record", &record.client_id))?;
    args.client_id = Some(record.client_id.clone());
    args.tenant_id.get_or_insert_with(|| record.tenant_id.clone());
    let authority = &mut args.authority;
    let given = authority.authority.is_some() || authority.oidc_authority.is_some() || setup.has_emulator();
    if !given && setup.environment.get("AZURE_AUTHORITY_HOST").is_none() {
        authority.authority = Some(format!("https://{}", record.authority));
    }
    args.record = Some(record);
    Ok(())
}

fn read(setup: &Setup, path: &Path) -> Result<Option<AuthenticationRecord>, Error> {
    let unreadable = |why: &str| Error::new(ErrorKind::Configuration, format!("it cannot be read: {why}"));
    match entrada_host::files::read(path, 64 << 10, setup.limit(false)) {
        Ok(contents) => {
            let text = std::str::from_utf8(contents.bytes.expose());
            AuthenticationRecord::from_json(text.map_err(|_| unreadable("it is not UTF-8"))?).map(Some)
        }
        Err(FileFailure::NotFound) => Ok(None),
        Err(failure) => Err(unreadable(&failure.to_string())),
    }
}

/// Makes sure, as far as that can be known, that a record can be written there: before anybody is asked to sign in.
pub(crate) fn can_be_written(path: &Path) -> Result<(), Failure> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    match folder.is_dir() && !path.is_dir() {
        true => Ok(()),
        false => Err(usage(format!("--authentication-record: no file can be at {}", path.display()))),
    }
}

/// Writes the record of a sign-in.
pub(crate) fn write(path: &Path, record: &AuthenticationRecord) -> Result<(), Error> {
    write_atomically(path, record.to_json().as_bytes(), Mode::Private).map_err(|error| {
        let what = format!(
            "the account is kept, but its record cannot be written to {}: {}",
            path.display(),
            error.kind()
        );
        Error::new(ErrorKind::Configuration, what)
            .with_remedy("name another file with --authentication-record")
    })
}
