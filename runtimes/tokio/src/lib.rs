//! Microsoft Entra ID, managed identity and Azure Machine Learning authentication for tokio.
//!
//! [`Credential`] is what most programs want: a credential of [`core`] and the [`Driver`] that carries
//! out what it asks for. The driver decides nothing; every part of it can be replaced ([`Http`],
//! [`Commands`], [`Signer`], [`Ui`]), by a closure or by a type.
//!
//! Every future is `Send`, and dropping it gives the call up: connections are closed, child processes
//! are ended with their children, listeners go. It wants a runtime with both IO and time enabled, of
//! one thread or of many.
//!
//! ```no_run
//! # async fn doc() -> Result<(), entrada_tokio::Error> {
//! use entrada_tokio::{ClientSecretCredential, Credential};
//!
//! let app = ClientSecretCredential::new("contoso.onmicrosoft.com", "client-id", "secret")?;
//! let token = Credential::new(app)?.token(["https://management.azure.com/.default"]).await?;
//! println!("a token until {}", token.expires_on());
//! # Ok(()) }
//! ```
//!
//! # Tokens are cached
//!
//! A [`Credential`] and its clones keep tokens in memory and renew them ahead. Ask before each request. A handle
//! ([`Credential::for_scopes`]) does that without an allocation, and hands out the header's value ready:
//!
//! ```no_run
//! # use entrada_tokio::{Credential, Error};
//! # async fn doc(credential: &Credential) -> Result<(), Error> {
//! let management = credential.for_scopes(["https://management.azure.com/.default"])?;
//! for _ in 0..4 {
//!     let mine = management.clone();
//!     tokio::spawn(async move { mine.authorization().await });
//! }
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
//! The transport is hyper with rustls, HTTP/1.1. It starts no tasks; connections that are kept belong
//! to the runtime they were made on. With the feature `reqwest`, a client of the program's own can be
//! used instead.

mod credential;
mod driver;
mod http;
mod join;
mod loopback;
pub mod machine_learning;
mod plugs;
mod process;

pub use credential::{Credential, ScopedCredential};
pub use driver::{Driver, DriverBuilder, RunOptions};
pub use http::HyperHttp;
#[cfg(feature = "reqwest")]
pub use http::ReqwestHttp;
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
