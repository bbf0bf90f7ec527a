//! Accounts whose password a federation service checks.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::service::*;
use super::*;
use crate::error::ErrorKind;
use crate::xml::Document;

/// What may not go to the authority.
fn keeps_its_password(sent: &Sent) {
    assert!(sent.to.starts_with("https://login.microsoftonline.com/"));
    assert!(sent.field("password").is_none() && sent.field("username").is_none());
    assert!(!sent.body.contains("canary") && !sent.headers.contains_key("x-anchormailbox"));
}

#[test]
fn an_assertion_is_taken_for_a_token() {
    const V1: &str = "urn:ietf:params:oauth:grant-type:saml1_1-bearer";
    const V2: &str = "urn:ietf:params:oauth:grant-type:saml2-bearer";
    let profile = "http://docs.oasis-open.org/wss/oasis-wss-saml-token-profile-1.1#SAMLV";
    for (trust, at, saml, kind, grant) in [
        (TRUST_13, AT_13, SAML1, kind(SAML1), V1),
        (TRUST_13, AT_13, SAML1, kind(&format!("{profile}1.1")), V1),
        (TRUST_13, AT_13, SAML2, kind(&format!("{profile}2.0")), V2),
        (TRUST_2005, AT_2005, SAML1, kind(SAML1), V1),
        (TRUST_2005, AT_2005, SAML2, kind(SAML2), V2),
        (TRUST_2005, AT_2005, SAML2, String::new(), V2),
    ] {
        let metadata = if trust == TRUST_13 { both() } else { mex(&[port("UserName", trust, at)]) };
        let signed = assertion(saml);
        let script = [realm(Some(MEX), Some(AT_2005)), metadata, issued(trust, &kind, &signed), ok(TOKEN)];
        let played = play(&trusting(), script);
        assert!(played.result.is_ok(), "{:?}", played.result);
        assert_eq!(played.to()[1..3], [MEX, at]);
        assert!(played.sent[1].body.is_empty() && played.sent[1].header("accept").contains("xml"));
        let token = &played.sent[3];
        keeps_its_password(token);
        assert_eq!(token.field("grant_type").as_deref(), Some(grant));
        assert_eq!(token.field("assertion"), Some(URL_SAFE_NO_PAD.encode(&signed)), "byte for byte");
        assert!(token.field("scope").unwrap().ends_with("offline_access"));
        assert_eq!(token.field("client_info").as_deref(), Some("1"));
    }
}

#[test]
fn the_envelope_says_what_it_has_to() {
    for (trust, at, key) in [
        (TRUST_13, AT_13, "http://docs.oasis-open.org/ws-sx/ws-trust/200512/Bearer"),
        (TRUST_2005, AT_2005, "http://schemas.xmlsoap.org/ws/2005/05/identity/NoProofKey"),
    ] {
        let script = [
            realm(Some(MEX), None),
            mex(&[port("UserName", trust, at)]),
            issued(trust, &kind(SAML1), &assertion(SAML1)),
            ok(TOKEN),
        ];
        let played = play(&trusting(), script);
        let sent = &played.sent[2];
        assert_eq!(sent.header("content-type"), "application/soap+xml; charset=utf-8");
        assert_eq!(sent.header("soapaction"), format!("{trust}/RST/Issue"));
        let document = Document::parse(sent.body.as_bytes()).unwrap();
        let text = |name: &str| {
            let mut all = document.root().descendants().filter(|element| element.name() == name);
            all.next().map(|element| element.text()).unwrap()
        };
        assert_eq!(text("Username"), USER);
        assert_eq!(text("Password"), PASSWORD);
        assert_eq!(text("Action"), format!("{trust}/RST/Issue"));
        assert_eq!(text("To"), at);
        assert_eq!(text("KeyType"), key);
        assert_eq!(text("RequestType"), format!("{trust}/Issue"));
        assert_eq!((&*text("Created"), &*text("Expires")), ("2026-01-01T00:00:00Z", "2026-01-01T00:10:00Z"));
        let id = text("MessageID");
        assert!(crate::tenant::is_guid(id.strip_prefix("urn:uuid:").unwrap()), "{id}");
        let applies = document.root().descendants().find(|element| element.name() == "AppliesTo").unwrap();
        let audience = applies.descendants().find(|element| element.name() == "Address").unwrap();
        assert_eq!(audience.text(), "urn:federation:Other&Cloud");
        assert!(!sent.headers.contains_key("authorization"));
    }
}

