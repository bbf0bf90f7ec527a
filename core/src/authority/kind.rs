//! What an authority is.

use url::Position;

use crate::endpoint::Endpoint;
use crate::tenant::Tenant;

/// What an authority is, which decides on its addresses and on how far it is trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AuthorityKind {
    /// Microsoft Entra ID, in one of its clouds or in a private one. A host that is not known is asked
    /// about before anything else is sent to it.
    Entra,
    /// An external tenant, or one of B2C: a host that ends in `.ciamlogin.com` or `.b2clogin.com`, or a
    /// path that names a policy of B2C, `tfp/{tenant}/{policy}` or `{tenant}/b2c_…`, at any host.
    External,
    /// An AD FS server: an address whose path begins with `adfs`. Whoever writes such an address means
    /// this very server, and Entra knows nothing of it, so nobody is asked about it.
    Adfs,
    /// Microsoft's own dSTS: an address whose path begins with `dstsv2`. It gives tokens to apps that act as
    /// themselves (client credentials). What it does for people is documented nowhere: their flows end there with a
    /// `Configuration` error before anything is sent.
    Dsts,
    /// Another provider of OpenID Connect: see [`super::Authority::provider`].
    Provider,
}

const EXTERNAL: [&str; 5] =
    [".ciamlogin.com", ".b2clogin.com", ".b2clogin.cn", ".b2clogin.us", ".b2clogin.de"];

const BARE: &str = ".ciamlogin.com";

impl AuthorityKind {
    /// What an address tells. The host comes first: an external tenant may be called `adfs`.
    pub(super) fn of(host: &Endpoint) -> AuthorityKind {
        let steps = steps(host);
        let name = host.host().to_ascii_lowercase();
        let first = |wanted: &str| steps.first().is_some_and(|step| step.eq_ignore_ascii_case(wanted));
        match () {
            () if AuthorityKind::is_external(&name) => AuthorityKind::External,
            () if first("adfs") => AuthorityKind::Adfs,
            () if first("dstsv2") => AuthorityKind::Dsts,
            () if names_policy(&steps) => AuthorityKind::External,
            () => AuthorityKind::Entra,
        }
    }

    /// Whether a host is that of an external tenant, or of one of B2C.
    fn is_external(host: &str) -> bool {
        let host = host.to_ascii_lowercase();
        EXTERNAL.iter().any(|suffix| host.ends_with(suffix))
    }
}

/// An address by which it is told from all others, in lower case: caches compare without regard to case.
/// Where the case of a path may matter, its capitals are percent-encoded, which is the same address
/// (RFC 3986 section 6.2.2.2).
pub(super) fn address(kind: AuthorityKind, host: &Endpoint) -> String {
    let url = host.url();
    let mut address = url[..Position::BeforePath].trim_start_matches("https://").to_ascii_lowercase();
    let microsofts = matches!(kind, AuthorityKind::External | AuthorityKind::Adfs | AuthorityKind::Dsts);
    let mut encoded = 0;
    for letter in url.path().trim_end_matches('/').chars() {
        // The digits of what is encoded already mean the same in either case.
        let digit = encoded > 0;
        encoded = if letter == '%' { 2 } else { u8::saturating_sub(encoded, 1) };
        match letter {
            'A'..='Z' if !microsofts && !digit => address.push_str(&format!("%{:02x}", u32::from(letter))),
            _ => address.push(letter.to_ascii_lowercase()),
        }
    }
    address
}

/// The steps of an address's path.
pub(super) fn steps(host: &Endpoint) -> Vec<&str> {
    host.url().path().split('/').filter(|step| !step.is_empty()).collect()
}

/// Whether a path leads to a policy of B2C.
fn names_policy(steps: &[&str]) -> bool {
    match steps {
        [first, _, _, ..] if first.eq_ignore_ascii_case("tfp") => true,
        [_, policy, ..] => policy.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("b2c_")),
        _ => false,
    }
}

/// The tenant that an address of this kind stands for, where it stands for one.
pub(super) fn own_tenant(kind: AuthorityKind, host: &Endpoint) -> Option<Tenant> {
    let steps = steps(host);
    match (kind, steps.as_slice()) {
        (AuthorityKind::Adfs, _) => Tenant::new("adfs").ok(),
        (AuthorityKind::Provider, _) => Some(Tenant::organizations()),
        (AuthorityKind::External, []) => {
            let name = host.host().strip_suffix(BARE).filter(|name| !name.contains('.'))?;
            Tenant::new(format!("{name}.onmicrosoft.com")).ok()
        }
        (AuthorityKind::External, [tfp, tenant, ..]) if tfp.eq_ignore_ascii_case("tfp") => {
            Tenant::new(*tenant).ok()
        }
        (AuthorityKind::External, [tenant, ..]) | (AuthorityKind::Dsts, [_, tenant, ..]) => {
            Tenant::new(*tenant).ok()
        }
        _ => None,
    }
}
