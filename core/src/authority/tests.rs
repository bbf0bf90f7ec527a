//! The addresses of every kind of authority, and who is asked about it.

use super::*;

fn authority(address: &str) -> Authority {
    Authority::new(address, PlainHttp::OnLoopback).unwrap()
}

#[test]
fn addresses_are_built() {
    let tenant = Tenant::new("contoso.onmicrosoft.com").unwrap();
    for (host, token) in [
        ("public", "https://login.microsoftonline.com/contoso.onmicrosoft.com/oauth2/v2.0/token"),
        (
            "login.chinacloudapi.cn",
            "https://login.chinacloudapi.cn/contoso.onmicrosoft.com/oauth2/v2.0/token",
        ),
        ("https://host/base/", "https://host/base/contoso.onmicrosoft.com/oauth2/v2.0/token"),
        ("https://sts.example/adfs", "https://sts.example/adfs/oauth2/token"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080/contoso.onmicrosoft.com/oauth2/v2.0/token"),
    ] {
        assert_eq!(authority(host).token(&tenant).url().as_str(), token);
    }
    let adfs = Tenant::new("adfs").unwrap();
    assert_eq!(authority("sts.example").token(&adfs).url().as_str(), "https://sts.example/adfs/oauth2/token");
    assert_eq!(
        authority("https://sts.example/ADFS/").token(&adfs).url().as_str(),
        "https://sts.example/ADFS/oauth2/token"
    );
}

#[test]
fn every_tenant_has_its_own_address_whoever_was_asked_last() {
    let (one, other) = (authority("public"), authority("https://login.microsoftonline.us"));
    for tenant in ["a", "b", "b", "a", "c", "a"] {
        for (authority, host) in [(&one, "login.microsoftonline.com"), (&other, "login.microsoftonline.us")] {
            let address = format!("https://{host}/{tenant}/oauth2/v2.0/token");
            let asked = authority.clone().token(&Tenant::new(tenant).unwrap());
            assert_eq!(asked.url().as_str(), address);
            assert_eq!(asked.uri().map(ToString::to_string), Some(address));
        }
    }
}

#[test]
fn realms_are_asked_for_where_there_are_any() {
    let of = |host: &str, tenant: &str| {
        let realm = authority(host).user_realm(&Tenant::new(tenant).unwrap(), "a/b\\c d@x.y?#");
        realm.map(|endpoint| endpoint.url().to_string())
    };
    assert_eq!(
        of("public", "organizations").as_deref(),
        Some("https://login.microsoftonline.com/common/userrealm/a%2Fb%5Cc%20d@x.y%3F%23?api-version=1.0")
    );
    for (host, tenant) in [
        ("https://sts.example/adfs", "x"),
        ("https://sts.example", "adfs"),
        ("https://contoso.ciamlogin.com", "x"),
        ("https://contoso.b2clogin.com", "x"),
        ("https://sts.example/dstsv2", "x"),
    ] {
        assert_eq!(of(host, tenant), None, "{host} {tenant}");
    }
}

#[test]
fn every_kind_has_its_addresses() {
    use AuthorityKind::{Adfs, Dsts, Entra, External};
    for (address, tenant, kind, token) in [
        (
            "contoso.ciamlogin.com",
            "contoso.onmicrosoft.com",
            External,
            "https://contoso.ciamlogin.com/contoso.onmicrosoft.com/oauth2/v2.0/token",
        ),
        (
            "https://contoso.ciamlogin.com/adfs",
            "x",
            External,
            "https://contoso.ciamlogin.com/adfs/oauth2/v2.0/token",
        ),
        (
            "https://host/dstsv2",
            "7a433bfc-2514-4697-b467-e0933190487f",
            Dsts,
            "https://host/dstsv2/7a433bfc-2514-4697-b467-e0933190487f/oauth2/v2.0/token",
        ),
        (
            "https://host/dstsv2/7a433bfc-2514-4697-b467-e0933190487f",
            "x",
            Dsts,
            "https://host/dstsv2/7a433bfc-2514-4697-b467-e0933190487f/oauth2/v2.0/token",
        ),
        ("https://sts.example/ADFS", "x", Adfs, "https://sts.example/ADFS/oauth2/token"),
        ("https://ciamlogin.com.example", "x", Entra, "https://ciamlogin.com.example/x/oauth2/v2.0/token"),
        ("https://xciamlogin.com", "x", Entra, "https://xciamlogin.com/x/oauth2/v2.0/token"),
    ] {
        let of = authority(address);
        assert_eq!(of.kind(), kind, "{address}");
        assert_eq!(of.token(&Tenant::new(tenant).unwrap()).url().as_str(), token);
    }
}

#[test]
fn who_has_to_be_asked_about() {
    for known in [
        "login.microsoft.com",
        "usgov",
        "http://localhost:1",
        "https://sts.example/adfs",
        "https://contoso.ciamlogin.com",
        "https://host/dstsv2/x",
    ] {
        assert!(!authority(known).needs_discovery(&Tenant::organizations()), "{known}");
    }
    for unknown in ["login.microsoftonline.com.example", "login.windows-ppe.net", "https://host/base"] {
        assert!(authority(unknown).needs_discovery(&Tenant::organizations()), "{unknown}");
        assert!(
            !authority(unknown).without_discovery().needs_discovery(&Tenant::organizations()),
            "{unknown}"
        );
    }
    let provider = Authority::provider("http://localhost:1/op", PlainHttp::OnLoopback).unwrap();
    assert!(provider.without_discovery().needs_discovery(&Tenant::organizations()));
}

#[test]
fn the_environment_names_it() {
    let of = |value: &str| {
        let environment = Environment::new().with("AZURE_AUTHORITY_HOST", value);
        Authority::from_environment(&environment, PlainHttp::Refused)
    };
    assert_eq!(of(" ").unwrap().cloud(), Some(Cloud::PUBLIC));
    assert_eq!(of("https://login.microsoftonline.us/").unwrap().cloud(), Some(Cloud::US_GOVERNMENT));
    for bad in ["http://login.microsoftonline.us/", "http://x", "https://u:p@x/", "https://"] {
        let error = of(bad).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration, "{bad}: {error}");
        assert!(error.message().starts_with("AZURE_AUTHORITY_HOST: "), "{bad}: {error}");
        assert!(
            error.remedy().unwrap().starts_with("correct or unset AZURE_AUTHORITY_HOST"),
            "{bad}: {error}"
        );
    }
}

