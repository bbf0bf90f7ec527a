//! Keys in the keyring of the system: the Keychain of macOS, the Credential Manager of Windows.

use std::sync::mpsc;
use std::time::Instant;

use super::jwe::Key;
use super::keys::{Holder, Unheld};

/// The keyring of the system. It may ask a person, and then answers when they do: so it is asked on a
/// thread of its own, which nobody waits for beyond the limit.
#[derive(Clone, Copy, Debug)]
pub(super) struct SystemKeyring;

/// What our keys are kept by, besides the name of the document.
const SERVICE: &str = "entrada";

impl Holder for SystemKeyring {
    fn keys(&self, name: &str, until: Instant) -> Result<Vec<Key>, Unheld> {
        let name = name.to_owned();
        let found = within(until, move || system::get(&name))?;
        Ok(found.and_then(|bytes| Key::from_slice(&bytes)).into_iter().collect())
    }

    fn keep(&self, name: &str, key: &Key, until: Instant) -> Result<(), Unheld> {
        if self.keys(name, until)?.iter().any(|kept| kept.bytes() == key.bytes()) {
            return Ok(());
        }
        let (name, bytes) = (name.to_owned(), zeroize::Zeroizing::new(*key.bytes()));
        within(until, move || system::set(&name, &*bytes))
    }

    fn place(&self) -> &'static str {
        system::PLACE
    }
}

fn within<T: Send + 'static>(
    until: Instant,
    ask: impl FnOnce() -> Result<T, String> + Send + 'static,
) -> Result<T, Unheld> {
    let (tell, told) = mpsc::channel();
    std::thread::spawn(move || tell.send(ask()));
    let place = system::PLACE;
    match told.recv_timeout(until.saturating_duration_since(Instant::now())) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(why)) => Err(Unheld::Silent(format!("{place} cannot be used ({why})").into())),
        Err(_) => Err(Unheld::Silent(format!("{place} did not answer in time").into())),
    }
}

#[cfg(target_os = "macos")]
mod system {
    use security_framework::base::Error;
    use security_framework::passwords::{get_generic_password, set_generic_password};
    use zeroize::Zeroizing;

    use super::SERVICE;

    pub(super) const PLACE: &str = "the Keychain";

    /// `errSecItemNotFound`.
    const NOT_FOUND: i32 = -25300;

    pub(super) fn get(name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, String> {
        match get_generic_password(SERVICE, name) {
            Ok(bytes) => Ok(Some(Zeroizing::new(bytes))),
            Err(error) if error.code() == NOT_FOUND => Ok(None),
            Err(error) => Err(told(error)),
        }
    }

    pub(super) fn set(name: &str, bytes: &[u8]) -> Result<(), String> {
        set_generic_password(SERVICE, name, bytes).map_err(told)
    }

    fn told(error: Error) -> String {
        error.message().unwrap_or_else(|| error.code().to_string())
    }
}

#[cfg(windows)]
mod system {
    use std::collections::HashMap;

    use keyring_core::api::CredentialStoreApi as _;
    use keyring_core::{Entry, Error};
    use windows_native_keyring_store::Store;
    use zeroize::Zeroizing;

    use super::SERVICE;

    pub(super) const PLACE: &str = "the Credential Manager";

    pub(super) fn get(name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, String> {
        match entry(name)?.get_secret() {
            Ok(bytes) => Ok(Some(Zeroizing::new(bytes))),
            Err(Error::NoEntry) => Ok(None),
            Err(error) => Err(told(&error)),
        }
    }

    pub(super) fn set(name: &str, bytes: &[u8]) -> Result<(), String> {
        entry(name)?.set_secret(bytes).map_err(|error| told(&error))
    }

    fn entry(name: &str) -> Result<Entry, String> {
        let store = Store::new().map_err(|error| told(&error))?;
        // The files do not go along to other machines, and so their key need not.
        let here = HashMap::from([("persistence", "Local")]);
        store.build(SERVICE, name, Some(&here)).map_err(|error| told(&error))
    }

    /// What went wrong, without what was read: some errors hold that.
    fn told(error: &Error) -> String {
        match error {
            Error::PlatformFailure(error) | Error::NoStorageAccess(error) => error.to_string(),
            Error::TooLong(what, most) => format!("{what} is longer than {most}"),
            Error::Invalid(what, why) => format!("{what}: {why}"),
            _ => "it gave no reason".to_owned(),
        }
    }
}
