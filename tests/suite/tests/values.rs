//! Values against oracles: another library where there is one, else a model so simple that it can be read.

use std::path::Path;
use std::time::Duration;

use entrada_core::auth_file::{AuthProof, Sign, json_auth};
use entrada_core::calendar::{self, parse_http_date, rfc3339};
use entrada_core::claims::Claims;
use entrada_core::exchange::retry_after;
use entrada_core::{
    AccessToken, AuthFile, Cloud, Mono, Now, PlainHttp, Scopes, Secret, Tenant, Unix, redact,
};
use entrada_tests::sim::START;
use jiff::Timestamp;
use proptest::prelude::*;

fn config() -> ProptestConfig {
    ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() }
}

/// Any second of the years 1 to 9998, in jiff's words.
fn second() -> impl Strategy<Value = i64> {
    -62_135_596_800i64..253_370_764_800
}

fn format(at: i64, format: &str) -> String {
    Timestamp::from_second(at).unwrap().strftime(format).to_string()
}

fn parsed(text: &str) -> Option<i64> {
    calendar::parse(text).map(|stamp| stamp.or_utc().0)
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn dates_read_as_jiff_writes_them(at in second(), fraction in "(\\.[0-9]{0,9})?") {
        for form in ["%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%d %H:%M:%S", "%m/%d/%Y %H:%M:%S +00:00", "%m/%d/%Y %I:%M:%S %p +00:00", "%m/%d/%Y %I:%M:%S %p"] {
            let text = format(at, form);
            prop_assert_eq!(parsed(&text), Some(at), "{}", text);
        }
        let text = format!("{}{fraction}+00:00", format(at, "%Y-%m-%dT%H:%M:%S"));
        prop_assert_eq!(parsed(&text), Some(at), "{}", text);
        prop_assert_eq!(rfc3339(Unix(at)), format(at, "%Y-%m-%dT%H:%M:%SZ"));
        // Years of two digits mean others.
        if at >= -59_011_459_200 {
            prop_assert_eq!(parse_http_date(&format(at, "%a, %d %b %Y %H:%M:%S GMT")), Some(Unix(at)));
        }
        prop_assert_eq!(parse_http_date(&format(at, "%a %b %e %H:%M:%S %Y")), Some(Unix(at)));
    }

    #[test]
    fn offsets_are_taken_off(at in 0i64..4_000_000_000, hours in -23i64..=23, minutes in 0i64..60) {
        let sign = if hours < 0 { '-' } else { '+' };
        let offset = hours * 3600 + hours.signum() * minutes * 60;
        for colon in [":", ""] {
            let local = format(at + offset, "%Y-%m-%dT%H:%M:%S");
            let text = format!("{local}{sign}{:02}{colon}{minutes:02}", hours.abs());
            let expected = if hours == 0 { at - minutes * 60 } else { at };
            prop_assert_eq!(parsed(&text), Some(expected), "{}", text);
        }
    }

    #[test]
    fn a_date_that_jiff_refuses_is_refused(year in 1i64..9999, month in 0i64..15, day in 0i64..35, hour in 0i64..26, minute in 0i64..62) {
        let text = format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:00Z");
        let oracle = text.parse::<Timestamp>().ok().map(|at| at.as_second());
        prop_assert_eq!(parsed(&text), oracle, "{}", text);
    }

    #[test]
    fn patience_is_counted_right(seconds in 0u64..100_000, now in 0i64..4_000_000_000, ahead in -1000i64..100_000) {
        let read = |name: &'static str, value: String| {
            let mut headers = http::HeaderMap::new();
            headers.insert(name, value.parse().unwrap());
            retry_after(&headers, Unix(now))
        };
        prop_assert_eq!(read("retry-after", seconds.to_string()), Some(Duration::from_secs(seconds)));
        prop_assert_eq!(read("retry-after", format!("{seconds}.5")), Some(Duration::from_secs(seconds + 1)));
        prop_assert_eq!(read("retry-after-ms", seconds.to_string()), Some(Duration::from_millis(seconds)));
        prop_assert_eq!(read("x-ms-retry-after-ms", seconds.to_string()), Some(Duration::from_millis(seconds)));
        let date = entrada_tests::faults::http_date(Unix(now + ahead));
        let expected = Duration::from_secs(u64::try_from(ahead).unwrap_or(0));
        prop_assert_eq!(read("retry-after", date), Some(expected));
    }

    #[test]
    fn scopes_keep_their_order_and_their_words(words in proptest::collection::vec("[a-z:/.]{1,12}", 1..6)) {
        let scopes = Scopes::new(&words);
        let reserved = words.iter().any(|word| ["openid", "profile", "offline_access"].contains(&word.as_str()));
        prop_assert_eq!(scopes.is_err(), reserved);
        if let Ok(scopes) = scopes {
            let mut once: Vec<&str> = Vec::new();
            for word in &words {
                if !once.contains(&word.as_str()) {
                    once.push(word);
                }
            }
            prop_assert_eq!(scopes.joined(), once.join(" "));
            prop_assert_eq!(Scopes::new([scopes.joined()]).unwrap(), scopes.clone());
            prop_assert_eq!(scopes.single().is_ok(), once.len() == 1);
        }
    }

    #[test]
    fn a_scope_with_anything_illegal_is_refused(text in "\\PC{0,12}") {
        let legal = |c: char| ('!'..='~').contains(&c) && c != '"' && c != '\\';
        let words: Vec<&str> = text.split_whitespace().collect();
        let fine = !words.is_empty() && words.iter().all(|word| word.chars().all(legal));
        let reserved = words.iter().any(|word| ["openid", "profile", "offline_access"].contains(word));
        prop_assert_eq!(Scopes::new([&text]).is_ok(), fine && !reserved, "{:?}", text);
    }

    #[test]
    fn tenants_are_path_segments(text in "\\PC{0,16}|[a-zA-Z0-9.-]{1,40}") {
        if let Ok(tenant) = Tenant::new(text.clone()) {
            let name = tenant.as_str();
            prop_assert!(name.chars().all(|c| c.is_ascii_alphanumeric() || c == '.' || c == '-'));
            let url = url::Url::parse(&format!("https://h/{name}/oauth2")).unwrap();
            prop_assert_eq!(url.path(), format!("/{name}/oauth2"));
        } else {
            let name = text.trim();
            let fine = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '.' || c == '-');
            prop_assert!(!fine || !name.starts_with(|c: char| c.is_ascii_alphanumeric()), "{:?}", text);
        }
    }

    #[test]
    fn demands_are_united(values in proptest::collection::vec("[a-zA-Z0-9?>~]{1,8}", 0..4), nbf in 0u32..9) {
        let demand = serde_json::json!({"access_token": {"xms_cc": {"values": values}, "nbf": {"value": nbf}}});
        let demand = Claims::from_json(&demand.to_string()).unwrap();
        let merged = demand.clone().merge(Claims::capability());
        let text = merged.to_json();
        let document: serde_json::Value = serde_json::from_str(&text).unwrap();
        let list = document["access_token"]["xms_cc"]["values"].as_array().unwrap();
        let capable = list.iter().filter(|v| v.as_str().is_some_and(|v| v.eq_ignore_ascii_case("cp1"))).count();
        let before = values.iter().filter(|v| v.eq_ignore_ascii_case("cp1")).count();
        prop_assert_eq!(capable, before.max(1));
        prop_assert_eq!(document["access_token"]["nbf"]["value"].as_u64(), Some(u64::from(nbf)));
        for value in &values {
            prop_assert!(list.iter().any(|known| known.as_str() == Some(value)));
        }
        prop_assert_eq!(merged.clone().merge(Claims::capability()), merged.clone());
        prop_assert_eq!(merged.clone().merge(demand), merged);
    }

    #[test]
    fn claims_come_in_every_alphabet(text in "\\PC{0,30}") {
        let json = serde_json::json!({ "access_token": { "x": { "value": text } } }).to_string();
        let claims = Claims::from_json(&json).unwrap();
        let standard = claims.to_base64();
        let url_safe = standard.replace('+', "-").replace('/', "_");
        for form in [&standard, &url_safe, &json, &standard.trim_end_matches('=').to_owned(), &format!(" {url_safe} ")] {
            prop_assert_eq!(Claims::from_challenge(form), Some(claims.clone()), "{}", form);
        }
    }

    #[test]
    fn a_known_secret_never_comes_through(secret in "[!-~]{6,40}", before in "\\PC{0,40}", after in "\\PC{0,40}") {
        let known = [Secret::new(secret.clone())];
        let form: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
        let json = serde_json::to_string(&secret).unwrap();
        for spelled in [&secret, &form, &json[1..json.len() - 1].to_owned()] {
            let text = format!("{before}{spelled}{after}");
            let cleaned = redact::clean(&text, &known);
            prop_assert!(!cleaned.contains(spelled.as_str()) || "[redacted]".contains(spelled.as_str()), "{} -> {}", text, cleaned);
            prop_assert!(!cleaned.chars().any(char::is_control));
            prop_assert!(cleaned.chars().count() <= 601);
        }
    }

    #[test]
    fn a_named_value_never_comes_through(value in "[a-z0-9]{8,60}", name in "access_token|accessToken|client_secret|password|refresh_token|code_verifier|device_code|api_key|client_assertion", quote in "[\"']") {
        for text in [
            format!("x {name}={value}&y=1"),
            format!("{{{quote}{name}{quote}:{quote}{value}{quote}}}"),
            format!("{{{quote}{name}{quote} : {quote}{value}"),
            format!("{name}={value}"),
            format!("{{\\\"{name}\\\":\\\"{value}\\\"}}"),
        ] {
            let cleaned = redact::clean(&text, &[]);
            prop_assert!(!cleaned.contains(&value), "{} -> {}", text, cleaned);
        }
    }

    #[test]
    fn a_jwt_never_comes_through(payload in "[A-Za-z0-9_-]{10,80}", before in "[ a-z\"':=(<]{0,8}", after in "[ \"')>,;]{0,4}") {
        let token = format!("eyJhbGciOiJub25lIn0.{payload}.{payload}");
        let cleaned = redact::clean(&format!("{before}{token}{after}"), &[]);
        prop_assert!(!cleaned.contains(&payload), "{}", cleaned);
    }

    #[test]
    fn alive_by_both_clocks_alone(life in 1i64..100_000, mono in 0u64..200_000_000, unix in -100_000i64..200_000) {
        let token = AccessToken::new(Secret::new("t"), Unix(START.unix.0 + life), START, "test").unwrap();
        let now = Now { mono: Mono(START.mono.0 + mono), unix: Unix(START.unix.0 + unix) };
        let alive = unix < life && mono < life.unsigned_abs() * 1000;
        prop_assert_eq!(token.is_alive(now), alive);
        prop_assert_eq!(token.life_left(now).is_zero(), !alive);
    }
}

