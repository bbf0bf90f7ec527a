//! The tests of entrada that need more than one crate, as functions, so that tests, simulations and
//! fuzz targets can share them.

pub mod adapters;
pub mod http_suite;
pub mod pki;
pub mod probes;
pub mod scratch;
pub mod servers;

/// The examples of the README, compiled.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
pub struct Readme;
