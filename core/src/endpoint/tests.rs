//! Which addresses are taken, and what becomes of them.

use super::*;

fn authority(address: &str) -> Result<Endpoint, Error> {
    Endpoint::authority(address, PlainHttp::Refused)
}

#[test]
fn authorities() {
    for good in [
        "https://login.microsoftonline.com",
        "login.microsoftonline.com",
        " https://host/adfs/ ",
        "https://host:8443",
    ] {
        assert!(authority(good).is_ok(), "{good}");
    }
    for bad in [
        "",
        "http://login.microsoftonline.com",
        "http://127.0.0.1",
        "https://user@host",
        "https://user:pw@host",
        "https://host?x=1",
        "https://host#f",
        "ftp://host",
        "https://",
        "https:\\\\host",
        "https:/host",
        "HTTPS:host",
        "http:",
        "https://ho\tst",
        "https://@host",
        "https://ho}st",
        "https://ho'st/x",
        "file:///etc",
        "data:x",
    ] {
        assert!(authority(bad).is_err(), "{bad}");
    }
}

#[test]
fn plain_http_is_for_this_machine() {
    for good in ["http://127.0.0.1:1", "http://[::1]:1", "http://localhost:1", "http://LOCALHOST:1"] {
        let endpoint = Endpoint::authority(good, PlainHttp::OnLoopback).unwrap();
        assert_eq!(*endpoint.route(), Route::Local);
    }
    for bad in [
        "http://127.0.0.1.example",
        "http://localhost.example",
        "http://169.254.169.254",
        "http://10.0.0.1",
        "http://[::ffff:127.0.0.1]",
        "http://0.0.0.0",
        "http://127.0.0.2",
    ] {
        assert!(Endpoint::authority(bad, PlainHttp::OnLoopback).is_err(), "{bad}");
    }
}

#[test]
fn local_endpoints() {
    for good in [
        "http://169.254.169.254",
        "http://localhost:40342/x?y=1",
        "https://localhost:2377",
        "http://[fe80::1]/",
    ] {
        assert!(Endpoint::local(good).is_ok(), "{good}");
    }
    for bad in [
        "http://10.0.0.1",
        "http://example.com",
        "identity-responder-not-enabled",
        "http://169.254.169.254@evil.example",
        "ftp://localhost",
    ] {
        assert!(Endpoint::local(bad).is_err(), "{bad}");
    }
}

#[test]
fn below_and_with_query() {
    let base = authority("https://host/adfs/").unwrap();
    assert_eq!(base.join(["a b", "c/d", "é"]).url().as_str(), "https://host/adfs/a%20b/c%2Fd/%C3%A9");
    for step in ["..", ".", "\t..", ".\r\n.", "\n"] {
        let below = base.join(["a", step, "b"]);
        assert!(below.url().path().trim_matches('/').replace("//", "/") == "adfs/a/b", "{step:?} {below:?}");
    }
    let local = Endpoint::local("http://localhost/t?x=1").unwrap();
    assert_eq!(
        local.with_query([("resource", "https://r/"), ("a", "b c")]).url().as_str(),
        "http://localhost/t?x=1&resource=https%3A%2F%2Fr%2F&a=b%20c"
    );
}

#[test]
fn links_stay_at_home() {
    let arm = authority("https://management.azure.com").unwrap();
    assert!(arm.follow("https://management.azure.com/x?$skip=1").is_ok());
    for bad in [
        "https://evil.example/x",
        "http://management.azure.com/",
        "https://management.azure.com:444/",
        "/x",
        "",
        "https://management.azure.com@evil.example/",
        "https://u@management.azure.com/",
        "data:x",
    ] {
        assert!(arm.follow(bad).is_err(), "{bad}");
    }
}