/// What a secret or a path may be: anything but blank, or what looks like a placeholder.
fn proof() -> impl Strategy<Value = String> {
    any::<String>()
        .prop_filter("it is one", |text| !text.trim().is_empty() && !text.trim_start().starts_with('<'))
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn an_auth_file_is_read_as_it_was_written(
        client in "[0-9a-f]{8}-[0-9a-f]{4}", tenant in "[a-z][a-z0-9]{0,20}\\.example", subscription in "[0-9a-f-]{1,36}",
        proof in proof(), with_secret in any::<bool>(), at in 0usize..3,
    ) {
        let cloud = [Cloud::PUBLIC, Cloud::CHINA, Cloud::US_GOVERNMENT][at];
        let secret = Secret::new(proof.as_str());
        let sign = if with_secret { Sign::Secret(&secret) } else { Sign::Certificate(Some(&proof)) };
        let written = json_auth(cloud, [&client, &subscription, &tenant], sign).unwrap();
        // Some tools put a byte-order mark before it.
        for text in [written.expose().to_owned(), format!("\u{feff}{}", written.expose())] {
            let read = AuthFile::parse(text.as_bytes(), PlainHttp::Refused).unwrap();
            prop_assert_eq!((read.client_id(), read.tenant().as_str()), (client.as_str(), tenant.as_str()));
            prop_assert_eq!(read.subscription_id(), Some(subscription.as_str()));
            match read.proof() {
                AuthProof::Secret(read) => prop_assert!(with_secret && read.expose() == proof),
                AuthProof::Certificate(path) => prop_assert!(!with_secret && path == Path::new(&proof)),
                other => prop_assert!(false, "{:?}", other),
            }
            prop_assert_eq!(read.authority(None).unwrap().cloud(), Some(cloud));
            let manager = read.resource_manager(None).unwrap();
            prop_assert_eq!(Cloud::of_resource_manager(manager.endpoint().host()).unwrap(), Some(cloud));
        }
    }
}