#[test]
fn nothing_goes_to_a_host_that_is_not_trusted() {
    let elsewhere = "https://sts.evil.example/adfs/services/trust/13/usernamemixed";
    for (user, script, host) in [
        (user(), vec![realm(Some(MEX), Some(AT_13))], "sts.contoso.com"),
        (user(), vec![realm(None, Some(AT_13))], "sts.contoso.com"),
        (user().trusting_federation("contoso.com"), vec![realm(Some(MEX), None)], "sts.contoso.com"),
        (trusting(), vec![realm(Some("https://sts.evil.example/mex"), None)], "sts.evil.example"),
        (
            trusting(),
            vec![realm(Some(MEX), Some(AT_13)), mex(&[port("UserName", TRUST_13, elsewhere)])],
            "sts.evil.example",
        ),
        (
            trusting(),
            vec![
                realm(Some(MEX), None),
                mex(&[port("UserName", TRUST_13, "https://sts.contoso.com@evil.example/")]),
            ],
            "",
        ),
    ] {
        let played = play(&user, script);
        let error = played.error();
        if host.is_empty() {
            assert_eq!(error.kind(), ErrorKind::Malformed);
        } else {
            assert_eq!(error.kind(), ErrorKind::Configuration);
            assert!(error.remedy().unwrap().contains(&format!("trusting_federation(\"{host}\")")), "{error}");
        }
        assert!(played.sent.iter().all(|sent| !sent.body.contains("canary")));
    }
    let script = [realm(Some(MEX), None), both(), issued(TRUST_13, "", &assertion(SAML2)), ok(TOKEN)];
    assert!(play(&user().trusting_any_federation(), script).result.is_ok());
}

#[test]
fn plain_http_gets_nothing() {
    let plain = "http://sts.contoso.com/adfs/services/trust/13/usernamemixed";
    for script in [
        vec![realm(Some("http://sts.contoso.com/mex"), None)],
        vec![realm(None, Some(plain))],
        vec![realm(Some(MEX), None), mex(&[port("UserName", TRUST_13, plain)])],
    ] {
        let played = play(&trusting().trusting_any_federation(), script);
        assert_eq!(played.error().kind(), ErrorKind::Malformed);
        assert!(played.error().to_string().contains("https"), "{}", played.error());
    }
    let script = [
        realm(Some(MEX), None),
        mex(&[port("UserName13", TRUST_13, plain), port("UserName2005", TRUST_2005, AT_2005)]),
        issued(TRUST_2005, "", &assertion(SAML1)),
        ok(TOKEN),
    ];
    assert_eq!(play(&trusting(), script).to()[2], AT_2005);
}

#[test]
fn without_metadata_the_address_of_the_realm_is_used() {
    let fit = || issued(TRUST_13, "", &assertion(SAML1));
    for (metadata, answer) in [
        (None, None),
        (Some(MEX), Some(status(404, "gone"))),
        (Some(MEX), Some(ok("<html><p>not this</html>"))),
        (Some(MEX), Some(mex(&[port("Certificate", TRUST_13, AT_13)]))),
    ] {
        let mut script = vec![realm(metadata, Some(AT_13))];
        script.extend(answer);
        script.extend([fit(), ok(TOKEN)]);
        let played = play(&trusting(), script);
        assert!(played.result.is_ok(), "{:?}", played.result);
        let sent = &played.sent[played.sent.len() - 2];
        assert_eq!((&*sent.to, sent.header("soapaction")), (AT_13, &*format!("{TRUST_13}/RST/Issue")));
    }
    for address in [AT_2005, "https://sts.contoso.com/idp/sts.wst?TokenProcessorId=up"] {
        let script = [realm(None, Some(address)), issued(TRUST_2005, "", &assertion(SAML1)), ok(TOKEN)];
        let played = play(&trusting(), script);
        assert_eq!(
            (played.to()[1], played.sent[1].header("soapaction")),
            (address, &*format!("{TRUST_2005}/RST/Issue"))
        );
    }
    assert_eq!(play(&trusting(), [realm(None, None)]).error().kind(), ErrorKind::Refused);
    let played = play(&trusting(), [realm(Some(MEX), None), status(404, "")]);
    assert_eq!((played.error().kind(), played.error().status()), (ErrorKind::Malformed, Some(404)));
}

