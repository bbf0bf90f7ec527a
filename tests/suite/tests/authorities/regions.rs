//! The endpoints of regions.

use entrada_core::authority::Region;
use entrada_core::effect::{Effect, SignAction, Signed, SigningCertificate, SigningKey};
use entrada_core::flow::Credential;
use entrada_core::{
    Authority, ClientCertificate, ClientCertificateCredential, ClientSecretCredential, Cloud, EntraClient,
    Environment, EnvironmentCredential, PlainHttp, RefreshTokenCredential,
};
use entrada_tests::script::{respond, run};

use super::{TENANT, TOKEN, asked, client, request, tokens};

#[test]
fn an_app_asks_the_endpoint_of_its_region() {
    let app =
        client(Authority::of_cloud(Cloud::PUBLIC).unwrap()).in_region(Region::named("westeurope").unwrap());
    let app_token = ClientSecretCredential::of(app.clone(), "secret").unwrap();
    let central = format!("https://login.microsoftonline.com/{TENANT}/oauth2/v2.0/token");
    let regional = format!("https://westeurope.login.microsoft.com/{TENANT}/oauth2/v2.0/token");
    assert_eq!(asked(&app_token, tokens).1, std::slice::from_ref(&regional));
    // People are not asked for there.
    let person = RefreshTokenCredential::of(app.clone(), "refresh").unwrap();
    assert_eq!(asked(&person, tokens).1, std::slice::from_ref(&central));
    // The audience of an assertion stays the central endpoint.
    let certificate = ClientCertificate::new(SigningKey::Named("key".into()));
    let certificate = ClientCertificateCredential::of(app, certificate);
    let mut audience = None;
    let (result, _) = run(certificate.begin(&request()), |effect, _| match effect {
        Effect::Sign(sign) => {
            let signed = match sign.action() {
                SignAction::Sign { message, .. } => {
                    let claims = String::from_utf8(message.expose().to_vec()).unwrap();
                    audience = entrada_core::jwt::Jwt::decode(&format!("{claims}.x"))
                        .and_then(|jwt| jwt.text("aud").map(str::to_owned));
                    Signed::Signature(vec![9; 256].into())
                }
                _ => Signed::Certificate(SigningCertificate::new(vec![1], [])),
            };
            sign.ticket().reply(Ok(signed))
        }
        Effect::Http(call) => {
            assert_eq!(call.request().uri().to_string(), regional);
            respond(call, 200, &[], TOKEN)
        }
        other => panic!("{other:?}"),
    });
    assert!(result.is_ok());
    assert_eq!(audience, Some(central));
}

