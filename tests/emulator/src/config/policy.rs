//! Lifetimes, intervals and demands.

use serde::Deserialize;

/// What Azure Resource Manager demands of the tokens for a scope and all below it, or Entra of the
/// sessions from which tokens for a resource are had.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Demand {
    /// The scope in Azure Resource Manager; or a resource, by a URI or its id. For a resource a refresh
    /// token and on-behalf-of are refused (`interaction_required`, with claims) until the person has
    /// signed in with those claims; signing in for the resource itself does it too.
    pub scope: String,
    /// An authentication context that the token has to carry in `acrs`.
    pub acrs: Option<String>,
    /// When sessions were revoked, in seconds since 1970: tokens of clients that can be challenged
    /// have to be newer.
    pub newer_than: Option<i64>,
}

/// Whom a Conditional Access policy blocks, and at what.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Block {
    /// The resource, by a URI or its id.
    pub resource: String,
    /// The object id of the person or the app, or `*` for everybody.
    pub principal: String,
}

/// Lifetimes, intervals and demands.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Policy {
    /// How long an access token lives, in seconds.
    pub access_token: i64,
    /// How long one lives that can be revoked (client capability `CP1`), in seconds.
    pub revocable_access_token: i64,
    /// How long a managed identity's token lives, in seconds.
    pub managed_identity_token: i64,
    /// How long a refresh token lives without being used, in seconds.
    pub refresh_token: i64,
    /// How long an authorization code lives, in seconds.
    pub code: i64,
    /// How long a device code lives, in seconds.
    pub device_code: i64,
    /// How far apart polls have to be, in seconds.
    pub device_interval: u64,
    /// Whether a client assertion works only once, told apart by its `jti`. The service does not insist.
    pub assertions_once: bool,
    /// Whether descriptions of errors go on in new lines (`\r\n`) before the ids and the time, which some
    /// of Entra's servers do, rather than after spaces.
    pub line_breaks: bool,
    /// Whether id tokens tell no name to sign in with, which those of policies of B2C do not unless they are told to.
    pub nameless: bool,
    /// How many items are on a page of a list.
    pub page_size: usize,
    /// How long a change of a workspace or a compute takes, in seconds.
    pub operation: i64,
    /// Who gets no tokens for what (AADSTS53003).
    pub blocks: Vec<Block>,
    /// What is demanded beyond a valid token or a valid grant.
    pub demands: Vec<Demand>,
    /// How long it takes until what was made is known everywhere.
    pub replication: Replication,
    /// Whether people may register apps.
    pub people_register_apps: bool,
    /// Whether apps may have secrets.
    pub secrets_allowed: bool,
    /// The longest life of a secret or a certificate, in seconds.
    pub longest_credential: Option<i64>,
}

/// How long it takes until what was made is known everywhere, in seconds. The service gives no promise;
/// seconds are usual, minutes happen.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Replication {
    /// An app registration, to the rest of the directory.
    pub application: u64,
    /// A service principal, to the directory and to the token endpoint.
    pub principal: u64,
    /// A service principal, to role assignments that say what type of principal it is.
    pub typed_principal: u64,
    /// A service principal, to role assignments that do not.
    pub untyped_principal: u64,
    /// A secret or a certificate, to the token endpoint.
    pub credential: u64,
    /// A secret or a certificate, to whoever reads the app registration.
    pub shown: u64,
    /// A role assignment, to whatever asks what is allowed.
    pub assignment: u64,
}

impl Replication {
    /// The same time for everything.
    #[must_use]
    pub fn of(seconds: u64) -> Replication {
        Replication {
            application: seconds,
            principal: seconds,
            typed_principal: seconds,
            untyped_principal: seconds,
            credential: seconds,
            shown: seconds,
            assignment: seconds,
        }
    }
}

impl Default for Policy {
    fn default() -> Policy {
        Policy {
            access_token: 3599,
            revocable_access_token: 28 * 3600,
            managed_identity_token: 86_399,
            refresh_token: 90 * 86_400,
            code: 600,
            device_code: 900,
            device_interval: 5,
            assertions_once: false,
            line_breaks: true,
            nameless: false,
            page_size: 2,
            operation: 1,
            blocks: Vec::new(),
            demands: Vec::new(),
            replication: Replication::default(),
            people_register_apps: true,
            secrets_allowed: true,
            longest_credential: None,
        }
    }
}
