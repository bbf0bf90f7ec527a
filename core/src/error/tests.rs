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
