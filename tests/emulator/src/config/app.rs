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
}

/// A client secret.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AppSecret {
    /// The secret itself.
    #[serde(deserialize_with = "secret")]
    pub value: Secret,
    /// When it stops working, in seconds since 1970.
    #[serde(default)]
    pub expires: Option<i64>,
}

/// A certificate of an app: its key signs client assertions.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AppCertificate {
    /// A text with the certificate as PEM. A private key in it is not read.
    pub pem: String,
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
