//! Files that describe a service principal, as `az ad sp create-for-rbac --json-auth` prints them: read
//! ([`AuthFile`]) and written ([`json_auth`]).
//!
//! A file that was tampered with could send the secret to a host of somebody else's choosing. So the
//! addresses in it are taken only where they are those of a known cloud, or what the caller configured too.

mod write;

pub use write::{Sign, json_auth};

use std::path::PathBuf;
use std::sync::Arc;

use serde_json::{Map, Value};

use crate::arm::ResourceManager;
use crate::authority::Authority;
use crate::cloud::Cloud;
use crate::endpoint::{Endpoint, PlainHttp};
use crate::error::{Error, ErrorKind};
use crate::flow::Credential;
use crate::flows::authority_client::EntraClient;
use crate::flows::client_auth::ClientCertificate;
use crate::flows::client_certificate::ClientCertificateCredential;
use crate::flows::client_secret::ClientSecretCredential;
use crate::json_file;
use crate::secret::Secret;
use crate::tenant::Tenant;

/// How the service principal of a file proves itself.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum AuthProof {
    /// `clientSecret`.
    Secret(Secret),
    /// `clientCertificate`: a file with the certificate and its key.
    Certificate(PathBuf),
}

/// A service principal as a file describes it.
///
/// Two forms are read: what `--json-auth` (formerly `--sdk-auth`) prints, and what
/// `az ad sp create-for-rbac` prints without it (`appId`, `password`, `tenant`). Keys that are not needed
/// are ignored; addresses may end in a slash or not.
///
/// ```
/// # fn main() -> Result<(), entrada_core::Error> {
/// use entrada_core::{AuthFile, PlainHttp};
///
/// let file = AuthFile::parse(br#"{
///     "clientId": "11111111-2222-4333-8444-555555555555",
///     "clientSecret": "the secret's value",
///     "subscriptionId": "6a8f0f4e-3b8e-4b61-a8a8-1f1a5e2f9d10",
///     "tenantId": "contoso.onmicrosoft.com",
///     "activeDirectoryEndpointUrl": "https://login.microsoftonline.us",
///     "resourceManagerEndpointUrl": "https://management.usgovcloudapi.net/"
/// }"#, PlainHttp::Refused)?;
/// let authority = file.authority(None)?;
/// assert_eq!(authority.host().host(), "login.microsoftonline.us");
/// assert_eq!(file.resource_manager(None)?.endpoint().host(), "management.usgovcloudapi.net");
/// let credential = file.credential(authority)?; // for either driver
/// # let _ = credential;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct AuthFile {
    client_id: String,
    tenant: Tenant,
    proof: AuthProof,
    subscription_id: Option<String>,
    authority: Option<Endpoint>,
    manager: Option<Endpoint>,
}

