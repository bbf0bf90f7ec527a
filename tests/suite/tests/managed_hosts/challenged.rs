//! Claims challenges: Service Fabric keeps tokens and has to be told which one was refused; the other hosts are
//! asked as ever.

use entrada_core::claims::Claims;
use entrada_core::effect::{Effect, FileFailure};
use entrada_core::flow::Credential;
use entrada_core::{ManagedIdentityId, TokenRequest};
use entrada_emulator::{Config, Emulator, world as w};
use entrada_tests::script::Machine;

use super::support::{HOSTS, Host, ask_for, says};

fn claims() -> Claims {
    Claims::from_json(r#"{"access_token":{"nbf":{"essential":true,"value":"1604106651"}}}"#).unwrap()
}

/// A reply with this token.
fn gives(token: &str) -> [super::support::Says; 1] {
    [says(200, format!(r#"{{"access_token":"{token}","expires_in":"3600"}}"#))]
}

#[test]
fn what_each_host_is_told_of_claims() {
    let hash = "cc0af97287543b65da2c7e1476426021826cab166f1e063ed012b855ff819656";
    let plain = || TokenRequest::new(["https://vault.azure.net/.default"]).unwrap();
    for host in HOSTS {
        let credential = host.credential(&ManagedIdentityId::SystemAssigned);
        let query = |request: TokenRequest, token: &str| {
            let outcome = ask_for(host, &credential, &request, &gives(token));
            assert!(outcome.result.is_ok(), "{host:?} {:?}", outcome.result);
            let sent = outcome.sent.last().unwrap();
            format!("{}{}", sent.query(), sent.body)
        };
        let usual = query(plain(), "another");
        let with = |more: &str| match host {
            Host::ServiceFabric => format!("{usual}{more}"),
            _ => usual.clone(),
        };
        assert!(!usual.contains("xms_cc") && !usual.contains("sha256"), "{host:?}: {usual}");
        assert_eq!(query(plain().with_cae(), "test_token"), with("&xms_cc=cp1"), "{host:?}");
        // The token that is refused is the last that was given.
        let challenged = plain().with_claims(claims());
        let refused = format!("&token_sha256_to_refresh={hash}");
        assert_eq!(query(challenged.clone(), "test_token"), with(&refused), "{host:?}");
        let both = format!("&xms_cc=cp1{refused}");
        assert_eq!(query(challenged.clone().with_cae(), "newer"), with(&both), "{host:?}");
        assert!(!query(challenged, "newest").contains(hash), "{host:?}: that one was replaced");
        // Nobody refused a token of another resource, and none was given.
        let other = TokenRequest::new(["https://graph.microsoft.com/.default"]).unwrap();
        assert!(!query(other.with_claims(claims()), "t").contains("sha256"), "{host:?}");
    }
}

#[test]
fn a_refused_token_is_not_given_again() {
    let mut emulator = Emulator::new(Config::default(), [7; 32]);
    let secret = emulator.config().hosts.identity_header.expose().to_owned();
    let environment = Host::ServiceFabric.environment().with("IDENTITY_HEADER", secret);
    let credential =
        entrada_core::ManagedIdentityCredential::new(&environment, ManagedIdentityId::SystemAssigned);
    let mut machine = Machine::default();
    let mut token = |request: &TokenRequest| {
        let (result, _) = machine.run(credential.begin(request), |effect, now| match effect {
            Effect::Http(call) => {
                let (request, ticket) = call.split();
                ticket.reply(Ok(emulator.answer(*now, &request)))
            }
            Effect::ReadFile(file) => file.split().1.reply(Err(FileFailure::NotFound)),
            other => panic!("{other:?}"),
        });
        result.unwrap().secret().expose().to_owned()
    };
    let plain = TokenRequest::new([w::MANAGEMENT_SCOPE]).unwrap();
    let first = token(&plain);
    assert_eq!(token(&plain), first, "the host keeps it");
    let second = token(&plain.clone().with_claims(claims()));
    assert_ne!(second, first);
    assert_eq!(token(&plain), second);
    assert_ne!(token(&plain.with_claims(claims())), second, "and the same again");
}
