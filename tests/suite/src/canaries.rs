//! Texts that must never be seen: gathered from the traffic itself, looked for in everything that is
//! printable.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use entrada_core::xml::Document;
use memchr::memmem::Finder;

/// What kind of secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A client secret.
    ClientSecret,
    /// A person's password.
    Password,
    /// An authorization code.
    Code,
    /// A device code.
    DeviceCode,
    /// The code that a person types.
    UserCode,
    /// An access token.
    AccessToken,
    /// A refresh token.
    RefreshToken,
    /// An id token.
    IdToken,
    /// The `state` of a sign-in.
    State,
    /// The `nonce` of a sign-in.
    Nonce,
    /// A PKCE verifier.
    Verifier,
    /// What stands in a file.
    File,
    /// The token by which a job calls Azure Pipelines.
    SystemAccessToken,
    /// The token that a service was sent by somebody's client.
    UserAssertion,
    /// A statement of who an app is.
    ClientAssertion,
    /// A federation service's statement of who somebody is.
    SamlAssertion,
    /// What a certificate's file is encrypted with.
    CertificatePassword,
    /// A certificate's key.
    PrivateKey,
    /// What a host of managed identities tells its own programs.
    HostSecret,
    /// A key of Azure Arc's agent.
    ArcKey,
}

impl Kind {
    /// The one field of a form to the authority's token endpoint in which this may be sent, if there is one.
    #[must_use]
    pub fn field(self) -> Option<&'static str> {
        Some(match self {
            Kind::ClientSecret => "client_secret",
            Kind::Password => "password",
            Kind::Code => "code",
            Kind::DeviceCode => "device_code",
            Kind::RefreshToken => "refresh_token",
            Kind::Verifier => "code_verifier",
            Kind::UserAssertion | Kind::SamlAssertion => "assertion",
            Kind::ClientAssertion => "client_assertion",
            _ => return None,
        })
    }

    /// The kind of secret that a parameter of the protocol holds.
    #[must_use]
    pub fn of_parameter(name: &str) -> Option<Kind> {
        Some(match name {
            // A new secret is told by the directory once.
            "client_secret" | "secretText" => Kind::ClientSecret,
            "password" => Kind::Password,
            "code" => Kind::Code,
            "device_code" => Kind::DeviceCode,
            "user_code" => Kind::UserCode,
            "access_token" | "accessToken" | "token" => Kind::AccessToken,
            // What a workspace or an endpoint is called with is as good as a token.
            "primaryKey"
            | "secondaryKey"
            | "userStorageKey"
            | "primaryAccessKey"
            | "secondaryAccessKey"
            | "appInsightsInstrumentationKey" => Kind::AccessToken,
            "refresh_token" => Kind::RefreshToken,
            "id_token" => Kind::IdToken,
            "state" => Kind::State,
            "nonce" => Kind::Nonce,
            "code_verifier" => Kind::Verifier,
            "client_assertion" | "oidcToken" => Kind::ClientAssertion,
            "assertion" => Kind::UserAssertion,
            _ => return None,
        })
    }
}

/// A text to look for.
#[derive(Clone)]
struct Needle {
    kind: Kind,
    /// Every step of every simulation is searched, so the searcher is made once.
    text: Finder<'static>,
    /// Whether no other secret has this text in it. The claims of two tokens may be the same in part.
    own: bool,
}

/// The secrets of one simulation.
#[derive(Clone, Default)]
pub struct Canaries {
    /// Whether nobody will look.
    idle: bool,
    needles: Vec<Needle>,
    whole: std::collections::BTreeSet<String>,
}

impl std::fmt::Debug for Canaries {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Canaries({})", self.whole.len())
    }
}

/// Pieces of a long secret are looked for one by one: half a token is a leak too.
const PIECE: usize = 24;

impl Canaries {
    /// Takes note of nothing, for a simulation that is not searched: reading every body for secrets takes time.
    #[must_use]
    pub fn idle() -> Canaries {
        Canaries { idle: true, ..Canaries::default() }
    }

