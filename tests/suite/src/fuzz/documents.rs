//! Documents of services, and the workspace file.

use entrada_core::effect::Effect;
use entrada_core::ml::WorkspaceConfig;
use entrada_core::{ClientSecretCredential, Credential, Run, Step, TokenRequest};

use super::checks::{check_error, check_token, shown};
use crate::choices::Seeded;
use crate::setups::{Kind, Setup};
use crate::sim::START;

/// The reply of a token endpoint: status and content type from the first byte, then the body.
pub fn token_document(bytes: &[u8]) {
    let (first, body) = bytes.split_first().unwrap_or((&0, &[]));
    let Ok(credential) = ClientSecretCredential::new("contoso.example", "client", "a-secret-that-is-long")
    else {
        return;
    };
    let Ok(request) = TokenRequest::new(["https://management.azure.com/.default"]) else { return };
    let mut run = Run::new(credential.begin(&request));
    let mut entropy = Seeded(3);
    let Step::Do(Effect::Http(call)) = run.start(START, &mut entropy) else {
        panic!("it begins with a request")
    };
    let mut response = http::Response::new(body.to_vec().into());
    let statuses = [200, 200, 200, 201, 400, 401, 403, 404, 407, 410, 429, 500, 503, 302, 204, 599];
    *response.status_mut() =
        http::StatusCode::from_u16(statuses[usize::from(*first) % 16]).unwrap_or_default();
    let (_, ticket) = call.split();
    match run.resume(START, &mut entropy, ticket.reply(Ok(response))) {
        Step::Do(Effect::Wait(_)) => {}
        Step::Do(other) => panic!("{other:?} after one answer"),
        Step::Done(Ok(token)) => check_token(&token, START),
        Step::Done(Err(error)) => check_error(&error, body),
    }
}

/// The reply of a device authorization endpoint.
pub fn device_document(bytes: &[u8]) {
    let setup = Setup::fair(Kind::DeviceCode);
    let mut run = Run::new(setup.flow);
    let mut entropy = Seeded(3);
    let Step::Do(Effect::Http(call)) = run.start(START, &mut entropy) else {
        panic!("it begins with a request")
    };
    let (_, ticket) = call.split();
    let mut step =
        run.resume(START, &mut entropy, ticket.reply(Ok(http::Response::new(bytes.to_vec().into()))));
    if let Step::Do(Effect::Prompt(prompt)) = step {
        let (prompt, ticket) = prompt.split();
        let page = url::Url::parse(&prompt.verification_uri).expect("the page has an address");
        let here = matches!(page.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
        assert!(page.scheme() == "https" || here, "{page}");
        assert!(
            !prompt.message.chars().any(|c| c.is_control() && c != '\n'),
            "control characters for a terminal"
        );
        let code = prompt.user_code.expose();
        assert!(!code.is_empty() && code.bytes().all(|b| b.is_ascii_graphic()));
        assert!(prompt.expires_on > START.unix && prompt.expires_on.0 <= START.unix.0 + 86_400);
        step = run.resume(START, &mut entropy, ticket.reply(Ok(())));
        if let Step::Do(Effect::Wait(wait)) = &step {
            // The authority's interval, however long, within the life of the code.
            assert!((1..86_400).contains(&wait.span().as_secs()));
            return;
        }
    }
    match step {
        Step::Done(Err(error)) => check_error(&error, bytes),
        // A reply that says it is temporary is asked for again.
        Step::Do(Effect::Wait(_)) => {}
        other => panic!("{other:?}"),
    }
}

/// A workspace's configuration file: what is read can be written and read again.
pub fn config_file(bytes: &[u8]) {
    match WorkspaceConfig::parse(bytes) {
        Err(error) => {
            assert!(shown(&error).len() < 2000);
        }
        Ok(config) => {
            let text = config.to_json();
            assert_eq!(WorkspaceConfig::parse(text.as_bytes()).ok().as_ref(), Some(&config));
            assert_eq!(config.resource_id().matches('/').count(), 8, "{config:?}");
            for part in [&config.subscription_id, &config.resource_group, &config.workspace_name] {
                assert!(!part.is_empty() && !part.chars().any(|c| c.is_control() || "/\\?#".contains(c)));
            }
        }
    }
}
