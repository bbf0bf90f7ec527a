//! Who keeps the keys of sealed documents, and in which order they are asked.
//!
//! A key that lasts is kept by the desktop's keyring. Asking it takes a conversation, and perhaps a person:
//! so there is a copy close by, in the keyring of the kernel, until the machine restarts.

use std::borrow::Cow;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use entrada_core::effect::StoreFailure;
use entrada_core::secret::SecretBytes;

use super::jwe::Key;

/// Somebody who keeps keys.
pub(super) trait Holder: Send + Sync {
    /// The keys that go by this name; each may be the one.
    fn keys(&self, name: &str, until: Instant) -> Result<Vec<Key>, Unheld>;
    /// Keeps a key by this name, beside the others that it has; does nothing where it has it. It asks nobody
    /// who would have to type.
    fn keep(&self, name: &str, key: &Key, until: Instant) -> Result<(), Unheld>;
    /// Where that is, for people.
    fn place(&self) -> &'static str;
}

/// Why somebody who keeps keys did not answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Unheld {
    /// There is no such holder here, so it has no key either.
    Absent(Cow<'static, str>),
    /// It is there, and may well have the key.
    Silent(Cow<'static, str>),
}

impl Unheld {
    pub(super) fn why(&self) -> &str {
        match self {
            Unheld::Absent(why) | Unheld::Silent(why) => why,
        }
    }
}

impl From<Unheld> for StoreFailure {
    fn from(unheld: Unheld) -> StoreFailure {
        match unheld {
            Unheld::Absent(why) | Unheld::Silent(why) => StoreFailure::Unavailable(why),
        }
    }
}

/// What was made of a sealed document.
pub(super) enum Opened {
    /// This was in it.
    Document(SecretBytes),
    /// There is no key that could ever open it: the machine was restarted since.
    Lost,
    /// There are keys, but none of them opens it.
    Unreadable,
}

/// Those who keep keys on this machine; at least one.
pub(super) struct Holders {
    near: Option<Box<dyn Holder>>,
    lasting: Result<Box<dyn Holder>, Unheld>,
    /// What came of asking the lasting one the last time.
    asked: Mutex<Option<Result<(), Unheld>>>,
}

impl Holders {
    /// The one that is close by, and the one that lasts.
    ///
    /// # Errors
    /// `Unavailable` where there is neither.
    pub(super) fn new(
        near: Result<Box<dyn Holder>, Unheld>,
        lasting: Result<Box<dyn Holder>, Unheld>,
    ) -> Result<Holders, StoreFailure> {
        if let (Err(near), Err(lasting)) = (&near, &lasting) {
            let (near, lasting) = (near.why(), lasting.why());
            return Err(StoreFailure::Unavailable(format!("{near}, and {lasting}").into()));
        }
        Ok(Holders { near: near.ok(), lasting, asked: Mutex::new(None) })
    }

    /// Opens a document with whichever key of this name does. `said_to_last` is what the document itself
    /// says of its key: then it is never given up for lost.
    pub(super) fn open(
        &self,
        name: &str,
        said_to_last: bool,
        until: Instant,
        open: impl Fn(&Key) -> Option<SecretBytes>,
    ) -> Result<Opened, StoreFailure> {
        let near = self.near_keys(name, until)?;
        if let Some(document) = near.iter().find_map(&open) {
            return Ok(Opened::Document(document));
        }
        let lasting = match self.lasting_keys(name, until) {
            Err(Unheld::Absent(_)) if !said_to_last => Vec::new(),
            Err(unheld) => {
                let why = format!("its key is kept elsewhere: {}", unheld.why());
                return Err(StoreFailure::Unavailable(why.into()));
            }
            Ok(keys) => keys,
        };
        let opened = lasting.iter().find_map(|key| Some((key, open(key)?)));
        Ok(match opened {
            Some((key, document)) => {
                if let (Some(holder), true) = (&self.near, near.is_empty()) {
                    // A copy saves time; without it all goes on as well.
                    let _ = holder.keep(name, key, until);
                }
                Opened::Document(document)
            }
            None if near.is_empty() && lasting.is_empty() && !said_to_last => Opened::Lost,
            None => Opened::Unreadable,
        })
    }

    /// The key to seal a document with, and whether it lasts. It is kept by as many as will have it.
    pub(super) fn to_seal(&self, name: &str, until: Instant) -> Result<(Key, bool), StoreFailure> {
        let near = self.near_keys(name, until)?.pop();
        let mut asked = Ok(());
        let key = match near {
            Some(key) => key,
            None => {
                let lasting = self.lasting_keys(name, until);
                asked = lasting.as_ref().map(|_| ()).map_err(Clone::clone);
                let key = match lasting.unwrap_or_default().pop() {
                    Some(key) => key,
                    None => Key::generate()?,
                };
                if let Some(holder) = &self.near {
                    holder.keep(name, &key, until)?;
                }
                key
            }
        };
        let kept = asked.and_then(|()| self.keep_lasting(name, &key, until));
        match (kept, &self.near) {
            (Ok(()), _) => Ok((key, true)),
            (Err(_), Some(_)) => Ok((key, false)),
            (Err(unheld), None) => Err(unheld.into()),
        }
    }

    fn near_keys(&self, name: &str, until: Instant) -> Result<Vec<Key>, StoreFailure> {
        Ok(self.near.as_ref().map(|holder| holder.keys(name, until)).transpose()?.unwrap_or_default())
    }

    fn lasting_keys(&self, name: &str, until: Instant) -> Result<Vec<Key>, Unheld> {
        self.note(|holder| holder.keys(name, until))
    }

    fn keep_lasting(&self, name: &str, key: &Key, until: Instant) -> Result<(), Unheld> {
        self.note(|holder| holder.keep(name, key, until))
    }

    fn note<T>(&self, ask: impl FnOnce(&dyn Holder) -> Result<T, Unheld>) -> Result<T, Unheld> {
        let answer = ask(&**self.lasting.as_ref().map_err(Clone::clone)?);
        let note = answer.as_ref().map(|_| ()).map_err(Clone::clone);
        *self.asked.lock().unwrap_or_else(PoisonError::into_inner) = Some(note);
        answer
    }

    /// Where the key is, as far as it is known by now: one line.
    pub(super) fn describe(&self) -> String {
        let near = self.near.as_ref().map(|holder| holder.place());
        let lasting = match &self.lasting {
            Ok(holder) => holder.place(),
            Err(unheld) => return format!("in {}, since {}", near.unwrap_or("no place"), unheld.why()),
        };
        let asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        match (&*asked, near) {
            (Some(Ok(())), Some(near)) => format!("in {lasting}, a copy in {near}"),
            (Some(Ok(())) | None, None) => format!("in {lasting}"),
            (None, Some(near)) => format!("in {lasting} where that answers, and in {near}"),
            (Some(Err(unheld)), Some(near)) => format!("in {near}, since {}", unheld.why()),
            (Some(Err(unheld)), None) => format!("in {lasting}, which cannot be used: {}", unheld.why()),
        }
    }
}

#[cfg(test)]
#[path = "keys_tests.rs"]
mod tests;
