//! The hosts that give managed identities besides the instance metadata service.

use entrada_core::secret::Secret;
use serde::Deserialize;

use super::secret;

/// A host that gives managed identities by variables of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Host {
    /// App Service and its kin.
    AppService,
    /// Azure Arc.
    Arc,
    /// Service Fabric.
    ServiceFabric,
    /// Cloud Shell.
    CloudShell,
    /// Azure Machine Learning compute.
    MachineLearning,
    /// A job of Azure Machine Learning, for the person who submitted it.
    MachineLearningJob,
}

impl Host {
    /// Every one.
    pub const ALL: [Host; 6] = [
        Host::AppService,
        Host::Arc,
        Host::ServiceFabric,
        Host::CloudShell,
        Host::MachineLearning,
        Host::MachineLearningJob,
    ];

    /// The first step of its path, where one origin serves all.
    #[must_use]
    pub fn prefix(self) -> &'static str {
        match self {
            Host::AppService => "app-service",
            Host::Arc => "arc",
            Host::ServiceFabric => "service-fabric",
            Host::CloudShell => "cloud-shell",
            Host::MachineLearning => "machine-learning",
            Host::MachineLearningJob => "machine-learning-job",
        }
    }

    /// Its path, at its own port.
    #[must_use]
    pub fn path(self) -> &'static str {
        match self {
            Host::AppService => "/MSI/token",
            Host::Arc | Host::ServiceFabric => "/metadata/identity/oauth2/token",
            Host::CloudShell => "/oauth2/token",
            Host::MachineLearning => "/MSI/auth/",
            Host::MachineLearningJob => "/OBO/token",
        }
    }

    /// Its port on the machine itself.
    #[must_use]
    pub fn port(self) -> u16 {
        match self {
            Host::AppService => 4141,
            Host::Arc => 40342,
            Host::ServiceFabric => 2377,
            Host::CloudShell => 50342,
            Host::MachineLearning => 46808,
            Host::MachineLearningJob => 46809,
        }
    }
}

/// How `expires_on` is written, where hosts differ.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Expiry {
    /// As the host usually does: a text on App Service, a number elsewhere.
    #[default]
    Usual,
    /// `1586984735`
    Number,
    /// `"1586984735"`
    Text,
    /// `"06/20/2019 02:57:58 +00:00"`, as on old plans of Linux.
    Linux,
    /// `"1/16/2020 5:24:12 AM +00:00"`, as on old plans of Windows.
    Windows,
    /// `"2024-10-18T19:51:37.0000000+00:00"`
    Iso,
}

/// The form of the reply that the host of a job gives a token in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum JobReply {
    /// `access_token` and `expires_on`.
    #[default]
    ExpiresOn,
    /// `access_token` and `expires_in`.
    ExpiresIn,
    /// `token` and `expiresOn`, a date.
    Token,
}

/// The hosts that give managed identities.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Hosts {
    /// `IDENTITY_HEADER` of App Service and Service Fabric.
    #[serde(deserialize_with = "secret")]
    pub identity_header: Secret,
    /// `MSI_SECRET` of Azure Machine Learning compute.
    #[serde(deserialize_with = "secret")]
    pub msi_secret: Secret,
    /// How App Service, Service Fabric and Azure Machine Learning compute write `expires_on`.
    pub expiry: Expiry,
    /// The folder that the agent of Azure Arc puts its keys into: see [`Hosts::key_folder`].
    pub key_folder: Option<String>,
    /// Whether that agent is too old to know identities other than the machine's.
    pub old_agent: bool,
    /// Who sits at Cloud Shell and at the compute instance, and submitted the job.
    pub person: String,
    /// Whether the compute instance has single sign-on: it answers for the person then, unless an
    /// identity is named.
    pub single_sign_on: bool,
    /// How the host of a job of Azure Machine Learning writes its replies.
    pub job_reply: JobReply,
    /// How many requests more are turned away (429, after a second).
    pub throttled: u32,
    /// The statuses that the metadata service turns its next requests away with, in order: 404 and 410 while it is
    /// being updated, 429 (after a second) where there are too many, 5xx where it fails.
    pub metadata_busy: Vec<u16>,
}

impl Hosts {
    /// The folder that the agent of Azure Arc puts its keys into. Where none is named that is the agent's own, and with a
    /// server with sockets a temporary one.
    #[must_use]
    pub fn key_folder(&self) -> &str {
        self.key_folder.as_deref().unwrap_or("/var/opt/azcmagent/tokens")
    }
}

impl Default for Hosts {
    fn default() -> Hosts {
        Hosts {
            identity_header: crate::world::IDENTITY_HEADER.into(),
            msi_secret: crate::world::MSI_SECRET.into(),
            expiry: Expiry::Usual,
            key_folder: None,
            old_agent: false,
            person: crate::world::USER.into(),
            single_sign_on: false,
            job_reply: JobReply::ExpiresOn,
            throttled: 0,
            metadata_busy: Vec::new(),
        }
    }
}
