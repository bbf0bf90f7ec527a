//! What a program may say about a sign-in in the browser, as the sign-in page is told it.

use std::collections::BTreeMap;
use std::time::Duration;

use entrada_core::claims::Claims;
use entrada_core::effect::{Effect, LoopbackAction, LoopbackEvent, LoopbackFailure, LoopbackHosts};
use entrada_core::flow::Credential;
use entrada_core::{
    BrowserOptions, EntraClient, Error, ErrorKind, InteractiveBrowserCredential, Tenant, TokenRequest,
};
use entrada_tests::script::{respond, run};

const TOKEN: &str = r#"{"token_type":"Bearer","expires_in":3599,"access_token":"t"}"#;
const PORT: u16 = 51234;
/// What changes from one sign-in to the next, or is the same in each.
const OWN: [&str; 5] = ["state", "nonce", "code_challenge", "code_challenge_method", "client_info"];

/// A sign-in from its address to its last page.
#[derive(Default)]
struct SignIn {
    listened: Option<(Option<u16>, LoopbackHosts)>,
    path: String,
    said: BTreeMap<String, String>,
    page: String,
    waited: Option<Duration>,
    redeemed: BTreeMap<String, String>,
}

impl SignIn {
    fn said(&self, name: &str) -> Option<&str> {
        self.said.get(name).map(String::as_str)
    }
}

/// Signs somebody in, or lets nobody come.
fn sign_in(
    credential: &InteractiveBrowserCredential,
    request: &TokenRequest,
    somebody: bool,
) -> (SignIn, Result<(), Error>) {
    let mut seen = SignIn::default();
    let mut state = String::new();
    let mut back = String::new();
    let (result, _) = run(credential.begin(request), |effect, now| {
        let left = effect.deadline().map(|deadline| now.mono.until(deadline));
        match effect {
            Effect::OpenBrowser(open) => {
                let (url, ticket) = open.split();
                let url = url::Url::parse(&url).unwrap();
                seen.path = format!("{}{}", url.origin().ascii_serialization(), url.path());
                seen.said = url.query_pairs().into_owned().collect();
                assert_eq!(url.query_pairs().count(), seen.said.len(), "something is said twice");
                state = seen.said["state"].clone();
                back = url::Url::parse(&seen.said["redirect_uri"]).unwrap().path().to_owned();
                ticket.reply(Ok(()))
            }
            Effect::Loopback(listen) => {
                let (action, ticket) = listen.split();
                match action {
                    LoopbackAction::Listen { port, hosts } => {
                        seen.listened = Some((port, hosts));
                        ticket.reply(Ok(LoopbackEvent::Listening { port: port.unwrap_or(PORT) }))
                    }
                    LoopbackAction::Accept if somebody => {
                        let form = format!("state={state}&code=the-code");
                        let bytes = format!(
                            "POST {back} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n\
                         Content-Length: {}\r\n\r\n{form}",
                            form.len()
                        );
                        ticket.reply(Ok(LoopbackEvent::Request(bytes.into_bytes().into())))
                    }
                    LoopbackAction::Accept => {
                        seen.waited = left;
                        ticket.reply(Err(LoopbackFailure::TimedOut))
                    }
                    LoopbackAction::Answer(page) => {
                        seen.page = String::from_utf8(page).unwrap();
                        ticket.reply(Ok(LoopbackEvent::Answered))
                    }
                    other => panic!("{other:?}"),
                }
            }
            Effect::Http(call) => {
                seen.redeemed =
                    url::form_urlencoded::parse(call.request().body().expose()).into_owned().collect();
                respond(call, 200, &[], TOKEN)
            }
            other => panic!("{other:?}"),
        }
    });
    (seen, result.map(drop))
}

fn request() -> TokenRequest {
    TokenRequest::new(["https://graph.example/.default"]).unwrap()
}

fn signed_in(credential: &InteractiveBrowserCredential) -> SignIn {
    let (seen, result) = sign_in(credential, &request(), true);
    assert!(result.is_ok(), "{result:?}");
    seen
}

fn developer() -> InteractiveBrowserCredential {
    InteractiveBrowserCredential::of(EntraClient::developer().unwrap())
}

fn with(options: BrowserOptions) -> SignIn {
    signed_in(&developer().with(options))
}

#[test]
fn without_a_word_the_developers_app_asks_who_it_is() {
    let seen = signed_in(&developer());
    assert_eq!(seen.path, "https://login.microsoftonline.com/organizations/oauth2/v2.0/authorize");
    assert_eq!(seen.listened, Some((None, LoopbackHosts::Both)));
    let said: Vec<_> = seen.said.iter().filter(|(name, _)| !OWN.contains(&name.as_str())).collect();
    let wanted = [
        ("client_id", "04b07795-8ddb-461a-bbee-02f9e1bf7b46"),
        ("prompt", "select_account"),
        ("redirect_uri", "http://localhost:51234"),
        ("response_mode", "form_post"),
        ("response_type", "code"),
        ("scope", "https://graph.example/.default openid profile offline_access"),
    ];
    let said: Vec<_> = said.into_iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(said, wanted);
    assert_eq!(seen.redeemed["redirect_uri"], "http://localhost:51234");
    assert!(seen.page.contains("You are signed in."), "{}", seen.page);
}

