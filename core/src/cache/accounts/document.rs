//! Reading the document and writing it.

use std::collections::BTreeMap;

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Map, Value};

use super::entry::{Entry, Fields, Item};
use super::section::Section;
use super::{AccountCache, entry};
use crate::error::{Error, ErrorKind};
use crate::secret::SecretBytes;

impl AccountCache {
    /// Reads what a library of Microsoft's, or this one, has written. Nothing at all is an empty cache.
    ///
    /// # Errors
    /// `Malformed` when the bytes are not a document of the schema. They are better set aside than
    /// written over.
    pub fn parse(bytes: &[u8]) -> Result<AccountCache, Error> {
        let broken = |why: &str| {
            Error::new(ErrorKind::Malformed, format!("the kept accounts and tokens cannot be read: {why}"))
        };
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii();
        if bytes.is_empty() {
            return Ok(AccountCache::new());
        }
        let Ok(Value::Object(mut rest)) = serde_json::from_slice(bytes) else {
            return Err(broken("they are no JSON object"));
        };
        let mut sections = BTreeMap::new();
        for section in Section::ALL {
            let items = match rest.remove(section.name()) {
                None => continue,
                Some(Value::Null) => Map::new(),
                Some(Value::Object(items)) => items,
                Some(_) => return Err(broken(&format!("their section {} is no object", section.name()))),
            };
            sections.insert(section, items.into_iter().map(|(key, value)| (key, Item::of(value))).collect());
        }
        Ok(AccountCache { sections, rest: Fields(rest) })
    }

    /// Writes it so that Microsoft's libraries can read it.
    #[must_use]
    pub fn to_bytes(&self) -> SecretBytes {
        // Room for all of it, so that no copies are left behind by growing.
        let mut bytes = Vec::with_capacity(self.size());
        // Texts and numbers alone: there is nothing that JSON cannot say.
        let written = serde_json::to_writer(&mut bytes, &Exposed(self));
        debug_assert!(written.is_ok());
        SecretBytes::new(bytes)
    }

    /// About how long it is in bytes, rather more than less.
    fn size(&self) -> usize {
        let items = self.sections.values().flatten().map(|(key, item)| key.len() + size_of(item) + 16);
        1024 + items.sum::<usize>() + self.rest.0.values().map(size_of_value).sum::<usize>()
    }
}

fn size_of(item: &Item) -> usize {
    match item {
        Item::Entry(entry) => {
            let (secret, fields) = entry.parts();
            let names: usize = fields.iter().map(|(name, value)| name.len() + 8 + size_of_value(value)).sum();
            names + secret.map_or(0, |(_, secret)| secret.len() + 16)
        }
        Item::Foreign(entry::Foreign(value)) => size_of_value(value),
    }
}

fn size_of_value(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len() * 2 + 4,
        Value::Array(values) => values.iter().map(|value| size_of_value(value) + 4).sum::<usize>() + 4,
        Value::Object(fields) => {
            fields.iter().map(|(name, value)| name.len() * 2 + size_of_value(value) + 8).sum::<usize>() + 4
        }
        _ => 32,
    }
}

/// A value with its secrets: only for writing the document.
struct Exposed<'a, T>(&'a T);

impl Serialize for Exposed<'_, AccountCache> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (section, items) in &self.0.sections {
            map.serialize_entry(section.name(), &Exposed(items))?;
        }
        for (name, value) in &self.0.rest.0 {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

impl Serialize for Exposed<'_, BTreeMap<String, Item>> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(key, item)| (key, Exposed(item))))
    }
}

impl Serialize for Exposed<'_, Item> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Item::Entry(entry) => Exposed(entry).serialize(serializer),
            Item::Foreign(entry::Foreign(value)) => value.serialize(serializer),
        }
    }
}

impl Serialize for Exposed<'_, Entry> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (secret, fields) = self.0.parts();
        let mut map = serializer.serialize_map(None)?;
        if let Some((name, secret)) = secret {
            map.serialize_entry(name, secret)?;
        }
        for (name, value) in fields {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}