#[test]
fn a_wrong_password_is_sent_once() {
    let escaped = crate::xml::escape(PASSWORD).unwrap();
    let text = format!("ID3242: {escaped} could not be authenticated");
    for (code, subcode, kind) in [
        ("Sender", "FailedAuthentication", ErrorKind::Refused),
        ("Sender", "RequestFailed", ErrorKind::Refused),
        ("Sender", "MessageExpired", ErrorKind::Refused),
        ("Sender", "Unheard", ErrorKind::Refused),
        ("Receiver", "InternalServiceFault", ErrorKind::Service),
        ("Receiver", "Unheard", ErrorKind::Service),
    ] {
        let played = play(&trusting(), [realm(Some(MEX), None), both(), fault(code, subcode, &text)]);
        let error = played.error();
        assert_eq!((error.kind(), error.status(), played.waits), (kind, Some(500), 0));
        assert_eq!(error.code(), Some(subcode).filter(|code| *code != "Unheard"));
        assert_eq!(error.detail(), Some("ID3242: [redacted] could not be authenticated"));
        assert!(error.to_string().contains("sts.contoso.com") && !error.to_string().contains("Unheard"));
    }
    let old = "<e:Envelope xmlns:e='http://schemas.xmlsoap.org/soap/envelope/'><e:Body><e:Fault>\
               <faultcode>wsse:FailedAuthentication</faultcode><faultstring>no</faultstring></e:Fault></e:Body></e:Envelope>";
    let played = play(&trusting(), [realm(None, Some(AT_13)), status(500, old)]);
    assert_eq!(played.error().code(), Some("FailedAuthentication"));
}

#[test]
fn no_answer_is_asked_for_twice() {
    let unreadable =
        format!("<s:Envelope xmlns:s='urn:s'><s:Body><x:Assertion>canary{}</x:Assertion>", "A".repeat(40));
    for (reply, kind) in [
        (status(500, "oops"), ErrorKind::Service),
        (status(503, ""), ErrorKind::Service),
        (status(429, ""), ErrorKind::Service),
        (status(200, "<html/>"), ErrorKind::Malformed),
        (status(200, &unreadable), ErrorKind::Malformed),
        (status(302, ""), ErrorKind::Malformed),
        (Err(HttpFailure::Broken), ErrorKind::Network),
        (Err(HttpFailure::TimedOut), ErrorKind::Timeout),
        (issued(TRUST_13, &kind("urn:ietf:params:oauth:token-type:jwt"), "<a/>"), ErrorKind::Malformed),
        (issued(TRUST_13, "", "<a/>"), ErrorKind::Malformed),
        (issued(TRUST_13, "", ""), ErrorKind::Malformed),
        (issued("urn:other", "", &assertion(SAML1)), ErrorKind::Malformed),
    ] {
        let played = play(&trusting(), [realm(None, Some(AT_13)), reply]);
        assert_eq!((played.error().kind(), played.waits), (kind, 0), "{}", played.error());
        assert!(played.error().remedy().is_some() || kind == ErrorKind::Network);
    }
    let script = [
        realm(None, Some(AT_13)),
        Err(HttpFailure::Refused),
        issued(TRUST_13, "", &assertion(SAML1)),
        ok(TOKEN),
    ];
    assert!(play(&trusting(), script).result.is_ok(), "nothing was sent the first time");
}

#[test]
fn the_authority_refuses_the_assertion() {
    let no = r#"{"error":"invalid_grant","error_description":"AADSTS50008: SAML token is invalid.","error_codes":[50008]}"#;
    let script = [realm(None, Some(AT_13)), issued(TRUST_13, "", &assertion(SAML1)), status(400, no)];
    assert_eq!(play(&trusting(), script).error().aadsts(), [50008]);
}

#[test]
fn a_password_that_xml_cannot_hold_is_told_before_it_is_sent() {
    let odd = UsernamePasswordCredential::new("contoso.com", "app", USER, "canary\u{1}").unwrap();
    let played = play(&odd.trusting_any_federation(), [realm(None, Some(AT_13))]);
    assert_eq!((played.error().kind(), played.sent.len()), (ErrorKind::Configuration, 1));
    assert!(played.error().to_string().contains("control character"));
}