    /// Whether something may be found.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.idle
    }

    /// Takes note of a secret. Texts of fewer than eight characters would be found everywhere.
    pub fn add(&mut self, kind: Kind, secret: &str) {
        if self.idle || secret.len() < 8 || !self.whole.insert(secret.to_owned()) {
            return;
        }
        let mut add = |piece: Option<&str>, own: bool| {
            let finder = piece.map(|piece| Finder::new(piece).into_owned());
            self.needles.extend(finder.map(|text| Needle { kind, text, own }));
        };
        if secret.len() <= 48 {
            add(Some(secret), true);
            return;
        }
        let end = secret.len();
        let piece = |start: usize| secret.get(start..start + PIECE);
        add(piece(end - PIECE), true);
        match secret.rsplit_once('.').filter(|_| secret.starts_with("eyJ")) {
            // Every JWT begins with the same header; its signature is its own.
            Some((signed, signature)) if signature.len() > PIECE => {
                add(piece(signed.len() + 1), true);
                add(piece(signed.len() + 1 + (signature.len() - PIECE) / 2), true);
                add(piece(160), false);
                add(piece(end / 2), false);
            }
            Some(_) => add(piece(160), false),
            None => {
                add(piece(4), false);
                add(piece(end / 2), true);
            }
        }
    }

    /// Takes note of the secrets in a form or a query.
    pub fn add_form(&mut self, form: &[u8]) {
        if self.idle {
            return;
        }
        for (name, value) in url::form_urlencoded::parse(form) {
            if let Some(kind) = Kind::of_parameter(&name) {
                self.add(kind, &value);
            }
        }
    }

    /// Takes note of the secrets in a JSON object.
    pub fn add_json(&mut self, body: &[u8]) {
        if self.idle {
            return;
        }
        if let Ok(serde_json::Value::Object(object)) = serde_json::from_slice(body) {
            for (name, value) in &object {
                if let (Some(kind), Some(value)) = (Kind::of_parameter(name), value.as_str()) {
                    self.add(kind, value);
                }
            }
        }
    }

    /// Takes note of a SAML assertion in XML: its signature, and all of it as it is sent on.
    pub fn add_xml(&mut self, body: &[u8]) {
        if self.idle {
            return;
        }
        let Ok(document) = Document::parse(body) else { return };
        for element in document.root().descendants() {
            match element.name() {
                "SignatureValue" | "DigestValue" => self.add(Kind::SamlAssertion, element.text().trim()),
                "Assertion" => {
                    let text = URL_SAFE_NO_PAD.encode(element.standalone().as_bytes());
                    self.add(Kind::SamlAssertion, &text);
                }
                _ => {}
            }
        }
    }

    /// The kind of a secret that this text gives away.
    #[must_use]
    pub fn leak(&self, text: &str) -> Option<Kind> {
        self.found(text, |_| true)
    }

    /// The same for some kinds only, by what no secret of another kind has in it.
    #[must_use]
    pub fn leak_of(&self, text: &str, wanted: impl Fn(Kind) -> bool) -> Option<Kind> {
        self.found(text, |needle| needle.own && wanted(needle.kind))
    }

    fn found(&self, text: &str, wanted: impl Fn(&Needle) -> bool) -> Option<Kind> {
        let mut needles = self.needles.iter().filter(|needle| wanted(needle));
        needles.find(|needle| needle.text.find(text.as_bytes()).is_some()).map(|needle| needle.kind)
    }

    /// How many secrets are known.
    #[must_use]
    pub fn len(&self) -> usize {
        self.whole.len()
    }

    /// Whether none is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.whole.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_found() {
        let mut canaries = Canaries::default();
        let long: String = (0..400).map(|i| char::from(b'a' + u8::try_from(i * 7 % 26).unwrap())).collect();
        canaries.add(Kind::AccessToken, &format!("eyJ{long}"));
        canaries.add_form(b"client_secret=s3cret%20value&state=short");
        assert_eq!(canaries.leak(&format!("x {}", &long[390 - 30..])), Some(Kind::AccessToken));
        assert_eq!(canaries.leak("a s3cret value"), Some(Kind::ClientSecret));
        assert_eq!(canaries.leak("short eyJabc"), None);
        assert_eq!(canaries.len(), 2);
    }
}
