//! Messages (the D-Bus Specification, "Message Protocol").

use super::wire::{Malformed, Reader, Writer};

/// The longest message that is read, in bytes. The specification allows 128 MiB.
const LONGEST: usize = 1 << 20;

/// What every message begins with; the length of its header's fields is the last of it.
pub(super) const BEGINNING: usize = 16;

const LITTLE: u8 = b'l';
const BIG: u8 = b'B';
const VERSION: u8 = 1;

/// What is called.
#[derive(Clone, Copy, Debug)]
pub(in crate::store) struct Call<'a> {
    pub(in crate::store) destination: &'a str,
    pub(in crate::store) path: &'a str,
    pub(in crate::store) interface: &'a str,
    pub(in crate::store) member: &'a str,
}

/// Values with their types.
#[derive(Debug, Default)]
pub(in crate::store) struct Body {
    signature: &'static str,
    writer: Writer,
}

impl Body {
    /// Values of these types, which `write` writes.
    pub(in crate::store) fn new(signature: &'static str, write: impl FnOnce(&mut Writer)) -> Body {
        let mut writer = Writer::default();
        write(&mut writer);
        Body { signature, writer }
    }
}

/// A call as it is sent.
pub(super) fn call(call: &Call<'_>, serial: u32, body: Body) -> Vec<u8> {
    message(Kind::CALL, serial, body, |writer| {
        let text = |writer: &mut Writer, code: u8, signature: &str, value: &str| {
            writer.structure();
            writer.byte(code);
            writer.signature(signature);
            writer.string(value);
        };
        text(writer, Field::PATH, "o", call.path);
        text(writer, Field::INTERFACE, "s", call.interface);
        text(writer, Field::MEMBER, "s", call.member);
        text(writer, Field::DESTINATION, "s", call.destination);
    })
}

/// A message of this kind with these fields in its head.
fn message(kind: u8, serial: u32, body: Body, fields: impl FnOnce(&mut Writer)) -> Vec<u8> {
    let bytes = body.writer.into_bytes();
    let mut message = Writer::default();
    for byte in [LITTLE, kind, 0, VERSION] {
        message.byte(byte);
    }
    message.uint32(u32::try_from(bytes.len()).unwrap_or(u32::MAX));
    message.uint32(serial);
    message.structures(|writer| {
        fields(writer);
        if !body.signature.is_empty() {
            writer.structure();
            writer.byte(Field::SIGNATURE);
            writer.signature("g");
            writer.signature(body.signature);
        }
    });
    message.align(8);
    [message.into_bytes(), bytes].concat()
}

struct Kind;

impl Kind {
    const CALL: u8 = 1;
    const RETURN: u8 = 2;
    const ERROR: u8 = 3;
    const SIGNAL: u8 = 4;
}

struct Field;

impl Field {
    const PATH: u8 = 1;
    const INTERFACE: u8 = 2;
    const MEMBER: u8 = 3;
    const ERROR_NAME: u8 = 4;
    const REPLY_SERIAL: u8 = 5;
    const DESTINATION: u8 = 6;
    const SIGNATURE: u8 = 8;
}

/// A message that came.
#[derive(Debug)]
pub(in crate::store) struct Message {
    pub(super) kind: Came,
    signature: String,
    body: Vec<u8>,
    big_endian: bool,
}

/// What it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Came {
    /// The answer to the call with this serial.
    Return(u32),
    /// Why the call with this serial failed: the name of the error.
    Error(u32, String),
    Signal(Signal),
    /// A call, or something that is not known yet.
    Other,
}

/// Something that is told without having been asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::store) struct Signal {
    pub(in crate::store) path: String,
    pub(in crate::store) interface: String,
    pub(in crate::store) member: String,
}

impl Message {
    /// The length of the whole message that begins this way.
    pub(super) fn length(beginning: &[u8; BEGINNING]) -> Result<usize, Malformed> {
        let mut reader = Reader::new(beginning, is_big_endian(beginning[0])?);
        let mut number = |at| -> Result<usize, Malformed> {
            while reader.at() < at {
                reader.byte()?;
            }
            usize::try_from(reader.uint32()?).ok().filter(|length| *length <= LONGEST).ok_or(Malformed)
        };
        let (body, fields) = (number(4)?, number(12)?);
        Ok(BEGINNING + fields.next_multiple_of(8) + body)
    }