impl AuthFile {
    /// Reads a file. A byte-order mark is tolerated.
    ///
    /// # Errors
    /// `Configuration`, saying what is wrong with the file; nothing of its text is repeated.
    pub fn parse(bytes: &[u8], http: PlainHttp) -> Result<AuthFile, Error> {
        let document = json_file::object(bytes)?;
        let client_id = text(&document, ["clientId", "appId"])?.ok_or_else(|| lacks("clientId"))?;
        let tenant = text(&document, ["tenantId", "tenant"])?.ok_or_else(|| lacks("tenantId"))?;
        let address = |name: &'static str| match text(&document, [name, name])? {
            Some(address) => Endpoint::authority(address, http).map(Some).map_err(|error| {
                Error::new(error.kind(), format!("its {name} cannot be used: {}", error.message()))
            }),
            None => Ok(None),
        };
        let file = AuthFile {
            client_id: client_id.to_owned(),
            tenant: Tenant::new(tenant)?,
            proof: proof(&document)?,
            subscription_id: text(&document, ["subscriptionId", "subscription"])?.map(str::to_owned),
            authority: address("activeDirectoryEndpointUrl")?,
            manager: address("resourceManagerEndpointUrl")?,
        };
        match (file.cloud_of_authority()?, file.cloud_of_manager()?) {
            (Some(one), Some(other)) if one != other => Err(contradiction(format!(
                "its activeDirectoryEndpointUrl is of {}, and its resourceManagerEndpointUrl of {}",
                one.name, other.name
            ))),
            _ => Ok(file),
        }
    }

    /// The app.
    #[must_use]
    pub fn client_id(&self) -> &str {
        &self.client_id
    }

    /// Its tenant.
    #[must_use]
    pub fn tenant(&self) -> &Tenant {
        &self.tenant
    }

    /// How it proves itself.
    #[must_use]
    pub fn proof(&self) -> &AuthProof {
        &self.proof
    }

    /// The subscription that the service principal was made for, if the file names one.
    #[must_use]
    pub fn subscription_id(&self) -> Option<&str> {
        self.subscription_id.as_deref()
    }

    fn cloud_of_authority(&self) -> Result<Option<&'static Cloud>, Error> {
        self.authority.as_ref().map_or(Ok(None), |authority| Cloud::of_authority(authority.host()))
    }

    fn cloud_of_manager(&self) -> Result<Option<&'static Cloud>, Error> {
        self.manager.as_ref().map_or(Ok(None), |manager| Cloud::of_resource_manager(manager.host()))
    }

    /// Who issues its tokens: the authority that the file names, else that of the cloud whose Azure
    /// Resource Manager it names, else the one that is configured, else the public cloud's. An emulator
    /// (an authority on this machine) that is configured stands for the public cloud's.
    ///
    /// # Errors
    /// `Configuration` when the file names a host that is neither of a known cloud nor configured, or
    /// another than the one that is configured: the secret is not sent there.
    pub fn authority(&self, configured: Option<&Authority>) -> Result<Authority, Error> {
        let own = self.cloud_of_authority()?;
        let cloud = own.or(self.cloud_of_manager()?);
        let named = match (&self.authority, own, cloud) {
            (Some(address), None, _) => {
                let known = configured.filter(|configured| is_same(configured.host(), address));
                return known.cloned().ok_or_else(|| unknown("activeDirectoryEndpointUrl", "the authority"));
            }
            (_, _, Some(cloud)) => Authority::of_cloud(cloud)?,
            (_, _, None) => {
                return configured.map_or_else(|| Authority::of_cloud(Cloud::PUBLIC), |it| Ok(it.clone()));
            }
        };
        match configured {
            Some(configured) if configured.environment() == named.environment() => Ok(configured.clone()),
            Some(emulator) if emulator.host().is_loopback() && cloud == Some(Cloud::PUBLIC) => {
                Ok(emulator.clone())
            }
            Some(configured) => Err(contradiction(format!(
                "its authority is {}, and {} is configured",
                named.environment(),
                configured.environment()
            ))),
            None => Ok(named),
        }
    }

    /// The Azure Resource Manager that it names, else the one that is configured, else that of the
    /// authority's cloud.
    ///
    /// # Errors
    /// As for [`AuthFile::authority`].
    pub fn resource_manager(&self, configured: Option<&ResourceManager>) -> Result<ResourceManager, Error> {
        let own = self.cloud_of_manager()?;
        let cloud = own.or(self.cloud_of_authority()?);
        let named = match (&self.manager, own) {
            (Some(address), None) => {
                let known = configured.filter(|configured| is_same(configured.endpoint(), address));
                return known
                    .cloned()
                    .ok_or_else(|| unknown("resourceManagerEndpointUrl", "Azure Resource Manager"));
            }
            _ => ResourceManager::of_cloud(cloud.unwrap_or(Cloud::PUBLIC)),
        };
        match configured {
            None => named,
            Some(emulator)
                if emulator.endpoint().is_loopback() && cloud.is_none_or(|cloud| cloud == Cloud::PUBLIC) =>
            {
                Ok(emulator.clone())
            }
            Some(configured) if self.manager.is_none() && cloud.is_none() => Ok(configured.clone()),
            Some(configured) => {
                let named = named?;
                match is_same(configured.endpoint(), named.endpoint()) {
                    true => Ok(configured.clone()),
                    false => Err(contradiction(format!(
                        "its Azure Resource Manager is {}, and {} is configured",
                        named.endpoint().host(),
                        configured.endpoint().host()
                    ))),
                }
            }
        }
    }

    /// The credential, at this authority: that of [`AuthFile::authority`].
    ///
    /// # Errors
    /// `Configuration` when the client id is not one.
    pub fn credential(&self, authority: Authority) -> Result<Arc<dyn Credential>, Error> {
        let app = EntraClient::new(self.tenant.as_str(), &self.client_id)?.with_authority(authority);
        Ok(match &self.proof {
            AuthProof::Secret(secret) => Arc::new(ClientSecretCredential::of(app, secret.clone())?),
            AuthProof::Certificate(path) => {
                Arc::new(ClientCertificateCredential::of(app, ClientCertificate::file(path)))
            }
        })
    }
}

