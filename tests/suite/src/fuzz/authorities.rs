//! Authorities, tenants, and the addresses that are built of them.

use entrada_core::authority::AuthorityKind;
use entrada_core::{
    AdditionalTenants, Authority, Cloud, Endpoint, EntraClient, PlainHttp, Tenant, TokenRequest,
};

/// The address of an authority, a tenant and the name of a user, one a line.
pub fn authority_rules(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let mut lines = text.split('\n');
    let mut line = || lines.next().unwrap_or_default();
    let (address, tenant, user) = (line(), line(), line());
    let tenant = Tenant::new(tenant).unwrap_or_else(|_| Tenant::organizations());
    check_tenant(&tenant);
    for http in [PlainHttp::Refused, PlainHttp::OnLoopback] {
        let Ok(authority) = Authority::new(address, http) else {
            // Only a known cloud's host with a path is none of Entra, and may be one of another provider.
            if let Ok(provider) = Authority::provider(address, http) {
                assert!(provider.cloud().is_some() && provider.host().url().path() != "/", "{address}");
            }
            continue;
        };
        check(&authority, &tenant, user);
        let provider = Authority::provider(address, http).expect("the same address");
        assert!(
            provider.needs_discovery(&Tenant::organizations()) && provider.kind() == AuthorityKind::Provider
        );
        assert_eq!(provider.host().url(), authority.host().url());
    }
}

fn check_tenant(tenant: &Tenant) {
    let name = tenant.as_str();
    assert!(!name.is_empty() && !name.starts_with(['.', '-']));
    assert!(name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'.'), "{name}");
    assert!(tenant.is(&name.to_ascii_uppercase()));
}

fn check(authority: &Authority, tenant: &Tenant, user: &str) {
    let home = authority.host();
    let host = home.host().to_ascii_lowercase();
    // A cloud is told by its whole host, and only what is known is trusted without a question.
    let listed = |cloud: &Cloud| std::iter::once(&cloud.authority).chain(cloud.aliases).any(|at| *at == host);
    let cloud = Cloud::ALL.into_iter().find(|cloud| listed(cloud));
    assert_eq!(authority.cloud(), cloud, "{host}");
    assert!(cloud.is_none_or(|cloud| cloud.closed.is_none()));
    let path = home.url().path().to_ascii_lowercase();
    let steps: Vec<_> = path.split('/').filter(|step| !step.is_empty()).collect();
    let first = steps.first().copied().unwrap_or_default();
    let policy =
        (first == "tfp" && steps.len() > 2) || steps.get(1).is_some_and(|step| step.starts_with("b2c_"));
    let external = [".ciamlogin.com", ".b2clogin.com", ".b2clogin.cn", ".b2clogin.us", ".b2clogin.de"]
        .iter()
        .any(|end| host.ends_with(end));
    let kind = match first {
        _ if external => AuthorityKind::External,
        "adfs" => AuthorityKind::Adfs,
        "dstsv2" => AuthorityKind::Dsts,
        _ if policy => AuthorityKind::External,
        _ => AuthorityKind::Entra,
    };
    assert_eq!(authority.kind(), kind, "{}", home.url());
    assert!(cloud.is_none() || kind != AuthorityKind::Entra || steps.is_empty(), "{}", home.url());
    let local = matches!(home.route(), entrada_core::Route::Local);
    let known = cloud.is_some_and(|cloud| cloud.trusted);
    assert_eq!(
        authority.needs_discovery(&Tenant::organizations()),
        kind == AuthorityKind::Entra && !known && !local,
        "{host}"
    );
    assert!(!authority.clone().without_discovery().needs_discovery(&Tenant::organizations()));
    for (endpoint, last) in [
        (authority.token(tenant), "token"),
        (authority.authorize(tenant), "authorize"),
        (authority.device_code(tenant).unwrap(), "devicecode"),
    ] {
        stays_at(home, &endpoint);
        let path = endpoint.url().path();
        assert!(path.starts_with(home.url().path().trim_end_matches('/')), "{path}");
        assert!(path.ends_with(&format!("/{last}")) && path.contains("/oauth2/"), "{path}");
        assert!(endpoint.url().query().is_none());
    }
    check_own_tenant(authority, tenant);
    check_tenant_for(authority, tenant);
    assert_eq!(authority.audience(tenant), authority.token(tenant).url().as_str());
    if let Some(realm) = authority.user_realm(tenant, user) {
        stays_at(home, &realm);
        // Whatever the user is called, it is one step of the path.
        let steps = |endpoint: &Endpoint| endpoint.url().path().trim_matches('/').split('/').count();
        let above = home.join(["common", "userrealm"]);
        // URLs have no place for these.
        let user: String = user.chars().filter(|c| !matches!(c, '\t' | '\r')).collect();
        let named = !matches!(&user[..], "" | "." | "..");
        assert_eq!(steps(&realm), steps(&above) + usize::from(named), "{}", realm.url());
        assert_eq!(realm.url().query(), Some("api-version=1.0"));
    }
}

/// What an address stands for is a tenant, and one that `organizations` gives way to.
fn check_own_tenant(authority: &Authority, tenant: &Tenant) {
    let client = |tenant: &Tenant| {
        let client = EntraClient::new(tenant.as_str(), "app").expect("a client");
        client.with_authority(authority.clone()).tenant().clone()
    };
    let own = authority.own_tenant();
    assert_eq!(client(&Tenant::organizations()), own.clone().unwrap_or_else(Tenant::organizations));
    assert!(tenant.is_special() || client(tenant) == *tenant);
    if let Some(own) = own {
        assert_ne!(authority.kind(), AuthorityKind::Entra);
        assert!(!own.is_special() || authority.kind() == AuthorityKind::External, "{own}");
        check_tenant(&own);
    }
}

/// A request goes to the tenant that it is said to go to, or nowhere.
fn check_tenant_for(authority: &Authority, configured: &Tenant) {
    let client = EntraClient::new(configured.as_str(), "app").expect("a client");
    let client = client.with_authority(authority.clone()).allowing(AdditionalTenants::none().allow("*"));
    let scopes = TokenRequest::new(["s/.default"]).expect("a request");
    let kind = authority.kind();
    let named = matches!(kind, AuthorityKind::External | AuthorityKind::Dsts);
    let nameless = kind == AuthorityKind::Adfs || configured.is_adfs();
    for requested in ["organizations", "other.example", configured.as_str()] {
        let requested = Tenant::new(requested).expect("a tenant");
        let Ok(tenant) = client.tenant_for(&scopes.clone().in_tenant(requested.clone())) else {
            assert!(named || nameless, "{requested}");
            continue;
        };
        let path = authority.token(&tenant).url().path().to_ascii_lowercase();
        // A step that cannot be a tenant's name stays what it is.
        let odd = named && authority.own_tenant().is_none();
        assert!(nameless || odd || path.split('/').any(|step| tenant.is(step)), "{path} {tenant}");
        let followed = tenant.is(requested.as_str()) || requested.is_special();
        assert!(nameless || followed, "{requested} {tenant}");
    }
}

fn stays_at(home: &Endpoint, endpoint: &Endpoint) {
    assert_eq!(endpoint.url().origin(), home.url().origin());
    assert_eq!(endpoint.route(), home.route());
    assert!(endpoint.url().username().is_empty() && endpoint.url().fragment().is_none());
}
