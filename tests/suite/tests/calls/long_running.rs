//! What takes longer than an answer: where it is looked at, how often, and how it ends.

use entrada_core::call::{LongRunning, Operation};
use entrada_core::{Error, ErrorKind};

use crate::support::{Answer, answered, call};

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
