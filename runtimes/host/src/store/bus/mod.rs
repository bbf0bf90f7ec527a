//! A client of the session bus of a desktop, as much of one as asking for a key takes: calls, one after
//! the other, each answered within its time (the D-Bus Specification 0.43).
//!
//! It is a blocking client on one socket. A general one brings an executor and some ninety crates along,
//! which every start of a program would load.

mod address;
mod connection;
mod message;
mod wire;

#[cfg(test)]
pub(super) use address::Address;
pub(super) use address::Addresses;
pub(super) use connection::{BusFailure, Connection};
#[cfg(test)]
pub(super) use message::other_side;
pub(super) use message::{Body, Call, Signal};
pub(super) use wire::{Malformed, Reader, Writer};
