use super::*;

fn chosen(environment: &Environment, uri: &str) -> Option<String> {
    let uri = uri.parse().unwrap();
    let proxies = Proxies::of(environment);
    let proxy = proxies.for_request(&uri, &Route::Internet)?;
    Some(proxy.address().map_or("unusable".to_owned(), ToString::to_string))
}

#[test]
fn each_scheme_has_its_proxy() {
    let environment = Environment::new().with("HTTPS_PROXY", "http://a:1").with("http_proxy", "b");
    assert_eq!(chosen(&environment, "https://x/").unwrap(), "http://a:1/");
    assert_eq!(chosen(&environment, "http://x/").unwrap(), "http://b:80/");
    let environment = Environment::new().with("ALL_PROXY", "https://c");
    assert_eq!(chosen(&environment, "https://x/").unwrap(), "https://c:443/");
    assert_eq!(chosen(&Environment::new(), "https://x/"), None);
    let environment = Environment::new().with("HTTPS_PROXY", "A:1").with("https_proxy", "b:2");
    assert_eq!(chosen(&environment, "https://x/").unwrap(), "http://b:2/");
}

#[test]
fn a_proxy_that_cannot_be_used_is_not_gone_past() {
    for bad in ["socks5://a:1", "http://", "http://a b"] {
        let environment = Environment::new().with("HTTPS_PROXY", bad);
        assert_eq!(chosen(&environment, "https://x/").unwrap(), "unusable", "{bad}");
    }
}

#[test]
fn a_header_of_a_cgi_client_is_no_proxy() {
    let environment = Environment::new().with("HTTP_PROXY", "evil").with("REQUEST_METHOD", "GET");
    assert_eq!(chosen(&environment, "http://x/"), None);
    assert_eq!(chosen(&environment.with("http_proxy", "good"), "http://x/").unwrap(), "http://good:80/");
}

#[test]
fn local_and_pinned_go_direct() {
    let environment = Environment::new().with("ALL_PROXY", "a").with("HTTPS_PROXY", "a");
    let proxies = Proxies::of(&environment);
    let uri = "https://localhost:2377/".parse().unwrap();
    assert!(proxies.for_request(&uri, &Route::Internet).is_some());
    assert!(proxies.for_request(&uri, &Route::Local).is_none());
    assert!(proxies.for_request(&uri, &Route::Pinned([0; 20])).is_none());
}

#[test]
fn no_proxy() {
    for (rules, host, port, direct) in [
        ("example.com", "example.com", 443, true),
        ("example.com", "login.example.com", 443, true),
        ("example.com", "notexample.com", 443, false),
        (".example.com", "example.com", 443, true),
        ("*.example.com", "a.example.com", 443, true),
        ("EXAMPLE.com", "login.Example.COM.", 443, true),
        ("a, example.com", "example.com", 443, true),
        ("example.com:8443", "example.com", 443, false),
        ("example.com:8443", "example.com", 8443, true),
        ("*", "anything", 1, true),
        ("10.0.0.1", "10.0.0.1", 80, true),
        ("10.0.0.1", "10.0.0.10", 80, false),
        ("10.0.0.0/8", "10.9.9.9", 80, true),
        ("10.0.0.0/8", "11.0.0.1", 80, false),
        ("0.0.0.0/0", "11.0.0.1", 80, true),
        ("10.0.0.0/33", "10.0.0.1", 80, false),
        ("::1", "[::1]", 80, true),
        ("[::1]:80", "[::1]", 81, false),
        ("fe80::/10", "[fe80::1]", 80, true),
        ("0.1", "10.0.0.1", 80, false),
        ("", "x", 80, false),
        (",.,:", "x", 80, false),
    ] {
        assert_eq!(NoProxy::parse(rules).matches(host, port), direct, "{rules} for {host}:{port}");
    }
}

#[test]
fn user_info_becomes_a_header_and_stays_out_of_sight() {
    let proxy = Proxy::parse("http://us%65r:p%40ss@host:8080");
    assert_eq!(format!("{proxy:?}"), "Proxy(http://host:8080/)");
    let head = proxy.connect_head("login.example", 443);
    assert_eq!(
        head.expose(),
        "CONNECT login.example:443 HTTP/1.1\r\nHost: login.example:443\r\n\
         Proxy-Authorization: Basic dXNlcjpwQHNz\r\n\r\n"
    );
}

#[test]
fn tunnel_answers() {
    use TunnelAnswer::{Incomplete, Open, Refused};
    for (bytes, answer) in [
        ("", Incomplete),
        ("HTTP/1.1 200 Connection", Incomplete),
        ("HTTP/1.1 200 Connection established\r\n\r\n", Open),
        ("HTTP/1.0 200 OK\r\nVia: x\r\n\r\n", Open),
        ("HTTP/1.1 200 OK\r\n\r\nextra", Refused),
        ("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", Refused),
        ("SSH-2.0-x\r\n\r\n", Refused),
        ("HTTP/1.1 2\r\n\r\n", Refused),
    ] {
        assert_eq!(read_tunnel_answer(bytes.as_bytes()), answer, "{bytes:?}");
    }
    assert_eq!(read_tunnel_answer(&[b'x'; 20_000]), Refused);
}
