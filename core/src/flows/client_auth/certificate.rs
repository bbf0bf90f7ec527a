//! Assertions that the app signs itself, with the key of a certificate that the authority knows.

use std::path::PathBuf;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Map, Value, json};

use super::{AssertionRequest, AssertionSource};
use crate::effect::{
    Reply, SignAction, SignFailure, SignatureAlgorithm, Signed, SigningCertificate, SigningKey,
};
use crate::error::{Error, ErrorKind};
use crate::flow::{BoxFlow, Cx, Flow, expect, out_of_turn};
use crate::memo::Memo;
use crate::run::Step;
use crate::secret::{Secret, SecretBytes};
use crate::time::Now;

/// How long an assertion lives: what Microsoft's documentation recommends at the most.
const LIFE: Duration = Duration::from_secs(600);
/// How much life one must have left to be used again.
const MARGIN: Duration = Duration::from_secs(60);

/// A certificate whose key signs assertions.
#[derive(Clone, Debug)]
pub struct ClientCertificate {
    key: SigningKey,
    send_chain: bool,
    reuse: Option<bool>,
    last: Memo<Assertion>,
}

/// An assertion that was made.
#[derive(Clone)]
struct Assertion {
    text: Secret,
    client_id: String,
    audience: String,
    certificate: [u8; 32],
    made: Now,
}

impl ClientCertificate {
    /// The certificate and key of this place.
    #[must_use]
    pub fn new(key: SigningKey) -> ClientCertificate {
        ClientCertificate { key, send_chain: false, reuse: None, last: Memo::default() }
    }

    /// Those in this file, PEM or PKCS #12. It is read anew when it changes, so a renewed certificate
    /// needs no restart.
    #[must_use]
    pub fn file(path: impl Into<PathBuf>) -> ClientCertificate {
        ClientCertificate::new(SigningKey::File { path: path.into(), password: None })
    }

    /// Those in these bytes, PEM or PKCS #12.
    #[must_use]
    pub fn bytes(contents: impl Into<SecretBytes>) -> ClientCertificate {
        ClientCertificate::new(SigningKey::Bytes { contents: contents.into(), password: None })
    }

    /// The same, encrypted with this password. A key that a signer knows by name has none.
    #[must_use]
    pub fn with_password(mut self, secret: impl Into<Secret>) -> ClientCertificate {
        if let SigningKey::File { password, .. } | SigningKey::Bytes { password, .. } = &mut self.key {
            *password = Some(secret.into());
        }
        self
    }

    /// The same, sending the certificate and its issuers along (`x5c`): what an app needs that trusts a
    /// certificate by subject and issuer.
    #[must_use]
    pub fn sending_chain(mut self) -> ClientCertificate {
        self.send_chain = true;
        // What its clones made has no chain.
        self.last = Memo::default();
        self
    }

    /// The same, with a word on whether an assertion may serve several requests. Unless told so, it does
    /// for the known Entra clouds, which allow it, and nowhere else.
    #[must_use]
    pub fn reusing_assertions(mut self, reuse: bool) -> ClientCertificate {
        self.reuse = Some(reuse);
        self
    }

    /// The assertion that was made before, if it will do.
    fn known(&self, wanted: &AssertionRequest, certificate: [u8; 32], now: Now) -> Option<Secret> {
        let may = self.reuse.unwrap_or_else(|| wanted.authority.cloud().is_some());
        let last = self.last.get().filter(|_| may)?;
        let usable = LIFE.saturating_sub(MARGIN);
        // By both clocks, as with tokens; a wall clock that was set back proves nothing.
        let fresh = last.made.mono.until(now.mono) < usable
            && last.made.unix.until(now.unix) < usable
            && last.made.unix <= now.unix;
        let same = last.client_id == wanted.client_id
            && last.audience == wanted.audience
            && last.certificate == certificate;
        (fresh && same).then_some(last.text)
    }
}

impl AssertionSource for ClientCertificate {
    fn assertion(&self, wanted: &AssertionRequest) -> BoxFlow<Secret> {
        Box::new(Signing {
            certificate: self.clone(),
            wanted: wanted.clone(),
            again: true,
            state: State::Fresh,
        })
    }
}

#[derive(Debug)]
struct Signing {
    certificate: ClientCertificate,
    wanted: AssertionRequest,
    /// Whether one more try is left for a key that is replaced between two looks at it.
    again: bool,
    state: State,
}

#[derive(Debug)]
enum State {
    Fresh,
    Looking,
    /// What is to be signed is an assertion but for its end, so that `Debug` does not show it.
    Signing {
        input: Secret,
        certificate: [u8; 32],
        made: Now,
    },
    Over,
}

impl Signing {
    fn look(&mut self, cx: &mut Cx<'_>) -> Step<Secret> {
        self.state = State::Looking;
        cx.sign(self.certificate.key.clone(), SignAction::Certificate)
    }

