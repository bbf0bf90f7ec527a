//! What was asked of whom.

use std::fmt;

use entrada_core::effect::HttpRequest;
use entrada_core::time::Now;

use crate::ask::Ask;
use crate::config::Host;
use crate::route::{self, Service};

/// One request, without anything secret.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Asked {
    /// The service, by its name.
    pub service: &'static str,
    /// The method.
    pub method: String,
    /// The path, without query.
    pub path: String,
    /// The kind of grant, at the token endpoint.
    pub grant: Option<String>,
    /// The client id that the request names.
    pub client: Option<String>,
    /// The status of the answer.
    pub status: u16,
}

impl Asked {
    pub(super) fn of(now: Now, request: &HttpRequest, status: u16) -> Option<Asked> {
        let ask = Ask::new(now, request)?;
        let form = ask.form();
        let either = |name: &str| form.get(name).or(ask.query.get(name)).map(str::to_owned);
        // A secret in the wrong field must not be shown: ids and names of grants are short and plain.
        let plain = |text: &String| {
            text.len() <= 64 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_:.".contains(&b))
        };
        let service = match route::service(&ask) {
            Service::Entra => "Entra ID",
            Service::Imds => "Instance metadata service",
            Service::Host(Host::AppService) => "App Service",
            Service::Host(Host::Arc) => "Azure Arc",
            Service::Host(Host::ServiceFabric) => "Service Fabric",
            Service::Host(Host::CloudShell) => "Cloud Shell",
            Service::Host(Host::MachineLearning) => "Azure Machine Learning compute",
            Service::Host(Host::MachineLearningJob) => "Azure Machine Learning job",
            Service::Arm => "Azure Resource Manager",
            Service::MachineLearning => "Azure Machine Learning",
            Service::Graph => "Microsoft Graph",
            Service::Pipelines => "Azure Pipelines",
            Service::TokenProxy(_) => "Token proxy of AKS",
        };
        Some(Asked {
            service,
            method: ask.method().to_string(),
            path: ask.path().to_owned(),
            grant: form.get("grant_type").map(str::to_owned).filter(plain),
            client: either("client_id").or_else(|| either("clientid")).filter(|id| crate::ask::is_guid(id)),
            status,
        })
    }
}

impl fmt::Display for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} {}", self.service, self.method, self.path)?;
        if let Some(grant) = &self.grant {
            write!(f, " ({grant})")?;
        }
        write!(f, ", {}", self.status)
    }
}
