//! Which credentials the options name, beside `--credential`, and what these need and were not given.

use entrada_core::{EntraClient, Environment, Error, ErrorKind, ManagedIdentityId};

use super::{Builder, label};
use crate::args::{CredentialArgs, CredentialName};

/// Whether an option says what this credential alone, or the environment's, is to prove itself with.
pub(super) fn by_option(args: &CredentialArgs, name: CredentialName) -> bool {
    use CredentialName as N;
    match name {
        N::ClientSecret => args.client_secret_file.is_some() || args.auth_secret.is_some(),
        N::ClientCertificate => args.certificate.is_some(),
        N::ClientAssertion => {
            args.assertion.assertion_file.is_some() || args.assertion.assertion_from.is_some()
        }
        N::WorkloadIdentity => args.token_file.is_some(),
        N::AzurePipelines => args.service_connection_id.is_some(),
        N::OnBehalfOf => args.user_assertion_file.is_some(),
        N::AuthorizationCode => args.authorization_code_file.is_some(),
        N::RefreshToken => args.refresh_token_file.is_some(),
        N::UsernamePassword => args.password_file.is_some(),
        N::Environment => {
            args.client_secret_file.is_some() || args.certificate.is_some() || args.password_file.is_some()
        }
        _ => false,
    }
}

impl Builder<'_> {
    /// The managed identity that the options name. `--client-id` does where no other credential takes it: it was typed,
    /// and does not come from a variable that may be meant for something else.
    pub(super) fn named_identity(
        &self,
        environment: &Environment,
    ) -> Result<Option<ManagedIdentityId>, Error> {
        let (None, Some(id)) = (&self.args.identity, &self.args.client_id) else {
            return Ok(self.args.identity.clone());
        };
        let proofs = [
            "AZURE_CLIENT_SECRET",
            "AZURE_CLIENT_CERTIFICATE_PATH",
            "AZURE_PASSWORD",
            "AZURE_FEDERATED_TOKEN_FILE",
        ];
        match ManagedIdentityId::client_id(id) {
            Ok(id) => Ok(Some(id)),
            // The id of an app that proves itself may be anything.
            Err(_) if proofs.iter().any(|name| environment.get(name).is_some()) => Ok(None),
            Err(error) => Err(error
                .saying("--client-id is no GUID, and names neither an app that proves itself nor a managed identity")
                .with_remedy("correct it, or leave it out")),
        }
    }

    /// Fails where an option says what somebody proves themselves with, and not all that belongs to it is there.
    pub(super) fn check_named(&self, environment: &Environment) -> Result<(), Error> {
        let name = CredentialName::Environment;
        if !by_option(self.args, name) {
            return Ok(());
        }
        let app = self.args.client_secret_file.is_some() || self.args.certificate.is_some();
        let none = |name: &str| environment.get(name).is_none();
        let inputs = [
            (app && none("AZURE_TENANT_ID"), "--tenant-id or AZURE_TENANT_ID"),
            (none("AZURE_CLIENT_ID"), "--client-id or AZURE_CLIENT_ID"),
            (!app && none("AZURE_USERNAME"), "--username or AZURE_USERNAME"),
        ];
        match inputs.iter().any(|(missing, _)| *missing) {
            true => Err(self.missing(name, &inputs)),
            false => Ok(()),
        }
    }

    /// The app, which tenant and client id have to name.
    pub(super) fn app(&self, name: CredentialName, more: &[(bool, &str)]) -> Result<EntraClient, Error> {
        match (self.tenant_or_own()?, self.client_id()) {
            (Some(tenant), Some(client)) if !more.iter().any(|(missing, _)| *missing) => {
                self.client(&tenant, client)
            }
            (tenant, client) => {
                let first = [
                    (tenant.is_none(), "--tenant-id or AZURE_TENANT_ID"),
                    (client.is_none(), "--client-id or AZURE_CLIENT_ID"),
                ];
                let all: Vec<_> = first.into_iter().chain(more.iter().copied()).collect();
                Err(self.missing(name, &all))
            }
        }
    }

    /// What a credential needs and was not given. Among several it is absent then, unless an option names it: nobody
    /// else is meant.
    pub(super) fn missing(&self, name: CredentialName, inputs: &[(bool, &str)]) -> Error {
        let missing: Vec<_> = inputs.iter().filter(|(missing, _)| *missing).map(|(_, name)| *name).collect();
        let absent = self.several && !by_option(self.args, name);
        let kind = if absent { ErrorKind::Unavailable } else { ErrorKind::Configuration };
        let error = Error::new(kind, "not everything that is needed was given")
            .with_remedy(format!("give {}", missing.join(", and ")))
            .from_source(label(name));
        if missing.len() < inputs.len() { error.nearly() } else { error }
    }
}
