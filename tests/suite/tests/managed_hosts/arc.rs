//! Azure Arc: what is read from the disk, and what is believed.

use entrada_core::effect::{FileContents, FileFailure, HttpFailure};
use entrada_core::environment::System;
use entrada_core::{Environment, ErrorKind, ManagedIdentityCredential, ManagedIdentityId};

use super::support::{
    Files, HOSTS, Host, KEY, KEY_FILE, Outcome, Says, ask, challenge, identities, key_file, play, says, token,
};

const MARKER: &str = "/opt/azcmagent/bin/himds";

fn well() -> Says {
    token(r#""expires_in":"3600""#)
}

fn arc(answers: &[Says], files: Files) -> Outcome {
    play(&Host::Arc.credential(&ManagedIdentityId::SystemAssigned), answers, files)
}

#[test]
fn only_the_agents_keys_are_read() {
    let outcome = arc(&[challenge(KEY_FILE), well()], key_file);
    assert!(outcome.result.is_ok());
    assert_eq!((outcome.sent.len(), outcome.read), (2, vec![KEY_FILE.to_owned()]));
    assert_eq!(outcome.sent[0].header("authorization"), None);
    let other = |text: &str| Says::Answer(401, vec![("www-authenticate", text.to_owned())], String::new());
    for bad in [
        challenge("/etc/passwd"),
        challenge("/var/opt/azcmagent/tokens/../x.key"),
        challenge("/var/opt/azcmagent/tokens/x.txt"),
        challenge("C:\\ProgramData\\AzureConnectedMachineAgent\\Tokens\\x.key"),
        challenge(""),
        other("Digest realm=/var/opt/azcmagent/tokens/0c5b2a97.key"),
        other("Basic"),
        says(401, ""),
        Says::Answer(
            401,
            vec![
                ("www-authenticate", format!("Basic realm={KEY_FILE}")),
                ("www-authenticate", "Basic realm=/var/opt/azcmagent/tokens/x.key".to_owned()),
            ],
            String::new(),
        ),
        // A token without a challenge.
        well(),
        says(204, ""),
    ] {
        let outcome = arc(&[bad.clone(), well()], key_file);
        assert_eq!(outcome.result.unwrap_err().kind(), ErrorKind::Refused, "{bad:?}");
        assert!(outcome.read.is_empty() && outcome.sent.len() == 1, "{bad:?}");
    }
}

#[test]
fn what_cannot_be_a_key_is_not_sent() {
    fn linked(_: &str) -> Result<FileContents, FileFailure> {
        Ok(FileContents { bytes: KEY.as_bytes().to_vec().into(), resolved: "/etc/shadow".into() })
    }
    fn lines(path: &str) -> Result<FileContents, FileFailure> {
        Ok(FileContents { bytes: b"canary\r\nx: y".to_vec().into(), resolved: path.into() })
    }
    fn long(path: &str) -> Result<FileContents, FileFailure> {
        Ok(FileContents { bytes: vec![b'x'; 4097].into(), resolved: path.into() })
    }
    let files: [Files; 6] = [
        linked,
        lines,
        long,
        |_| Err(FileFailure::TooLarge),
        |_| Err(FileFailure::Denied),
        |_| Err(FileFailure::NotFound),
    ];
    for files in files {
        let outcome = arc(&[challenge(KEY_FILE), well()], files);
        let error = outcome.result.unwrap_err();
        assert_eq!((error.kind(), outcome.sent.len()), (ErrorKind::Refused, 1), "{error}");
        assert!(error.remedy().is_some());
    }
}

#[test]
fn an_agent_that_does_not_confirm_the_identity_is_not_believed() {
    let silent = says(200, r#"{"access_token":"canary-token-0123","expires_in":"3600"}"#);
    let other = says(
        200,
        r#"{"access_token":"canary-token-0123","expires_in":"3600","client_id":"x","object_id":"x","msi_res_id":"x"}"#,
    );
    for identity in identities() {
        let named = identity != ManagedIdentityId::SystemAssigned;
        for (reply, must) in [(&silent, true), (&other, false)] {
            for host in HOSTS {
                let outcome = ask(host, &host.credential(&identity), std::slice::from_ref(reply));
                if outcome.sent.is_empty() {
                    continue;
                }
                // Only Arc has to confirm; what any host says is compared.
                let wrong = named && (host == Host::Arc || !must);
                let case = format!("{host:?} {identity} {must}");
                match outcome.result {
                    Ok(_) => assert!(!wrong, "{case}"),
                    Err(error) => {
                        assert!(wrong, "{case} {error}");
                        assert_eq!(error.kind(), ErrorKind::Refused, "{case}");
                    }
                }
            }
        }
    }
}

#[test]
fn found_by_its_program() {
    fn installed(path: &str) -> Result<FileContents, FileFailure> {
        if path == MARKER { Err(FileFailure::TooLarge) } else { key_file(path) }
    }
    let bare = Environment::new().on(System::Linux);
    let credential = ManagedIdentityCredential::new(&bare, ManagedIdentityId::SystemAssigned).probing();
    let outcome = play(&credential, &[challenge(KEY_FILE), well()], installed);
    assert!(outcome.result.is_ok());
    assert_eq!(outcome.read, [MARKER, KEY_FILE]);
    assert!(outcome.sent[0].url.starts_with("http://127.0.0.1:40342/metadata/identity/oauth2/token?"));
    // It is looked for once.
    let outcome = play(&credential, &[challenge(KEY_FILE), well()], installed);
    assert_eq!(outcome.read, [KEY_FILE]);
    // Installed, but not running: there is no managed identity here.
    let outcome = play(&credential, &[Says::Nothing(HttpFailure::Refused)], installed);
    assert!(outcome.result.unwrap_err().is_unavailable());
    // One that listens and says nothing is there, and broken.
    for (failure, kind) in
        [(HttpFailure::TimedOut, ErrorKind::Timeout), (HttpFailure::Broken, ErrorKind::Network)]
    {
        let outcome = play(&credential, &[Says::Nothing(failure)], installed);
        let error = outcome.result.unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        // No variable told of it.
        assert!(error.remedy().unwrap().contains("answers at http://127.0.0.1:40342"), "{error}");
        assert!(!error.to_string().contains("IDENTITY_ENDPOINT"), "{error}");
    }
    for odd in [says(401, ""), well(), challenge("/etc/passwd")] {
        let error = play(&credential, std::slice::from_ref(&odd), installed).result.unwrap_err();
        assert!(error.remedy().unwrap().contains("http://127.0.0.1:40342"), "{error}");
        assert!(!error.to_string().contains("IDENTITY_ENDPOINT"), "{error}");
        let error = arc(&[odd], key_file).result.unwrap_err();
        assert!(error.remedy().unwrap().contains("IDENTITY_ENDPOINT"), "{error}");
    }
    // Where variables name it, that is a fault.
    let outcome = arc(&[Says::Nothing(HttpFailure::Refused)], key_file);
    assert_eq!(outcome.result.unwrap_err().kind(), ErrorKind::Network);
}

#[test]
fn not_found_or_not_to_be_found() {
    let credential = |environment: &Environment| {
        ManagedIdentityCredential::new(environment, ManagedIdentityId::SystemAssigned)
    };
    let windows = Environment::new().on(System::Windows);
    let folders =
        windows.clone().with("ProgramFiles", r"C:\Program Files").with("ProgramData", r"C:\ProgramData");
    let pod = Environment::new().with("AZURE_POD_IDENTITY_AUTHORITY_HOST", "http://127.0.0.1:1");
    for (environment, read) in [
        (Environment::new().on(System::Linux), Some(MARKER)),
        (folders, Some(r"C:\Program Files\AzureConnectedMachineAgent\himds.exe")),
        (windows, None),
        (Environment::new().on(System::Other), None),
        (pod.on(System::Linux), None),
    ] {
        let outcome = play(&credential(&environment), &[well()], |_| Err(FileFailure::NotFound));
        assert!(outcome.result.is_ok(), "{read:?}");
        assert_eq!(outcome.read.first().map(String::as_str), read);
        assert!(!outcome.sent[0].url.contains("40342"));
    }
}

/// A machine with the agent is one of Azure Arc, also where the environment does not say where its keys are.
#[test]
fn an_agent_without_the_folder_of_its_keys_is_no_reason_to_ask_another_host() {
    let cut = Environment::new().on(System::Windows).with("ProgramFiles", r"C:\Program Files");
    let credential = ManagedIdentityCredential::new(&cut, ManagedIdentityId::SystemAssigned);
    let outcome = play(&credential, &[well()], |_| Err(FileFailure::TooLarge));
    let error = outcome.result.unwrap_err();
    assert_eq!((error.kind(), outcome.sent.len()), (ErrorKind::Configuration, 0), "{error}");
    assert!(error.message().contains("ProgramData"), "{error}");
    assert_eq!(error.source_name(), Some("managed-identity"));
    let outcome = play(&credential.clone(), &[well()], |_| Err(FileFailure::NotFound));
    assert!(outcome.result.is_err() && outcome.read.is_empty(), "it is looked for once");
    let absent: [Files; 2] = [|_| Err(FileFailure::NotFound), |_| Err(FileFailure::Hidden)];
    for files in absent {
        let credential = ManagedIdentityCredential::new(&cut, ManagedIdentityId::SystemAssigned);
        assert!(play(&credential, &[well()], files).result.is_ok());
    }
}

#[test]
fn keys_of_windows() {
    const FILE: &str = r"C:\ProgramData\AzureConnectedMachineAgent\Tokens\a.key";
    fn files(path: &str) -> Result<FileContents, FileFailure> {
        assert_eq!(path, FILE);
        Ok(FileContents { bytes: b"key\r\n".to_vec().into(), resolved: format!(r"\\?\{FILE}").into() })
    }
    let environment = Host::Arc.environment().on(System::Windows).with("ProgramData", r"C:\ProgramData");
    let credential = ManagedIdentityCredential::new(&environment, ManagedIdentityId::SystemAssigned);
    let outcome = play(&credential, &[challenge(FILE), well()], files);
    assert!(outcome.result.is_ok());
    assert_eq!(outcome.sent[1].header("authorization"), Some("Basic key"));
    let other = Host::Arc.environment().on(System::Other);
    let credential = ManagedIdentityCredential::new(&other, ManagedIdentityId::SystemAssigned);
    let outcome = play(&credential, &[challenge(FILE), well()], files);
    assert!(outcome.result.unwrap_err().is_unavailable() && outcome.sent.is_empty());
}
