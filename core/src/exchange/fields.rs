//! The fields of a JSON object, read where they stand: nothing is copied that is not escaped.

use std::borrow::Cow;
use std::fmt;

use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// How many fields are made room for: more than a token's document has.
const USUAL: usize = 12;

/// The fields of an object. They are the same that a [`Map`] would have: of two with one name the last counts.
pub(crate) struct Fields<'a>(Vec<(Cow<'a, str>, Field<'a>)>);

/// The value of a field.
pub(crate) enum Field<'a> {
    /// A text.
    Text(Cow<'a, str>),
    /// Anything else.
    Other(Value),
}

impl<'a> Fields<'a> {
    /// Reads a document. Nothing, unless it is an object.
    pub(super) fn read(document: &'a [u8]) -> Option<Fields<'a>> {
        match serde_json::from_slice(document).ok()? {
            Document::Object(fields) => Some(fields),
            Document::Else => None,
        }
    }

    /// The field of this name.
    pub(crate) fn get(&self, name: &str) -> Option<&Field<'a>> {
        self.0.iter().rev().find(|(known, _)| known == name).map(|(_, field)| field)
    }

    /// A field that is a text with something in it.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.get(name)?.as_text().filter(|text| !text.is_empty())
    }
}

impl Field<'_> {
    pub(crate) fn as_text(&self) -> Option<&str> {
        match self {
            Field::Text(text) => Some(text),
            Field::Other(_) => None,
        }
    }
}

/// Where fields are looked up.
pub(crate) trait Lookup {
    /// The field of this name.
    fn scalar(&self, name: &str) -> Option<Scalar<'_>>;
}

/// What a field says, as far as it is a text or a number.
#[derive(Clone, Copy)]
pub(crate) enum Scalar<'a> {
    Text(&'a str),
    Number(&'a Number),
    Neither,
}

impl<'a> Scalar<'a> {
    fn of(value: &'a Value) -> Scalar<'a> {
        match value {
            Value::String(text) => Scalar::Text(text),
            Value::Number(number) => Scalar::Number(number),
            _ => Scalar::Neither,
        }
    }
}

impl Lookup for Map<String, Value> {
    fn scalar(&self, name: &str) -> Option<Scalar<'_>> {
        self.get(name).map(Scalar::of)
    }
}

impl Lookup for Fields<'_> {
    fn scalar(&self, name: &str) -> Option<Scalar<'_>> {
        self.get(name).map(|field| match field {
            Field::Text(text) => Scalar::Text(text),
            Field::Other(value) => Scalar::of(value),
        })
    }
}

enum Document<'a> {
    Object(Fields<'a>),
    Else,
}

impl<'de> Deserialize<'de> for Document<'de> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Document<'de>, D::Error> {
        from.deserialize_any(OfDocument)
    }
}

struct OfDocument;

impl<'de> Visitor<'de> for OfDocument {
    type Value = Document<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Document<'de>, A::Error> {
        let mut fields = Vec::with_capacity(USUAL);
        while let Some(Name(name)) = map.next_key()? {
            fields.push((name, map.next_value()?));
        }
        Ok(Document::Object(Fields(fields)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Document<'de>, A::Error> {
        Value::deserialize(SeqAccessDeserializer::new(list)).map(|_| Document::Else)
    }
}

struct Name<'a>(Cow<'a, str>);

impl<'de> Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Name<'de>, D::Error> {
        from.deserialize_str(OfField).and_then(|field| match field {
            Field::Text(text) => Ok(Name(text)),
            Field::Other(_) => Err(D::Error::custom("a name that is no text")),
        })
    }
}

impl<'de> Deserialize<'de> for Field<'de> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Field<'de>, D::Error> {
        from.deserialize_any(OfField)
    }
}

struct OfField;

impl<'de> Visitor<'de> for OfField {
    type Value = Field<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Field<'de>, E> {
        Ok(Field::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Field<'de>, E> {
        Ok(Field::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Field<'de>, E> {
        Ok(Field::Other(value.into()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Field<'de>, E> {
        Ok(Field::Other(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Field<'de>, E> {
        Ok(Field::Other(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Field<'de>, E> {
        Ok(Field::Other(value.into()))
    }

    fn visit_unit<E>(self) -> Result<Field<'de>, E> {
        Ok(Field::Other(Value::Null))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Field<'de>, A::Error> {
        Value::deserialize(SeqAccessDeserializer::new(list)).map(Field::Other)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Field<'de>, A::Error> {
        Value::deserialize(MapAccessDeserializer::new(map)).map(Field::Other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What there would be without this reader.
    fn map(document: &[u8]) -> Option<Map<String, Value>> {
        serde_json::from_slice(document).ok()
    }

    fn same(document: &[u8]) {
        let (fields, map) = (Fields::read(document), map(document));
        let shown = String::from_utf8_lossy(document);
        assert_eq!(fields.is_some(), map.is_some(), "{shown}");
        let (Some(fields), Some(map)) = (fields, map) else { return };
        assert!(fields.0.iter().all(|(name, _)| map.contains_key(&**name)), "{shown}");
        for (name, value) in &map {
            match fields.get(name) {
                Some(Field::Text(text)) => assert_eq!(Some(&**text), value.as_str(), "{shown}"),
                Some(Field::Other(other)) => assert_eq!(other, value, "{shown}"),
                None => panic!("{name} is missing of {shown}"),
            }
        }
    }

    #[test]
    fn the_same_as_a_map() {
        let documents: [&[u8]; 22] = [
            br#"{"access_token":"t","expires_in":3599,"ext_expires_in":-1,"x":1.5,"y":null,"z":true}"#,
            br#"{"a":"1","a":2,"b":{"a":[1,{"c":"d"}]},"a":"3"}"#,
            br#"{"\u0061":"\"\\\/\n\u00e9\ud83d\ude00","e":"\xc3\xa9"}"#,
            b"{\"a\":\"\xc3\xa9\"}",
            b"{\"a\":\"\xff\"}",
            b"{\"a\":{\"b\":\"\xff\"}}",
            br#"{"a":"\ud800"}"#,
            br#"{"a":18446744073709551616,"b":1e400}"#,
            br#"{"a":18446744073709551615,"b":-9223372036854775808,"c":1e3}"#,
            br#"{"a":1}x"#,
            b"{\"a\":\"\x01\"}",
            br#" { } "#,
            br#"{"a":}"#,
            br#"{"a" "b"}"#,
            br#"{1:2}"#,
            br#"["a"]"#,
            br#"[{"a":1}"#,
            br#""a""#,
            b"1",
            b"null",
            b"",
            b"{",
        ];
        documents.into_iter().for_each(same);
        let deep = |depth: usize| format!("{{\"a\":{}{}}}", "[".repeat(depth), "]".repeat(depth));
        (120..130).for_each(|depth| same(deep(depth).as_bytes()));
    }

    #[test]
    fn texts_are_not_copied() {
        let fields = Fields::read(br#"{"access_token":"eyJ.a.b"}"#).unwrap();
        assert!(matches!(fields.get("access_token"), Some(Field::Text(Cow::Borrowed("eyJ.a.b")))));
        assert!(fields.text("refresh_token").is_none());
    }
}