    fn looked(&mut self, cx: &mut Cx<'_>, reply: Reply) -> Step<Secret> {
        let certificate = match reply.signed() {
            Ok(Signed::Certificate(certificate)) => certificate,
            Ok(_) => return Step::Done(Err(self.failed(SignFailure::Mismatch))),
            Err(failure) => return Step::Done(Err(self.failed(failure))),
        };
        let (fingerprint, now) = (certificate.sha256(), cx.now());
        if let Some(known) = self.certificate.known(&self.wanted, fingerprint, now) {
            return Step::Done(Ok(known));
        }
        let algorithm = match self.wanted.authority.wants_rs256(&self.wanted.tenant) {
            true => SignatureAlgorithm::Rs256,
            false => SignatureAlgorithm::Ps256,
        };
        let header = crate::check!(self.header(&certificate, algorithm));
        let claims = self.claims(now, &cx.random_guid());
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let input = format!("{}.{}", part(&header), part(&claims));
        let message = SecretBytes::new(input.as_bytes());
        self.state = State::Signing { input: Secret::new(input), certificate: fingerprint, made: now };
        cx.sign(
            self.certificate.key.clone(),
            SignAction::Sign { algorithm, message, certificate: fingerprint },
        )
    }

    /// The JOSE header (RFC 7515 section 4.1): the certificate is told by its SHA-256 fingerprint, to
    /// AD FS by its SHA-1.
    fn header(
        &self,
        certificate: &SigningCertificate,
        algorithm: SignatureAlgorithm,
    ) -> Result<Value, Error> {
        let mut header = Map::new();
        header.insert("typ".into(), "JWT".into());
        if algorithm == SignatureAlgorithm::Rs256 {
            let sha1 = certificate.sha1().ok_or_else(|| {
                Error::new(
                    ErrorKind::Configuration,
                    "AD FS finds a certificate by its SHA-1 fingerprint, which the signer did not tell",
                )
                .with_remedy("let the signer tell it: SigningCertificate::with_sha1")
            })?;
            header.insert("alg".into(), "RS256".into());
            header.insert("x5t".into(), URL_SAFE_NO_PAD.encode(sha1).into());
        } else {
            header.insert("alg".into(), "PS256".into());
            header.insert("x5t#S256".into(), URL_SAFE_NO_PAD.encode(certificate.sha256()).into());
        }
        if self.certificate.send_chain {
            let chain: Vec<_> = certificate.chain().iter().map(|der| STANDARD.encode(der)).collect();
            header.insert("x5c".into(), chain.into());
        }
        Ok(Value::Object(header))
    }

    /// The claims (RFC 7523 section 3).
    fn claims(&self, now: Now, id: &str) -> Value {
        json!({
            "aud": self.wanted.audience,
            "iss": self.wanted.client_id,
            "sub": self.wanted.client_id,
            "jti": id,
            "nbf": now.unix.0,
            "iat": now.unix.0,
            "exp": now.unix.after(LIFE).0,
        })
    }

    fn signed(
        &mut self,
        cx: &mut Cx<'_>,
        reply: Reply,
        (input, certificate, made): (Secret, [u8; 32], Now),
    ) -> Step<Secret> {
        match reply.signed() {
            Ok(Signed::Signature(signature)) => {
                let text =
                    Secret::new(format!("{}.{}", input.expose(), URL_SAFE_NO_PAD.encode(signature.expose())));
                let AssertionRequest { client_id, audience, .. } = self.wanted.clone();
                self.certificate.last.set(Assertion {
                    text: text.clone(),
                    client_id,
                    audience,
                    certificate,
                    made,
                });
                Step::Done(Ok(text))
            }
            Ok(_) => Step::Done(Err(self.failed(SignFailure::Mismatch))),
            Err(SignFailure::Changed) if std::mem::take(&mut self.again) => self.look(cx),
            Err(failure) => Step::Done(Err(self.failed(failure))),
        }
    }

    fn failed(&self, failure: SignFailure) -> Error {
        let kind = match failure {
            SignFailure::Failed(error) => return error,
            SignFailure::Unsupported => ErrorKind::Unavailable,
            SignFailure::TimedOut => ErrorKind::Timeout,
            SignFailure::Mismatch => ErrorKind::Misuse,
            _ => ErrorKind::Configuration,
        };
        let what = format!("nothing can be signed with {}: {failure}", self.certificate.key.label());
        Error::new(kind, what)
    }
}

impl Flow for Signing {
    type Output = Secret;

    fn step(&mut self, cx: &mut Cx<'_>, reply: Option<Reply>) -> Step<Secret> {
        match std::mem::replace(&mut self.state, State::Over) {
            State::Fresh => self.look(cx),
            State::Looking => {
                let reply = crate::check!(expect(reply));
                self.looked(cx, reply)
            }
            State::Signing { input, certificate, made } => {
                let reply = crate::check!(expect(reply));
                self.signed(cx, reply, (input, certificate, made))
            }
            State::Over => Step::Done(Err(out_of_turn())),
        }
    }
}
