//! Which service a request is for.

use entrada_core::cloud::Cloud;

use crate::ask::Ask;
use crate::config::Host;
use crate::world::TOKEN_PROXY_HOST;
use crate::{hosts, ml, token_proxy};

/// The address of the instance metadata service.
pub(crate) const METADATA: &str = "169.254.169.254";

/// A service that is played.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Service {
    Entra,
    Imds,
    Host(Host),
    Arm,
    MachineLearning,
    Graph,
    Pipelines,
    /// The token proxy of a cluster, and whether it has this host to itself.
    TokenProxy(bool),
}

/// By the host where it is a known one, so that a request sent to the wrong service fails as it would
/// in Azure; by the path on any other host, which is all services at once.
pub(crate) fn service(ask: &Ask<'_>) -> Service {
    let host = ask.origin.host();
    if host == TOKEN_PROXY_HOST {
        return Service::TokenProxy(true);
    }
    if host == METADATA {
        return Service::Imds;
    }
    if host == "dev.azure.com" || host.ends_with(".visualstudio.com") {
        return Service::Pipelines;
    }
    if ask.origin.region().is_some() || ask.origin.external().is_some() {
        return Service::Entra;
    }
    let is = |address: Option<&str>| address.and_then(|url| url.strip_prefix("https://")) == Some(&host);
    for cloud in Cloud::ALL {
        if cloud.authority == host || cloud.aliases.contains(&host.as_str()) {
            return Service::Entra;
        }
        if is(cloud.resource_manager) {
            return Service::Arm;
        }
        if is(cloud.graph) {
            return Service::Graph;
        }
    }
    if ml::cloud_of(&host).is_some() {
        return Service::MachineLearning;
    }
    if ask.segments.iter().any(|segment| segment.eq_ignore_ascii_case("_apis")) {
        return Service::Pipelines;
    }
    if let Some(host) = hosts::host(ask) {
        return Service::Host(host);
    }
    if ask.segments.first().is_some_and(|first| ml::STEPS.contains(&first.as_str())) {
        return Service::MachineLearning;
    }
    if [&["metadata", "endpoints"][..], &["tenants"]].contains(&ask.pieces().as_slice()) {
        return Service::Arm;
    }
    match ask.segments.first().map(|first| first.to_ascii_lowercase()).as_deref() {
        Some("metadata") => Service::Imds,
        Some("subscriptions") => Service::Arm,
        Some("v1.0") => Service::Graph,
        Some(token_proxy::PREFIX) => Service::TokenProxy(false),
        _ => Service::Entra,
    }
}
