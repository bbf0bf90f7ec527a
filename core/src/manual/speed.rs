//! # Speed
//!
//! The README has the figures, and the commands that make them. This chapter says what they mean.
//!
//! ## How they are taken
//!
//! The cache's bench builds entrada and the official SDK for Rust with `opt-level = 3` and plays both in the same run, in turn,
//! against an authority within the process. Each time is the least of seven rounds. The bench ends with exit code 1 where a limit
//! is not reached. Without the feature `peers` it plays entrada alone and looks only at what does not depend on the machine:
//! requests, allocations, and how many callers got a token.
//!
//! In the scenes of ten thousand callers, each caller's own time is taken, from its call to its answer.
//!
//! ## Why a quarter of a fetch was given up
//!
//! A fetch was to take a quarter of the processor time that the other library's takes. That cannot be reached: to build one
//! request and to read one reply with the same crates, and nothing else, takes more than half of it (the row "the least that a fetch
//! can be"), and to ask the system for one random id takes more than an eighth. The bench prints this limit as given up, and does
//! not fail for it.
//!
//! What entrada's fetch takes beyond the least, some three microseconds beside the milliseconds of the network, goes into the
//! deadline of every step, into what is shared with other callers, and into marking secrets and wiping them. As valgrind
//! counts, a fetch is 35,500 instructions, and one of the other library's 24,000.
//!
//! The other library is cut off before its transport turns its request into one of the crate `http`. entrada's core has done that
//! by then. So there is a second row of a fetch, to where both have a request that can be sent.
//!
//! The figures are those without `RUST_BACKTRACE`. With it the other library is slower (6.7 µs), and entrada is not.