#[test]
fn an_address_may_stand_for_a_tenant() {
    for (address, tenant) in [
        ("https://contoso.ciamlogin.com/", Some("contoso.onmicrosoft.com")),
        ("Contoso.CIAMlogin.com", Some("contoso.onmicrosoft.com")),
        ("https://contoso.ciamlogin.com/fabrikam.example", Some("fabrikam.example")),
        ("https://a.contoso.ciamlogin.com", None),
        ("https://contoso.b2clogin.com", None),
        ("https://contoso.b2clogin.com/contoso.onmicrosoft.com/b2c_1_x", Some("contoso.onmicrosoft.com")),
        (
            "https://login.microsoftonline.com/tfp/contoso.onmicrosoft.com/b2c_1_x",
            Some("contoso.onmicrosoft.com"),
        ),
        (
            "https://host/dstsv2/7a433bfc-2514-4697-b467-e0933190487f",
            Some("7a433bfc-2514-4697-b467-e0933190487f"),
        ),
        ("https://host/dstsv2", None),
        ("https://sts.example/ADFS", Some("adfs")),
        ("public", None),
        ("https://host/contoso.example", None),
    ] {
        assert_eq!(authority(address).own_tenant().as_ref().map(Tenant::as_str), tenant, "{address}");
    }
    let client = |tenant: &str, address: &str| {
        let client = crate::EntraClient::new(tenant, "app").unwrap().with_authority(authority(address));
        client.authority().token(client.tenant()).url().to_string()
    };
    let ciam = "https://contoso.ciamlogin.com";
    let own = "https://contoso.ciamlogin.com/contoso.onmicrosoft.com/oauth2/v2.0/token";
    for tenant in ["organizations", "common", "consumers", "contoso.onmicrosoft.com"] {
        assert_eq!(client(tenant, ciam), own);
    }
    assert_eq!(client("other.example", ciam), own.replace("contoso.onmicrosoft.com", "other.example"));
    assert_eq!(client("common", "public"), "https://login.microsoftonline.com/common/oauth2/v2.0/token");
    let at = |address: &str| crate::EntraClient::at(authority(address), "app");
    assert_eq!(at(ciam).unwrap().tenant().as_str(), "contoso.onmicrosoft.com");
    assert_eq!(at("public").unwrap_err().kind(), crate::ErrorKind::Configuration);
}

#[test]
fn policies_of_b2c_stay_in_the_path() {
    for (address, token) in [
        (
            "https://login.microsoftonline.com/tfp/contoso.example/B2C_1_in",
            "https://login.microsoftonline.com/tfp/contoso.example/B2C_1_in/oauth2/v2.0/token",
        ),
        (
            "https://login.contoso.example/contoso.example/B2C_1_in/",
            "https://login.contoso.example/contoso.example/B2C_1_in/oauth2/v2.0/token",
        ),
        (
            "https://contoso.b2clogin.com/contoso.example/custom",
            "https://contoso.b2clogin.com/contoso.example/custom/oauth2/v2.0/token",
        ),
    ] {
        let of = authority(address);
        assert_eq!(of.kind(), AuthorityKind::External, "{address}");
        let tenant = Tenant::new("other.example").unwrap();
        assert_eq!(of.token(&tenant).url().as_str(), token);
        assert!(!of.needs_discovery(&tenant) && !of.has_regions(), "{address}");
        assert_eq!(of.user_realm(&tenant, "ada@contoso.example"), None);
    }
    // Neither another policy's tokens nor the cloud's own are kept under the same name.
    let kept = |address: &str| authority(address).environment();
    let first = kept("https://login.microsoftonline.com/tfp/contoso.example/b2c_1_in");
    assert_ne!(first, kept("https://login.microsoftonline.com/tfp/contoso.example/b2c_1_up"));
    assert_ne!(first, kept("public"));
    for entra in
        ["https://host/tfp", "https://host/tfp/tenant", "https://host/b2c_1_in", "https://host/x/b2b_1"]
    {
        assert_eq!(authority(entra).kind(), AuthorityKind::Entra, "{entra}");
    }
}

