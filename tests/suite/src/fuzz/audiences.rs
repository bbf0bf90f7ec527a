//! From an address to the tokens that may be sent there.

use entrada_core::call::Audiences;
use entrada_core::call::{Dialect, Service};
use entrada_core::{Cloud, Endpoint, PlainHttp, Scopes};

/// Any address: a token is for a host of its own audience, in its own cloud, or it is not sent.
pub fn audience(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let mut clouds = Vec::new();
    for cloud in Cloud::ALL {
        if let Ok(service) = Audiences::of_cloud(cloud).service(&text) {
            belongs(cloud, &service, &text);
            clouds.push(cloud.name);
        }
    }
    assert!(clouds.len() < 2, "{text} is of {clouds:?}");
    // What was configured gets tokens at its own origin and at no other.
    let home = Endpoint::authority("http://127.0.0.1:9", PlainHttp::OnLoopback).expect("an address");
    let scopes = Scopes::of_resource("https://own.example").expect("a resource");
    let own = Audiences::none().with(Service::new(home, scopes, Dialect::ResourceManager));
    if own.service(&text).is_ok() {
        let url = url::Url::parse(&text).expect("an address");
        assert_eq!(url.origin().ascii_serialization(), "http://127.0.0.1:9");
    }
}

/// Another reader of addresses, and another way to compare hosts.
fn belongs(cloud: &'static Cloud, service: &Service, text: &str) {
    let uri: http::Uri = service.endpoint().url().as_str().parse().expect("an address");
    let host = uri.host().unwrap_or_default();
    assert_eq!((uri.scheme_str(), uri.port()), (Some("https"), None), "{text}");
    let there = url::Url::parse(text).expect("an address");
    assert_eq!(there.host_str(), Some(host), "{text}");
    assert!(there.username().is_empty() && there.password().is_none(), "{text}");
    let labels: Vec<&str> = host.split('.').collect();
    assert!(labels.iter().all(|label| !label.is_empty()), "{text}");
    let is = |address: Option<&str>| address.is_some_and(|known| known == format!("https://{host}"));
    let expected = match service.dialect() {
        Dialect::ResourceManager if is(cloud.resource_manager) => {
            cloud.resource_manager_scope.map(str::to_owned)
        }
        Dialect::Graph if is(cloud.graph) => cloud.graph.map(|graph| format!("{graph}/.default")),
        Dialect::MachineLearning => {
            let below = cloud.machine_learning_hosts.iter().any(|suffix| {
                let known: Vec<&str> = suffix.trim_start_matches('.').split('.').collect();
                labels.len() > known.len() && labels.ends_with(&known)
            });
            assert!(below || is(cloud.machine_learning), "{text}");
            cloud.machine_learning.map(|audience| format!("{audience}/.default"))
        }
        other => panic!("{text} is of {other:?}"),
    };
    assert_eq!(Some(service.request().scopes().joined()), expected.as_deref(), "{text}");
}
