//! A metadata service that was found and then fails is broken; one that never answered is not there.

use entrada_core::effect::{FileFailure, HttpFailure};
use entrada_core::environment::System;
use entrada_core::{Environment, ErrorKind, ManagedIdentityCredential, ManagedIdentityId};

use super::support::{Files, Says, play, says, token};

const NO_AGENT: Files = |_| Err(FileFailure::NotFound);

fn machine() -> ManagedIdentityCredential {
    ManagedIdentityCredential::new(&Environment::new().on(System::Linux), ManagedIdentityId::SystemAssigned)
}

fn well() -> Says {
    token(r#""expires_in":"3600""#)
}

const FAILURES: [(HttpFailure, ErrorKind); 3] = [
    (HttpFailure::Refused, ErrorKind::Network),
    (HttpFailure::Broken, ErrorKind::Network),
    (HttpFailure::TimedOut, ErrorKind::Timeout),
];

#[test]
fn what_answered_the_probe_and_fails_is_broken() {
    for (failure, kind) in FAILURES {
        let silent = Says::Nothing(failure);
        // The first answer is the probe's.
        let outcome = play(&machine().probing(), &[says(400, "{}"), silent.clone()], NO_AGENT);
        let error = outcome.result.unwrap_err();
        assert_eq!(error.kind(), kind, "{failure:?}: {error}");
        assert!(error.remedy().unwrap().contains("a moment ago"), "{error}");
        // Without an answer there is nobody, alone and in a chain.
        for credential in [machine(), machine().probing()] {
            let outcome = play(&credential, std::slice::from_ref(&silent), NO_AGENT);
            assert!(outcome.result.unwrap_err().is_unavailable(), "{failure:?}");
        }
    }
}

#[test]
fn what_gave_a_token_once_is_broken_when_it_fails() {
    for (failure, kind) in FAILURES {
        for credential in [machine(), machine().probing()] {
            assert!(play(&credential, &[well()], NO_AGENT).result.is_ok());
            let outcome = play(&credential.clone(), &[Says::Nothing(failure)], NO_AGENT);
            assert_eq!(outcome.result.unwrap_err().kind(), kind, "{failure:?}");
        }
        // A refusal is an answer too.
        let credential = machine();
        let refusal = says(401, r#"{"error":"unauthorized_client"}"#);
        assert_eq!(play(&credential, &[refusal], NO_AGENT).result.unwrap_err().kind(), ErrorKind::Refused);
        let outcome = play(&credential, &[Says::Nothing(failure)], NO_AGENT);
        assert_eq!(outcome.result.unwrap_err().kind(), kind);
    }
}

#[test]
fn what_is_no_metadata_service_was_not_found() {
    let credential = machine();
    for page in [says(200, "<html>sign in</html>"), says(403, "a socket operation: unreachable host")] {
        assert!(play(&credential, &[page], NO_AGENT).result.unwrap_err().is_unavailable());
        let outcome = play(&credential, &[Says::Nothing(HttpFailure::Refused)], NO_AGENT);
        assert!(outcome.result.unwrap_err().is_unavailable());
    }
}

/// A host's variables that are not complete are passed over, and not in silence.
#[test]
fn what_is_missing_beside_a_variable_is_said() {
    let silence = [Says::Nothing(HttpFailure::Refused)];
    for (name, missing) in [
        ("IDENTITY_ENDPOINT", "neither IDENTITY_HEADER nor IMDS_ENDPOINT is"),
        ("IDENTITY_HEADER", "IDENTITY_ENDPOINT is not"),
        ("MSI_SECRET", "MSI_ENDPOINT is not"),
        ("IMDS_ENDPOINT", "IDENTITY_ENDPOINT is not"),
        ("IDENTITY_SERVER_THUMBPRINT", "IDENTITY_ENDPOINT is not"),
    ] {
        let environment = Environment::new().on(System::Linux).with(name, "canary");
        let credential = ManagedIdentityCredential::new(&environment, ManagedIdentityId::SystemAssigned);
        for credential in [credential.clone(), credential.clone().probing()] {
            let error = play(&credential, &silence, NO_AGENT).result.unwrap_err();
            assert!(error.is_unavailable(), "{name}: {error}");
            assert!(error.message().contains(&format!("{name} is set, and {missing}")), "{error}");
            assert!(error.remedy().unwrap().contains("unset"), "{error}");
        }
        // Where the metadata service answers there is nothing to say.
        assert!(play(&credential, &[well()], NO_AGENT).result.is_ok());
        let refusal = says(400, r#"{"error":"invalid_request","error_description":"Identity not found"}"#);
        let error = play(&credential, &[refusal], NO_AGENT).result.unwrap_err();
        assert!(!error.message().contains(name), "{error}");
    }
    let error = play(&machine(), &silence, NO_AGENT).result.unwrap_err();
    assert!(!error.message().contains("is set"), "{error}");
}
