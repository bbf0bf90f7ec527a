//! One file a verb.

pub(crate) mod completions;
pub(crate) mod decode;
#[cfg(feature = "emulator")]
pub(crate) mod demo;
pub(crate) mod doctor;
#[cfg(feature = "emulator")]
pub(crate) mod emulator;
pub(crate) mod endpoint;
pub(crate) mod identity;
pub(crate) mod keys;
pub(crate) mod person;
pub(crate) mod rest;
pub(crate) mod token;
pub(crate) mod workspace;
