//! The first segment of the path: which directory is meant.

use super::fault::Fault;
use crate::ask::{Ask, is_guid};
use crate::config::{App, Config, Tenant};

/// The one directory of dSTS.
pub(crate) const DSTS: &str = "7a433bfc-2514-4697-b467-e0933190487f";
/// The directory of personal accounts.
const PERSONAL: &str = "9188040d-6c67-4c5b-b112-36a304b66dad";
/// The path of an AD FS, which has no directories.
pub(crate) const ADFS: &str = "adfs";

/// Whether an AD FS is asked. Entra and external tenants have none.
pub(super) fn is_adfs(ask: &Ask<'_>) -> bool {
    let own = ask.origin.cloud().is_none() && ask.origin.external().is_none();
    own && ask.segments.first().is_some_and(|first| first.eq_ignore_ascii_case(ADFS))
}

/// What the path names.
#[derive(Clone, Debug)]
pub(crate) enum Place {
    /// One directory.
    Tenant(Tenant),
    /// `common`, `organizations` or `consumers`: whichever the user is of.
    Shared(String),
    /// An AD FS, or dSTS: a service of its own kind, with no directory of the world's.
    Apart(&'static str),
}

impl Place {
    pub(crate) fn find(config: &Config, text: &str) -> Result<Place, Fault> {
        let lower = text.to_ascii_lowercase();
        if matches!(lower.as_str(), "common" | "organizations" | "consumers") {
            return Ok(Place::Shared(lower));
        }
        let legal = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.'));
        let domain = text.contains('.') && text.split('.').all(|label| !label.is_empty());
        if !(legal && (domain || is_guid(text))) {
            let message = format!(
                "Specified tenant identifier '{text}' is neither a valid DNS name, nor a valid external domain."
            );
            return Err(Fault::new("invalid_request", 900_023, message));
        }
        config.tenant(text).cloned().map(Place::Tenant).ok_or_else(|| unknown(text))
    }

    /// The same for both names of a directory, so that the two halves of a flow can be compared.
    pub(crate) fn form(&self) -> &str {
        match self {
            Place::Tenant(tenant) => &tenant.id,
            Place::Shared(word) => word,
            Place::Apart(name) => name,
        }
    }

    /// Whether a sign-in in this directory is one of here. An AD FS and Entra know nothing of each other's.
    pub(super) fn holds(&self, directory: &str) -> bool {
        match self {
            Place::Tenant(tenant) => tenant.id.eq_ignore_ascii_case(directory),
            Place::Shared(word) => directory != ADFS && shares(word, directory),
            Place::Apart(name) => directory == *name,
        }
    }

    /// What people call it.
    pub(super) fn name(&self) -> &str {
        match self {
            Place::Tenant(tenant) if !tenant.name.is_empty() => &tenant.name,
            _ => self.form(),
        }
    }

    /// The app, if it can be used here.
    pub(crate) fn app<'c>(&self, config: &'c Config, client_id: &str) -> Result<&'c App, Fault> {
        let unknown = || self.unknown_app(client_id);
        let app = config.app(client_id).filter(|app| !app.object_id.is_empty()).ok_or_else(unknown)?;
        match (self, &app.tenant) {
            (Place::Tenant(tenant), Some(home)) if !tenant.id.eq_ignore_ascii_case(home) => Err(unknown()),
            (Place::Shared(_), Some(_)) => {
                let message = format!(
                    "Application '{}'({}) is not configured as a multi-tenant application. Usage of the /common \
                     endpoint is not supported for such apps created after '10/15/2018'. Use a tenant-specific \
                     endpoint or configure the application to be multi-tenant.",
                    app.client_id, app.name
                );
                Err(Fault::new("invalid_request", 50_194, message))
            }
            _ => Ok(app),
        }
    }

    /// That there is no such app here.
    pub(super) fn unknown_app(&self, client_id: &str) -> Fault {
        let directory = self.name();
        let message = format!(
            "Application with identifier '{client_id}' was not found in the directory '{directory}'. This can happen \
             if the application has not been installed by the administrator of the tenant or consented to by any \
             user in the tenant. You may have sent your authentication request to the wrong tenant."
        );
        Fault::new("unauthorized_client", 700_016, message)
    }

    /// That the app, which is registered here, has no service principal.
    pub(super) fn no_principal(&self, client_id: &str) -> Fault {
        let message = format!(
            "The client application {client_id} is missing service principal in the tenant {}. See instructions \
             here: https://go.microsoft.com/fwlink/?linkid=2225119",
            self.form()
        );
        Fault::new("unauthorized_client", 7_000_229, message)
    }
}

/// Whether accounts of a directory sign in through this name for a kind of accounts.
pub(super) fn shares(word: &str, directory: &str) -> bool {
    let personal = directory.eq_ignore_ascii_case(PERSONAL);
    match word {
        "consumers" => personal,
        "organizations" => !personal,
        _ => true,
    }
}

pub(crate) fn unknown(tenant: &str) -> Fault {
    let message = format!(
        "Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID and are signing into the \
         correct cloud. Check with your subscription administrator, this may happen if there are no active \
         subscriptions for the tenant."
    );
    Fault::new("invalid_request", 90_002, message)
}
