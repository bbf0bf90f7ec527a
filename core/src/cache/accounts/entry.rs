//! One entry: its fields as they stand in the document, the secret apart.

use std::fmt;

use serde_json::{Map, Value};
use zeroize::Zeroize as _;

use crate::secret::Secret;

/// What stands in a section: an entry, or something else that is left as it is.
#[derive(Clone)]
pub(super) enum Item {
    Entry(Entry),
    Foreign(Foreign),
}

impl Item {
    pub(super) fn of(value: Value) -> Item {
        match value {
            Value::Object(fields) => Item::Entry(Entry::of(fields)),
            other => Item::Foreign(Foreign(other)),
        }
    }

    pub(super) fn entry(&self) -> Option<&Entry> {
        match self {
            Item::Entry(entry) => Some(entry),
            Item::Foreign(_) => None,
        }
    }

    pub(super) fn entry_mut(&mut self) -> Option<&mut Entry> {
        match self {
            Item::Entry(entry) => Some(entry),
            Item::Foreign(_) => None,
        }
    }
}

/// The name of the field that holds the token.
const SECRET: &str = "secret";

/// The fields that keys are made of.
const IDENTITY: [&str; 5] = ["home_account_id", "environment", "client_id", "realm", "target"];

/// An object of the document.
#[derive(Clone, Default)]
pub(super) struct Entry {
    secret: Option<Secret>,
    pub(super) fields: Fields,
}

impl Entry {
    fn of(mut fields: Map<String, Value>) -> Entry {
        let secret = match fields.get_mut(SECRET) {
            Some(Value::String(secret)) => Some(Secret::new(std::mem::take(secret))),
            _ => None,
        };
        if secret.is_some() {
            fields.remove(SECRET);
        }
        Entry { secret, fields: Fields(fields) }
    }

    /// The same with a token.
    pub(super) fn holding(mut self, secret: &Secret) -> Entry {
        self.secret = Some(secret.clone());
        self
    }

    /// The same with a field.
    pub(super) fn with(mut self, name: &str, value: impl Into<Value>) -> Entry {
        self.fields.0.insert(name.to_owned(), value.into());
        self
    }

    /// The same with a field, if there is anything to put into it.
    pub(super) fn with_some(self, name: &str, value: Option<impl Into<Value>>) -> Entry {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    /// The same with a point in time, in seconds: the schema has numbers as texts.
    pub(super) fn with_time(self, name: &str, at: i64) -> Entry {
        self.with(name, at.to_string())
    }

    pub(super) fn secret(&self) -> Option<&Secret> {
        self.secret.as_ref().filter(|secret| !secret.is_empty())
    }

    /// A field that is a text and not empty.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.fields.0.get(name)?.as_str().filter(|text| !text.is_empty())
    }

    /// A field that is a whole number, or a text of one. A fraction is cut off.
    pub(super) fn number(&self, name: &str) -> Option<i64> {
        match self.fields.0.get(name)? {
            Value::String(text) => text.trim().split('.').next()?.parse().ok(),
            other => other.as_i64(),
        }
    }

    /// Whether a field is this text, or neither there nor asked for; without regard to case.
    pub(super) fn is(&self, name: &str, value: Option<&str>) -> bool {
        match (self.text(name), value.filter(|value| !value.is_empty())) {
            (Some(mine), Some(value)) => mine.eq_ignore_ascii_case(value),
            (mine, value) => mine.is_none() && value.is_none(),
        }
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.fields.0.get(name).is_some_and(|value| !value.is_null() && value != "")
    }

    /// Takes over the token and the fields of a newer one, and keeps the rest. The fields by which it is
    /// told stay as they are spelled: other writers make its key of them.
    pub(super) fn succeed(&mut self, newer: Entry) {
        let Entry { secret, mut fields } = newer;
        if secret.is_some() {
            self.secret = secret;
        }
        for (name, value) in std::mem::take(&mut fields.0) {
            if !(IDENTITY.contains(&name.as_str()) && self.has(&name)) {
                self.fields.0.insert(name, value);
            }
        }
    }

    /// Removes a field.
    pub(super) fn forget(&mut self, name: &str) {
        self.fields.0.remove(name);
    }

    /// Its token and its fields, to be written.
    pub(super) fn parts(&self) -> (Option<(&'static str, &str)>, &Map<String, Value>) {
        (self.secret.as_ref().map(|secret| (SECRET, secret.expose())), &self.fields.0)
    }
}

/// Fields of which some are not known here, and may be secrets: wiped when dropped, not shown.
#[derive(Clone, Default)]
pub(super) struct Fields(pub(super) Map<String, Value>);

impl Drop for Fields {
    fn drop(&mut self) {
        self.0.values_mut().for_each(wipe);
    }
}

/// Something that is no entry.
#[derive(Clone)]
pub(super) struct Foreign(pub(super) Value);

impl Drop for Foreign {
    fn drop(&mut self) {
        wipe(&mut self.0);
    }
}

fn wipe(value: &mut Value) {
    match value {
        Value::String(text) => text.zeroize(),
        Value::Array(values) => values.iter_mut().for_each(wipe),
        Value::Object(fields) => fields.values_mut().for_each(wipe),
        _ => {}
    }
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.fields.0.keys()).finish()
    }
}