    pub(super) fn parse(bytes: &[u8]) -> Result<Message, Malformed> {
        let big_endian = is_big_endian(*bytes.first().ok_or(Malformed)?)?;
        let mut reader = Reader::new(bytes, big_endian);
        let [_, kind, _, VERSION] = [reader.byte()?, reader.byte()?, reader.byte()?, reader.byte()?] else {
            return Err(Malformed);
        };
        let (_body_length, _serial) = (reader.uint32()?, reader.uint32()?);
        let (mut signal, mut error, mut serial, mut signature) =
            (Signal::default(), None, None, String::new());
        let end = reader.array(8)?;
        while reader.at() < end {
            reader.structure()?;
            let (code, kind) = (reader.byte()?, reader.signature()?);
            match (code, kind) {
                (Field::PATH, "o") => signal.path = reader.string()?.to_owned(),
                (Field::INTERFACE, "s") => signal.interface = reader.string()?.to_owned(),
                (Field::MEMBER, "s") => signal.member = reader.string()?.to_owned(),
                (Field::ERROR_NAME, "s") => error = Some(reader.string()?.to_owned()),
                (Field::REPLY_SERIAL, "u") => serial = Some(reader.uint32()?),
                (Field::SIGNATURE, "g") => signature = reader.signature()?.to_owned(),
                (_, other) => reader.skip(other)?,
            }
        }
        reader.align(8)?;
        let kind = match kind {
            Kind::RETURN => Came::Return(serial.ok_or(Malformed)?),
            Kind::ERROR => Came::Error(serial.ok_or(Malformed)?, error.ok_or(Malformed)?),
            Kind::SIGNAL => Came::Signal(signal),
            _ => Came::Other,
        };
        Ok(Message { kind, signature, body: bytes[reader.at()..].to_vec(), big_endian })
    }

    /// Its values, which have to be of these types.
    pub(super) fn body(&self, signature: &str) -> Result<Reader<'_>, Malformed> {
        if self.signature == signature {
            Ok(Reader::new(&self.body, self.big_endian))
        } else {
            Err(Malformed)
        }
    }
}

fn is_big_endian(byte: u8) -> Result<bool, Malformed> {
    match byte {
        LITTLE => Ok(false),
        BIG => Ok(true),
        _ => Err(Malformed),
    }
}

#[cfg(test)]
pub(in crate::store) mod other_side;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// As `dbus-daemon` answered a `Hello`.
    const HELLO: &[u8] = b"l\x02\x01\x01\x0a\0\0\0\x01\0\0\0=\0\0\0\x06\x01s\0\x05\0\0\0:1.42\0\0\0\x05\x01u\0\x01\0\0\0\x08\x01g\0\x01s\0\0\x07\x01s\0\x14\0\0\0org.freedesktop.DBus\0\0\0\0\x05\0\0\0:1.42\0";

    #[test]
    fn an_answer() {
        assert_eq!(Message::length(HELLO[..BEGINNING].try_into().unwrap()), Ok(HELLO.len()));
        let message = Message::parse(HELLO).unwrap();
        assert_eq!(message.kind, Came::Return(1));
        assert_eq!(message.body("s").unwrap().string(), Ok(":1.42"));
        assert!(message.body("o").is_err(), "types are looked at");
    }

    #[test]
    fn a_call_is_a_message() {
        let what = Call { destination: "a.b", path: "/c", interface: "d.e", member: "F" };
        let bytes = call(
            &what,
            7,
            Body::new("sb", |writer| {
                writer.string("text");
                writer.boolean(true);
            }),
        );
        assert_eq!(Message::length(bytes[..BEGINNING].try_into().unwrap()), Ok(bytes.len()));
        let message = Message::parse(&bytes).unwrap();
        let mut body = message.body("sb").unwrap();
        assert_eq!(
            (message.kind.clone(), body.string(), body.boolean()),
            (Came::Other, Ok("text"), Ok(true))
        );
    }

    #[test]
    fn a_length_beyond_reason_is_refused() {
        let mut beginning = [0; BEGINNING];
        beginning[..4].copy_from_slice(b"l\x02\x01\x01");
        beginning[4..8].copy_from_slice(&u32::MAX.to_le_bytes());
        assert_eq!(Message::length(&beginning), Err(Malformed));
    }

    proptest! {
        #[test]
        fn no_message_leads_astray(at in 0..HELLO.len(), byte: u8, cut in 0..=HELLO.len(), noise: Vec<u8>) {
            let mut changed = HELLO.to_vec();
            changed[at] = byte;
            for bytes in [&changed[..], &HELLO[..cut], &noise] {
                if let Ok(message) = Message::parse(bytes) {
                    let _ = message.body("s").and_then(|mut body| body.string().map(str::to_owned));
                }
            }
        }
    }
}
