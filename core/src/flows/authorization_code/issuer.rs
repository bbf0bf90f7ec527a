//! Who may say that it issued a code (RFC 9207), or an id token (OpenID Connect Core section 3.1.3.7).

use url::Url;

use crate::authority::{Authority, AuthorityKind};
use crate::cloud::Cloud;
use crate::endpoint;
use crate::error::{Error, ErrorKind};
use crate::flows::authority_client::EntraClient;
use crate::tenant::{self, Tenant};

/// What the hosts of external tenants end in. Such a host is named after the tenant, or its GUID.
const EXTERNAL: &str = ".ciamlogin.com";

/// Whether the one who says that it issued a code is the authority that was asked: a code of another must not be
/// taken to it.
///
/// # Errors
/// `Malformed` when it is not.
pub(crate) fn same_issuer(client: &EntraClient, tenant: &Tenant, issuer: Option<&str>) -> Result<(), Error> {
    if issuer.is_none_or(|issuer| is_issuer(client.authority(), tenant, issuer)) {
        return Ok(());
    }
    Err(Error::new(ErrorKind::Malformed, "the sign-in came back from another authority than it was sent to")
        .with_remedy("sign in again; if it happens again, somebody may be tampering with the sign-in"))
}

/// Whether the id tokens of this tenant may name this issuer. An AD FS and dSTS are named as their administrators
/// like, and so is a private cloud; B2C names its own host, or that of Entra, which it used to share.
pub(super) fn may_issue(authority: &Authority, tenant: &Tenant, issuer: &str) -> bool {
    match authority.kind() {
        AuthorityKind::Adfs | AuthorityKind::Dsts => true,
        AuthorityKind::Entra if authority.cloud().is_none() => true,
        AuthorityKind::External if !is_at_external_host(authority) => {
            let Some(url) = endpoint::read(issuer) else { return false };
            let host = url.host_str().unwrap_or_default();
            let shared = Cloud::of_authority(host).is_ok_and(|cloud| cloud.is_some());
            is_issuer(authority, tenant, issuer) || (shared && names_no_other(&url, tenant))
        }
        _ => is_issuer(authority, tenant, issuer),
    }
}

/// Whether an issuer is at this authority's host, or at another name of its cloud's. A provider is named by its
/// whole address; an external tenant by the host of its GUID too, where the sign-in was sent to that of its name.
fn is_issuer(authority: &Authority, tenant: &Tenant, issuer: &str) -> bool {
    if authority.kind() == AuthorityKind::Provider {
        return authority.is_named(issuer);
    }
    let Some(url) = endpoint::read(issuer) else { return false };
    let host = url.host_str().unwrap_or_default();
    let alias = |name: &&str| name.eq_ignore_ascii_case(host);
    let known =
        authority.cloud().is_some_and(|cloud| alias(&cloud.authority) || cloud.aliases.iter().any(alias));
    let own = known || host.eq_ignore_ascii_case(authority.host().host());
    match authority.kind() {
        AuthorityKind::External => {
            (own || (is_at_external_host(authority) && is_host_of_id(&url, tenant)))
                && names_no_other(&url, tenant)
        }
        _ => own,
    }
}

/// Whether an authority is an external tenant and no policy of B2C.
fn is_at_external_host(authority: &Authority) -> bool {
    authority.host().host().to_ascii_lowercase().ends_with(EXTERNAL)
}

/// Whether an issuer's host is named after a GUID, `{guid}.ciamlogin.com`, and its path speaks of the same. It is the
/// tenant's, as far as that is known by its GUID and not by a name.
fn is_host_of_id(url: &Url, tenant: &Tenant) -> bool {
    let host = url.host_str().unwrap_or_default().to_ascii_lowercase();
    let Some(id) = host.strip_suffix(EXTERNAL).filter(|label| tenant::is_guid(label)) else { return false };
    let same = |named: &str| named.eq_ignore_ascii_case(id);
    (!tenant.is_guid() || tenant.is(id)) && ids(url).all(same)
}

/// Whether an issuer's path names no tenant by another GUID than this one, where it is known by one.
fn names_no_other(url: &Url, tenant: &Tenant) -> bool {
    !tenant.is_guid() || ids(url).all(|id| tenant.is(id))
}

