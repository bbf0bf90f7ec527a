//! Keys in the keyring of a Linux desktop: the Secret Service API of freedesktop.org, which GNOME Keyring,
//! KWallet and KeePassXC serve on the session bus.
//!
//! Each key is an item of the default collection: base64url text, since some of those who serve it keep
//! nothing but text, with the attributes `application`, `cache` and `key`. Nothing is asked before a key
//! is needed, nor is anybody waited for without an end.

mod objects;
mod session;

use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use entrada_core::environment::Environment;
use zeroize::Zeroizing;

use super::bus::{Addresses, BusFailure, Connection};
use super::jwe::Key;
use super::keys::{Holder, Unheld};
use objects::{Items, Sealed};
use session::{Half, IV, SessionKey};

/// How long a conversation takes at most in which nobody has to type anything.
const PATIENCE: Duration = Duration::from_secs(5);

/// The most items that are looked at for one name.
const MOST: usize = 16;

/// The keyring of the desktop.
#[derive(Debug)]
pub(super) struct SecretService {
    bus: Addresses,
}

impl SecretService {
    /// The one of this environment's session bus. Nobody is asked yet.
    pub(super) fn of(environment: &Environment) -> Result<SecretService, Unheld> {
        match Addresses::of(environment) {
            Ok(bus) => Ok(SecretService { bus }),
            Err(why) => Err(Unheld::Absent(format!("{why}, and so no keyring of a desktop").into())),
        }
    }

    /// A conversation; a person may be waited for until then.
    fn talk(&self, until: Instant) -> Result<Talk, Failure> {
        let soon = until.min(Instant::now() + PATIENCE);
        Ok(Talk { bus: Connection::open(&self.bus, soon)?, until })
    }
}

impl Holder for SecretService {
    fn keys(&self, name: &str, until: Instant) -> Result<Vec<Key>, Unheld> {
        let mut talk = self.talk(until)?;
        let mut found = talk.find(&[("application", APPLICATION), ("cache", name)])?;
        found.locked.truncate(MOST);
        let unlocked = talk.unlock(found.locked)?;
        found.unlocked.extend(unlocked);
        found.unlocked.truncate(MOST);
        if found.unlocked.is_empty() {
            return Ok(Vec::new());
        }
        let session = talk.agree()?;
        let mut keys = Vec::new();
        for item in &found.unlocked {
            let sealed = talk.secret(item, &session.path)?;
            keys.extend(session.key.open(&sealed.iv, &sealed.secret).and_then(|text| key_of(&text)));
        }
        Ok(keys)
    }

    fn keep(&self, name: &str, key: &Key, until: Instant) -> Result<(), Unheld> {
        let mut talk = self.talk(until)?;
        let id = key.id();
        let attributes = [("application", APPLICATION), ("cache", name), ("key", id.as_str())];
        if !talk.find(&attributes)?.is_empty() {
            return Ok(());
        }
        let collection = talk.default_collection()?;
        if talk.is_locked(&collection)? {
            return Err(Failure::Locked.into());
        }
        let session = talk.agree()?;
        let mut iv = [0; IV];
        getrandom::fill(&mut iv).map_err(|_| Failure::NoRandomness)?;
        let text = Zeroizing::new(BASE64URL.encode(key.bytes()));
        let secret = session.key.seal(&iv, text.as_bytes()).ok_or(Failure::Senseless)?;
        let sealed = Sealed { session: session.path, iv: iv.to_vec(), secret };
        let label = format!("Key of the token cache {name} (entrada)");
        Ok(talk.create(&collection, (&label, &attributes), &sealed)?)
    }

    fn place(&self) -> &'static str {
        "the keyring of the desktop (Secret Service)"
    }
}

/// What our items have in their attribute `application`.
const APPLICATION: &str = "entrada";

fn key_of(text: &[u8]) -> Option<Key> {
    let bytes = Zeroizing::new(BASE64URL.decode(text.trim_ascii()).ok()?);
    Key::from_slice(&bytes)
}

/// A conversation with the service.
struct Talk {
    bus: Connection,
    /// How long a person may be waited for.
    until: Instant,
}

/// What both sides have agreed upon.
struct Session {
    path: String,
    key: SessionKey,
}

/// Why a conversation led to nothing.
#[derive(Debug, PartialEq, Eq)]
enum Failure {
    Bus(BusFailure),
    /// Nobody unlocked the keyring.
    Locked,
    /// Somebody was asked to unlock it, and would not.
    Declined,
    NoCollection,
    NoRandomness,
    /// What came back is not what was agreed upon.
    Senseless,
}

impl From<BusFailure> for Failure {
    fn from(failure: BusFailure) -> Failure {
        match failure {
            BusFailure::Refused(name) if name == "org.freedesktop.Secret.Error.IsLocked" => Failure::Locked,
            failure => Failure::Bus(failure),
        }
    }
}

impl From<Failure> for Unheld {
    fn from(failure: Failure) -> Unheld {
        const ERROR: &str = "org.freedesktop.DBus.Error.";
        let absent = |name: &str| {
            let name = name.strip_prefix(ERROR).unwrap_or_default();
            matches!(name, "ServiceUnknown" | "NameHasNoOwner") || name.starts_with("Spawn.")
        };
        match failure {
            Failure::Bus(BusFailure::Io(kind)) => {
                Unheld::Absent(format!("the session bus cannot be reached ({kind})").into())
            }
            Failure::Bus(BusFailure::NotLetIn) => Unheld::Absent("the session bus is another user's".into()),
            Failure::Bus(BusFailure::Refused(name)) if absent(&name) => {
                Unheld::Absent("nobody on the session bus keeps secrets".into())
            }
            Failure::Bus(BusFailure::Refused(name)) => {
                Unheld::Silent(format!("the keyring of the desktop refused ({name})").into())
            }
            Failure::Bus(BusFailure::TimedOut) => {
                Unheld::Silent("the keyring of the desktop did not answer in time".into())
            }
            Failure::Bus(BusFailure::Malformed) | Failure::Senseless => {
                Unheld::Silent("the keyring of the desktop gave an answer that makes no sense".into())
            }
            Failure::Locked => Unheld::Silent("the keyring of the desktop is locked".into()),
            Failure::Declined => {
                Unheld::Silent("the keyring of the desktop is locked, and was not unlocked when asked".into())
            }
            Failure::NoCollection => {
                Unheld::Silent("the keyring of the desktop has no collection to keep a key in".into())
            }
            Failure::NoRandomness => Unheld::Silent("the system gives no randomness".into()),
        }
    }
}

impl Items {
    fn is_empty(&self) -> bool {
        self.unlocked.is_empty() && self.locked.is_empty()
    }
}

impl Talk {
    /// Agrees upon a key for this conversation.
    fn agree(&mut self) -> Result<Session, Failure> {
        let mut random = Zeroizing::new([0; 128]);
        getrandom::fill(&mut *random).map_err(|_| Failure::NoRandomness)?;
        let half = Half::new(&random);
        let (theirs, path) = self.open_session(session::ALGORITHM, &*half.public())?;
        let key = half.agree(&theirs).ok_or(Failure::Senseless)?;
        Ok(Session { path, key })
    }
}

#[cfg(test)]
mod tests;