#[test]
fn a_machine_is_asked_for_its_region_once() {
    let of = || {
        let region = Region::detected(&Environment::new());
        let app = client(Authority::of_cloud(Cloud::US_GOVERNMENT).unwrap()).in_region(region);
        ClientSecretCredential::of(app, "secret").unwrap()
    };
    let metadata = "http://169.254.169.254/metadata/instance/compute?api-version=2021-02-01";
    for (answer, host) in [
        (Some((200, r#"{"location":"usgovvirginia"}"#.to_owned())), "usgovvirginia.login.microsoftonline.us"),
        (Some((200, r#"{"location":"a.b"}"#.to_owned())), "login.microsoftonline.us"),
        (Some((404, String::new())), "login.microsoftonline.us"),
        (None, "login.microsoftonline.us"),
    ] {
        let credential = of();
        let play = |uri: &str| if uri == metadata { answer.clone() } else { tokens(uri) };
        let token = format!("https://{host}/{TENANT}/oauth2/v2.0/token");
        assert_eq!(asked(&credential, play).1, [metadata.to_owned(), token.clone()]);
        assert_eq!(asked(&credential, play).1, [token]);
    }
}

#[test]
fn a_region_that_is_forced_upon_every_program_can_be_refused() {
    let forced = Environment::new()
        .with("AZURE_TENANT_ID", TENANT)
        .with("AZURE_CLIENT_ID", "client")
        .with("AZURE_CLIENT_SECRET", "secret")
        .with("MSAL_FORCE_REGION", "westeurope");
    let central = format!("https://login.microsoftonline.com/{TENANT}/oauth2/v2.0/token");
    let regional = format!("https://westeurope.login.microsoft.com/{TENANT}/oauth2/v2.0/token");
    let public = || Authority::of_cloud(Cloud::PUBLIC).unwrap();
    let of = |environment: &Environment| asked(&EnvironmentCredential::new(environment, &public()), tokens).1;
    assert_eq!(of(&forced), std::slice::from_ref(&regional));
    let refused = forced.clone().with("AZURE_REGIONAL_AUTHORITY_NAME", "DisableMsalForceRegion");
    assert_eq!(of(&refused), std::slice::from_ref(&central));
    let app = client(public()).as_environment_says(&forced);
    let told = |app: EntraClient| asked(&ClientSecretCredential::of(app, "secret").unwrap(), tokens).1;
    assert_eq!(told(app.clone()), [regional]);
    assert_eq!(told(app.in_no_region()), [central]);
}

#[test]
fn a_region_that_is_out_of_reach_is_named() {
    let variables = Environment::new().with("AZURE_REGIONAL_AUTHORITY_NAME", "westeurope");
    let public = || client(Authority::of_cloud(Cloud::PUBLIC).unwrap());
    for (app, named) in [(public().as_environment_says(&variables), true), (public(), false)] {
        let (result, _) = asked(&ClientSecretCredential::of(app, "secret").unwrap(), |_| None);
        let error = result.unwrap_err();
        assert_eq!(error.message().contains("the region westeurope"), named, "{error}");
        let remedy = error.remedy().unwrap_or_default();
        assert_eq!(remedy.contains("AZURE_REGIONAL_AUTHORITY_NAME"), named, "{error}");
    }
}

#[test]
fn a_region_stands_before_the_hosts_of_known_clouds_alone() {
    for address in [
        "https://sts.example/adfs",
        "https://contoso.ciamlogin.com",
        "https://host.example/dstsv2/x",
        "https://login.private.example",
        "https://localhost:1",
    ] {
        let authority = Authority::new(address, PlainHttp::Refused).unwrap().without_discovery();
        let home = authority.host().host().to_owned();
        let app = EntraClient::at(authority.clone(), "client").unwrap_or_else(|_| client(authority));
        let app = app.in_region(Region::named("westeurope").unwrap());
        let credential = ClientSecretCredential::of(app, "secret").unwrap();
        let (result, asked) = asked(&credential, |_| Some((200, TOKEN.to_owned())));
        assert!(result.is_ok(), "{address}: {result:?}");
        for uri in asked {
            let uri: http::Uri = uri.parse().unwrap();
            assert_eq!(uri.host(), Some(home.as_str()), "{address}");
        }
    }
}

/// The times that the manual states.
#[test]
fn how_long_each_request_takes_at_the_most() {
    let region = Region::detected(&Environment::new());
    let app = client(Authority::of_cloud(Cloud::PUBLIC).unwrap()).in_region(region);
    let credential = ClientSecretCredential::of(app, "secret").unwrap();
    let mut limits = Vec::new();
    let (result, _) = run(credential.begin(&request()), |effect, now| match effect {
        Effect::Http(call) => {
            limits.push((call.connect_limit().as_millis(), now.mono.until(call.deadline()).as_millis()));
            match limits.len() {
                1 => respond(call, 404, &[], ""),
                _ => respond(call, 200, &[], TOKEN),
            }
        }
        other => panic!("{other:?}"),
    });
    assert!(result.is_ok());
    let [(_, region), token] = limits[..] else { panic!("{limits:?}") };
    assert_eq!(region, 2_000);
    assert_eq!(token, (10_000, 30_000));
}