#[test]
fn hints_are_passed_on() {
    let ada = with(BrowserOptions::default().login_hint("ada+ml@contoso.com").domain_hint("contoso.com"));
    assert_eq!(ada.said("login_hint"), Some("ada+ml@contoso.com"));
    assert_eq!(ada.said("domain_hint"), Some("contoso.com"));
    assert_eq!(ada.said("prompt"), None, "who is named need not be picked");
    for prompt in ["login", "consent", "none", "select_account"] {
        let hinted = BrowserOptions::default().login_hint("ada").prompt(Some(prompt));
        assert_eq!(with(hinted).said("prompt"), Some(prompt));
    }
    assert_eq!(with(BrowserOptions::default().prompt(None)).said("prompt"), None);
}

#[test]
fn an_app_and_its_tenants() {
    for tenant in ["organizations", "common", "consumers", "contoso.onmicrosoft.com"] {
        let app = EntraClient::new(tenant, "an-app-of-ones-own").unwrap();
        let seen = signed_in(&InteractiveBrowserCredential::of(app));
        assert_eq!(seen.path, format!("https://login.microsoftonline.com/{tenant}/oauth2/v2.0/authorize"));
        assert_eq!(seen.said("client_id"), Some("an-app-of-ones-own"));
        assert_eq!(seen.redeemed["client_id"], "an-app-of-ones-own");
    }
    let elsewhere = request().in_tenant(Tenant::new("fabrikam.example").unwrap());
    let (seen, result) = sign_in(&developer(), &elsewhere, true);
    assert!(result.is_ok() && seen.path.contains("/fabrikam.example/"), "{}", seen.path);
}

#[test]
fn claims_are_demanded_of_the_page_and_of_the_token() {
    let demand = r#"{"access_token":{"acrs":{"essential":true,"value":"p1"}}}"#;
    let (seen, result) =
        sign_in(&developer(), &request().with_claims(Claims::from_json(demand).unwrap()).with_cae(), true);
    assert!(result.is_ok());
    let both = r#"{"access_token":{"acrs":{"essential":true,"value":"p1"},"xms_cc":{"values":["CP1"]}}}"#;
    assert_eq!(seen.said("claims"), Some(both));
    assert_eq!(seen.redeemed["claims"], both);
}

#[test]
fn a_redirect_uri_of_ones_own_is_listened_on_and_sent_as_it_is() {
    for (uri, port, hosts, sent) in [
        ("http://localhost:8400/signin", Some(8400), LoopbackHosts::Both, "http://localhost:8400/signin"),
        ("http://127.0.0.1:8400", Some(8400), LoopbackHosts::V4, "http://127.0.0.1:8400"),
        ("http://localhost/back", None, LoopbackHosts::Both, "http://localhost:51234/back"),
    ] {
        let seen = with(BrowserOptions::default().redirect_uri(uri).unwrap());
        assert_eq!(seen.listened, Some((port, hosts)), "{uri}");
        assert_eq!((seen.said("redirect_uri"), seen.redeemed["redirect_uri"].as_str()), (Some(sent), sent));
    }
    for bad in
        ["https://localhost:8400", "http://app.example/back", "http://0.0.0.0:1", "ftp://localhost", ""]
    {
        let error = BrowserOptions::default().redirect_uri(bad).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration, "{bad}");
    }
}

#[test]
fn the_last_page_says_what_it_is_told_and_runs_nothing() {
    let text = "Bye <script>alert(1)</script> & \"bye\"";
    let page = with(BrowserOptions::default().done_text(text)).page;
    assert!(page.contains("Bye &lt;script&gt;") && !page.contains("<script"), "{page}");
    for header in [
        "Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'\r\n",
        "Cache-Control: no-store\r\n",
        "Referrer-Policy: no-referrer\r\n",
        "X-Content-Type-Options: nosniff\r\n",
    ] {
        assert!(page.contains(header), "{page}");
    }
    assert!(!page.contains("the-code"), "{page}");
}

#[test]
fn a_person_has_as_long_as_is_said() {
    for (options, seconds) in
        [(BrowserOptions::default(), 300), (BrowserOptions::default().within(Duration::from_secs(20)), 20)]
    {
        let (seen, result) = sign_in(&developer().with(options), &request(), false);
        let error = result.unwrap_err();
        assert_eq!((error.kind(), seen.waited), (ErrorKind::Expired, Some(Duration::from_secs(seconds))));
        assert!(error.to_string().contains(&format!("{seconds} s")), "{error}");
    }
}
