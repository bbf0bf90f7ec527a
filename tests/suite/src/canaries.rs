//! Texts that must never be seen: gathered from the traffic itself, looked for in everything that is
//! printable.

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
}

impl Kind {
    /// Whether this may be sent to the authority.
    #[must_use]
    pub fn is_for_authority(self) -> bool {
        !matches!(self, Kind::Password | Kind::UserCode | Kind::AccessToken | Kind::IdToken | Kind::File)
    }

    /// The kind of secret that a parameter of the protocol holds.
    #[must_use]
    pub fn of_parameter(name: &str) -> Option<Kind> {
        Some(match name {
            "client_secret" => Kind::ClientSecret,
            "password" => Kind::Password,
            "code" => Kind::Code,
            "device_code" => Kind::DeviceCode,
            "user_code" => Kind::UserCode,
            "access_token" | "accessToken" => Kind::AccessToken,
            "refresh_token" => Kind::RefreshToken,
            "id_token" => Kind::IdToken,
            "state" => Kind::State,
            "nonce" => Kind::Nonce,
            "code_verifier" => Kind::Verifier,
            _ => return None,
        })
    }
}

/// The secrets of one simulation.
#[derive(Default)]
pub struct Canaries {
    needles: Vec<(Kind, String)>,
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
    /// Takes note of a secret. Texts of fewer than eight characters would be found everywhere.
    pub fn add(&mut self, kind: Kind, secret: &str) {
        if secret.len() < 8 || !self.whole.insert(secret.to_owned()) {
            return;
        }
        let mut add = |piece: Option<&str>| {
            self.needles.extend(piece.map(|piece| (kind, piece.to_owned())));
        };
        if secret.len() <= 48 {
            add(Some(secret));
            return;
        }
        // Every JWT begins with the same header; its end and its middle are its own.
        let end = secret.len();
        let jwt = secret.starts_with("eyJ");
        let starts = [if jwt { 160 } else { 4 }, end / 2, end - PIECE];
        for start in starts {
            add(secret.get(start..start + PIECE));
        }
    }

    /// Takes note of the secrets in a form or a query.
    pub fn add_form(&mut self, form: &[u8]) {
        for (name, value) in url::form_urlencoded::parse(form) {
            if let Some(kind) = Kind::of_parameter(&name) {
                self.add(kind, &value);
            }
        }
    }

    /// Takes note of the secrets in a JSON object.
    pub fn add_json(&mut self, body: &[u8]) {
        if let Ok(serde_json::Value::Object(object)) = serde_json::from_slice(body) {
            for (name, value) in &object {
                if let (Some(kind), Some(value)) = (Kind::of_parameter(name), value.as_str()) {
                    self.add(kind, value);
                }
            }
        }
    }

    /// The kind of a secret that this text gives away.
    #[must_use]
    pub fn leak(&self, text: &str) -> Option<Kind> {
        self.leak_of(text, |_| true)
    }

    /// The same for some kinds only.
    #[must_use]
    pub fn leak_of(&self, text: &str, wanted: impl Fn(Kind) -> bool) -> Option<Kind> {
        self.needles
            .iter()
            .filter(|(kind, _)| wanted(*kind))
            .find(|(_, needle)| text.contains(needle.as_str()))
            .map(|(kind, _)| *kind)
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
