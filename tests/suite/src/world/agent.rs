//! The keys of Azure Arc's agent on the disk, and what may be wrong with them.

use entrada_core::effect::HttpResponse;

use super::World;
use super::files::Node;
use crate::canaries::Kind;

/// Where the agent puts its keys.
pub const KEY_FOLDER: &str = "/var/opt/azcmagent/tokens";
/// A file that is none of the agent's.
pub const ELSEWHERE: &str = "/etc/azure/secret.key";

/// How a key is found where its challenge says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Keys {
    /// As it should be.
    #[default]
    Right,
    /// With a line end.
    Line,
    /// Not at all.
    Missing,
    /// It may not be read.
    Denied,
    /// The challenge names a file elsewhere.
    Elsewhere,
    /// A link to a file elsewhere.
    Linked,
    /// More than any key holds.
    Long,
    /// Several lines.
    Lines,
}

impl Keys {
    /// Every way.
    pub const ALL: [Keys; 8] = [
        Keys::Right,
        Keys::Line,
        Keys::Missing,
        Keys::Denied,
        Keys::Elsewhere,
        Keys::Linked,
        Keys::Long,
        Keys::Lines,
    ];
}

impl World {
    /// Puts the agent's keys where it says, after it answered this.
    pub(super) fn with_keys(&mut self, mut response: HttpResponse) -> HttpResponse {
        let known = |name: &str| matches!(self.files.resolve(name.as_ref()), Ok((_, Node::File(_))));
        let keys: Vec<_> =
            self.emulator.arc_keys().map(|(path, key)| (path.to_owned(), key.clone())).collect();
        let fresh = keys.into_iter().filter(|(path, _)| !known(path)).collect::<Vec<_>>();
        for (path, key) in fresh {
            self.canaries.add(Kind::ArcKey, key.expose());
            let node = match self.keys {
                Keys::Right => Node::File(key.expose().into()),
                Keys::Line => Node::File(format!("{}\r\n", key.expose()).into_bytes()),
                Keys::Missing => continue,
                Keys::Denied => Node::Denied,
                Keys::Elsewhere | Keys::Linked => Node::Link(self.place(ELSEWHERE).into()),
                Keys::Long => Node::File(b"file-canary-long-0123 ".repeat(400)),
                Keys::Lines => Node::File(b"file-canary-lines-0123\r\nx: file-canary-second-0123".to_vec()),
            };
            self.files.put(path, node);
        }
        let elsewhere = self.place(ELSEWHERE);
        if matches!(self.keys, Keys::Elsewhere | Keys::Linked) {
            self.files.put(&elsewhere, Node::File(b"file-canary-elsewhere-0123".to_vec()));
        }
        if self.keys == Keys::Elsewhere
            && let Some(realm) = response.headers_mut().get_mut("www-authenticate")
            && realm.as_bytes().starts_with(b"Basic realm=")
            && let Ok(named) = format!("Basic realm={elsewhere}").parse()
        {
            *realm = named;
        }
        response
    }
}