#[test]
fn documents_have_the_host_of_entra_and_the_address_of_any_other() {
    let kept = |address: &str| Authority::new(address, PlainHttp::OnLoopback).unwrap().kept_environment();
    for (address, environment) in [
        // As MSAL has them, whichever of a cloud's hosts was configured.
        ("public", "login.microsoftonline.com"),
        ("https://LOGIN.windows.net/", "login.windows.net"),
        ("https://login.private.example", "login.private.example"),
        ("http://127.0.0.1:4711", "127.0.0.1"),
        ("https://localhost:4711/", "localhost"),
        ("https://login.private.example:8443", "login.private.example:8443"),
        ("https://contoso.ciamlogin.com", "contoso.ciamlogin.com"),
        ("https://contoso.b2clogin.com/Contoso/B2C_1_in/", "contoso.b2clogin.com/contoso/b2c_1_in"),
        ("https://sts.example/adfs", "sts.example/adfs"),
        ("https://localhost:4711/adfs", "localhost:4711/adfs"),
    ] {
        assert_eq!(kept(address), environment, "{address}");
    }
    let provider = |issuer: &str| Authority::provider(issuer, PlainHttp::OnLoopback).unwrap();
    for (issuer, environment) in [
        ("https://ID.example:8443/realms/a/", "id.example:8443/realms/a"),
        ("https://id.example/realms/Ab%2Fc", "id.example/realms/%41b%2fc"),
        ("https://id.example/%41b", "id.example/%41b"),
        ("http://127.0.0.1:4711", "http://127.0.0.1:4711"),
    ] {
        assert_eq!(provider(issuer).kept_environment(), environment, "{issuer}");
        assert_eq!(provider(issuer).environment(), environment, "{issuer}");
    }
}

/// An emulator plays the public cloud; nobody else does.
#[test]
fn the_cloud_of_an_unknown_host_is_nobody_s() {
    let cloud = |address: &str| authority(address).cloud_or_played().map(|cloud| cloud.short);
    for (address, expected) in [
        ("public", Some("public")),
        ("china", Some("china")),
        ("http://127.0.0.1:4711", Some("public")),
        ("https://localhost:4711", Some("public")),
        ("https://login.private.example", None),
        ("https://sts.example/adfs", None),
        ("https://localhost.example", None),
    ] {
        assert_eq!(cloud(address), expected, "{address}");
    }
}

/// The hosts as they are documented, so that a mistyped one does not agree with itself.
#[test]
fn the_hosts_of_the_clouds() {
    let documented = [
        ("AzureCloud", "login.microsoftonline.com login.windows.net login.microsoft.com sts.windows.net"),
        ("AzureChinaCloud", "login.chinacloudapi.cn login.partner.microsoftonline.cn"),
        (
            "AzureUSGovernment",
            "login.microsoftonline.us login.usgovcloudapi.net login-us.microsoftonline.com",
        ),
        ("AzureBleuCloud", "login.sovcloud-identity.fr"),
        ("AzureDelosCloud", "login.sovcloud-identity.de"),
        ("AzureGovSGCloud", "login.sovcloud-identity.sg"),
        ("AzurePPE", "login.windows-ppe.net sts.windows-ppe.net login.microsoft-ppe.com"),
    ];
    for (cloud, hosts) in documented {
        for host in hosts.split(' ') {
            let authority = authority(&format!("https://{host}"));
            assert_eq!(authority.cloud().map(|cloud| cloud.name), Some(cloud), "{host}");
            // Microsoft's own is not among the hosts that are trusted unasked.
            let asked = authority.needs_discovery(&Tenant::organizations());
            assert_eq!(asked, cloud == "AzurePPE", "{host}");
        }
    }
    assert!(Authority::new("login.microsoftonline.de", PlainHttp::Refused).is_err(), "closed");
    assert_eq!(authority("login.sovcloud-identity.example").cloud(), None);
}

#[test]
fn a_known_cloud_takes_no_path() {
    for path in
        ["organizations", "72f988bf-86f1-41af-91ab-2d7cd011db47", "contoso.onmicrosoft.com/oauth2/v2.0/token"]
    {
        let address = format!("https://login.microsoftonline.com/{path}");
        let error = Authority::new(&address, PlainHttp::Refused).unwrap_err();
        assert!(error.kind() == ErrorKind::Configuration && error.remedy().is_some(), "{error}");
    }
    assert!(Authority::new("https://login.microsoftonline.com//", PlainHttp::Refused).is_ok());
}
