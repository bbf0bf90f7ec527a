//! The record of a sign-in that a program keeps for itself.

use serde::{Deserialize, Serialize};

use super::who::Who;
use crate::error::{Error, ErrorKind};
use crate::tenant::Tenant;
use crate::token::TokenResponse;

/// The one version there is.
const VERSION: &str = "1.0";

/// The longest that is read, in bytes: the limit of Azure.Identity too.
const LONGEST: usize = 10 * 1024;

/// Who signed in, without any secret: with it a program finds the account again among those that are kept.
/// It is read and written as by Azure.Identity for Python, Go, .NET and Java.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct AuthenticationRecord {
    /// The host of the authority.
    pub authority: String,
    /// The app that was signed in to.
    pub client_id: String,
    /// The account.
    pub home_account_id: String,
    /// The tenant that issued the tokens.
    pub tenant_id: String,
    /// The name to sign in with.
    pub username: String,
    /// Those of .NET have none.
    #[serde(default = "version")]
    version: String,
}

fn version() -> String {
    VERSION.to_owned()
}

impl AuthenticationRecord {
    /// The record of a sign-in to this app; nothing where the reply does not tell who signed in.
    #[must_use]
    pub fn of(client_id: &str, response: &TokenResponse) -> Option<AuthenticationRecord> {
        let who = Who::of(response);
        Some(AuthenticationRecord {
            authority: who.issuer?,
            client_id: client_id.to_owned(),
            home_account_id: who.home_account_id?,
            tenant_id: who.tenant?,
            username: who.username?,
            version: version(),
        })
    }

    /// Reads a record. Fields that are not known are passed over, a version may be missing.
    ///
    /// # Errors
    /// `Configuration`, saying what is wrong with it.
    pub fn from_json(text: &str) -> Result<AuthenticationRecord, Error> {
        let wrong = |why: &str| {
            Error::new(ErrorKind::Configuration, format!("the authentication record {why}"))
                .with_remedy("remove the record, then sign in again and keep it anew")
        };
        if text.len() > LONGEST {
            return Err(wrong("is longer than any can be"));
        }
        let text = text.trim_start_matches('\u{feff}');
        let record: AuthenticationRecord = serde_json::from_str(text).map_err(|_| {
            wrong("is not JSON with authority, clientId, homeAccountId, tenantId and username")
        })?;
        let fields = [
            ("authority", &record.authority),
            ("clientId", &record.client_id),
            ("homeAccountId", &record.home_account_id),
            ("tenantId", &record.tenant_id),
            ("username", &record.username),
        ];
        if let Some((name, _)) = fields.iter().find(|(_, value)| value.trim().is_empty()) {
            return Err(wrong(&format!("has an empty {name}")));
        }
        if record.version != VERSION {
            return Err(wrong("is of a version that is not known; 1.0 is"));
        }
        Tenant::new(record.tenant_id.as_str()).map_err(|_| wrong("has a tenantId that no tenant has"))?;
        Ok(record)
    }

    /// The record as JSON.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PYTHON: &str = r#"{"authority": "login.microsoftonline.com", "clientId": "c", "homeAccountId": "u.t",
        "tenantId": "t", "username": "jo@contoso.com", "version": "1.0"}"#;

    #[test]
    fn records_of_other_writers_are_read() {
        let record = AuthenticationRecord::from_json(PYTHON).unwrap();
        assert_eq!(record.home_account_id, "u.t");
        // .NET writes no version, and what a later one adds is passed over.
        let dotnet = r#"{"username":"jo@contoso.com","authority":"login.microsoftonline.com",
            "homeAccountId":"u.t","tenantId":"t","clientId":"c","added":{"later":1}}"#;
        assert_eq!(AuthenticationRecord::from_json(dotnet).unwrap(), record);
        assert_eq!(AuthenticationRecord::from_json(&format!("\u{feff}{PYTHON}")).unwrap(), record);
    }

    #[test]
    fn what_is_written_has_a_version_and_is_read_back() {
        let record = AuthenticationRecord::from_json(PYTHON).unwrap();
        let written = record.to_json();
        assert!(written.contains(r#""version":"1.0""#), "{written}");
        assert_eq!(AuthenticationRecord::from_json(&written).unwrap(), record);
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (text, said) in [
            ("{}", "is not JSON with"),
            ("", "is not JSON with"),
            (&PYTHON.replace("1.0", "2.0"), "version"),
            (&PYTHON.replace(r#""u.t""#, r#"" ""#), "empty homeAccountId"),
            (&PYTHON.replace(r#""t""#, r#""../x""#), "tenantId"),
            (&format!("{PYTHON}{}", " ".repeat(LONGEST)), "longer"),
        ] {
            let error = AuthenticationRecord::from_json(text).unwrap_err().message();
            assert!(error.contains(said), "{error}");
        }
    }
}
