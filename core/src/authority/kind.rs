//! What an authority is.

use crate::endpoint::Endpoint;

/// What an authority is, which decides on its addresses and on how far it is trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AuthorityKind {
    /// Microsoft Entra ID, in one of its clouds or in a private one. A host that is not known is asked
    /// about before anything else is sent to it.
    Entra,
    /// An external tenant, or one of B2C: a host that ends in `.ciamlogin.com` or `.b2clogin.com`.
    External,
    /// An AD FS server: an address whose path begins with `adfs`. Whoever writes such an address means
    /// this very server, and Entra knows nothing of it, so nobody is asked about it.
    Adfs,
    /// Microsoft's own dSTS: an address whose path begins with `dstsv2`.
    Dsts,
    /// Another provider of OpenID Connect: see [`super::Authority::provider`].
    Provider,
}

const EXTERNAL: [&str; 5] =
    [".ciamlogin.com", ".b2clogin.com", ".b2clogin.cn", ".b2clogin.us", ".b2clogin.de"];

impl AuthorityKind {
    /// What an address tells. The host comes first: an external tenant may be called `adfs`.
    pub(super) fn of(host: &Endpoint) -> AuthorityKind {
        let mut steps = host.url().path().split('/').filter(|step| !step.is_empty());
        let first = steps.next().unwrap_or_default();
        let name = host.host().to_ascii_lowercase();
        match () {
            () if EXTERNAL.iter().any(|suffix| name.ends_with(suffix)) => AuthorityKind::External,
            () if first.eq_ignore_ascii_case("adfs") => AuthorityKind::Adfs,
            () if first.eq_ignore_ascii_case("dstsv2") => AuthorityKind::Dsts,
            () => AuthorityKind::Entra,
        }
    }
}
