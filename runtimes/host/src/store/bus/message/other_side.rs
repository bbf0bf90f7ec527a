//! What the other side does, for tests.

use super::{BEGINNING, Body, Field, Kind, Message, Signal, message};

/// A call that came.
pub(in crate::store) struct Called {
    pub(in crate::store) serial: u32,
    pub(in crate::store) member: String,
    pub(in crate::store) message: Message,
}

impl Called {
    /// The next call on this stream; nothing once the caller has gone.
    pub(in crate::store) fn next(stream: &mut impl std::io::Read) -> Option<Called> {
        let mut beginning = [0; BEGINNING];
        stream.read_exact(&mut beginning).ok()?;
        let mut bytes = vec![0; Message::length(&beginning).unwrap()];
        bytes[..BEGINNING].copy_from_slice(&beginning);
        stream.read_exact(&mut bytes[BEGINNING..]).ok()?;
        // The field as `call` writes it: its code, its type, its length, its text.
        let field = [Field::MEMBER, 1, b's', 0];
        let at = bytes.windows(4).position(|window| window == field).unwrap() + 8;
        let member: Vec<_> = bytes[at..].iter().copied().take_while(|byte| *byte != 0).collect();
        Some(Called {
            serial: u32::from_le_bytes(bytes[8..12].try_into().unwrap()),
            member: String::from_utf8(member).unwrap(),
            message: Message::parse(&bytes).unwrap(),
        })
    }

    /// The values that came along.
    pub(in crate::store) fn body(&self, signature: &str) -> super::Reader<'_> {
        self.message.body(signature).unwrap()
    }

    pub(in crate::store) fn answer(&self, body: Body) -> Vec<u8> {
        message(Kind::RETURN, 1, body, |writer| {
            writer.structure();
            writer.byte(Field::REPLY_SERIAL);
            writer.signature("u");
            writer.uint32(self.serial);
        })
    }
}

pub(in crate::store) fn told(signal: &Signal, body: Body) -> Vec<u8> {
    message(Kind::SIGNAL, 1, body, |writer| {
        let fields = [
            (Field::PATH, "o", &signal.path),
            (Field::INTERFACE, "s", &signal.interface),
            (Field::MEMBER, "s", &signal.member),
        ];
        for (code, signature, text) in fields {
            writer.structure();
            writer.byte(code);
            writer.signature(signature);
            writer.string(text);
        }
    })
}
