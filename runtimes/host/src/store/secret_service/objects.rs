//! The calls of the Secret Service API that are used.

use std::time::Instant;

use super::super::bus::{Body, BusFailure, Call, Malformed, Reader, Signal, Writer};
use super::{Failure, PATIENCE, Talk};

const NAME: &str = "org.freedesktop.secrets";
const SERVICE: &str = "/org/freedesktop/secrets";
const SERVICE_INTERFACE: &str = "org.freedesktop.Secret.Service";
const COLLECTION: &str = "org.freedesktop.Secret.Collection";
const ITEM: &str = "org.freedesktop.Secret.Item";
const PROMPT: &str = "org.freedesktop.Secret.Prompt";

/// The path that stands for no object.
const NOTHING: &str = "/";

/// Paths of items.
pub(super) struct Items {
    pub(super) unlocked: Vec<String>,
    pub(super) locked: Vec<String>,
}

/// A secret as it crosses the bus.
pub(super) struct Sealed {
    /// The path of the conversation whose key it is encrypted with.
    pub(super) session: String,
    pub(super) iv: Vec<u8>,
    pub(super) secret: Vec<u8>,
}

/// How an answer is read: its types, and how they become a value.
type Read<T> = (&'static str, fn(&mut Reader<'_>) -> Result<T, Malformed>);

const PATH: Read<String> = ("o", |reader| reader.string().map(str::to_owned));

fn on<'a>(path: &'a str, interface: &'a str, member: &'a str) -> Call<'a> {
    Call { destination: NAME, path, interface, member }
}

impl Talk {
    /// The items that have these attributes.
    pub(super) fn find(&mut self, attributes: &[(&str, &str)]) -> Result<Items, Failure> {
        let body = Body::new("a{ss}", |writer| dictionary(writer, attributes));
        let read: Read<Items> =
            ("aoao", |reader| Ok(Items { unlocked: reader.strings()?, locked: reader.strings()? }));
        Ok(self.bus.call(&on(SERVICE, SERVICE_INTERFACE, "SearchItems"), body, read)?)
    }

    /// Where new items go.
    pub(super) fn default_collection(&mut self) -> Result<String, Failure> {
        let body = Body::new("s", |writer| writer.string("default"));
        let path = self.bus.call(&on(SERVICE, SERVICE_INTERFACE, "ReadAlias"), body, PATH)?;
        if path == NOTHING { Err(Failure::NoCollection) } else { Ok(path) }
    }

    pub(super) fn is_locked(&mut self, collection: &str) -> Result<bool, Failure> {
        let body = Body::new("ss", |writer| {
            writer.string(COLLECTION);
            writer.string("Locked");
        });
        let read: Read<bool> = ("v", |reader| {
            reader.variant("b")?;
            reader.boolean()
        });
        Ok(self.bus.call(&on(collection, "org.freedesktop.DBus.Properties", "Get"), body, read)?)
    }

    /// Unlocks items, for which a person may be asked; those that are unlocked then.
    pub(super) fn unlock(&mut self, items: Vec<String>) -> Result<Vec<String>, Failure> {
        if items.is_empty() {
            return Ok(items);
        }
        let body = Body::new("ao", |writer| writer.strings(&items));
        let read: Read<(Vec<String>, String)> =
            ("aoo", |reader| Ok((reader.strings()?, reader.string()?.to_owned())));
        let (mut unlocked, prompt) = self.bus.call(&on(SERVICE, SERVICE_INTERFACE, "Unlock"), body, read)?;
        if prompt != NOTHING {
            unlocked.extend(self.ask(
                &prompt,
                ("bv", |reader| {
                    if reader.boolean()? {
                        return Ok(None);
                    }
                    reader.variant("ao")?;
                    reader.strings().map(Some)
                }),
            )?);
        }
        if unlocked.is_empty() { Err(Failure::Locked) } else { Ok(unlocked) }
    }

