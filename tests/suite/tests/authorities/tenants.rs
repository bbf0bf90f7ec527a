//! Whose token it is, where an authority has one tenant, or none.

use entrada_core::effect::Effect;
use entrada_core::flow::Credential;
use entrada_core::{Authority, ClientSecretCredential, EntraClient, Error, ErrorKind, PlainHttp, Tenant};
use entrada_tests::script::{respond, run};

use super::providers::metadata;
use super::{ISSUER, TOKEN, request};

/// The tenant that a token is told to be of, for an app of `configured` at `address` that is asked for `requested`.
fn told(address: &str, configured: &str, requested: Option<&str>) -> Result<Option<String>, Error> {
    let provider = address.starts_with(ISSUER);
    let authority = match provider {
        true => Authority::provider(address, PlainHttp::Refused).unwrap(),
        false => Authority::new(address, PlainHttp::Refused).unwrap(),
    };
    let app = EntraClient::new(configured, "client")?.with_authority(authority);
    let credential = ClientSecretCredential::of(app, "secret")?;
    let request = match requested {
        Some(tenant) => request().in_tenant(Tenant::new(tenant)?),
        None => request(),
    };
    let mut sent = 0;
    let (result, _) = run(credential.begin(&request), |effect, _| match effect {
        Effect::Http(call) => {
            sent += 1;
            let path = call.request().uri().path().to_owned();
            match path.ends_with("openid-configuration") {
                true => respond(call, 200, &[], &metadata(ISSUER, &format!("{ISSUER}/token"))),
                false => respond(call, 200, &[], TOKEN),
            }
        }
        other => panic!("{other:?}"),
    });
    let result = result.map(|token| token.tenant().map(str::to_owned));
    assert!(result.is_ok() || sent == 0, "a secret was sent: {result:?}");
    result
}

#[test]
fn a_token_is_of_the_tenant_that_the_address_names() {
    for address in [
        "https://contoso.ciamlogin.com/A.example",
        "https://contoso.b2clogin.com/tfp/A.example/b2c_1_in",
        "https://host.example/dstsv2/A.example",
    ] {
        for (configured, requested) in
            [("organizations", None), ("organizations", Some("a.EXAMPLE")), ("a.example", Some("common"))]
        {
            assert_eq!(
                told(address, configured, requested).unwrap().as_deref(),
                Some("A.example"),
                "{address}"
            );
        }
        // Neither is passed over: the token would be another's than was asked for.
        for (configured, requested) in [("organizations", Some("B.example")), ("B.example", None)] {
            let error = told(address, configured, requested).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Configuration, "{address}");
            let text = error.to_string();
            assert!(text.contains("A.example") && text.contains("B.example"), "{text}");
            assert_eq!(error.source_name(), Some("client-secret"));
        }
    }
}

#[test]
fn an_external_tenant_may_be_called_adfs() {
    let token = told("https://contoso.ciamlogin.com/adfs", "organizations", None).unwrap();
    assert_eq!(token.as_deref(), Some("adfs"));
}

#[test]
fn ad_fs_and_providers_know_no_tenants() {
    for address in ["https://sts.example/adfs", ISSUER] {
        for (configured, requested) in [
            ("contoso.example", None),
            ("contoso.example", Some("CONTOSO.example")),
            ("contoso.example", Some("organizations")),
            ("organizations", None),
        ] {
            assert_eq!(told(address, configured, requested).unwrap(), None, "{address} {configured}");
        }
        let error = told(address, "contoso.example", Some("fabrikam.example")).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration, "{address}");
        let text = error.to_string();
        assert!(text.contains("fabrikam.example") && text.contains("knows no tenants"), "{text}");
        assert!(!text.contains("allowed"), "no list helps: {text}");
    }
}
