//! The tests of entrada that need more than one crate: a pure world, faults, a simulation on a virtual
//! clock with the properties it checks, transcripts, and the bodies of the fuzz targets.

pub mod canaries;
pub mod census;
pub mod choices;
pub mod faults;
pub mod fuzz;
pub mod model;
pub mod rules;
pub mod setups;
pub mod sim;
pub mod transcript;
pub mod world;