fn is_same(one: &Endpoint, other: &Endpoint) -> bool {
    let bare = |endpoint: &Endpoint| endpoint.url().as_str().trim_end_matches('/').to_owned();
    bare(one) == bare(other)
}

fn proof(document: &Map<String, Value>) -> Result<AuthProof, Error> {
    let secret = text(document, ["clientSecret", "password"])?;
    let certificate = text(document, ["clientCertificate", "fileWithCertAndPrivateKey"])?;
    match (secret, certificate) {
        (Some(secret), None) => Ok(AuthProof::Secret(Secret::new(secret))),
        (None, Some(path)) => Ok(AuthProof::Certificate(path.into())),
        (Some(_), Some(_)) => {
            Err(contradiction("it has both a clientSecret and a clientCertificate".to_owned()))
        }
        (None, None) if document.contains_key("clientCertificate") => Err(Error::new(
            ErrorKind::Configuration,
            "its service principal has a certificate, and the file does not say where that is",
        )
        .with_remedy("put the path of the PEM file into clientCertificate")),
        (None, None) => Err(lacks("clientSecret")),
    }
}

/// The text under one of two keys; nothing, where both are missing or null.
fn text<'a>(document: &'a Map<String, Value>, names: [&'static str; 2]) -> Result<Option<&'a str>, Error> {
    let bad = |name: &str, what: &str| {
        Err(Error::new(ErrorKind::Configuration, format!("its {name} {what}"))
            .with_remedy("make the file with `az ad sp create-for-rbac --json-auth`"))
    };
    for name in names {
        match document.get(name) {
            None | Some(Value::Null) => {}
            Some(Value::String(text)) if text.trim().is_empty() => return bad(name, "is empty"),
            Some(Value::String(text)) if text.trim_start().starts_with('<') => {
                return bad(name, "is still a placeholder");
            }
            Some(Value::String(text)) => return Ok(Some(text)),
            Some(_) => return bad(name, "is not a text"),
        }
    }
    Ok(None)
}

fn lacks(name: &str) -> Error {
    Error::new(ErrorKind::Configuration, format!("it lacks {name}"))
        .with_remedy("it must have clientId, clientSecret (or clientCertificate) and tenantId")
}

fn contradiction(what: String) -> Error {
    Error::new(ErrorKind::Configuration, what)
        .with_remedy("let the file, --authority and --arm-endpoint be of one cloud")
}

fn unknown(name: &str, what: &str) -> Error {
    Error::new(ErrorKind::Configuration, format!("its {name} is of no known cloud; no secret is sent there"))
        .with_remedy(format!("if you trust it, configure the same address as {what} yourself"))
}

#[cfg(test)]
mod tests;
