//! Whoever signs with the key of a certificate: the world's signer, and what may be wrong with it.

use std::sync::LazyLock;

use entrada_core::effect::{Effect, Sign, SignAction, SignFailure, Signed, SigningKey};
use entrada_emulator::signing::Key;
use entrada_emulator::world as w;

use super::Answer;
use crate::canaries::{Canaries, Kind};

/// Where the file with the certificate and its key lies.
pub const KEY_FILE: &str = "/home/ada/keys/scoring.pem";
/// What that file is encrypted with, as far as this signer asks.
pub const KEY_PASSWORD: &str = "certificate-password-canary-41c7";
/// What the key is called where it lies elsewhere.
pub const KEY_NAME: &str = "vault/scoring";

static FIRST: LazyLock<Option<Key>> = LazyLock::new(|| Key::of_pem(w::CERTIFICATE_PEM));
static RENEWED: LazyLock<Option<Key>> = LazyLock::new(|| Key::of_pem(w::RENEWED_CERTIFICATE_PEM));

/// What the signer does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mood {
    /// It signs.
    Signs,
    /// It has no such key.
    Unknown,
    /// It tells the certificate and does not sign.
    Refuses,
    /// The key is replaced after the certificate was told, this often.
    Changes(u8),
    /// It does not answer.
    Silent,
    /// It tells the certificate, and then does not answer.
    FallsSilent,
    /// What it gives is a signature of something else.
    Bent,
    /// It cannot sign in this way.
    WrongAlgorithm,
}

/// The signer.
#[derive(Clone, Debug)]
pub struct Signer {
    /// What it does.
    pub mood: Mood,
    /// Whether the renewed certificate is in force.
    pub renewed: bool,
}

impl Default for Signer {
    fn default() -> Signer {
        Signer { mood: Mood::Signs, renewed: false }
    }
}

impl Signer {
    /// What it answers; nothing where it says nothing.
    pub fn says(&mut self, key: &SigningKey, action: &SignAction) -> Option<Result<Signed, SignFailure>> {
        let right = match key {
            SigningKey::File { path, password } => {
                path.as_os_str() == KEY_FILE
                    && password.as_ref().is_some_and(|text| text.matches(KEY_PASSWORD))
            }
            SigningKey::Bytes { contents, .. } => contents.expose() == w::CERTIFICATE_PEM.as_bytes(),
            SigningKey::Named(name) => name == KEY_NAME,
            _ => false,
        };
        let looking = matches!(action, SignAction::Certificate);
        match self.mood {
            Mood::Silent => return None,
            Mood::FallsSilent if !looking => return None,
            Mood::Unknown => return Some(Err(SignFailure::UnknownKey)),
            Mood::Refuses if !looking => return Some(Err(SignFailure::Refused)),
            Mood::WrongAlgorithm if !looking => return Some(Err(SignFailure::WrongAlgorithm)),
            Mood::Changes(left) if !looking && left > 0 => {
                self.mood = Mood::Changes(left - 1);
                self.renewed = !self.renewed;
            }
            _ => {}
        }
        let key = if self.renewed { &RENEWED } else { &FIRST };
        let Some(key) = key.as_ref().filter(|_| right) else {
            return Some(Err(SignFailure::UnknownKey));
        };
        let answer = key.answer(action);
        Some(match (self.mood, answer) {
            (Mood::Bent, Ok(Signed::Signature(signature))) => {
                let bent: Vec<u8> = signature.expose().iter().map(|byte| byte ^ 0x55).collect();
                Ok(Signed::Signature(bent.into()))
            }
            (_, answer) => answer,
        })
    }

    pub(super) fn signs(&mut self, sign: Box<Sign>) -> Answer {
        match self.says(sign.key(), sign.action()) {
            Some(result) => Answer::at_once(sign.ticket().reply(result)),
            None => Answer::silence(Effect::Sign(sign)),
        }
    }

    /// Takes note of what nobody may see of the key.
    pub(super) fn note(canaries: &mut Canaries) {
        canaries.add(Kind::CertificatePassword, KEY_PASSWORD);
        let inner = w::CERTIFICATE_PEM.split("-----END PRIVATE KEY").next().unwrap_or_default();
        inner.lines().skip(1).for_each(|line| canaries.add(Kind::PrivateKey, line));
    }
}
