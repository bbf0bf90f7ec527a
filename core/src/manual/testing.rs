//! # Testing with entrada
//!
//! ## Your own code
//!
//! `entrada emulator` serves Entra, the metadata service and Azure Resource Manager on this machine and
//! prints the environment that points programs there. The same is a library: the crate
//! `entrada-emulator` answers requests as a pure function of its state and a time, so a client and the
//! emulator run in one deterministic simulation, without sockets.
//!
//! Other clients work with it too: Microsoft's libraries with their authority at the emulator's https and instance
//! discovery switched off, and the Azure CLI, which takes it for a cloud:
//!
//! ```sh
//! export REQUESTS_CA_BUNDLE=…/entrada-emulator-ca.pem AZURE_CORE_INSTANCE_DISCOVERY=false
//! az cloud register --name emulated --endpoint-resource-manager https://127.0.0.1:…
//! az cloud set --name emulated
//! az login --service-principal --username … --password @file --tenant …
//! ```
//!
//! ## A flow
//!
//! A flow needs no mock: step it, look at the effect, and answer. See the example on the front page.
//! Time is an argument, so a test of "after fifteen minutes" takes no time.
//!
//! ## entrada itself
//!
//! `tests/suite` holds the simulation: every flow against a world made of the emulator, files,
//! programs, a browser and a person, on a virtual clock, with seeded faults. The same bytes feed
//! property tests and fuzz targets. After every step all that can be printed is searched for secrets.
//! Every credential and every host of managed identities is played there, has a golden transcript, and
//! gives the same transcript under both drivers; a test reads their names off the sources and fails for
//! one that is missing.
