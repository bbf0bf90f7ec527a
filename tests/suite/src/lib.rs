//! The tests of entrada that need more than one crate, as functions, so that tests, simulations and
//! fuzz targets can share them: a pure world, faults, a simulation on a virtual clock with the
//! properties it checks, transcripts, what every driver must do, and the bodies of the fuzz targets.

#[cfg(feature = "drivers")]
pub mod adapters;
pub mod canaries;
pub mod census;
pub mod choices;
pub mod faults;
pub mod fuzz;
#[cfg(feature = "drivers")]
pub mod http_suite;
pub mod model;
#[cfg(feature = "drivers")]
pub mod pki;
#[cfg(feature = "drivers")]
pub mod probes;
pub mod rules;
#[cfg(feature = "drivers")]
pub mod scratch;
pub mod script;
#[cfg(feature = "drivers")]
pub mod servers;
pub mod setups;
pub mod sim;
pub mod sources;
pub mod transcript;
pub mod world;

/// The examples of the README, compiled.
#[cfg(all(doctest, feature = "drivers"))]
#[doc = include_str!("../../../README.md")]
pub struct Readme;
