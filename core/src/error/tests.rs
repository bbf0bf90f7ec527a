//! What an error shows.

use super::*;

#[test]
fn an_error_is_one_word() {
    assert_eq!(size_of::<Error>(), size_of::<usize>());
    assert_eq!(size_of::<Option<Error>>(), size_of::<usize>());
}

#[test]
fn display_has_our_words_and_never_the_servers() {
    let error = Error::new(ErrorKind::Refused, "login.example refused the client secret")
        .from_source("client-secret")
        .from_source("outer")
        .with_code(Some("invalid_client"))
        .with_aadsts(vec![7_000_215])
        .with_ids(Some("fb3d2015-bc17-4bb9-bb85-30c5cf1aaaa7"), Some("not an id"))
        .with_detail("server text");
    let text = error.to_string();
    assert!(text.starts_with(
        "client-secret: login.example refused the client secret (invalid_client, AADSTS7000215)"
    ));
    assert!(text.contains("correlation id fb3d2015"));
    assert!(!text.contains("server text"));
    assert_eq!(error.trace_id(), None);
    assert!(error.remedy().is_some(), "the table knows 7000215");
}

#[test]
fn an_attempt_keeps_what_was_said_and_where_to_find_it() {
    let id = "fb3d2015-bc17-4bb9-bb85-30c5cf1aaaa7";
    let error = Error::new(ErrorKind::Unavailable, "the tool was refused a token")
        .from_source("azure-cli")
        .with_ids(Some(id), None)
        .with_detail("policy X");
    let attempt = error.to_attempt("azure-cli");
    assert_eq!(attempt.message, "the tool was refused a token");
    assert_eq!((attempt.detail.as_deref(), attempt.correlation_id.as_deref()), (Some("policy X"), Some(id)));
    let chain = Error::new(ErrorKind::Unavailable, "nothing").with_attempts(vec![attempt]);
    assert!(chain.to_string().contains(id) && !chain.to_string().contains("policy X"), "{chain}");
}

#[test]
fn every_kind_has_a_next_step_but_that_of_a_caller_who_gave_up() {
    for kind in ErrorKind::ALL {
        let remedy = Error::new(kind, "it failed").remedy().map(str::to_owned);
        assert_eq!(remedy.is_none_or(|remedy| remedy.is_empty()), kind == ErrorKind::Cancelled, "{kind}");
    }
    let said = Error::new(ErrorKind::Refused, "no").with_remedy("use another");
    assert_eq!(said.remedy(), Some("use another"));
}
