//! A dSTS is for apps that act as themselves.

use entrada_core::flows::authorization_code::WebSignIn;
use entrada_core::{Authority, EntraClient};
use entrada_core::{
    AuthorizationCodeCredential, ClientSecretCredential, Credential, DeviceCodeCredential, ErrorKind,
    InteractiveBrowserCredential, Memory, OnBehalfOfCredential, PlainHttp, RefreshTokenCredential,
    SharedTokenCacheCredential, UsernamePasswordCredential,
};
use entrada_tests::choices::Seeded;

use super::{asked, request, tokens};

fn app() -> EntraClient {
    let address = "https://dsts.example/dstsv2/7a433bfc-2514-4697-b467-e0933190487f";
    EntraClient::at(Authority::new(address, PlainHttp::Refused).unwrap(), "client").unwrap()
}

#[test]
fn nobody_is_asked_for_a_person_there() {
    let secret = app().with_secret("secret").unwrap();
    let flows: [Box<dyn Credential>; 7] = [
        Box::new(DeviceCodeCredential::of(app())),
        Box::new(InteractiveBrowserCredential::of(app())),
        Box::new(RefreshTokenCredential::of(app(), "refresh").unwrap()),
        Box::new(UsernamePasswordCredential::of(app(), "jo", "password").unwrap()),
        Box::new(AuthorizationCodeCredential::of(app(), "http://localhost", "code").unwrap()),
        Box::new(OnBehalfOfCredential::of(secret.clone(), "a.b.c").unwrap()),
        Box::new(SharedTokenCacheCredential::of(app(), Memory::shared())),
    ];
    for flow in flows {
        // Whatever it asked for would be a panic here, or stand in the list.
        let (result, asked) = asked(&*flow, tokens);
        let error = result.unwrap_err();
        assert_eq!((error.kind(), asked.len()), (ErrorKind::Configuration, 0), "{error}");
        assert_eq!(error.source_name(), Some(flow.name()));
        assert!(error.message().contains("dsts.example is a dSTS"), "{error}");
        assert!(error.remedy().is_some_and(|remedy| remedy.contains("Entra")), "{error}");
    }
    let web = WebSignIn::new(secret, "https://app.example/back").unwrap();
    let error = web.start(&request(), &mut Seeded(1)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration);
}

#[test]
fn an_app_as_itself_is_served() {
    let (result, asked) = asked(&ClientSecretCredential::of(app(), "secret").unwrap(), tokens);
    assert!(result.is_ok(), "{result:?}");
    assert_eq!(asked, ["https://dsts.example/dstsv2/7a433bfc-2514-4697-b467-e0933190487f/oauth2/v2.0/token"]);
}
