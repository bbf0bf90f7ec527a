//! People of a federated domain: metadata, WS-Trust, and the SAML grants.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use entrada_core::calendar;
use entrada_core::time::Unix;
use entrada_emulator::world;
use http::Method;
use serde_json::json;

use crate::support::{Answer, USER_SCOPE, World, claims, fault};

const BASE: &str = "https://sts.fabrikam.example";
const TRUST_13: &str = "http://docs.oasis-open.org/ws-sx/ws-trust/200512";
const TRUST_2005: &str = "http://schemas.xmlsoap.org/ws/2005/02/trust";
const SAML_1: &str = "urn:ietf:params:oauth:grant-type:saml1_1-bearer";
const SAML_2: &str = "urn:ietf:params:oauth:grant-type:saml2-bearer";

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn path(trust: &str) -> &str {
    if trust == TRUST_13 {
        "/adfs/services/trust/13/usernamemixed"
    } else {
        "/adfs/services/trust/2005/usernamemixed"
    }
}

/// A request as the libraries write it.
fn envelope(world: &World, base: &str, trust: &str) -> String {
    let at = |seconds: i64| calendar::rfc3339(Unix(world.now.unix.0 + seconds));
    let key = match trust {
        TRUST_13 => "http://docs.oasis-open.org/ws-sx/ws-trust/200512/Bearer",
        _ => "http://schemas.xmlsoap.org/ws/2005/05/identity/NoProofKey",
    };
    format!(
        r#"<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:wsa="http://www.w3.org/2005/08/addressing" xmlns:wsu="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd">
<s:Header>
<wsa:Action s:mustUnderstand="1">{trust}/RST/Issue</wsa:Action>
<wsa:MessageID>urn:uuid:4b9c</wsa:MessageID>
<wsa:ReplyTo><wsa:Address>http://www.w3.org/2005/08/addressing/anonymous</wsa:Address></wsa:ReplyTo>
<wsa:To s:mustUnderstand="1">{base}{path}</wsa:To>
<wsse:Security s:mustUnderstand="1" xmlns:wsse="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd">
<wsu:Timestamp wsu:Id="_0"><wsu:Created>{created}</wsu:Created><wsu:Expires>{expires}</wsu:Expires></wsu:Timestamp>
<wsse:UsernameToken wsu:Id="ADALUsernameToken"><wsse:Username>{user}</wsse:Username><wsse:Password>{password}</wsse:Password></wsse:UsernameToken>
</wsse:Security>
</s:Header>
<s:Body>
<wst:RequestSecurityToken xmlns:wst="{trust}">
<wsp:AppliesTo xmlns:wsp="http://schemas.xmlsoap.org/ws/2004/09/policy"><wsa:EndpointReference><wsa:Address>urn:federation:MicrosoftOnline</wsa:Address></wsa:EndpointReference></wsp:AppliesTo>
<wst:KeyType>{key}</wst:KeyType>
<wst:RequestType>{trust}/Issue</wst:RequestType>
</wst:RequestSecurityToken>
</s:Body>
</s:Envelope>"#,
        path = path(trust),
        created = at(0),
        expires = at(600),
        user = world::FEDERATED_USER,
        password = escape(world::FEDERATED_PASSWORD),
    )
}

fn post(world: &mut World, base: &str, trust: &str, body: &str) -> Answer {
    let action = format!("{trust}/RST/Issue");
    let headers = [("content-type", "application/soap+xml; charset=utf-8"), ("soapaction", action.as_str())];
    world.send(Method::POST, &format!("{base}{}", path(trust)), &headers, body)
}

/// What is between these texts.
fn between<'t>(text: &'t str, before: &str, after: &str) -> &'t str {
    text.split_once(before).unwrap().1.split_once(after).unwrap().0
}

fn assertion(answer: &Answer) -> String {
    assert_eq!(answer.status, 200, "{}", answer.text());
    between(&answer.text(), "<t:RequestedSecurityToken>", "</t:RequestedSecurityToken>").to_owned()
}

