//! `EnvironmentCredential` with every combination of its variables, set, blank and not set.

use entrada_core::effect::{Effect, HttpFailure, SignFailure, SigningKey};
use entrada_core::flow::Credential;
use entrada_core::{Authority, Cloud, Environment, EnvironmentCredential, Error, ErrorKind, TokenRequest};
use entrada_tests::script::run;

const VARIABLES: [(&str, &str); 8] = [
    ("AZURE_TENANT_ID", "contoso.example"),
    ("AZURE_CLIENT_ID", "client"),
    ("AZURE_CLIENT_SECRET", "canary-secret"),
    ("AZURE_CLIENT_CERTIFICATE_PATH", "/c.pem"),
    ("AZURE_CLIENT_CERTIFICATE_PASSWORD", "canary-certificate-password"),
    ("AZURE_CLIENT_SEND_CERTIFICATE_CHAIN", "true"),
    ("AZURE_USERNAME", "jo@contoso.example"),
    ("AZURE_PASSWORD", "canary-password"),
];

/// Who is described, as far as the first request tells.
#[derive(Debug, PartialEq, Eq)]
enum Who {
    Secret { tenant: String },
    Certificate { password: bool },
    User { tenant: String },
}

/// What the documentation says of these variables: the first combination that is complete.
fn model(set: impl Fn(&str) -> bool) -> Option<Who> {
    let app = set("AZURE_TENANT_ID") && set("AZURE_CLIENT_ID");
    let tenant = if set("AZURE_TENANT_ID") { "contoso.example" } else { "organizations" }.to_owned();
    if app && set("AZURE_CLIENT_SECRET") {
        Some(Who::Secret { tenant })
    } else if app && set("AZURE_CLIENT_CERTIFICATE_PATH") {
        Some(Who::Certificate { password: set("AZURE_CLIENT_CERTIFICATE_PASSWORD") })
    } else if set("AZURE_CLIENT_ID") && set("AZURE_USERNAME") && set("AZURE_PASSWORD") {
        Some(Who::User { tenant })
    } else {
        None
    }
}

fn observed(environment: &Environment) -> (Option<Who>, Error) {
    let authority = Authority::of_cloud(Cloud::PUBLIC).unwrap();
    let credential = EnvironmentCredential::new(environment, &authority);
    let request = TokenRequest::new(["https://management.azure.com/.default"]).unwrap();
    let mut who = None;
    let (result, _) = run(credential.begin(&request), |effect, _| match effect {
        Effect::Sign(sign) => {
            let SigningKey::File { path, password } = sign.key() else { panic!("{sign:?}") };
            assert_eq!(path.to_str(), Some("/c.pem"));
            who.get_or_insert(Who::Certificate { password: password.is_some() });
            sign.ticket().reply(Err(SignFailure::UnknownKey))
        }
        Effect::Http(call) => {
            let (uri, body) = (call.request().uri().clone(), call.request().body().expose().to_vec());
            let tenant = uri.path().split('/').nth(1).unwrap_or_default().to_owned();
            let body = String::from_utf8_lossy(&body);
            let seen = match () {
                () if body.contains("client_secret=canary-secret") => Who::Secret { tenant },
                () if uri.path().contains("userrealm") => Who::User { tenant: String::new() },
                () => Who::User { tenant },
            };
            match &mut who {
                // The realm is asked for first, of no tenant.
                Some(Who::User { tenant }) => {
                    if let Who::User { tenant: now } = seen {
                        *tenant = now;
                    }
                }
                _ => who = Some(seen),
            }
            if uri.path().contains("userrealm") {
                return entrada_tests::script::respond(
                    call,
                    200,
                    &[],
                    r#"{"account_type":"Managed","ver":"1.0"}"#,
                );
            }
            call.split().1.reply(Err(HttpFailure::Refused))
        }
        other => panic!("{other:?}"),
    });
    (who, result.unwrap_err())
}

