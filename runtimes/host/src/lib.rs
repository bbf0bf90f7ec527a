//! What the drivers of entrada share, and what a driver of your own may want as well.
//!
//! Nothing here decides anything about a protocol: it reads clocks and files, finds programs and
//! certificates, and leaves the meaning to [`entrada_core`]. There is no runtime in it; the blocking
//! and the tokio driver use the same parts.
//!
//! | module | what it does |
//! |---|---|
//! | [`clock`] | both clocks, the monotonic one going on while the machine sleeps |
//! | [`entropy`] | randomness of the operating system |
//! | [`environment`] | the process environment and the time zone, as a value |
//! | [`programs`], [`command`], [`group`] | finding, preparing and ending child processes |
//! | [`files`], [`store`] | reading small files safely, writing them whole or not at all; keeping accounts and tokens |
//! | [`browser`], [`terminal`] | the person's browser, the person's terminal |
//! | [`listen`] | the loopback listeners of a sign-in |
//! | [`keys`] | certificates with their private keys: reading, watching, signing |
//! | [`tls`], [`pin`], [`roots`] | which cryptography, which certificates |
//! | [`proxy`] | which proxy, if any |
//! | [`trace`] | what a driver tells of its work |

pub mod browser;
pub mod clock;
pub mod command;
pub mod entropy;
pub mod environment;
pub mod files;
pub mod group;
pub mod keys;
pub mod listen;
pub mod pin;
pub mod programs;
pub mod proxy;
pub mod roots;
pub mod store;
pub mod terminal;
pub mod tls;
pub mod trace;
pub mod zone;

pub use clock::{Clock, SystemClock};
pub use entropy::OsEntropy;
pub use terminal::Terminal;
pub use trace::TraceLine;
