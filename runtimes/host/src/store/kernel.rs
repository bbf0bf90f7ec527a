//! The key of sealed documents, in the keyring of the Linux kernel (keyrings(7)).
//!
//! It is kept as Azure Identity for Go keeps its own: a key of the type `user` by the name of the
//! document, with a zero byte after its 32, in the persistent keyring of the user where the kernel has
//! such, else in the user keyring. It is gone when the machine restarts.

use std::time::Instant;

use linux_keyutils::{Key as KernelKey, KeyError, KeyRing, KeyRingIdentifier};
use zeroize::Zeroizing;

use super::jwe::Key;
use super::keys::{Holder, Unheld};

/// The keyring of this user.
#[derive(Clone, Copy, Debug)]
pub(super) struct Kernel(KeyRing);

impl Kernel {
    /// The keyring, if this process may use it. Containers often may not.
    pub(super) fn open() -> Result<Kernel, Unheld> {
        let user = KeyRing::from_special_id(KeyRingIdentifier::User, true).map_err(|error| failed(&error))?;
        let ring = KeyRing::get_persistent(KeyRingIdentifier::User).unwrap_or(user);
        let kernel = Kernel(ring);
        // Whether a key that is put there can be found and read shows only by trying.
        let trial = format!("entrada trial {}", std::process::id());
        let made = ring.add_key(&trial, b"trial\0").map_err(|error| failed(&error))?;
        let found = kernel.find(&trial).and_then(|key| match key {
            Some(key) => key.read(&mut [0; 8]).map(|_| ()).map_err(|error| failed(&error)),
            None => Err(Unheld::Silent("the keyring of the kernel loses its keys".into())),
        });
        let _ = ring.unlink_key(made);
        found.map(|()| kernel)
    }

    fn find(&self, name: &str) -> Result<Option<KernelKey>, Unheld> {
        match self.0.search(name) {
            Ok(key) => Ok(Some(key)),
            Err(error) if is_absent(&error) => Ok(None),
            Err(error) => Err(failed(&error)),
        }
    }
}

impl Holder for Kernel {
    fn keys(&self, name: &str, _: Instant) -> Result<Vec<Key>, Unheld> {
        let Some(key) = self.find(name)? else { return Ok(Vec::new()) };
        let mut bytes = Zeroizing::new([0; Key::LENGTH + 1]);
        match key.read(&mut *bytes) {
            Ok(_) => Ok(Key::from_slice(&bytes[..Key::LENGTH]).into_iter().collect()),
            Err(error) if is_absent(&error) => Ok(Vec::new()),
            Err(error) => Err(failed(&error)),
        }
    }

    /// One that goes by this name already is left in place.
    fn keep(&self, name: &str, key: &Key, _: Instant) -> Result<(), Unheld> {
        if self.find(name)?.is_some() {
            return Ok(());
        }
        let mut bytes = Zeroizing::new([0; Key::LENGTH + 1]);
        bytes[..Key::LENGTH].copy_from_slice(key.bytes());
        self.0.add_key(name, &bytes[..]).map(|_| ()).map_err(|error| failed(&error))
    }

    fn place(&self) -> &'static str {
        "the keyring of the kernel until this machine restarts"
    }
}

fn is_absent(error: &KeyError) -> bool {
    matches!(
        error,
        KeyError::KeyDoesNotExist
            | KeyError::KeyExpired
            | KeyError::KeyRevoked
            | KeyError::MissingFileOrDirectory
    )
}

fn failed(error: &KeyError) -> Unheld {
    Unheld::Silent(format!("the keyring of the kernel cannot be used ({error:?})").into())
}
