//! A token file that somebody else writes: a platform that renews it while the program runs.

use entrada_core::time::{Mono, Now};
use entrada_emulator::world as w;

use super::World;
use super::earlier;
use super::files::Node;
use crate::canaries::Kind;

/// The file.
pub const TOKEN_FILE: &str = "/var/run/secrets/azure/tokens/azure-identity-token";
/// Where a cluster puts the certificates that its proxy's leads to.
pub const CERTIFICATES_FILE: &str = "/var/run/secrets/aks/ca.crt";

/// When the file is written anew.
#[derive(Clone, Copy, Debug)]
pub struct Renewal {
    /// The next time.
    pub at: Mono,
    /// And then after as many milliseconds each time.
    pub every: u64,
}

impl World {
    /// Writes what is due by now.
    pub(super) fn renew(&mut self, now: Now) {
        let Some(renewal) = self.renewal.as_mut().filter(|renewal| renewal.at <= now.mono) else { return };
        renewal.at = Mono(now.mono.0.saturating_add(renewal.every.max(1)));
        self.write_token(now, w::CLUSTER_SUBJECT);
    }

    /// Puts a token of this moment and subject into the file, with a line end.
    pub fn write_token(&mut self, now: Now, subject: &str) {
        let token = earlier::of_cluster(&mut self.emulator, now, subject, self.audience);
        self.canaries.add(Kind::ClientAssertion, &token);
        self.files.put(self.place(TOKEN_FILE), Node::File(format!("{token}\n").into_bytes()));
    }
}