/// The variables in a text; of several that would do, the first.
fn named(text: &str) -> Vec<&'static str> {
    let text = match text.split_once("one of ") {
        Some((before, choice)) => format!("{before}{}", choice.split(',').next().unwrap_or_default()),
        None => text.to_owned(),
    };
    VARIABLES.iter().map(|(name, _)| *name).filter(|name| text.contains(name)).collect()
}

#[test]
fn every_combination() {
    for blank in [None, Some(""), Some(" \t")] {
        for number in 0..1_u32 << VARIABLES.len() {
            let chosen = |at: usize| number & (1 << at) != 0;
            let values = VARIABLES.iter().enumerate().filter_map(|(at, (name, value))| match chosen(at) {
                true => Some((*name, *value)),
                false => blank.map(|blank| (*name, blank)),
            });
            let environment: Environment = values.collect();
            let set = |name: &str| environment.get(name).is_some();
            let expected = model(set);
            let (who, error) = observed(&environment);
            assert_eq!(who, expected, "{number:08b}");
            assert_eq!(error.source_name(), Some("environment"));
            assert_eq!(error.is_unavailable(), expected.is_none(), "{number:08b}: {error}");
            let shown = format!("{error} {error:?}");
            assert!(!shown.contains("canary"), "{shown}");
            if expected.is_none() {
                incomplete(&environment, &error);
            }
        }
    }
}

/// What is there is told, nothing that is there is asked for, and what is asked for will do.
fn incomplete(environment: &Environment, error: &Error) {
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    let (message, remedy) = (error.message(), error.remedy().unwrap_or_default());
    let (has, _) = message.split_once(" but not ").unwrap_or_default();
    for (name, _) in VARIABLES {
        let helps = !name.contains("CERTIFICATE_PASSWORD") && !name.contains("SEND");
        let set = environment.get(name).is_some();
        assert_eq!(has.contains(name), set && helps, "{name}: {message}");
    }
    let wanted = named(remedy);
    assert!(!wanted.is_empty() && wanted.iter().all(|name| environment.get(name).is_none()), "{remedy}");
    let value = |name: &str| VARIABLES.iter().find(|known| known.0 == name).unwrap().1;
    let whole = wanted.iter().fold(environment.clone(), |all, name| all.with(*name, value(name)));
    assert!(observed(&whole).0.is_some(), "{message} {remedy}: it would still be incomplete");
}

#[test]
fn the_chain_is_sent_where_it_is_asked_for_and_nowhere_else() {
    use base64::Engine as _;
    use entrada_core::effect::{SignAction, Signed, SigningCertificate};
    for (value, sent) in [
        ("1", true),
        ("true", true),
        ("TRUE", true),
        (" True ", true),
        ("0", false),
        ("false", false),
        ("yes", false),
        ("", false),
    ] {
        let environment: Environment =
            VARIABLES[..2].iter().chain(&VARIABLES[3..4]).map(|(name, value)| (*name, *value)).collect();
        let environment = environment.with("AZURE_CLIENT_SEND_CERTIFICATE_CHAIN", value);
        let authority = Authority::of_cloud(Cloud::PUBLIC).unwrap();
        let request = TokenRequest::new(["https://management.azure.com/.default"]).unwrap();
        let mut header = String::new();
        let flow = EnvironmentCredential::new(&environment, &authority).begin(&request);
        let _ = run(flow, |effect, _| match effect {
            Effect::Sign(sign) => {
                let signed = match sign.action() {
                    SignAction::Sign { message, .. } => {
                        let first = message.expose().split(|b| *b == b'.').next().unwrap();
                        let engine = base64::engine::general_purpose::URL_SAFE_NO_PAD;
                        header = String::from_utf8(engine.decode(first).unwrap()).unwrap();
                        Signed::Signature(b"s".to_vec().into())
                    }
                    _ => Signed::Certificate(SigningCertificate::new(b"leaf".to_vec(), [])),
                };
                sign.ticket().reply(Ok(signed))
            }
            Effect::Http(call) => call.split().1.reply(Err(HttpFailure::Refused)),
            other => panic!("{other:?}"),
        });
        assert_eq!(header.contains("x5c"), sent, "{value:?}: {header}");
    }
}
