//! Calls to services looked at closely: what is repeated, what is followed, and how errors are told.

use std::time::Duration;

use entrada_core::arm::ResourceManager;
use entrada_core::call::{Call, LongRunning, Operation, Pages};
use entrada_core::effect::{Effect, HttpFailure};
use entrada_core::graph::Graph;
use entrada_core::{Cloud, Error, ErrorKind};
use entrada_tests::script::{respond, run, token};

/// A status, headers and a body.
type Answer = (u16, &'static [(&'static str, &'static str)], &'static str);

fn manager() -> ResourceManager {
    ResourceManager::of_cloud(Cloud::PUBLIC).unwrap()
}

fn call(operation: Operation) -> Call {
    manager().call(operation, "2022-04-01")
}

/// Runs a flow against answers, one after the other; the last serves for all that follow. Gives the result,
/// what was asked, and the waits in seconds.
fn answered<T: std::fmt::Debug>(
    flow: entrada_core::BoxFlow<T>,
    answers: &[Answer],
) -> (Result<T, Error>, Vec<String>, Vec<u64>) {
    let mut asked = Vec::new();
    let (result, told) = run(flow, |effect, _| match effect {
        Effect::Token(need) => need.split().1.reply(Ok(token("t"))),
        Effect::Forget(forget) => forget.split().1.done(),
        Effect::Http(call) => {
            assert_eq!(call.request().headers()["authorization"], "Bearer t");
            let (status, headers, body) = answers[asked.len().min(answers.len() - 1)];
            asked.push(format!("{} {}", call.request().method(), call.request().uri()));
            match status {
                0 => call.split().1.reply(Err(HttpFailure::Broken)),
                status => respond(call, status, headers, body),
            }
        }
        other => panic!("{other:?}"),
    });
    (result, asked, told.waits.iter().map(Duration::as_secs).collect())
}

#[test]
fn what_is_asked_again() {
    let path = ["x"];
    let cases: [(Operation, [usize; 5]); 7] = [
        // After 503, a broken connection, 429, a conflict of the directory, 403.
        (Operation::get(path, "it"), [4, 4, 4, 4, 1]),
        (Operation::put(path, "it"), [4, 4, 4, 4, 1]),
        (Operation::delete(path, "it"), [4, 4, 4, 4, 1]),
        (Operation::post(path, "it"), [1, 1, 4, 4, 1]),
        (Operation::patch(path, "it"), [1, 1, 4, 4, 1]),
        (Operation::post(path, "it").repeatable(), [4, 4, 4, 4, 1]),
        (Operation::of_method("patch", path, "it").unwrap().repeatable(), [4, 4, 4, 4, 1]),
    ];
    let conflict = r#"{"error":{"code":"Directory_ConcurrencyViolation","message":"m"}}"#;
    let failures: [Answer; 5] =
        [(503, &[], ""), (0, &[], ""), (429, &[], ""), (409, &[], conflict), (403, &[], "")];
    for (operation, tries) in cases {
        for (failure, tries) in failures.iter().zip(tries) {
            let (result, asked, _) = answered(Box::new(call(operation.clone())), &[*failure]);
            assert_eq!((result.is_err(), asked.len()), (true, tries), "{operation:?} after {failure:?}");
        }
    }
    // Another refusal of the same status is final.
    let (_, asked, _) = answered(Box::new(call(Operation::put(path, "it"))), &[(409, &[], "{}")]);
    assert_eq!(asked.len(), 1);
    assert!(Operation::of_method("TRACE", path, "it").is_none());
}

