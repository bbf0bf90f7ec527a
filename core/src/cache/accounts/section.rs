//! The sections of the document, and how keys are spelled in them.

use super::entry::Entry;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Section {
    AccessToken,
    RefreshToken,
    IdToken,
    Account,
    AppMetadata,
}

impl Section {
    pub(super) const ALL: [Section; 5] = [
        Section::AccessToken,
        Section::RefreshToken,
        Section::IdToken,
        Section::Account,
        Section::AppMetadata,
    ];

    /// Its name in the document, which is also the `credential_type` of its entries where they have one.
    pub(super) fn name(self) -> &'static str {
        match self {
            Section::AccessToken => "AccessToken",
            Section::RefreshToken => "RefreshToken",
            Section::IdToken => "IdToken",
            Section::Account => "Account",
            Section::AppMetadata => "AppMetadata",
        }
    }

    /// The key of an entry, as MSAL for Python spells it. Readers must not rely on it.
    pub(super) fn key(self, entry: &Entry) -> String {
        let kind = self.name();
        let field = |name: &str| entry.text(name).unwrap_or_default();
        let (home, environment) = (field("home_account_id"), field("environment"));
        let (client, realm, target) = (field("client_id"), field("realm"), field("target"));
        let parts: &[&str] = match self {
            Section::AccessToken => &[home, environment, kind, client, realm, target],
            Section::RefreshToken => &[home, environment, kind, client, "", target],
            Section::IdToken => &[home, environment, kind, client, realm, ""],
            Section::Account => &[home, environment, realm],
            Section::AppMetadata => &[kind, environment, client],
        };
        parts.join("-").to_lowercase()
    }
}
