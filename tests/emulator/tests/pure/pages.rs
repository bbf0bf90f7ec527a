//! The sign-in pages, as the person sees them and as an attacker would like them.

use entrada_emulator::person::{Decision, Person, Stuck};
use entrada_emulator::{Config, world};
use http::Method;

use crate::support::{CHALLENGE, LOGIN, LOOPBACK, World, authorize};

fn refused(world: &mut World, person: &Person, url: &str) -> String {
    match world.sign_in(person, url) {
        Err(Stuck::Refused(text)) => text,
        other => panic!("not refused: {other:?}"),
    }
}

fn grace() -> Person {
    Person {
        username: world::MFA_USER.into(),
        password: world::MFA_PASSWORD.into(),
        decision: Decision::Approve,
    }
}

#[test]
fn a_person_signs_in() {
    let mut world = World::new();
    let arrival = world.sign_in(&Person::default(), &authorize(&[])).unwrap();
    assert_eq!(arrival.method, Method::GET);
    assert!(arrival.url.starts_with("http://localhost:49152/?code="), "{}", arrival.url);
    assert_eq!(arrival.parameter("state").as_deref(), Some("st&te"));
    assert!(arrival.parameter("session_state").is_some());
    assert!(!format!("{arrival:?}").contains("code="));
    let code = arrival.parameter("code").unwrap();
    assert_eq!(world.emulator.codes().collect::<Vec<_>>(), [code.as_str()]);
}

#[test]
fn the_form_is_posted_when_asked() {
    let mut world = World::new();
    let url = authorize(&[("response_mode", "form_post")]);
    for person in [Person::default(), grace()] {
        let arrival = world.sign_in(&person, &url).unwrap();
        assert_eq!(arrival.method, Method::POST);
        assert_eq!(arrival.url, "http://localhost:49152/");
        let code = arrival.parameter("code").unwrap();
        assert_eq!(arrival.parameter("state").as_deref(), Some("st&te"));
        assert_eq!(world.redeem(&code, &[]).status, 200);
    }
    let cancel = Person { decision: Decision::Cancel, ..Person::default() };
    let arrival = world.sign_in(&cancel, &url).unwrap();
    assert_eq!(arrival.method, Method::POST);
    assert_eq!(arrival.parameter("error").as_deref(), Some("access_denied"));
}

#[test]
fn cancelling_goes_back_with_an_error() {
    let mut world = World::new();
    for (person, decision) in [(Person::default(), Decision::Cancel), (grace(), Decision::Decline)] {
        let arrival = world.sign_in(&Person { decision, ..person }, &authorize(&[])).unwrap();
        assert_eq!(arrival.parameter("error").as_deref(), Some("access_denied"));
        assert_eq!(arrival.parameter("state").as_deref(), Some("st&te"));
        assert!(arrival.parameter("error_description").unwrap().starts_with("AADSTS65004: "));
        assert!(arrival.parameter("code").is_none());
    }
    assert_eq!(world.emulator.codes().count(), 0);
}

#[test]
fn wrong_people() {
    let mut world = World::new();
    let person = |name: &str, password: &str| Person {
        username: name.into(),
        password: password.into(),
        decision: Decision::Approve,
    };
    let url = authorize(&[]);
    assert!(refused(&mut world, &person(world::USER, "wrong"), &url).starts_with("AADSTS50126: "));
    assert!(refused(&mut world, &person("nobody@x", "x"), &url).starts_with("AADSTS50034: "));
    let mut config = Config::default();
    config.users[0].disabled = true;
    config.users[1].tenant = "11111111-2222-4333-8444-555555555555".into();
    let mut world = World::of(config);
    assert!(refused(&mut world, &Person::default(), &url).starts_with("AADSTS50057: "));
    for place in [world::TENANT, "consumers"] {
        let url = url.replace("organizations", place);
        assert!(refused(&mut world, &grace(), &url).starts_with("AADSTS50020: "), "{place}");
    }
}

#[test]
fn a_wrong_address_gets_a_page_and_no_redirect() {
    let mut world = World::new();
    for uri in [
        "https://evil.example/",
        "http://localhost.evil.example:1",
        "http://localhost:1/path",
        "http://localhost:1/?x=y",
        "http://localhost:1/#x",
        "http://a@localhost:1",
        "https://localhost:1",
        "http://[::1]:1",
        "http://127.0.0.1:65535",
        "nonsense",
    ] {
        let answer = world.get(&authorize(&[("redirect_uri", uri)]), &[]);
        assert_eq!(answer.status, 400, "{uri}");
        assert_eq!(answer.header("location"), "");
        assert!(answer.text().contains("AADSTS50011: "), "{uri}");
    }
    for uri in ["http://localhost", "http://localhost/", "http://localhost:65535/"] {
        assert_eq!(world.get(&authorize(&[("redirect_uri", uri)]), &[]).status, 200, "{uri}");
    }
    for changed in [("client_id", "nobody"), ("client_id", ""), ("redirect_uri", "")] {
        let answer = world.get(&authorize(&[changed]), &[]);
        assert_eq!((answer.status, answer.header("location")), (400, ""), "{changed:?}");
    }
}