fn present(world: &mut World, tenant: &str, grant: &str, assertion: &str) -> Answer {
    let pairs = [
        ("grant_type", grant),
        ("client_id", world::DEVELOPER_CLIENT),
        ("assertion", assertion),
        ("scope", USER_SCOPE),
        ("client_info", "1"),
    ];
    world.token(tenant, &pairs)
}

#[test]
fn the_metadata_names_the_addresses() {
    let mut world = World::new();
    let answer = world.get(&format!("{BASE}/adfs/services/trust/mex"), &[]);
    assert_eq!((answer.status, answer.header("content-type")), (200, "application/soap+xml; charset=utf-8"));
    let text = answer.text();
    for trust in [TRUST_13, TRUST_2005] {
        assert!(text.contains(&format!("<wsa10:Address>{BASE}{}</wsa10:Address>", path(trust))));
        assert!(text.contains(&format!("soapAction=\"{trust}/RST/Issue\"")));
    }
    assert_eq!(text.matches("WssUsernameToken10").count(), 2);
    assert_eq!(text.matches("<wsdl:port").count(), 3, "and one for Windows credentials");
    assert_eq!(world.send(Method::POST, &format!("{BASE}/adfs/services/trust/mex"), &[], "").status, 405);
    let unknown = world.get("https://login.microsoftonline.com/adfs/services/trust/mex", &[]);
    assert_eq!(unknown.status, 404);
}

#[test]
fn a_password_becomes_an_assertion_and_that_becomes_tokens() {
    let mut world = World::new();
    for (base, trust, answer) in [
        (BASE, TRUST_13, "/RSTRC/IssueFinal"),
        (BASE, TRUST_2005, "/RSTR/Issue"),
        ("http://127.0.0.1:8080", TRUST_13, "/RSTRC/IssueFinal"),
    ] {
        let body = envelope(&world, base, trust);
        let sent = post(&mut world, base, trust, &body);
        assert!(sent.text().contains(&format!("{trust}{answer}<")), "{}", sent.text());
        assert!(sent.text().contains("<t:TokenType>urn:oasis:names:tc:SAML:1.0:assertion</t:TokenType>"));
        let assertion = assertion(&sent);
        for encoded in [STANDARD.encode(&assertion), URL_SAFE_NO_PAD.encode(&assertion)] {
            let answer = present(&mut world, "organizations", SAML_1, &encoded);
            assert_eq!(answer.status, 200, "{}", answer.text());
            let document = answer.json();
            assert_eq!(claims(&document["access_token"])["upn"], world::FEDERATED_USER);
            assert_eq!(claims(&document["id_token"])["oid"], world::FEDERATED_USER_OBJECT);
            assert!(document["refresh_token"].is_string());
        }
    }
}

#[test]
fn saml_2_is_had_by_asking_or_by_default() {
    let mut world = World::new();
    for kind in [
        "urn:oasis:names:tc:SAML:2.0:assertion",
        "http://docs.oasis-open.org/wss/oasis-wss-saml-token-profile-1.1#SAMLV2.0",
        "",
    ] {
        let mut body = envelope(&world, BASE, TRUST_13);
        match kind {
            "" => world.emulator.config_mut().federations[0].saml2 = true,
            kind => {
                let asked = format!("<wst:TokenType>{kind}</wst:TokenType></wst:RequestSecurityToken>");
                body = body.replace("</wst:RequestSecurityToken>", &asked);
            }
        }
        let sent = post(&mut world, BASE, TRUST_13, &body);
        assert!(sent.text().contains("<t:TokenType>urn:oasis:names:tc:SAML:2.0:assertion</t:TokenType>"));
        let encoded = STANDARD.encode(assertion(&sent));
        assert_eq!(present(&mut world, world::TENANT, SAML_2, &encoded).status, 200);
        let other = present(&mut world, world::TENANT, SAML_1, &encoded);
        assert_eq!(other.fault(), fault(400, "invalid_grant", 50_008));
    }
}

