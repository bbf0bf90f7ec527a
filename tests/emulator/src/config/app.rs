//! App registrations, and how apps prove who they are.

use entrada_core::secret::Secret;
use serde::Deserialize;

use super::secret;

/// An app registration, and its service principal.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct App {
    /// The application (client) id.
    pub client_id: String,
    /// The object id of the service principal.
    pub object_id: String,
    /// What people call it.
    #[serde(default)]
    pub name: String,
    /// The only directory it is in; none for an app that is in all of them.
    #[serde(default)]
    pub tenant: Option<String>,
    /// Whether it is a public client, which has no secret.
    #[serde(default)]
    pub public: bool,
    /// The secrets of a confidential client.
    #[serde(default)]
    pub secrets: Vec<AppSecret>,
    /// The certificates by whose keys it may sign client assertions.
    #[serde(default)]
    pub certificates: Vec<AppCertificate>,
    /// Whether a certificate that is not registered will do if it comes with its chain (`x5c`) and has
    /// subject and issuer of a registered one.
    #[serde(default)]
    pub subject_name_issuer: bool,
    /// Whether regional hosts serve it, as they do what comes with a chain.
    #[serde(default)]
    pub regional: bool,
    /// Tokens of others by which it may authenticate.
    #[serde(default)]
    pub federated_credentials: Vec<FederatedCredential>,
    /// Whose tokens the token proxy of a cluster takes for it (identity bindings of AKS).
    #[serde(default)]
    pub identity_bindings: Vec<FederatedCredential>,
    /// Where authorization codes may be sent. The port of `http://localhost` and `http://127.0.0.1`
    /// does not matter.
    #[serde(default)]
    pub redirect_uris: Vec<String>,
    /// The family whose refresh tokens it shares.
    #[serde(default)]
    pub family: Option<String>,
    /// App roles that its own tokens carry.
    #[serde(default)]
    pub roles: Vec<String>,
    /// Application permissions of Microsoft Graph that it was given.
    #[serde(default)]
    pub graph_permissions: Vec<String>,
    /// The object id of the app registration; one that follows from the client id, where it is empty.
    #[serde(default)]
    pub registration: String,
    /// The object ids of those who own the app registration.
    #[serde(default)]
    pub owners: Vec<String>,
}

impl App {
    /// The object id of the app registration.
    #[must_use]
    pub fn registration(&self) -> String {
        match self.registration.as_str() {
            "" => crate::draw::stable(&format!("{} registration", self.client_id.to_ascii_lowercase())),
            id => id.to_owned(),
        }
    }
}

/// A client secret.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AppSecret {
    /// The secret itself.
    #[serde(deserialize_with = "secret")]
    pub value: Secret,
    /// When it stops working, in seconds since 1970.
    #[serde(default)]
    pub expires: Option<i64>,
    /// When it begins to work, in seconds since 1970.
    #[serde(default)]
    pub begins: Option<i64>,
    /// Its id, a GUID; one that follows from the secret, where it is empty.
    #[serde(default)]
    pub key_id: String,
    /// What people call it.
    #[serde(default)]
    pub name: String,
}

impl AppSecret {
    /// Its id.
    #[must_use]
    pub fn id(&self) -> String {
        id_of(&self.key_id, self.value.expose())
    }
}

/// A certificate of an app: its key signs client assertions.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AppCertificate {
    /// A text with the certificate as PEM. A private key in it is not read.
    pub pem: String,
    /// Its id, a GUID; one that follows from the certificate, where it is empty.
    #[serde(default)]
    pub key_id: String,
    /// What people call it.
    #[serde(default)]
    pub name: String,
    /// From when to when it may be used, in seconds since 1970; the certificate's own life counts too.
    #[serde(default)]
    pub life: Option<(i64, i64)>,
}

impl AppCertificate {
    /// Its id.
    #[must_use]
    pub fn id(&self) -> String {
        id_of(&self.key_id, &self.pem)
    }
}

/// The id that was given, or one that follows from what it is of.
fn id_of(given: &str, of: &str) -> String {
    match given {
        "" => crate::draw::stable(&format!("{of} credential")),
        id => id.to_owned(),
    }
}

/// A federated identity credential: the issuer whose tokens are as good as a certificate of the app.
/// All three texts are compared with regard to case.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FederatedCredential {
    /// The `iss` claim.
    pub issuer: String,
    /// The `sub` claim.
    pub subject: String,
    /// The `aud` claim.
    pub audience: String,
    /// A certificate as PEM whose key signs the tokens; none for the emulator's own key, by which
    /// [`crate::Emulator::federated_token`] signs.
    #[serde(default)]
    pub key: Option<String>,
}