#[test]
fn other_faults_go_back_to_the_app() {
    let mut world = World::new();
    for (changed, error, number) in [
        (("response_type", "id_token"), "unsupported_response_type", "AADSTS700054"),
        (("response_type", ""), "invalid_request", "AADSTS900144"),
        (("response_mode", "fragment"), "invalid_request", "AADSTS70007"),
        (("scope", ""), "invalid_request", "AADSTS900144"),
        (("scope", "https://nobody.example/.default"), "invalid_resource", "AADSTS500011"),
        (("code_challenge", "short"), "invalid_request", "AADSTS50147"),
        (("code_challenge_method", "plain"), "invalid_request", "AADSTS50147"),
        (("code_challenge_method", ""), "invalid_request", "AADSTS50147"),
        (("prompt", "none"), "login_required", "AADSTS50058"),
        (("prompt", "nonsense"), "invalid_request", "AADSTS90023"),
        (("claims", "nonsense"), "invalid_request", "AADSTS9002313"),
    ] {
        let arrival = world.sign_in(&Person::default(), &authorize(&[changed])).unwrap();
        assert_eq!(arrival.parameter("error").as_deref(), Some(error), "{changed:?}");
        assert!(arrival.parameter("error_description").unwrap().starts_with(number), "{changed:?}");
        assert_eq!(arrival.parameter("state").as_deref(), Some("st&te"), "{changed:?}");
    }
}

#[test]
fn nothing_of_the_request_becomes_markup() {
    const NASTY: &str = "\"><script>alert(1)</script>'&";
    let mut world = World::new();
    let look = |text: String| {
        assert!(!text.contains("<script>alert"), "{text}");
        assert!(!text.contains("\"><script"), "{text}");
    };
    let page = world.get(&authorize(&[("login_hint", NASTY), ("state", NASTY)]), &[]);
    assert!(page.text().contains("&quot;&gt;&lt;script&gt;"));
    look(page.text());
    look(world.get(&authorize(&[("redirect_uri", NASTY)]), &[]).text());
    look(world.get(&authorize(&[("client_id", NASTY)]), &[]).text());
    look(
        world
            .get(&authorize(&[("response_mode", "form_post"), ("state", NASTY), ("prompt", "none")]), &[])
            .text(),
    );
    let otc = crate::support::encode(&[("otc", NASTY)]);
    look(world.get(&format!("{LOGIN}/devicelogin?{otc}"), &[]).text());
    look(world.form(&format!("{LOGIN}/devicelogin"), &[("otc", NASTY)]).text());
    let person = Person { username: NASTY.into(), ..Person::default() };
    assert!(refused(&mut world, &person, &authorize(&[])).contains(NASTY), "escaped once, read back whole");
    let arrival = world
        .sign_in(&Person::default(), &authorize(&[("response_mode", "form_post"), ("state", NASTY)]))
        .unwrap();
    assert_eq!(arrival.parameter("state").as_deref(), Some(NASTY));
}

#[test]
fn pages_load_nothing_and_run_one_script_at_most() {
    let mut world = World::new();
    let page = world.get(&authorize(&[]), &[]);
    let policy = page.header("content-security-policy").to_owned();
    assert!(policy.contains("default-src 'none'") && policy.contains("script-src 'none'"), "{policy}");
    for part in [
        "name=\"username\"",
        "name=\"password\"",
        "type=\"password\"",
        "id=\"signin\"",
        "id=\"cancel\"",
        "<form method=\"post\"",
        "<label for=\"username\"",
        "lang=\"en\"",
    ] {
        assert!(page.text().contains(part), "{part}");
    }
    assert_eq!(page.header("cache-control"), "no-store, no-cache");
    let device = world.get(&format!("{LOGIN}/devicelogin?otc=ABC"), &[]).text();
    assert!(device.contains("name=\"otc\"") && device.contains("value=\"ABC\""));
}

#[test]
fn a_page_works_once_and_only_at_its_tenant() {
    let mut world = World::new();
    let page = world.get(&authorize(&[]), &[]).text();
    let id = page.split("name=\"ctx\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let login = |tenant: &str| format!("{LOGIN}/{tenant}/oauth2/v2.0/authorize/login");
    let sent = [
        ("ctx", id.as_str()),
        ("username", world::USER),
        ("password", world::PASSWORD),
        ("action", "signin"),
    ];
    assert_eq!(world.form(&login("common"), &sent).status, 400);
    // Nobody has to approve yet.
    let early = [("ctx", id.as_str()), ("action", "approve")];
    assert_eq!(world.form(&login("organizations"), &early).status, 200);
    assert_eq!(world.emulator.codes().count(), 0);
    assert_eq!(world.form(&login("organizations"), &sent).status, 302);
    assert_eq!(world.form(&login("organizations"), &sent).status, 400);
    assert_eq!(world.emulator.codes().count(), 1);
}

#[test]
fn authorize_takes_a_form_too() {
    let mut world = World::new();
    let answer = world.form(
        &format!("{LOGIN}/organizations/oauth2/v2.0/authorize"),
        &[
            ("client_id", world::DEVELOPER_CLIENT),
            ("response_type", "code"),
            ("redirect_uri", LOOPBACK),
            ("scope", "openid"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ],
    );
    assert!(answer.text().contains("id=\"signin\""));
}
