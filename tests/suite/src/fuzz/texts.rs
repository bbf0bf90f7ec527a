//! Headers, addresses, dates, and what knocks at the listener.

use entrada_core::calendar;
use entrada_core::challenge;
use entrada_core::effect::wants_more;
use entrada_core::endpoint::{Endpoint, PlainHttp, Route};
use entrada_core::flows::interactive_browser::redirect::{Incoming, Outcome, parse};
use entrada_core::{Secret, Unix};

/// The state that the sign-in under test waits for.
const STATE: &str = "c3RhdGUtb2YtdGhlLXNpZ24taW4";

/// Any bytes at the listener: only our state makes them ours.
pub fn redirect_request(bytes: &[u8]) {
    let _ = wants_more(bytes);
    let state = Secret::new(STATE);
    match parse(bytes, "/", &state) {
        Incoming::Stranger(status) => assert!((400..500).contains(&status)),
        Incoming::Ours(outcome) => {
            // Percent-encoding may hide letters of it, never the whole.
            let text = String::from_utf8_lossy(bytes);
            let decoded: String = url::form_urlencoded::parse(text.as_bytes())
                .map(|(name, value)| format!("{name}={value}&"))
                .collect();
            assert!(text.contains(STATE) || decoded.contains(STATE) || text.contains('%'), "{text}");
            if let Outcome::Code(code, _) = outcome {
                assert!(!code.is_empty());
            }
            // A redirect with another state is a stranger's, whatever else is in it.
            assert!(matches!(parse(bytes, "/", &Secret::new("another")), Incoming::Stranger(_)));
            assert!(matches!(parse(bytes, "/elsewhere", &state), Incoming::Stranger(_)));
            assert!(matches!(parse(bytes, "/", &Secret::new("")), Incoming::Stranger(_)));
        }
    }
}

/// Any `WWW-Authenticate` header.
pub fn challenge_header(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let found = challenge::parse(&text);
    assert!(found.len() <= text.len());
    for challenge in &found {
        assert!(!challenge.scheme.is_empty());
        let shown = format!("{challenge:?}");
        if let Some(claims) = challenge.claims() {
            // What was read survives the wire, in either spelling.
            let json = claims.to_json();
            assert_eq!(entrada_core::claims::Claims::from_challenge(&json).as_ref(), Some(&claims));
            assert_eq!(entrada_core::claims::Claims::from_challenge(&claims.to_base64()), Some(claims));
        }
        // A scheme may happen to have the same letters, alone or with the words that frame it.
        let framed = |value: &str| value.contains(&challenge.scheme) || value.contains("insufficient_claims");
        let once = |value: &&str| value.len() > 20 && text.matches(value).count() == 1 && !framed(value);
        if let Some(value) = challenge.get("claims").filter(once) {
            assert!(!shown.contains(value));
        }
        if let Some(tenant) = challenge.tenant() {
            assert!(!tenant.is_special() && !tenant.as_str().contains('/'));
        }
    }
}

/// Any date.
pub fn time_parse(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    if let Some(stamp) = calendar::parse(&text) {
        let at = stamp.or_utc();
        // Years 1 to 9999, give or take a day's offset.
        assert!((-62_135_683_200..=253_402_387_200).contains(&at.0), "{text}: {at:?}");
        let written = calendar::rfc3339(at);
        if (Unix(-62_135_596_800)..=Unix(253_402_300_799)).contains(&at) {
            assert_eq!(
                calendar::parse(&written).map(calendar::Stamp::or_utc),
                Some(at),
                "{text} -> {written}"
            );
        }
    }
    if let Some(at) = calendar::parse_http_date(&text) {
        assert!((-62_135_683_200..=253_402_387_200).contains(&at.0), "{text}: {at:?}");
    }
    let mut headers = http::HeaderMap::new();
    if let Ok(value) = http::HeaderValue::from_bytes(bytes) {
        headers.insert("retry-after", value);
        let _ = entrada_core::exchange::retry_after(&headers, Unix(0));
    }
}

/// Any address: what is accepted is what it seems to be.
pub fn endpoint_url(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    for http in [PlainHttp::Refused, PlainHttp::OnLoopback] {
        let Ok(endpoint) = Endpoint::authority(text, http) else { continue };
        let url = endpoint.url();
        assert!(
            url.scheme() == "https"
                || (http == PlainHttp::OnLoopback && url.scheme() == "http" && loopback(url)),
            "{text}: {url}"
        );
        assert!(url.username().is_empty() && url.password().is_none() && url.fragment().is_none());
        assert!(url.query().is_none());
        assert_eq!(*endpoint.route(), if loopback(url) { Route::Local } else { Route::Internet });
        second_look(&endpoint);
    }
    if let Ok(endpoint) = Endpoint::local(text) {
        assert!(loopback(endpoint.url()) || link_local(endpoint.url()), "{text}");
        assert_eq!(*endpoint.route(), Route::Local);
        second_look(&endpoint);
    }
    if let Ok(home) = Endpoint::authority("https://management.azure.com", PlainHttp::Refused)
        && let Ok(next) = home.follow(text)
    {
        assert_eq!(next.host(), "management.azure.com");
        assert_eq!(next.url().scheme(), "https");
        assert_eq!(next.url().port_or_known_default(), Some(443));
        assert!(next.url().username().is_empty() && next.url().password().is_none());
    }
}

/// Another parser has to see the same host in what leaves us.
fn second_look(endpoint: &Endpoint) {
    let below = endpoint.join(["a b", "..", "c/d?e#f"]);
    for url in [endpoint.url(), below.url()] {
        let uri: http::Uri = url.as_str().parse().unwrap_or_else(|error| panic!("{url}: {error}"));
        let host = uri.host().unwrap_or_default();
        assert_eq!(host, url.host_str().unwrap_or_default(), "two parsers see two hosts in {url}");
        assert_eq!(host, endpoint.host());
        assert_eq!(uri.port_u16(), url.port());
    }
}

fn loopback(url: &url::Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || bare.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn link_local(url: &url::Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    match host.trim_start_matches('[').trim_end_matches(']').parse() {
        Ok(std::net::IpAddr::V4(address)) => address.is_link_local(),
        Ok(std::net::IpAddr::V6(address)) => (address.segments()[0] & 0xffc0) == 0xfe80,
        Err(_) => false,
    }
}
