//! Microsoft Entra ID, managed identity and Azure Machine Learning authentication for programs that
//! block.
//!
//! [`Credential`] is what most programs want: a credential of [`core`] and the [`Driver`] that carries
//! out what it asks for. The driver decides nothing; every part of it can be replaced ([`Http`],
//! [`Commands`], [`Signer`], [`Ui`]), by a closure or by a type.
//!
//! A call can be given up from another thread with a [`Cancel`], and limited with
//! [`Credential::within`].
//!
//! ```no_run
//! use entrada_blocking::{ClientSecretCredential, Credential, Error};
//!
//! fn main() -> Result<(), Error> {
//!     let app = ClientSecretCredential::new("contoso.onmicrosoft.com", "client-id", "secret")?;
//!     let token = Credential::new(app)?.token(["https://management.azure.com/.default"])?;
//!     println!("a token until {}", token.expires_on());
//!     Ok(())
//! }
//! ```
//!
//! # Tokens are cached
//!
//! A [`Credential`] and its clones keep tokens in memory and renew them ahead. Ask before each request. A handle
//! ([`Credential::for_scopes`]) does that without an allocation, and hands out the header's value ready:
//!
//! ```no_run
//! # use entrada_blocking::{Credential, Error};
//! # fn doc(credential: &Credential) -> Result<(), Error> {
//! let management = credential.for_scopes(["https://management.azure.com/.default"])?;
//! std::thread::scope(|scope| {
//!     for _ in 0..4 {
//!         let mine = management.clone();
//!         scope.spawn(move || mine.authorization());
//!     }
//! });
//! # Ok(()) }
//! ```
//!
//! # A sign-in that lasts
//!
//! A driver with a store ([`DriverBuilder::store`]) keeps accounts between runs. [`core::Remembered`] asks a person once,
//! [`core::SharedTokenCacheCredential`] uses accounts that are there, and [`core::RememberedApp`] keeps the tokens of an app.
//! The features `encrypted-store` and `secret-service` keep them encrypted. The manual's chapter on
//! [caching](core::manual::caching) has the rest.
//!
//! The transport is ureq, with rustls. Neither they nor this crate write secrets to a log, with one
//! exception that is not ours to mend: at the level `trace`, ureq's parser logs raw bytes under the
//! target `ureq_proto`. A program that logs at that level should leave the target out.

mod cancel;
mod credential;
mod driver;
mod http;
mod loopback;
pub mod machine_learning;
mod parking;
mod plugs;
mod process;

pub use cancel::{Cancel, Watch};
pub use credential::{Credential, ScopedCredential};
pub use driver::{Driver, DriverBuilder, RunOptions};
pub use http::UreqHttp;
pub use plugs::{Certificates, Commands, Http, Limits, Nobody, Signer, Ui};
pub use process::Processes;

pub use entrada_core as core;
pub use entrada_core::{
    AccessToken, AdditionalTenants, Authority, AzureCliCredential, BrowserOptions, Chain,
    ClientSecretCredential, Cloud, DefaultChain, DeviceCodeCredential, EntraClient, Environment,
    EnvironmentCredential, Error, ErrorKind, InteractiveBrowserCredential, ManagedIdentityCredential,
    ManagedIdentityId, PlainHttp, Product, Scopes, Secret, Tenant, TokenRequest,
};
pub use entrada_host as host;
pub use entrada_host::{Clock, Terminal, TraceLine};