#[test]
fn both_kinds_of_links_are_followed_as_they_stand() {
    let pages = |link: &'static str| {
        let flow = Box::new(Pages::new(call(Operation::get(["list"], "the list"))));
        answered(flow, &[(200, &[], link), (200, &[], r#"{"value":[2]}"#)])
    };
    for link in ["nextLink", "@odata.nextLink"] {
        let page =
            format!(r#"{{"value":[1],"{link}":"https://management.azure.com/next?$skiptoken=a%20b"}}"#);
        let (result, asked, _) = pages(page.leak());
        assert_eq!(result.unwrap(), [1, 2]);
        assert_eq!(asked[1], "GET https://management.azure.com/next?$skiptoken=a%20b");
    }
    for link in ["\"\"", "null"] {
        let (result, asked, _) = pages(format!(r#"{{"value":[1],"nextLink":{link}}}"#).leak());
        assert_eq!((result.unwrap().len(), asked.len()), (1, 1));
    }
}

#[test]
fn a_link_to_another_place_gets_no_token() {
    for link in [
        "https://evil.example/next",
        "http://management.azure.com/next",
        "https://management.azure.com:444/next",
        "https://management.azure.com@evil.example/next",
        "https://management.azure.com.evil.example/",
        "//evil.example/next",
        "/next",
        "not a link",
    ] {
        let page: &'static str = format!(r#"{{"value":[],"@odata.nextLink":"{link}"}}"#).leak();
        let flow = Box::new(Pages::new(call(Operation::get(["list"], "the list"))));
        let (result, asked, _) = answered(flow, &[(200, &[], page)]);
        assert_eq!((result.unwrap_err().kind(), asked.len()), (ErrorKind::Malformed, 1), "{link}");
        for name in ["azure-asyncoperation", "location"] {
            let headers: &'static [(&str, &str)] = vec![(name, link)].leak();
            let flow = Box::new(LongRunning::new(call(Operation::put(["it"], "it"))));
            let (result, asked, _) = answered(flow, &[(202, headers, "")]);
            let error = result.unwrap_err();
            assert_eq!((error.kind(), asked.len()), (ErrorKind::Malformed, 1), "{name}: {link}");
            assert!(error.message().contains("accepted the operation, which may go on"), "{error}");
            assert!(error.remedy().unwrap().contains("before it is done again"), "{error}");
        }
    }
    assert!(manager().service().call_at("https://evil.example/x", &Operation::get([""; 0], "it")).is_err());
}

#[test]
fn a_list_without_end_is_given_up() {
    let list = || Box::new(Pages::new(call(Operation::get(["list"], "the list"))));
    let same = r#"{"value":[1],"nextLink":"https://management.azure.com/next"}"#;
    let (result, asked, _) = answered(list(), &[(200, &[], same)]);
    assert_eq!((result.unwrap_err().kind(), asked.len()), (ErrorKind::Malformed, 2));
    let mut pages = 0;
    let (result, _) = run(list(), |effect, _| match effect {
        Effect::Token(need) => need.split().1.reply(Ok(token("t"))),
        Effect::Http(call) => {
            pages += 1;
            let page = format!(r#"{{"value":[],"nextLink":"https://management.azure.com/next?p={pages}"}}"#);
            respond(call, 200, &[], &page)
        }
        other => panic!("{other:?}"),
    });
    assert_eq!((result.unwrap_err().kind(), pages), (ErrorKind::Malformed, 1000));
}

const OPERATION: (&str, &str) = ("azure-asyncoperation", "https://management.azure.com/operations/1");
const RESULT: (&str, &str) = ("location", "https://management.azure.com/results/1");
const RUNNING: &str = r#"{"status":"InProgress"}"#;
const SUCCEEDED: &str = r#"{"status":"Succeeded"}"#;

fn long(operation: Operation, answers: &[Answer]) -> (Result<String, Error>, Vec<String>, Vec<u64>) {
    let (result, asked, waits) = answered(Box::new(LongRunning::new(call(operation))), answers);
    let short = |line: String| line.replace("https://management.azure.com", "");
    let body = result.map(|answer| String::from_utf8_lossy(answer.body()).into_owned());
    (body, asked.into_iter().map(short).collect(), waits)
}

#[test]
fn what_takes_longer_is_waited_for() {
    let put = || Operation::put(["it"], "it");
    let post = || Operation::post(["it", "diagnose"], "a diagnosis");
    let (result, asked, waits) = long(
        put(),
        &[
            (201, &[OPERATION, RESULT, ("retry-after", "7")], "{}"),
            (200, &[("retry-after", "3")], RUNNING),
            (200, &[], RUNNING),
            (200, &[], SUCCEEDED),
            (200, &[], "the resource"),
        ],
    );
    assert_eq!(result.unwrap(), "the resource");
    assert_eq!(waits, [7, 3, 10]);
    let look = "GET /operations/1";
    let read = "GET /it?api-version=2022-04-01";
    assert_eq!(asked, ["PUT /it?api-version=2022-04-01", look, look, look, read]);

    let (result, asked, _) =
        long(post(), &[(202, &[OPERATION, RESULT], ""), (200, &[], SUCCEEDED), (200, &[], "the result")]);
    assert_eq!((result.unwrap().as_str(), asked[2].as_str()), ("the result", "GET /results/1"));

    let (result, asked, waits) = long(
        post(),
        &[(202, &[RESULT, ("retry-after", "600")], ""), (202, &[], ""), (200, &[], r#"{"a":"result"}"#)],
    );
    assert_eq!(result.unwrap(), r#"{"a":"result"}"#);
    assert_eq!((asked.len(), waits), (3, vec![60, 10]), "a demand is cut to a minute");

    // Accepted, without a place to look at but the resource itself.
    let state = |state: &str| -> &'static str {
        format!(r#"{{"properties":{{"provisioningState":"{state}"}}}}"#).leak()
    };
    let (result, asked, _) = long(
        put(),
        &[(201, &[], state("Creating")), (200, &[], state("Updating")), (200, &[], state("Succeeded"))],
    );
    assert!(result.unwrap().contains("Succeeded"));
    assert_eq!(asked[1..], [read, read]);
    let (result, ..) = long(put(), &[(201, &[], state("Creating")), (200, &[], state("Failed"))]);
    assert_eq!(result.unwrap_err().kind(), ErrorKind::Refused);

    let (result, asked, _) = long(Operation::delete(["it"], "it"), &[(204, &[], "")]);
    assert_eq!((result.unwrap().as_str(), asked.len()), ("", 1));
}

/// A page is from something in between: nothing was begun, or nothing is known to be over.
#[test]
fn a_page_ends_no_operation() {
    let page: Answer = (200, &[("content-type", "text/html")], "<html>sign in</html>");
    for operation in [
        || Operation::delete(["it"], "it"),
        || Operation::post(["it", "regenerateKeys"], "it"),
        || Operation::put(["it"], "it"),
    ] {
        for answers in [&[page][..], &[(202, &[RESULT], ""), page]] {
            let (result, ..) = long(operation(), answers);
            let error = result.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Malformed, "{error}");
            assert_eq!(error.message().contains("had accepted the operation"), answers.len() == 2, "{error}");
        }
    }
}

/// Where both headers come, what was deleted is not asked for its result, and what was written is read where it is.
#[test]
fn the_result_of_a_post_alone_is_at_the_location_beside_the_operation() {
    let nothing: Answer = (404, &[], r#"{"error":{"code":"ResourceNotFound","message":"m"}}"#);
    let (result, asked, _) = long(
        Operation::delete(["it"], "it"),
        &[(202, &[OPERATION, RESULT], ""), (200, &[], RUNNING), (200, &[], SUCCEEDED), nothing],
    );
    assert_eq!((result.unwrap().as_str(), asked.len()), (SUCCEEDED, 3));
    let (result, asked, _) = long(
        Operation::delete(["it"], "it"),
        &[(202, &[RESULT], ""), (202, &[], ""), (204, &[], ""), nothing],
    );
    assert_eq!((result.unwrap().as_str(), asked.len()), ("", 3), "by Location alone");
    // What came of it cannot be read, and is there all the same.
    let (result, ..) = long(
        Operation::post(["it"], "it"),
        &[(202, &[OPERATION, RESULT], ""), (200, &[], SUCCEEDED), nothing],
    );
    let error = result.unwrap_err();
    assert!(error.message().contains("the operation itself succeeded"), "{error}");
}

#[test]
fn an_operation_that_fails_says_so() {
    let failed = r#"{"status":"Failed","error":{"code":"QuotaExceeded","message":"Too many cores."}}"#;
    let (result, ..) = long(Operation::put(["it"], "it"), &[(202, &[OPERATION], ""), (200, &[], failed)]);
    let error = result.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Refused);
    assert_eq!(error.detail(), Some("QuotaExceeded: Too many cores."));
    assert!(!error.message().contains("may go on"), "{error}");
    // As much as of a refusal is told: the code with what it means and what helps, and the ids.
    let forbidden = r#"{"status":"Failed","error":{"code":"LinkedAuthorizationFailed","message":"No."}}"#;
    let ids: &'static [(&str, &str)] = &[
        ("x-ms-correlation-request-id", "0b1d5ce4-4f0a-4b7e-8d5b-0c1f4a4f8f01"),
        ("x-ms-request-id", "11d5ce44-4f0a-4b7e-8d5b-0c1f4a4f8f02"),
    ];
    let (result, ..) = long(Operation::put(["it"], "it"), &[(202, &[OPERATION], ""), (200, ids, forbidden)]);
    let error = result.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Forbidden, Some("LinkedAuthorizationFailed")));
    assert_eq!(error.correlation_id(), Some(ids[0].1));
    assert_eq!(error.trace_id(), Some(ids[1].1));
    assert!(error.message().contains("failed: the identity lacks a role"), "{error}");
    assert!(error.remedy().unwrap().contains("assign a role"), "{error}");
    let (result, ..) = long(
        Operation::put(["it"], "it"),
        &[(202, &[OPERATION], ""), (200, &[], r#"{"status":"Canceled"}"#)],
    );
    assert!(result.unwrap_err().message().contains("cancelled"));
    let (result, ..) = long(Operation::put(["it"], "it"), &[(202, &[OPERATION], ""), (200, &[], "{}")]);
    assert_eq!(result.unwrap_err().kind(), ErrorKind::Malformed);
    let (result, asked, _) =
        long(Operation::put(["it"], "it"), &[(202, &[OPERATION], ""), (200, &[], RUNNING)]);
    assert_eq!(result.unwrap_err().kind(), ErrorKind::Malformed);
    assert_eq!(asked.len(), 1001);
}

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

#[test]
fn errors_of_graph_name_their_ids_and_a_remedy() {
    let graph = Graph::of_cloud(Cloud::PUBLIC).unwrap();
    let document = r#"{"error":{"code":"Authorization_RequestDenied","message":"Insufficient privileges to complete the operation.","innerError":{"date":"2026-01-01T00:00:00","request-id":"a","client-request-id":"b"}}}"#;
    let headers: &[(&str, &str)] = &[
        ("request-id", "11111111-2222-3333-4444-555555555555"),
        ("client-request-id", "66666666-7777-8888-9999-000000000000"),
    ];
    let (result, asked, _) = answered(Box::new(graph.get(&["me"], "you")), &[(403, headers, document)]);
    let error = result.unwrap_err();
    assert_eq!(asked, ["GET https://graph.microsoft.com/v1.0/me"]);
    assert_eq!((error.kind(), error.code()), (ErrorKind::Forbidden, Some("Authorization_RequestDenied")));
    assert_eq!(error.trace_id(), Some("11111111-2222-3333-4444-555555555555"));
    assert_eq!(error.correlation_id(), Some("66666666-7777-8888-9999-000000000000"));
    assert!(error.detail().unwrap().contains("Insufficient privileges"));
    assert!(error.remedy().unwrap().contains("Application.ReadWrite.OwnedBy"));
    for text in ["", "<html>", "[]", r#"{"error":"x"}"#, r#"{"error":{"code":3}}"#] {
        let body: &'static str = text.to_owned().leak();
        let (result, ..) = answered(Box::new(graph.get(&["me"], "you")), &[(403, &[], body)]);
        assert_eq!(result.unwrap_err().kind(), ErrorKind::Forbidden, "{text}");
    }
}

#[test]
fn what_is_forbidden_says_which_role_is_missing() {
    const OBJECT: &str = "b1d9f7a4-41f3-4a88-9b1a-0c5e6d7f8a02";
    let group = ["subscriptions", "c07b4c83-5e95-40c6-81d7-8c5d6e7f9a09", "resourceGroups", "g"];
    let workspace =
        [&group[..], &["providers", "Microsoft.MachineLearningServices", "workspaces", "w"]].concat();
    for (body, remedy) in [
        (
            r#"{"error":{"code":"AuthorizationPermissionMismatch","message":"No."}}"#,
            "Storage Blob Data Contributor",
        ),
        // As another service passes it on.
        (
            r#"{"error":{"code":"UserError","message":"Upload failed: This request is not authorized to perform this operation using this permission."}}"#,
            "Storage Blob Data Contributor",
        ),
        (
            r#"{"error":{"code":"UserError","message":"Identity(object id: b1d9f7a4-41f3-4a88-9b1a-0c5e6d7f8a02) does not have permissions for Microsoft.MachineLearningServices/workspaces/models/write actions."}}"#,
            "--role \"AzureML Data Scientist\" --scope /subscriptions/c07b4c83-5e95-40c6-81d7-8c5d6e7f9a09/resourceGroups/g/providers/Microsoft.MachineLearningServices/workspaces/w (",
        ),
        // One that names nobody is told in general.
        (
            r#"{"error":{"code":"UserError","message":"Identity(object id: `reboot`) does not have permissions for x actions."}}"#,
            "AzureML Data Scientist to work",
        ),
    ] {
        let list = call(Operation::get(workspace.clone(), "the models"));
        let (result, asked, _) = answered(Box::new(list), &[(403, &[], body)]);
        let error = result.unwrap_err();
        assert_eq!((error.kind(), asked.len()), (ErrorKind::Forbidden, 1), "{body}");
        assert!(error.remedy().unwrap().contains(remedy), "{error:?}");
        assert_eq!(error.remedy().unwrap().contains(OBJECT), body.contains(OBJECT));
    }
}
