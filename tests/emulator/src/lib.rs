//! Microsoft Entra ID, the instance metadata service of Azure's machines and the other hosts of managed
//! identities, Azure Pipelines, the token proxy of an AKS cluster and Azure Resource Manager, played by a pure function for tests and demonstrations.
//!
//! [`Emulator::answer`] takes the time and a request and gives the response: no socket, no clock, no
//! chance. What looks random is drawn from the seed, so the same requests at the same times get the
//! same answers. It is as strict as the services are and refuses with their own documents.
//!
//! Each request is routed by its host: one for `169.254.169.254` gets the metadata service and nothing
//! else, as it would in Azure. On a host that is none of Azure's, the path decides, so that one origin
//! on loopback can serve everything.
//!
//! Like the service, it does not keep what it was not asked to: an authentication context (`acrs`) that
//! a resource demands is put into tokens of apps, but a person has to sign in again for it, and until
//! then a refresh token is refused with `interaction_required` and the claims to sign in with.
//!
//! What it does not play: the implicit flow, cookies and single sign-on, consent, dSTS beyond client credentials,
//! sign-ins at an AD FS without a password, writes to Azure Resource Manager but role assignments, workspaces,
//! identities, computes and keys of endpoints, and Microsoft Graph but applications, service principals, their
//! credentials and the people there are. What is made there is unknown elsewhere for as long as
//! [`config::Replication`] says, and works then: a new service principal signs in with its secret or certificate,
//! and its roles open workspaces. The pages take the password of a person of a federated domain themselves.
//!
//! An AD FS knows the people of its domain and nobody else, compares redirect URIs letter by letter, tells
//! people by their `upn` and their `sub`, and sends no `client_info`. Neither it nor Entra takes what the
//! other issued.
//!
//! The world it plays is a [`Config`]; its default is described by [`world`]. [`person`] plays whoever
//! sits at the browser, and [`signing`] is the signer of an app with a certificate. With the feature
//! `serve` the emulator stands on loopback sockets.
//!
//! ```
//! use entrada_core::{secret::SecretBytes, time::Now};
//! use entrada_emulator::{Config, Emulator, world};
//!
//! let mut emulator = Emulator::new(Config::default(), [0; 32]);
//! let body = format!(
//!     "grant_type=client_credentials&client_id={}&client_secret={}&scope={}",
//!     world::APP, world::SECRET, world::MANAGEMENT_SCOPE,
//! );
//! let request = http::Request::post(format!("https://login.microsoftonline.com/{}/oauth2/v2.0/token", world::TENANT))
//!     .header("content-type", "application/x-www-form-urlencoded")
//!     .body(SecretBytes::new(body))
//!     .unwrap();
//! assert_eq!(emulator.answer(Now::default(), &request).status(), 200);
//! ```

mod adfs;
mod arm;
mod ask;
pub mod config;
mod draw;
mod entra;
mod fault;
mod graph;
mod hosts;
mod html;
mod imds;
mod jwt;
mod ml;
pub mod person;
mod pipelines;
mod reply;
mod route;
#[cfg(feature = "serve")]
pub mod serve;
pub mod signing;
mod store;
mod token_proxy;
pub mod world;
mod x509;
mod xml;

use entrada_core::effect::{HttpRequest, HttpResponse};
use entrada_core::secret::Secret;
use entrada_core::time::Now;

use ask::Ask;
pub use config::Config;
use draw::Draw;
use route::Service;
use store::Store;

/// The services, with what they remember. A clone goes its own way from here on.
#[derive(Clone)]
pub struct Emulator {
    pub(crate) config: Config,
    pub(crate) draw: Draw,
    pub(crate) store: Store,
}

impl Emulator {
    /// A world in which nothing has happened yet.
    #[must_use]
    pub fn new(config: Config, seed: [u8; 32]) -> Emulator {
        Emulator { config, draw: Draw::new(seed), store: Store::default() }
    }