#[test]
fn faults() {
    let mut world = World::new();
    let right = envelope(&world, BASE, TRUST_13);
    let old = calendar::rfc3339(Unix(world.now.unix.0 - 301));
    let created = calendar::rfc3339(world.now.unix);
    let expires = calendar::rfc3339(Unix(world.now.unix.0 + 600));
    let late = calendar::rfc3339(Unix(world.now.unix.0 + 301));
    let password = escape(world::FEDERATED_PASSWORD);
    for (from, to, status, code) in [
        (password.as_str(), "wrong", 500, "FailedAuthentication"),
        (world::FEDERATED_USER, "nobody@fabrikam.example", 500, "FailedAuthentication"),
        (world::FEDERATED_USER, world::USER, 500, "FailedAuthentication"),
        ("wsse:UsernameToken", "wsse:BinarySecurityToken", 500, "FailedAuthentication"),
        ("/RST/Issue<", "/RST/Renew<", 500, "ActionNotSupported"),
        ("wsa:Action", "wsa:Actions", 500, "ActionNotSupported"),
        ("/13/usernamemixed<", "/2005/usernamemixed<", 500, "DestinationUnreachable"),
        ("wsa:MessageID", "wsa:Message", 500, "MessageAddressingHeaderRequired"),
        ("wsse:Security ", "wsse:Insecurity ", 400, "MalformedMessage"),
        ("wsu:Created", "wsu:Made", 500, "MessageExpired"),
        (&expires, &old, 500, "MessageExpired"),
        (&created, &late, 500, "MessageExpired"),
        ("wst:KeyType", "wst:Key", 500, "InvalidRequest"),
        ("/Bearer<", "/SymmetricKey<", 500, "InvalidRequest"),
        ("/Issue</wst:RequestType", "/Renew</wst:RequestType", 500, "InvalidRequest"),
        ("urn:federation:MicrosoftOnline", "urn:federation:other", 500, "InvalidRequest"),
        ("</wst:KeyType>", "</wst:KeyType><wst:TokenType>urn:x</wst:TokenType>", 500, "InvalidRequest"),
        ("<s:Body>", "<!DOCTYPE x><s:Body>", 400, "MalformedMessage"),
        (
            "http://www.w3.org/2003/05/soap-envelope",
            "http://schemas.xmlsoap.org/soap/envelope/",
            400,
            "MalformedMessage",
        ),
    ] {
        assert!(right.contains(from), "{from}");
        let answer = post(&mut world, BASE, TRUST_13, &right.replace(from, to));
        let text = answer.text();
        assert_eq!(answer.status, status, "{from} {to}: {text}");
        assert_eq!(between(between(&text, "<s:Subcode>", "</s:Subcode>"), "\">e:", "<"), code, "{from} {to}");
        assert!(!between(&text, "<s:Text xml:lang=\"en-US\">", "</s:Text>").is_empty());
    }
    for end in (0..right.len()).step_by(13) {
        assert_eq!(post(&mut world, BASE, TRUST_13, &right[..end]).status, 400, "{end}");
    }
    // The header of HTTP says something else, or nothing.
    let url = format!("{BASE}{}", path(TRUST_13));
    let kind = ("content-type", "application/soap+xml; charset=utf-8");
    let other = world.send(Method::POST, &url, &[kind, ("soapaction", "\"x\"")], &right);
    assert_eq!(other.status, 500);
    assert_eq!(world.send(Method::POST, &url, &[kind], &right).status, 200);
    assert_eq!(world.send(Method::POST, &url, &[("content-type", "text/xml")], &right).status, 415);
    assert_eq!(world.get(&url, &[]).status, 405);
    // The other version's address does not take it.
    let answer = post(&mut world, BASE, TRUST_2005, &right);
    assert_eq!(answer.status, 500);
    for (disabled, locked) in [(true, false), (false, true)] {
        let mut world = World::new();
        let user = &mut world.emulator.config_mut().users[2];
        (user.disabled, user.locked) = (disabled, locked);
        assert_eq!(post(&mut world, BASE, TRUST_13, &right).status, 500);
    }
}

