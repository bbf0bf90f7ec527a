//! A token that a service does not take, or not without more claims.

use entrada_core::call::Operation;
use entrada_core::effect::Effect;
use entrada_tests::script::{respond, run, token};

use crate::support::{answered, call};

#[test]
fn claims_are_heeded_at_either_status_and_once() {
    const DEMAND: &[(&str, &str)] = &[(
        "www-authenticate",
        r#"Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize", error="insufficient_claims", claims="eyJhY2Nlc3NfdG9rZW4iOnsiYWNycyI6eyJ2YWx1ZXMiOlsicDEiXX19fQ==""#,
    )];
    const POLICY: &str = r#"{"error":{"code":"RequestDisallowedByPolicy","message":"no"}}"#;
    for status in [401, 403] {
        let delete = || Box::new(call(Operation::delete(["x"], "it")));
        let (result, asked, _) = answered(delete(), &[(status, DEMAND, POLICY), (200, &[], "{}")]);
        assert!(result.is_ok(), "{status}: {result:?}");
        assert_eq!(asked.len(), 2, "{status}");
        let (result, asked, _) = answered(delete(), &[(status, DEMAND, POLICY)]);
        let error = result.unwrap_err();
        assert_eq!((asked.len(), error.status()), (2, Some(status)));
        assert!(error.claims().is_some_and(|claims| claims.to_json().contains("p1")), "{status}");
    }
    for status in [400, 404, 409] {
        let (result, asked, _) =
            answered(Box::new(call(Operation::delete(["x"], "it"))), &[(status, DEMAND, "")]);
        assert!(result.unwrap_err().claims().is_none(), "{status}");
        assert_eq!(asked.len(), 1, "{status}");
    }
}

#[test]
fn a_token_that_is_rejected_is_named_once() {
    const DEMAND: &[(&str, &str)] =
        &[("www-authenticate", r#"Bearer error="insufficient_claims", claims="eyJhIjp7fX0=""#)];
    for (answers, expected) in [
        (vec![(401, &[][..])], vec!["need", "forget 1"]),
        (vec![(403, &[][..])], vec!["need"]),
        (vec![(403, DEMAND), (200, &[])], vec!["need", "need"]),
        (vec![(401, DEMAND), (200, &[])], vec!["need", "need after 1"]),
        (vec![(401, DEMAND), (401, &[])], vec!["need", "need after 1", "forget 2"]),
        (vec![(401, DEMAND), (403, &[])], vec!["need", "need after 1"]),
    ] {
        let (mut seen, mut answers) = (Vec::new(), answers.into_iter());
        let (result, _) = run(Box::new(call(Operation::get(["x"], "it"))), |effect, _| match effect {
            Effect::Token(need) => {
                let after = need.rejected().map(|token| format!("need after {}", token.secret().expose()));
                seen.push(after.unwrap_or_else(|| "need".to_owned()));
                let text = seen.len().to_string();
                need.split().1.reply(Ok(token(&text)))
            }
            Effect::Forget(forget) => {
                let (token, ticket) = forget.split();
                seen.push(format!("forget {}", token.secret().expose()));
                ticket.done()
            }
            Effect::Http(call) => {
                let (status, headers) = answers.next().expect("asked too often");
                respond(call, status, headers, "{}")
            }
            other => panic!("{other:?}"),
        });
        assert_eq!(seen, expected);
        if let Err(error) = result {
            assert!(matches!(error.status(), Some(401 | 403)), "{error}");
        }
    }
}