    /// Begins a conversation whose secrets are encrypted: the other half, and its path.
    pub(super) fn open_session(
        &mut self,
        algorithm: &str,
        half: &[u8],
    ) -> Result<(Vec<u8>, String), Failure> {
        let body = Body::new("sv", |writer| {
            writer.string(algorithm);
            writer.signature("ay");
            writer.blob(half);
        });
        let read: Read<(Vec<u8>, String)> = ("vo", |reader| {
            reader.variant("ay")?;
            Ok((reader.blob()?.to_vec(), reader.string()?.to_owned()))
        });
        Ok(self.bus.call(&on(SERVICE, SERVICE_INTERFACE, "OpenSession"), body, read)?)
    }

    /// The secret of an item, for this conversation.
    pub(super) fn secret(&mut self, item: &str, session: &str) -> Result<Sealed, Failure> {
        let body = Body::new("o", |writer| writer.string(session));
        let read: Read<Sealed> = ("(oayays)", |reader| {
            reader.structure()?;
            let (session, iv) = (reader.string()?.to_owned(), reader.blob()?.to_vec());
            Ok(Sealed { session, iv, secret: reader.blob()?.to_vec() })
        });
        Ok(self.bus.call(&on(item, ITEM, "GetSecret"), body, read)?)
    }

    /// Puts an item into a collection, with its label and its attributes; one with the same attributes is
    /// replaced.
    pub(super) fn create(
        &mut self,
        collection: &str,
        (label, attributes): (&str, &[(&str, &str)]),
        sealed: &Sealed,
    ) -> Result<(), Failure> {
        let body = Body::new("a{sv}(oayays)b", |writer| {
            writer.structures(|writer| {
                writer.structure();
                writer.string("org.freedesktop.Secret.Item.Label");
                writer.signature("s");
                writer.string(label);
                writer.structure();
                writer.string("org.freedesktop.Secret.Item.Attributes");
                writer.signature("a{ss}");
                dictionary(writer, attributes);
            });
            writer.structure();
            writer.string(&sealed.session);
            writer.blob(&sealed.iv);
            writer.blob(&sealed.secret);
            writer.string("text/plain");
            writer.boolean(true);
        });
        let read: Read<(String, String)> =
            ("oo", |reader| Ok((reader.string()?.to_owned(), reader.string()?.to_owned())));
        let (_, prompt) = self.bus.call(&on(collection, COLLECTION, "CreateItem"), body, read)?;
        if prompt == NOTHING {
            return Ok(());
        }
        self.ask(&prompt, ("bv", |reader| Ok((!reader.boolean()?).then_some(()))))
    }

    /// Has a person asked; what they brought about, unless they would not.
    fn ask<T>(&mut self, prompt: &str, read: Read<Option<T>>) -> Result<T, Failure> {
        let signal =
            Signal { path: prompt.to_owned(), interface: PROMPT.to_owned(), member: "Completed".to_owned() };
        let rule =
            format!("type='signal',sender='{NAME}',interface='{PROMPT}',member='Completed',path='{prompt}'");
        let watch = Call {
            destination: "org.freedesktop.DBus",
            path: "/org/freedesktop/DBus",
            interface: "org.freedesktop.DBus",
            member: "AddMatch",
        };
        self.bus.call(&watch, Body::new("s", |writer| writer.string(&rule)), ("", |_| Ok(())))?;
        let no_window = Body::new("s", |writer| writer.string(""));
        self.bus.call(&on(prompt, PROMPT, "Prompt"), no_window, ("", |_| Ok(())))?;
        self.bus.until(self.until);
        let answer = self.bus.hear(&signal, read);
        self.bus.until(Instant::now() + PATIENCE);
        match answer {
            Ok(Some(brought)) => Ok(brought),
            Ok(None) => Err(Failure::Declined),
            Err(failure) => {
                // Nobody waits for the answer any more.
                let _ = self.bus.call(&on(prompt, PROMPT, "Dismiss"), Body::default(), ("", |_| Ok(())));
                Err(if failure == BusFailure::TimedOut { Failure::Declined } else { failure.into() })
            }
        }
    }
}

fn dictionary(writer: &mut Writer, pairs: &[(&str, &str)]) {
    writer.structures(|writer| {
        for (name, value) in pairs {
            writer.structure();
            writer.string(name);
            writer.string(value);
        }
    });
}
