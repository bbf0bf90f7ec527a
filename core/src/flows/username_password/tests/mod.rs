//! Sign-ins against replies that are written down beforehand.

mod federated;
mod managed;
mod service;

use std::collections::VecDeque;

use super::*;
use crate::effect::{Effect, HttpFailure, HttpResponse};
use crate::flow::Entropy;
use crate::run::{Run, Step};
use crate::time::{Mono, Now, Unix};

/// No printed thing may hold any part of it.
const PASSWORD: &str = "canary'&<\"]]>€ pass\u{e9}";
const USER: &str = "jo&<o>'@contoso.com";
const START: Now = Now { mono: Mono(5_000), unix: Unix(1_767_225_600) };
const TOKEN: &str =
    r#"{"token_type":"Bearer","expires_in":3599,"access_token":"opaque","refresh_token":"rt"}"#;
const MANAGED: &str = r#"{"ver":"1.0","account_type":"Managed","domain_name":"contoso.com","cloud_instance_name":"microsoftonline.com"}"#;

struct Counting(u8);

impl Entropy for Counting {
    fn fill(&mut self, buffer: &mut [u8]) {
        self.0 = self.0.wrapping_add(1);
        buffer.fill(self.0);
    }
}

type Scripted = Result<HttpResponse, HttpFailure>;

fn ok(body: &str) -> Scripted {
    status(200, body)
}

fn status(status: u16, body: &str) -> Scripted {
    Ok(http::Response::builder().status(status).body(body.as_bytes().to_vec().into()).unwrap())
}

/// A request, as it was sent.
struct Sent {
    to: String,
    headers: http::HeaderMap,
    body: String,
}

impl Sent {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    fn field(&self, name: &str) -> Option<String> {
        let mut form = url::form_urlencoded::parse(self.body.as_bytes());
        form.find(|(known, _)| known == name).map(|(_, value)| value.into_owned())
    }
}

struct Played {
    result: Result<TokenResponse, Error>,
    sent: Vec<Sent>,
    waits: usize,
}

impl Played {
    fn error(&self) -> &Error {
        self.result.as_ref().expect_err("it was to fail")
    }

    fn to(&self) -> Vec<&str> {
        self.sent.iter().map(|sent| sent.to.as_str()).collect()
    }
}

fn clean(shown: &str) {
    assert!(!shown.contains("canary") && !shown.contains("pass\u{e9}"), "{shown}");
}

/// Answers what a sign-in asks, in order; looks for the password in all that can be printed.
fn play(user: &UsernamePasswordCredential, script: impl IntoIterator<Item = Scripted>) -> Played {
    let request = TokenRequest::new(["https://graph.microsoft.com/.default"]).unwrap();
    let mut script: VecDeque<_> = script.into_iter().collect();
    let (mut now, mut entropy) = (START, Counting(0));
    let mut run = Run::new(user.sign_in(&request));
    let mut played = Played { result: Err(Error::cancelled()), sent: Vec::new(), waits: 0 };
    let mut step = run.start(now, &mut entropy);
    for _ in 0..20 {
        clean(&format!("{run:?} {step:?}"));
        let reply = match step {
            Step::Do(Effect::Http(call)) => {
                clean(call.label());
                let (request, ticket) = call.split();
                let (head, body) = request.into_parts();
                let body = String::from_utf8(body.expose().to_vec()).unwrap();
                played.sent.push(Sent { to: head.uri.to_string(), headers: head.headers, body });
                ticket.reply(script.pop_front().expect("nothing more was to be asked"))
            }
            Step::Do(Effect::Wait(wait)) => {
                played.waits += 1;
                now = now.after(now.mono.until(wait.until()));
                wait.ticket().done()
            }
            Step::Do(other) => panic!("{other:?}"),
            Step::Done(result) => {
                assert!(script.is_empty(), "{} replies are left", script.len());
                if let Err(error) = &result {
                    clean(&format!("{error} {error:?} {:?} {:?}", error.detail(), error.remedy()));
                    assert_eq!(error.source_name(), Some("username-password"));
                }
                played.result = result;
                return played;
            }
        };
        step = run.resume(now, &mut entropy, reply);
    }
    panic!("too many steps");
}

fn user() -> UsernamePasswordCredential {
    UsernamePasswordCredential::new("contoso.com", "app", USER, PASSWORD).unwrap()
}