fn ids(url: &Url) -> impl Iterator<Item = &str> {
    url.path().split('/').filter(|step| tenant::is_guid(step))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::endpoint::PlainHttp;

    const TENANT: &str = "11111111-1111-4111-8111-111111111111";
    const OTHER: &str = "22222222-2222-4222-8222-222222222222";
    const CIAM: &str = "https://contoso.ciamlogin.com";
    const B2C: &str = "https://contoso.b2clogin.com/contoso.example/b2c_1_x";
    const SHARED: &str = "https://login.microsoftonline.com/tfp/contoso.example/b2c_1_x";

    fn at(address: &str) -> Authority {
        Authority::new(address, PlainHttp::Refused).unwrap()
    }

    /// For each: the authority, the tenant, the issuer, whether that may have issued a code, or an id token.
    #[test]
    fn an_external_tenant_is_its_own_host_or_that_of_its_guid() {
        let own = format!("https://{TENANT}.ciamlogin.com/{TENANT}/v2.0");
        let own = own.as_str();
        let bare = format!("https://{TENANT}.ciamlogin.com");
        let upper = own.to_ascii_uppercase().replace("HTTPS", "https");
        let crossed = format!("https://{TENANT}.ciamlogin.com/{OTHER}/v2.0");
        let others = format!("https://{OTHER}.ciamlogin.com/{OTHER}/v2.0");
        let named = format!("https://contoso.ciamlogin.com/{TENANT}/v2.0");
        let entra = format!("https://login.microsoftonline.com/{TENANT}/v2.0");
        let policy = format!("https://contoso.b2clogin.com/tfp/{TENANT}/b2c_1_x/v2.0/");
        let foreign = format!("https://fabrikam.b2clogin.com/{TENANT}/v2.0/");
        for (address, tenant, issuer, [code, token]) in [
            (CIAM, "contoso.example", own, [true, true]),
            (CIAM, "contoso.example", &bare, [true, true]),
            (CIAM, TENANT, own, [true, true]),
            (CIAM, TENANT, &upper, [true, true]),
            (CIAM, TENANT, &named, [true, true]),
            (CIAM, TENANT, CIAM, [true, true]),
            (CIAM, OTHER, own, [false, false]),
            (CIAM, OTHER, &named, [false, false]),
            (CIAM, TENANT, &crossed, [false, false]),
            (CIAM, "contoso.example", &crossed, [false, false]),
            (CIAM, TENANT, &others, [false, false]),
            (CIAM, "contoso.example", "https://fabrikam.ciamlogin.com/x/v2.0", [false, false]),
            (CIAM, "contoso.example", "https://contoso.b2clogin.com/x/v2.0", [false, false]),
            (CIAM, "contoso.example", &entra, [false, false]),
            (CIAM, "contoso.example", "nonsense", [false, false]),
            (B2C, "contoso.example", &policy, [true, true]),
            (B2C, TENANT, &policy, [true, true]),
            (B2C, OTHER, &policy, [false, false]),
            (B2C, "contoso.example", &foreign, [false, false]),
            (B2C, "contoso.example", own, [false, false]),
            (B2C, "contoso.example", &entra, [false, true]),
            (B2C, OTHER, &entra, [false, false]),
            (B2C, "contoso.example", "https://evil.example/v2.0", [false, false]),
            (SHARED, "contoso.example", &entra, [true, true]),
            (SHARED, "contoso.example", &policy, [false, false]),
            (SHARED, "contoso.example", own, [false, false]),
        ] {
            let tenant = Tenant::new(tenant).unwrap();
            let got = [is_issuer(&at(address), &tenant, issuer), may_issue(&at(address), &tenant, issuer)];
            assert_eq!(got, [code, token], "{address} {tenant} {issuer}");
        }
    }

    #[test]
    fn issuers_of_id_tokens() {
        let provider = || Authority::provider("https://id.example", PlainHttp::Refused).unwrap();
        let microsoft = format!("https://login.microsoftonline.com/{TENANT}/v2.0");
        for (authority, issuer, fits) in [
            (at("login.microsoftonline.com"), microsoft.as_str(), true),
            (at("login.microsoftonline.com"), "https://sts.windows.net/x/", true),
            (at("login.microsoftonline.com"), "https://login.microsoftonline.us/x/v2.0", false),
            (at("login.microsoftonline.com"), "https://evil.example/x/v2.0", false),
            (at("login.microsoftonline.com"), "nonsense", false),
            (at("login.chinacloudapi.cn"), "https://login.partner.microsoftonline.cn/x/v2.0", true),
            (at("https://sts.contoso.example/adfs"), "http://fs.contoso.example/adfs/services/trust", true),
            (at("login.private.example"), "https://tokens.private.example/x", true),
            (provider(), "https://id.example", true),
            (provider(), "https://id.example/", true),
            (provider(), "https://id.example/realms/other", false),
            (provider(), "https://evil.example", false),
        ] {
            assert_eq!(
                may_issue(&authority, &Tenant::organizations(), issuer),
                fits,
                "{authority:?} {issuer}"
            );
        }
    }
}
