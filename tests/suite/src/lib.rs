//! The tests of entrada that need more than one crate, as functions, so that tests, simulations and
//! fuzz targets can share them: a pure world, faults, a simulation on a virtual clock with the
//! properties it checks, transcripts, what every driver must do, and the bodies of the fuzz targets.

pub mod adapters;
pub mod canaries;
pub mod census;
pub mod choices;
pub mod faults;
pub mod fuzz;
pub mod http_suite;
pub mod model;
pub mod pki;
pub mod probes;
pub mod rules;
pub mod scratch;
pub mod servers;
pub mod setups;
pub mod sim;
pub mod transcript;
pub mod world;