    /// Answers one request. Its address has to be absolute, or to come with a `Host` header.
    pub fn answer(&mut self, now: Now, request: &HttpRequest) -> HttpResponse {
        let Some(ask) = Ask::new(now, request) else {
            return reply::text(400, "The request does not say which host it is for.");
        };
        let response = match route::service(&ask) {
            Service::Entra => self.entra(&ask),
            Service::Imds => self.imds(&ask),
            Service::Host(host) => self.host(host, &ask),
            Service::Arm => self.arm(&ask),
            Service::MachineLearning => self.data_plane(&ask),
            Service::Graph => self.graph(&ask),
            Service::Pipelines => self.pipelines(&ask),
            Service::TokenProxy(own_host) => self.token_proxy(&ask, own_host),
        };
        reply::with(response, "date", &reply::http_date(now.unix))
    }

    /// The world as it is.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The world, to change in the middle of a test: a new demand, a password, an identity gone.
    pub fn config_mut(&mut self) -> &mut Config {
        &mut self.config
    }

    /// How many requests for tokens there were, those refused among them: at the token endpoint, at Azure
    /// Pipelines, at the hosts of managed identities and, with the header `Metadata`, at the instance
    /// metadata service.
    #[must_use]
    pub fn token_requests(&self) -> u64 {
        self.store.token_requests
    }

    /// How often somebody tried to redeem an authorization code, refusals for a second use among them.
    #[must_use]
    pub fn code_redemptions(&self, code: &str) -> u32 {
        self.store.codes.get(code).map_or(0, |code| code.redeemed)
    }

    /// How often tokens were asked for with a device code after it had been approved.
    #[must_use]
    pub fn device_redemptions(&self, device_code: &str) -> u32 {
        self.store.devices.get(device_code).map_or(0, |device| device.redeemed)
    }

    /// How often a device code was polled.
    #[must_use]
    pub fn device_polls(&self, device_code: &str) -> u32 {
        self.store.devices.get(device_code).map_or(0, |device| device.polls)
    }

    /// The authorization codes that were given out, in no particular order.
    pub fn codes(&self) -> impl Iterator<Item = &str> {
        self.store.codes.keys().map(String::as_str)
    }

    /// The device codes that were given out, in no particular order.
    pub fn device_codes(&self) -> impl Iterator<Item = &str> {
        self.store.devices.keys().map(String::as_str)
    }

    /// The refresh tokens that were given out, in no particular order.
    pub fn refresh_tokens(&self) -> impl Iterator<Item = &str> {
        self.store.refresh.keys().map(String::as_str)
    }

    /// What a person has to type for a device code.
    #[must_use]
    pub fn user_code(&self, device_code: &str) -> Option<&str> {
        self.store.devices.get(device_code).map(|device| device.user_code.as_str())
    }

    /// The keys of Azure Arc's agent that were named in a challenge and not used yet: path and contents
    /// of each file.
    pub fn arc_keys(&self) -> impl Iterator<Item = (&str, &Secret)> {
        self.store.arc_keys.iter().map(|(path, key)| (path.as_str(), key))
    }

    /// A token of another issuer, such as a cluster's for its service account, that lives an hour. It is
    /// signed with the emulator's own published key, which federated credentials without a key trust.
    pub fn federated_token(&mut self, issuer: &str, subject: &str, audience: &str, now: Now) -> String {
        let now = now.unix.0;
        let claims = serde_json::json!({
            "iss": issuer, "sub": subject, "aud": audience, "iat": now, "nbf": now,
            "exp": now.saturating_add(3600), "jti": self.draw.guid(),
        });
        jwt::sign(&claims)
    }

    /// Ends all sessions of a user that began until now: their refresh tokens stop working
    /// (AADSTS50173). Says whether there is such a user.
    pub fn revoke_sessions(&mut self, now: Now, username: &str) -> bool {
        let Some(user) = self.config.user(username) else {
            return false;
        };
        self.store.revoked.insert(user.object_id.clone(), now.unix);
        true
    }

    /// Makes one refresh token useless. Says whether there is such a token.
    pub fn revoke(&mut self, refresh_token: &str) -> bool {
        let found = self.store.refresh.get_mut(refresh_token);
        found.map(|token| token.revoked = true).is_some()
    }
}

impl std::fmt::Debug for Emulator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Emulator")
            .field("codes", &self.store.codes.len())
            .field("device_codes", &self.store.devices.len())
            .field("refresh_tokens", &self.store.refresh.len())
            .field("token_requests", &self.store.token_requests)
            .finish_non_exhaustive()
    }
}
