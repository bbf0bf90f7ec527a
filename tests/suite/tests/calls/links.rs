//! Links that a service gives: which are followed, how far, and where no token goes.

use entrada_core::ErrorKind;
use entrada_core::call::{LongRunning, Operation, Pages};
use entrada_core::effect::Effect;
use entrada_tests::script::{respond, run, token};

use crate::support::{answered, call, manager};

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
