//! What the emulator remembers between requests.

use std::collections::{BTreeMap, BTreeSet};

use entrada_core::secret::Secret;
use entrada_core::time::{Mono, Unix};

use crate::adfs::Issued;

/// A sign-in of a person at an app.
#[derive(Clone)]
pub(crate) struct Session {
    pub(crate) id: String,
    pub(crate) tenant: String,
    pub(crate) user: String,
    pub(crate) mfa: bool,
    /// Authentication contexts that were satisfied.
    pub(crate) acrs: Vec<String>,
    pub(crate) started: Unix,
}

/// An authorization code.
#[derive(Clone)]
pub(crate) struct Code {
    pub(crate) session: Session,
    pub(crate) client: String,
    pub(crate) redirect_uri: String,
    pub(crate) challenge: Option<String>,
    pub(crate) scope: String,
    pub(crate) nonce: Option<String>,
    pub(crate) tenant_form: String,
    pub(crate) expires: Unix,
    pub(crate) redeemed: u32,
}

/// What became of a device code.
#[derive(Clone)]
pub(crate) enum Decision {
    Pending,
    Approved(Session),
    Declined,
}

/// A device code.
#[derive(Clone)]
pub(crate) struct Device {
    pub(crate) user_code: String,
    pub(crate) client: String,
    pub(crate) scope: String,
    pub(crate) tenant_form: String,
    pub(crate) acrs: Vec<String>,
    pub(crate) expires: Unix,
    pub(crate) interval: u64,
    pub(crate) last_poll: Option<Mono>,
    pub(crate) polls: u32,
    pub(crate) decision: Decision,
    pub(crate) redeemed: u32,
}

/// A refresh token.
#[derive(Clone)]
pub(crate) struct Refresh {
    pub(crate) session: Session,
    pub(crate) client: String,
    pub(crate) family: Option<String>,
    pub(crate) scope: String,
    pub(crate) issued: Unix,
    pub(crate) revoked: bool,
}

/// An authorization request that a person is looking at.
#[derive(Clone)]
pub(crate) struct Pending {
    pub(crate) client: String,
    pub(crate) redirect_uri: String,
    pub(crate) form_post: bool,
    pub(crate) state: Option<String>,
    pub(crate) scope: String,
    pub(crate) nonce: Option<String>,
    pub(crate) challenge: Option<String>,
    pub(crate) tenant_form: String,
    pub(crate) acrs: Vec<String>,
    pub(crate) client_info: bool,
    pub(crate) expires: Unix,
    /// Who has given the right password and has to approve.
    pub(crate) user: Option<String>,
}

#[derive(Clone, Default)]
pub(crate) struct Store {
    pub(crate) codes: BTreeMap<String, Code>,
    pub(crate) devices: BTreeMap<String, Device>,
    pub(crate) refresh: BTreeMap<String, Refresh>,
    pub(crate) pending: BTreeMap<String, Pending>,
    /// Who has to approve at the device page, by the page's own id: object id and device code.
    pub(crate) approvals: BTreeMap<String, (String, String)>,
    /// When the sessions of a user were revoked, by object id.
    pub(crate) revoked: BTreeMap<String, Unix>,
    /// Client assertions that were accepted: client id and `jti`.
    pub(crate) assertions: BTreeSet<(String, String)>,
    /// SAML assertions that were made, by their SHA-256.
    pub(crate) saml: BTreeMap<[u8; 32], Issued>,
    /// How many wrong passwords were given for a user, by object id, and when the last.
    pub(crate) failures: BTreeMap<String, (u32, Unix)>,
    /// The token that Service Fabric keeps for a resource, and when it dies.
    pub(crate) fabric: BTreeMap<String, (String, i64)>,
    /// The keys of Azure Arc's agent, by the path of their files.
    pub(crate) arc_keys: BTreeMap<String, Secret>,
    /// When operations of Azure Machine Learning end, and what they change.
    pub(crate) operations: BTreeMap<String, (i64, String)>,
    pub(crate) token_requests: u64,
    /// When what was made in the directory or given as a role was made, by its id in lower case.
    pub(crate) born: BTreeMap<String, Mono>,
}

impl Store {
    /// Takes note that something was made now.
    pub(crate) fn made(&mut self, id: &str, now: Mono) {
        self.born.insert(id.to_ascii_lowercase(), now);
    }

    /// Whether what has this id is known where that takes so many seconds. What was always there is.
    pub(crate) fn knows(&self, id: &str, now: Mono, seconds: u64) -> bool {
        let born = self.born.get(&id.to_ascii_lowercase());
        born.is_none_or(|born| born.after(std::time::Duration::from_secs(seconds)) <= now)
    }

    /// The device code that belongs to what a person typed.
    pub(crate) fn device_of(&self, typed: &str) -> Option<&str> {
        let typed: String = typed.chars().filter(char::is_ascii_alphanumeric).collect();
        let found = self.devices.iter().find(|(_, device)| device.user_code.eq_ignore_ascii_case(&typed));
        found.map(|(code, _)| code.as_str())
    }
}
