//! What one process begins, another finishes: two drivers that have nothing in common but the JSON that was kept,
//! with an emulator on sockets between them.

use std::convert::Infallible;

use entrada_core::effect::HttpRequest;
use entrada_core::flow::BoxFlow;
use entrada_core::token::TokenResponse;
use entrada_core::{
    Authority, DeviceCodeCredential, EntraClient, Environment, Error, ErrorKind, PendingDeviceCode,
    PendingSignIn, PlainHttp, Secret, TokenRequest, WebSignIn,
};
use entrada_emulator::person::Person;
use entrada_emulator::serve::{Options, Server};
use entrada_emulator::{Config, world as w};
use entrada_tests::choices::Seeded;

/// A process, as far as a sign-in is concerned: a driver of its own.
#[derive(Clone, Copy, Debug)]
enum Process {
    Blocking,
    Tokio,
}

const PAIRS: [(Process, Process); 2] =
    [(Process::Blocking, Process::Tokio), (Process::Tokio, Process::Blocking)];

impl Process {
    fn run<T: Send>(self, flow: BoxFlow<T>) -> Result<T, Error> {
        match self {
            Process::Blocking => {
                entrada_blocking::Driver::builder().environment(Environment::new()).build()?.run(flow)
            }
            Process::Tokio => {
                let driver = entrada_tokio::Driver::builder().environment(Environment::new()).build()?;
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
                runtime.block_on(driver.run(flow))
            }
        }
    }
}

fn server() -> Server {
    let mut config = Config::default();
    config.policy.device_interval = 1;
    let options = Options { http: Some(([127, 0, 0, 1], 0).into()), ..Options::default() };
    Server::start(config, [7; 32], options).expect("the emulator starts")
}

fn app(server: &Server, client_id: &str) -> EntraClient {
    let address = server.http_url().expect("it serves http");
    let authority = Authority::new(&address, PlainHttp::OnLoopback).unwrap();
    EntraClient::new(w::TENANT, client_id).unwrap().with_authority(authority)
}

fn request() -> TokenRequest {
    TokenRequest::new([w::MANAGEMENT_SCOPE]).unwrap()
}

/// What the person's browser gets.
fn page(
    server: &Server,
) -> impl FnMut(HttpRequest) -> Result<entrada_core::effect::HttpResponse, Infallible> {
    |request| {
        let now = server.now();
        Ok(server.with(|emulator| emulator.answer(now, &request)))
    }
}

/// How often the token endpoint was asked over the network.
fn asked(server: &Server) -> usize {
    server.requests().iter().filter(|asked| asked.path.ends_with("/token")).count()
}

fn begin(by: Process, server: &Server) -> Secret {
    let device = DeviceCodeCredential::of(app(server, w::DEVELOPER_CLIENT));
    let pending = by.run(device.start(&request())).unwrap();
    let (address, code) = (pending.prompt().verification_uri.clone(), pending.prompt().user_code.clone());
    Person::default().approve_device(&address, code.expose(), page(server)).unwrap();
    pending.to_json()
}

fn finish(by: Process, server: &Server, client_id: &str, kept: &Secret) -> Result<TokenResponse, Error> {
    let device = DeviceCodeCredential::of(app(server, client_id));
    by.run(device.resume(&PendingDeviceCode::from_json(kept)?))
}

#[test]
fn a_device_code() {
    for (first, second) in PAIRS {
        let server = server();
        let kept = begin(first, &server);
        assert_eq!(asked(&server), 0, "whoever begins does not wait for the person");
        let foreign = finish(second, &server, w::APP, &kept).unwrap_err();
        assert_eq!((foreign.kind(), asked(&server)), (ErrorKind::Configuration, 0), "{foreign}");
        let response = finish(second, &server, w::DEVELOPER_CLIENT, &kept).unwrap();
        assert_eq!(response.access.source(), "device-code", "{first:?} {second:?}");
        assert_eq!(response.access.identity().username.as_deref(), Some(w::USER));
        assert!(response.refresh_token.is_some() && response.id_token.is_some());
        assert_eq!(asked(&server), 1);
        // The code is good for that once, whichever process has it.
        let again = finish(first, &server, w::DEVELOPER_CLIENT, &kept).unwrap_err();
        assert!(matches!(again.kind(), ErrorKind::Refused | ErrorKind::Expired), "{again}");
    }
}

#[test]
fn a_web_sign_in() {
    for (first, second) in PAIRS {
        let server = server();
        let sign_in =
            || WebSignIn::new(app(&server, w::APP).with_secret(w::SECRET).unwrap(), w::APP_REDIRECT).unwrap();
        let (address, pending) = sign_in().start(&request(), &mut Seeded(1)).unwrap();
        let kept = pending.to_json();
        let arrival = Person::default().sign_in(address.as_str(), page(&server)).unwrap();
        let form =
            url::form_urlencoded::Serializer::new(String::new()).extend_pairs(arrival.parameters()).finish();
        let finish = |by: Process| {
            let pending = PendingSignIn::from_json(&kept).unwrap();
            by.run(sign_in().finish(&pending, form.as_bytes()))
        };
        let response = finish(second).unwrap();
        assert_eq!(response.access.source(), "authorization-code", "{first:?} {second:?}");
        assert_eq!(response.access.identity().username.as_deref(), Some(w::USER));
        assert_eq!(finish(first).unwrap_err().aadsts(), [54_005]);
    }
}
