//! Calls to services that take tokens: Azure Resource Manager, Microsoft Graph, Azure Machine Learning.
//!
//! A [`Service`] is an address, the scope of the tokens it takes and the way it words its errors. An
//! [`Operation`] says what is asked of it, and how often that may be asked again. [`Call`] asks, with a
//! token of the driver's own credential; [`Pages`] reads a list to its end, [`LongRunning`] waits for
//! what takes longer than an answer.
//!
//! ```
//! use entrada_core::call::{Operation, Pages};
//! use entrada_core::{Cloud, arm::ResourceManager};
//!
//! let manager = ResourceManager::of_cloud(Cloud::PUBLIC)?;
//! let groups = Operation::get(["subscriptions", "c07b4c83-5e95-40c6-81d7-8c5d6e7f9a09", "resourceGroups"], "the groups")
//!     .query("api-version", "2022-04-01");
//! let flow = Pages::new(manager.service().call(groups));
//! # let _ = flow;
//! # Ok::<(), entrada_core::Error>(())
//! ```

mod arm_codes;
mod audience;
mod authorized;
mod beside;
mod code;
mod error;
mod forgetting;
mod graph_codes;
mod hint;
mod long_running;
mod odata;
mod operation;
mod pages;
mod service;

pub use audience::Audiences;
pub use authorized::Call;
pub(crate) use beside::InClouds;
pub(crate) use error::described;
pub use error::{error_of, malformed, nothing_more};
pub use forgetting::forgetting;
pub use long_running::LongRunning;
pub use odata::quoted;
pub use operation::Operation;
pub use pages::Pages;
pub(crate) use service::service_of;
pub use service::{Dialect, Service};