#[test]
fn the_times_of_a_request() {
    let mut world = World::new();
    let right = envelope(&world, BASE, TRUST_13);
    let at = |seconds: i64| calendar::rfc3339(Unix(world.now.unix.0 + seconds));
    let timed = |created: i64, expires: i64| {
        right
            .replace(&at(0), &at(created))
            .replace(&format!("Expires>{}", at(600)), &format!("Expires>{}", at(expires)))
    };
    let never = right.replace("wsu:Expires", "wsu:Ends");
    // Clocks may differ by five minutes; what expires before it was made was never good.
    let rows = [
        (timed(0, 600), true),
        (timed(300, 600), true),
        (timed(301, 600), false),
        (timed(-3600, -299), true),
        (timed(-3600, -300), false),
        (timed(100, 50), false),
        (timed(100, 100), false),
        (never, false),
    ];
    for (number, (body, good)) in rows.into_iter().enumerate() {
        let answer = post(&mut world, BASE, TRUST_13, &body);
        assert_eq!(answer.status == 200, good, "{number}: {}", answer.text());
        assert!(good || answer.text().contains("e:MessageExpired"), "{number}");
    }
}

#[test]
fn an_assertion_is_of_its_persons_tenant() {
    let mut world = World::new();
    let other = world.add_tenant();
    let body = envelope(&world, BASE, TRUST_13);
    let assertion = STANDARD.encode(assertion(&post(&mut world, BASE, TRUST_13, &body)));
    for tenant in [other, "fabrikam.onmicrosoft.com"] {
        let answer = present(&mut world, tenant, SAML_1, &assertion);
        assert_eq!(answer.fault(), fault(400, "invalid_grant", 50_020), "{tenant}");
    }
    for tenant in ["organizations", world::TENANT, world::TENANT_DOMAIN] {
        assert_eq!(present(&mut world, tenant, SAML_1, &assertion).status, 200, "{tenant}");
    }
}

#[test]
fn refusals_of_an_assertion() {
    let mut world = World::new();
    let body = envelope(&world, BASE, TRUST_13);
    let assertion = assertion(&post(&mut world, BASE, TRUST_13, &body));
    // Written anew, it is another.
    let rewritten = assertion.replace("' ", "'").replace("/>", " />");
    assert_ne!(rewritten, assertion);
    for (what, text) in [
        ("rewritten", STANDARD.encode(rewritten)),
        ("with a line break", STANDARD.encode(format!("{assertion}\n"))),
        ("of nobody", STANDARD.encode("<Assertion/>")),
        ("not base64", "<!>".to_owned()),
    ] {
        let answer = present(&mut world, "organizations", SAML_1, &text);
        assert_eq!(answer.fault(), fault(400, "invalid_grant", 50_008), "{what}");
    }
    let right = STANDARD.encode(&assertion);
    assert_eq!(present(&mut world, "organizations", SAML_2, &right).fault().2, 50_008);
    assert_eq!(present(&mut world, "organizations", SAML_1, "").fault().2, 900_144);
    let pairs =
        [("grant_type", SAML_1), ("client_id", world::APP), ("assertion", &right), ("scope", USER_SCOPE)];
    assert_eq!(world.token(world::TENANT, &pairs).fault(), fault(401, "invalid_client", 7_000_218));
    world.pass(3599);
    assert_eq!(present(&mut world, "organizations", SAML_1, &right).status, 200);
    world.pass(1);
    let answer = present(&mut world, "organizations", SAML_1, &right);
    assert_eq!(answer.fault(), fault(400, "invalid_grant", 500_133));
    assert_eq!(answer.json()["error_codes"], json!([500_133]));
}
