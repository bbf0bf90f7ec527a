//! Kubernetes with workload identity, asked for its managed identity.

use entrada_core::effect::{Effect, FileContents, FileFailure};
use entrada_core::environment::System;
use entrada_core::flow::Credential;
use entrada_core::{
    AccessToken, Authority, Cloud, Environment, Error, ErrorKind, ManagedIdentityCredential,
    ManagedIdentityId, TokenRequest,
};
use entrada_emulator::world as w;
use entrada_tests::script::{respond, run};

use super::support::{identities, request};

const FILE: &str = "/var/run/secrets/azure/tokens/azure-identity-token";

/// What the webhook sets, with this client id.
pub(crate) fn pod(client_id: &str) -> Environment {
    Environment::new()
        .on(System::Linux)
        .with("AZURE_AUTHORITY_HOST", "https://login.microsoftonline.com/")
        .with("AZURE_TENANT_ID", w::TENANT)
        .with("AZURE_FEDERATED_TOKEN_FILE", FILE)
        .with("AZURE_CLIENT_ID", client_id)
}

/// The token of its service account where it belongs, and nothing else.
pub(crate) fn token_file(path: &str) -> Result<FileContents, FileFailure> {
    match path {
        FILE => Ok(FileContents { bytes: b"canary-federated".to_vec().into(), resolved: FILE.into() }),
        _ => Err(FileFailure::NotFound),
    }
}

/// The token, what was sent to whom, and the files that were read.
fn ask(
    credential: &dyn Credential,
    request: &TokenRequest,
) -> (Result<AccessToken, Error>, Vec<String>, usize) {
    let (mut sent, mut read) = (Vec::new(), 0);
    let (result, _) = run(credential.begin(request), |effect, _| match effect {
        Effect::Http(call) => {
            let body = String::from_utf8_lossy(call.request().body().expose()).into_owned();
            sent.push(format!("{} {body}", call.request().uri()));
            respond(call, 200, &[], r#"{"token_type":"Bearer","access_token":"t","expires_in":3599}"#)
        }
        Effect::ReadFile(file) => {
            read += 1;
            let (path, ticket) = file.split();
            ticket.reply(token_file(path.to_str().unwrap_or_default()))
        }
        other => panic!("{other:?}"),
    });
    (result, sent, read)
}

#[test]
fn a_pod_is_asked_by_client_id() {
    let [system, client, object, resource] = identities();
    for (identity, client_id) in [(&system, w::APP), (&client, w::USER_IDENTITY)] {
        let credential = ManagedIdentityCredential::new(&pod(w::APP), identity.clone());
        let (result, sent, read) = ask(&credential, &request());
        assert_eq!(result.unwrap().source(), "managed-identity", "{identity}");
        assert_eq!((sent.len(), read), (1, 1));
        assert!(
            sent[0].starts_with(&format!("https://login.microsoftonline.com/{}/", w::TENANT)),
            "{sent:?}"
        );
        for part in
            [&format!("client_id={client_id}&"), "client_assertion=canary-federated", "vault.azure.net"]
        {
            assert!(sent[0].contains(part), "{part}: {sent:?}");
        }
        // The chain's probe is for a metadata service, and there is none to be looked for.
        assert_eq!(ask(&credential.probing(), &request()).1.len(), 1);
    }
    for identity in [object, resource] {
        let credential = ManagedIdentityCredential::new(&pod(w::APP), identity.clone());
        let (result, sent, read) = ask(&credential, &request());
        let error = result.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration, "{identity}");
        assert!(error.message().contains("client ids only"), "{error}");
        assert_eq!((sent.len(), read), (0, 0));
    }
    // Nobody says which identity: that is a reason, not an end.
    let credential = ManagedIdentityCredential::new(&pod(""), system);
    let error = ask(&credential, &request()).0.unwrap_err();
    assert!(error.is_unavailable() && error.message().contains("AZURE_CLIENT_ID"), "{error}");
    let two = TokenRequest::new(["https://a/.default", "https://b/.default"]);
    assert!(two.is_err() || ask(&credential, &two.unwrap()).0.is_err());
}

#[test]
fn its_authority_can_be_another() {
    let china = Authority::of_cloud(Cloud::CHINA).unwrap();
    let credential =
        ManagedIdentityCredential::new(&pod(w::APP), ManagedIdentityId::SystemAssigned).at(&china);
    let (result, sent, _) = ask(&credential, &request());
    assert!(result.is_ok() && sent[0].starts_with("https://login.chinacloudapi.cn/"), "{sent:?}");
    // An address that no authority has is no reason to ask somebody else.
    let odd = pod(w::APP).with("AZURE_AUTHORITY_HOST", "http://evil.example");
    let credential = ManagedIdentityCredential::new(&odd, ManagedIdentityId::SystemAssigned);
    let (result, sent, read) = ask(&credential, &request());
    assert_eq!((result.unwrap_err().kind(), sent.len(), read), (ErrorKind::Configuration, 0, 0));
}

#[test]
fn in_the_default_chain_it_has_one_turn() {
    use entrada_core::chain::{DefaultChain, Member};
    let authority = Authority::of_cloud(Cloud::PUBLIC).unwrap();
    let chain = |environment: &Environment| DefaultChain::new(environment, &authority);
    let (result, sent, _) = ask(&chain(&pod(w::APP)).build().unwrap(), &request());
    assert_eq!((result.unwrap().source(), sent.len()), ("workload-identity", 1));
    let without = chain(&pod(w::APP)).without(Member::WorkloadIdentity).build().unwrap();
    assert_eq!(ask(&without, &request()).0.unwrap().source(), "managed-identity");
    // Without a client id the chain is built, and tells why (row 29 of the specification's scenarios).
    let production = pod("").with("AZURE_TOKEN_CREDENTIALS", "prod");
    let error = ask(&chain(&production).build().unwrap(), &request()).0.unwrap_err();
    assert!(error.is_unavailable());
    let told: Vec<_> = error.attempts().iter().map(|attempt| (attempt.source, &attempt.message)).collect();
    assert!(told[1].0 == "workload-identity" && told[1].1.contains("AZURE_CLIENT_ID"), "{told:?}");
    assert!(told[2].0 == "managed-identity" && told[2].1.contains("AZURE_CLIENT_ID"), "{told:?}");
    assert!(error.remedy().unwrap().contains("service account"), "{error}");
}
