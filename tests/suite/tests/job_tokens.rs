//! The host of a job of Azure Machine Learning, reply by reply: the forms that are taken, whose token it is, and
//! that nothing of a reply is shown.

use entrada_core::effect::{Effect, HttpRequest};
use entrada_core::endpoint::Route;
use entrada_core::flow::Credential;
use entrada_core::{
    AccessToken, AzureMlOnBehalfOfCredential, Environment, Error, ErrorKind, Tenant, TokenRequest,
};
use entrada_tests::script::{respond, run};
use serde_json::{Value, json};

const HOST: &str = "http://localhost:46809/OBO/token";

fn request() -> TokenRequest {
    TokenRequest::new(["https://management.azure.com/.default"]).unwrap()
}

fn job() -> AzureMlOnBehalfOfCredential {
    AzureMlOnBehalfOfCredential::new(&Environment::new().with("OBO_ENDPOINT", HOST))
}

/// What comes of these answers, one after the other, and what was asked.
fn ask(answers: &[(u16, String)]) -> (Result<AccessToken, Error>, Vec<HttpRequest>) {
    let mut asked = Vec::new();
    let mut answers = answers.iter();
    let (result, _) = run(job().begin(&request()), |effect, _| match effect {
        Effect::Http(call) => {
            assert_eq!(*call.route(), Route::Local);
            asked.push(call.request().clone());
            let (status, body) = answers.next().expect("no more is asked");
            respond(call, *status, &[("content-type", "text/plain")], body)
        }
        other => panic!("{other:?}"),
    });
    (result, asked)
}

fn one(status: u16, document: &Value) -> Result<AccessToken, Error> {
    ask(&[(status, document.to_string())]).0
}

/// A token that says whose it is.
fn token(claims: &Value) -> String {
    use base64::Engine as _;
    let part = |text: String| base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(text);
    format!(
        "{}.{}.{}",
        part(json!({ "alg": "RS256" }).to_string()),
        part(claims.to_string()),
        part("s".into())
    )
}

#[test]
fn what_is_asked() {
    let (token, asked) = ask(&[(200, json!({ "access_token": "t", "expires_in": 60 }).to_string())]);
    assert_eq!(token.unwrap().source(), "azure-ml-on-behalf-of");
    assert_eq!(asked[0].uri().to_string(), format!("{HOST}?resource=https%3A%2F%2Fmanagement.azure.com"));
    for name in ["authorization", "secret", "metadata", "x-identity-header"] {
        assert!(!asked[0].headers().contains_key(name), "{name}");
    }
}

#[test]
fn every_form_of_a_reply() {
    let ends = entrada_tests::sim::START.unix.0 + 3600;
    for document in [
        json!({ "access_token": "t", "expires_on": ends }),
        json!({ "access_token": "t", "expires_on": ends.to_string() }),
        json!({ "access_token": "t", "expires_in": 3600 }),
        json!({ "token": "t", "expires_in": "3600" }),
        json!({ "token": "t", "expiresOn": entrada_core::calendar::rfc3339(entrada_core::Unix(ends)) }),
    ] {
        let token = one(200, &document).unwrap_or_else(|error| panic!("{document}: {error}"));
        assert_eq!((token.secret().expose(), token.expires_on().0), ("t", ends), "{document}");
    }
}

#[test]
fn it_is_a_persons_token_and_of_nobody_else() {
    let reply = |claims: Value| one(200, &json!({ "access_token": token(&claims), "expires_in": 3600 }));
    assert!(reply(json!({ "scp": "user_impersonation", "upn": "ada@contoso.com" })).is_ok());
    let refused = reply(json!({ "idtyp": "app", "appid": "x" })).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Refused);
    assert!(refused.to_string().contains("app"), "{refused}");
}

#[test]
fn what_is_no_token_is_not_shown() {
    let secret = "canary-of-a-token-in-a-malformed-reply";
    for (status, body) in [
        (200, json!({ "access_token": secret })),
        (200, json!({ "token": secret, "expires_in": "soon" })),
        (200, json!({ "token": [secret] })),
        (200, json!([secret])),
        (400, json!({ "token": secret })),
        (403, json!({ "access_token": secret, "error": "x" })),
    ] {
        let error = one(status, &body).unwrap_err();
        let shown = format!("{error} {error:?} {:?} {:?}", error.detail(), error.remedy());
        assert!(!shown.contains(secret), "{body}: {shown}");
        assert!(matches!(error.kind(), ErrorKind::Malformed | ErrorKind::Refused), "{body}: {error}");
    }
    // The status counts, whatever the body looks like.
    let token = json!({ "access_token": "t", "expires_in": 3600 });
    assert_eq!(one(401, &token).unwrap_err().kind(), ErrorKind::Refused);
    let busy = [503, 503, 503, 503].map(|status| (status, token.to_string()));
    assert_eq!(ask(&busy).0.unwrap_err().kind(), ErrorKind::Service);
}

#[test]
fn what_the_host_cannot_do_is_not_asked_of_it() {
    let claims =
        entrada_core::claims::Claims::from_json(r#"{"access_token":{"acrs":{"values":["p1"]}}}"#).unwrap();
    let several = TokenRequest::new(["https://a.example/x", "https://b.example/y"]);
    for (request, kind) in [
        (request().with_claims(claims), ErrorKind::InteractionRequired),
        (request().in_tenant(Tenant::new("fabrikam.com").unwrap()), ErrorKind::Configuration),
        (several.unwrap(), ErrorKind::Configuration),
    ] {
        let (result, told) = run(job().begin(&request), |effect, _| panic!("{effect:?}"));
        assert_eq!(result.unwrap_err().kind(), kind);
        assert!(told.effects.is_empty());
    }
}

#[test]
fn where_it_is_absent_the_reason_is_told() {
    let absent = |pairs: &[(&str, &str)]| {
        let credential = AzureMlOnBehalfOfCredential::new(&pairs.iter().copied().collect());
        run(credential.begin(&request()), |effect, _| panic!("{effect:?}")).0.unwrap_err()
    };
    for pairs in [&[][..], &[("AZUREML_RUN_ID", "r")]] {
        let error = absent(pairs);
        assert!(error.is_unavailable());
        let remedy = error.remedy().unwrap();
        assert!(
            ["user_identity", "pipeline", "studio"].iter().all(|reason| remedy.contains(reason)),
            "{remedy}"
        );
    }
    assert!(absent(&[("AZUREML_DATAPREP_TOKEN_PROVIDER", "sparkobo")]).to_string().contains("Spark"));
    for elsewhere in ["http://evil.example/OBO/token", "http://10.0.0.1/OBO/token"] {
        assert_eq!(absent(&[("OBO_ENDPOINT", elsewhere)]).kind(), ErrorKind::Configuration, "{elsewhere}");
    }
}
