//! The key of sealed documents, in the keyring of the Linux kernel (keyrings(7)).
//!
//! It is kept as Azure Identity for Go keeps its own: a key of the type `user` by the name of the
//! document, with a zero byte after its 32, in the persistent keyring of the user where the kernel has
//! such, else in the user keyring. It is gone when the machine restarts.

use entrada_core::effect::StoreFailure;
use linux_keyutils::{Key as KernelKey, KeyError, KeyRing, KeyRingIdentifier};
use zeroize::Zeroizing;

use super::jwe::Key;

/// The keyring of this user.
#[derive(Clone, Copy, Debug)]
pub(super) struct Kernel(KeyRing);

impl Kernel {
    /// The keyring, if this process may use it. Containers often may not.
    pub(super) fn open() -> Result<Kernel, StoreFailure> {
        let user = KeyRing::from_special_id(KeyRingIdentifier::User, true).map_err(|error| failed(&error))?;
        let ring = KeyRing::get_persistent(KeyRingIdentifier::User).unwrap_or(user);
        let kernel = Kernel(ring);
        // Whether a key that is put there can be found and read shows only by trying.
        let trial = format!("entrada trial {}", std::process::id());
        let made = ring.add_key(&trial, b"trial\0").map_err(|error| failed(&error))?;
        let found = kernel.find(&trial).and_then(|key| match key {
            Some(key) => key.read(&mut [0; 8]).map(|_| ()).map_err(|error| failed(&error)),
            None => Err(StoreFailure::Unavailable("the keyring of the kernel loses its keys".into())),
        });
        let _ = ring.unlink_key(made);
        found.map(|()| kernel)
    }

    /// The key of this name with the number that the kernel gave it, if it is there.
    pub(super) fn key(&self, name: &str) -> Result<Option<(Key, String)>, StoreFailure> {
        let Some(key) = self.find(name)? else { return Ok(None) };
        let mut bytes = Zeroizing::new([0; Key::LENGTH + 1]);
        match key.read(&mut *bytes) {
            Ok(length) if length >= Key::LENGTH => {}
            Ok(_) => return Ok(None),
            Err(error) if is_absent(&error) => return Ok(None),
            Err(error) => return Err(failed(&error)),
        }
        let mut secret = Zeroizing::new([0; Key::LENGTH]);
        secret.copy_from_slice(&bytes[..Key::LENGTH]);
        Ok(Some((Key::new(secret), number(key))))
    }

    /// The key of this name; made anew where it is not there.
    pub(super) fn key_or_new(&self, name: &str) -> Result<(Key, String), StoreFailure> {
        if let Some(key) = self.key(name)? {
            return Ok(key);
        }
        let mut bytes = Zeroizing::new([0; Key::LENGTH + 1]);
        getrandom::fill(&mut bytes[..Key::LENGTH])
            .map_err(|_| StoreFailure::Broken("the system gives no randomness".into()))?;
        self.0.add_key(name, &bytes[..]).map_err(|error| failed(&error))?;
        self.key(name)?.ok_or_else(|| StoreFailure::Broken("the keyring of the kernel lost the key".into()))
    }

    fn find(&self, name: &str) -> Result<Option<KernelKey>, StoreFailure> {
        match self.0.search(name) {
            Ok(key) => Ok(Some(key)),
            Err(error) if is_absent(&error) => Ok(None),
            Err(error) => Err(failed(&error)),
        }
    }
}

fn number(key: KernelKey) -> String {
    key.get_id().as_raw_id().to_string()
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

fn failed(error: &KeyError) -> StoreFailure {
    StoreFailure::Unavailable(format!("the keyring of the kernel cannot be used ({error:?})").into())
}
