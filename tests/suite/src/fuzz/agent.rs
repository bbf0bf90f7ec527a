//! What the agent of Azure Arc answers, or whoever listens in its place.

use entrada_core::effect::{Effect, FileContents, FileFailure};
use entrada_core::environment::System;
use entrada_core::{Credential, Environment, ErrorKind, ManagedIdentityCredential, ManagedIdentityId};

use super::checks::{check_error, check_hidden};
use super::managed::{AGENT, ARC, HOSTS, LINUX_KEYS, answer, request};
use crate::script;

const WINDOWS_KEYS: &str = r"C:\ProgramData\AzureConnectedMachineAgent\Tokens\";

/// The challenge of whoever listens at the Azure Arc agent's address: the system and where the file really
/// is by the first byte, the header to the end of its line, then the contents of the file.
pub fn arc_challenge(bytes: &[u8]) {
    let (first, rest) = bytes.split_first().unwrap_or((&0, &[]));
    let (header, contents) = rest.split_at(rest.iter().position(|b| *b == b'\n').unwrap_or(rest.len()));
    let contents = contents.get(1..).unwrap_or_default();
    let Ok(header) = http::HeaderValue::from_bytes(header) else { return };
    let (windows, moved, missing) = (first & 1 != 0, first & 2 != 0, first & 4 != 0);
    let environment: Environment = HOSTS[ARC].iter().copied().collect();
    let environment = match windows {
        true => environment.with("ProgramData", r"C:\ProgramData").on(System::Windows),
        false => environment.on(System::Linux),
    };
    let credential = ManagedIdentityCredential::new(&environment, ManagedIdentityId::SystemAssigned);
    let (mut read, mut sent) = (0, None);
    let (result, told) = script::run(credential.begin(&request()), |effect, _| match effect {
        Effect::Http(call) => {
            assert!(call.request().uri().to_string().starts_with(AGENT), "{call:?}");
            if let Some(key) = call.request().headers().get("authorization") {
                sent = Some(key.as_bytes().to_vec());
                let body = br#"{"access_token":"t","expires_in":3600,"client_id":"x"}"#;
                return call.split().1.reply(Ok(answer(200, None, body)));
            }
            let mut challenge = answer(401, None, b"");
            challenge.headers_mut().insert("www-authenticate", header.clone());
            call.split().1.reply(Ok(challenge))
        }
        Effect::ReadFile(file) => {
            read += 1;
            check_key_file(&file.path().display().to_string(), windows);
            let (path, ticket) = file.split();
            let resolved = if moved { "/etc/shadow".into() } else { path };
            ticket.reply(match missing {
                true => Err(FileFailure::Denied),
                false => Ok(FileContents { bytes: contents.to_vec().into(), resolved }),
            })
        }
        other => panic!("{other:?}"),
    });
    assert!(read <= 1 && told.waits.is_empty(), "{told:?}");
    if let Some(sent) = &sent {
        assert!(read == 1 && !moved && !missing && contents.len() <= 4096, "what is no key was sent");
        let key = contents.strip_suffix(b"\n").unwrap_or(contents);
        let key = key.strip_suffix(b"\r").filter(|_| contents.ends_with(b"\n")).unwrap_or(key);
        assert_eq!(sent.strip_prefix(b"Basic "), Some(key));
        assert!(!key.is_empty() && key.iter().all(|b| (b' '..=b'~').contains(b)));
    }
    assert_eq!(result.is_ok(), sent.is_some());
    if let Err(error) = result {
        check_error(&error, contents);
        check_hidden(&error, std::str::from_utf8(contents).ok());
        assert_eq!(error.kind(), ErrorKind::Refused, "{error}");
    }
}

/// Whatever was named: a key of the agent's own folder, and no other file.
fn check_key_file(path: &str, windows: bool) {
    let (folder, separators) = if windows { (WINDOWS_KEYS, ['/', '\\']) } else { (LINUX_KEYS, ['/', '\0']) };
    let name = path.strip_prefix(folder).unwrap_or_else(|| panic!("{path}"));
    assert!(!name.contains(separators) && !name.contains(char::is_control), "{path}");
    assert!(!windows || !name.contains(':'), "{path}");
    let (stem, ending) = name.split_at_checked(name.len().saturating_sub(4)).expect("an ASCII ending");
    assert!(!stem.is_empty() && ending.eq_ignore_ascii_case(".key"), "{path}");
}
