//! A service, and what it has of its own.

use http::header::HeaderName;

use super::{Call, Operation};
use crate::endpoint::Endpoint;
use crate::error::Error;
use crate::request::TokenRequest;
use crate::scope::Scopes;

/// How a service words its errors, and in which headers it names a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Dialect {
    /// Azure Resource Manager, and what stands behind it.
    ResourceManager,
    /// Microsoft Graph.
    Graph,
    /// The data plane of Azure Machine Learning, whose errors have Azure Resource Manager's form.
    MachineLearning,
}

impl Dialect {
    /// The header by which a request is named.
    pub(super) fn client_request_id(self) -> HeaderName {
        HeaderName::from_static(match self {
            Dialect::ResourceManager | Dialect::MachineLearning => "x-ms-client-request-id",
            Dialect::Graph => "client-request-id",
        })
    }

    /// The headers of an answer that name the request, for support: the correlation id and the id of this
    /// one answer, the best first.
    pub(super) fn ids(self) -> [&'static [&'static str]; 2] {
        match self {
            Dialect::ResourceManager | Dialect::MachineLearning => {
                [&["x-ms-correlation-request-id", "x-ms-request-id"], &["x-ms-request-id"]]
            }
            Dialect::Graph => [&["client-request-id", "request-id"], &["request-id"]],
        }
    }
}

/// A service that takes tokens: its address, the scope of the tokens, and its dialect.
#[derive(Clone, Debug)]
pub struct Service {
    endpoint: Endpoint,
    request: TokenRequest,
    dialect: Dialect,
}

impl Service {
    /// The service at this address, which takes tokens of these scopes.
    #[must_use]
    pub fn new(endpoint: Endpoint, scopes: Scopes, dialect: Dialect) -> Service {
        Service { endpoint, request: TokenRequest::for_scopes(scopes), dialect }
    }

    /// The same at another address, with tokens of the same audience.
    #[must_use]
    pub fn at(mut self, endpoint: Endpoint) -> Service {
        self.endpoint = endpoint;
        self
    }

    /// The same with tokens as this request wants them.
    #[must_use]
    pub fn with_request(mut self, request: TokenRequest) -> Service {
        self.request = request;
        self
    }

    /// The same for a client that can answer claims challenges, which this one can: its calls are made
    /// again, once, with a token that satisfies them.
    #[must_use]
    pub fn with_cae(mut self) -> Service {
        self.request = self.request.with_cae();
        self
    }

    /// Where it is.
    #[must_use]
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// What token its calls ask for.
    #[must_use]
    pub fn request(&self) -> &TokenRequest {
        &self.request
    }

    /// How it words its errors.
    #[must_use]
    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// A call of this operation.
    #[must_use]
    pub fn call(&self, operation: Operation) -> Call {
        Call::new(self, operation.spec(&self.endpoint), operation.policy())
    }

    /// A call of this operation at a full address, which must be one of this very service. The steps of
    /// the operation are not used.
    ///
    /// # Errors
    /// `Malformed` when the address leads elsewhere. No token is sent there.
    pub fn call_at(&self, address: &str, operation: &Operation) -> Result<Call, Error> {
        let target = self.endpoint.follow(address)?;
        Ok(Call::new(self, operation.spec_at(target), operation.policy()))
    }
}

/// A type for a service that is known in every cloud ([`InClouds`](crate::call::InClouds)): what every such type has.
macro_rules! service_of {
    ($(#[$about:meta])* $name:ident, $clouds:ident) => {
        $(#[$about])*
        #[derive(Clone, Debug)]
        pub struct $name($crate::call::Service);

        impl $name {
            /// The one at this address, which takes tokens of these scopes: for a cloud that is not known
            /// here.
            #[must_use]
            pub fn new(endpoint: $crate::endpoint::Endpoint, scopes: $crate::scope::Scopes) -> $name {
                $name($crate::call::Service::new(endpoint, scopes, $clouds.dialect))
            }

            /// That of a cloud.
            ///
            /// # Errors
            /// `Configuration` when its address is not known.
            pub fn of_cloud(cloud: &'static $crate::cloud::Cloud) -> Result<$name, $crate::error::Error> {
                $clouds.of_cloud(cloud).map($name)
            }

            /// That of the authority's cloud, or the one at the address that is given. An authority of no known cloud
            /// takes its tokens to that address alone, or, where that is this machine, plays the public cloud.
            ///
            /// # Errors
            /// `Configuration` when the address is of another known cloud than the authority, or when there is none
            /// and the authority is of no known cloud.
            pub fn beside(
                authority: &$crate::authority::Authority,
                given: Option<$crate::endpoint::Endpoint>,
            ) -> Result<$name, $crate::error::Error> {
                $clouds.beside(authority, given).map($name)
            }

            /// The same at another address, with tokens of the same audience: an emulator, or a gateway of
            /// one's own.
            #[must_use]
            pub fn at(self, endpoint: $crate::endpoint::Endpoint) -> $name {
                $name(self.0.at(endpoint))
            }

            /// The same for a client that can answer claims challenges: see
            /// [`Service::with_cae`](crate::call::Service::with_cae).
            #[must_use]
            pub fn with_cae(self) -> $name {
                $name(self.0.with_cae())
            }

            /// Where it is.
            #[must_use]
            pub fn endpoint(&self) -> &$crate::endpoint::Endpoint {
                self.0.endpoint()
            }

            /// What token its calls ask for.
            #[must_use]
            pub fn request(&self) -> &$crate::request::TokenRequest {
                self.0.request()
            }

            /// The service, for calls of every kind.
            #[must_use]
            pub fn service(&self) -> &$crate::call::Service {
                &self.0
            }
        }
    };
}

pub(crate) use service_of;
