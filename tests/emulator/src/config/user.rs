//! People.

use entrada_core::secret::Secret;
use serde::Deserialize;

use super::secret;

/// A person.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct User {
    /// The sign-in name.
    pub username: String,
    /// The password.
    #[serde(deserialize_with = "secret")]
    pub password: Secret,
    /// The object id.
    pub object_id: String,
    /// The home directory.
    pub tenant: String,
    /// The display name.
    #[serde(default)]
    pub name: String,
    /// Whether each sign-in has to be approved on a second device.
    #[serde(default)]
    pub mfa: bool,
    /// Whether a second device has to be registered first, so that a password alone is no use.
    #[serde(default)]
    pub must_register_mfa: bool,
    /// Whether the account is locked.
    #[serde(default)]
    pub locked: bool,
    /// Whether the password has expired.
    #[serde(default)]
    pub password_expired: bool,
    /// Whether the account is disabled.
    #[serde(default)]
    pub disabled: bool,
}

/// A domain whose people sign in at an AD FS.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Federation {
    /// The domain.
    pub domain: String,
    /// The host of the AD FS, in lower case. It serves what is below `/adfs` and nothing else. On
    /// loopback, where everything has one host, the same paths are served.
    pub host: String,
    /// Whether it makes assertions of SAML 2.0 when it is not asked for either.
    #[serde(default)]
    pub saml2: bool,
}
