//! The services of a cloud by their hosts.

use crate::call::{Dialect, Service};
use crate::cloud::Cloud;
use crate::endpoint::{Endpoint, PlainHttp};
use crate::error::Error;
use crate::scope::Scopes;

/// The service that a cloud has at this host, if it has one there.
///
/// # Errors
/// `Configuration` when no address can have the host.
pub(super) fn service(cloud: &'static Cloud, host: &str) -> Result<Option<Service>, Error> {
    let is = |address: Option<&str>| {
        let known = address.and_then(|address| address.strip_prefix("https://"));
        known.is_some_and(|known| known.eq_ignore_ascii_case(host))
    };
    let (scopes, dialect) = if is(cloud.resource_manager) {
        (cloud.resource_manager_scope.map(|scope| Scopes::new([scope])), Dialect::ResourceManager)
    } else if is(cloud.graph) {
        (cloud.graph.map(Scopes::of_resource), Dialect::Graph)
    } else if is(cloud.machine_learning)
        || cloud.machine_learning_hosts.iter().any(|suffix| below(host, suffix))
    {
        (cloud.machine_learning.map(Scopes::of_resource), Dialect::MachineLearning)
    } else {
        return Ok(None);
    };
    let Some(scopes) = scopes.transpose()? else { return Ok(None) };
    let endpoint = Endpoint::authority(&format!("https://{host}"), PlainHttp::Refused)?;
    Ok(Some(Service::new(endpoint, scopes, dialect)))
}

/// Whether a host is a suffix, which begins with a dot, with labels before it.
fn below(host: &str, suffix: &str) -> bool {
    let host = host.to_ascii_lowercase();
    let labels = host.strip_suffix(suffix).unwrap_or_default();
    let is_label =
        |label: &str| !label.is_empty() && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    suffix.starts_with('.') && labels.split('.').all(is_label)
}
