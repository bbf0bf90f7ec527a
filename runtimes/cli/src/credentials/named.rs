//! Which credentials the options name, beside `--credential`.

use entrada_core::{Environment, Error, ManagedIdentityId};

use super::Builder;
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

/// The managed identity that `--client-id` names where no other credential takes it. It was typed, and does not come
/// from a variable that may be meant for something else.
pub(super) fn as_managed_identity(args: &CredentialArgs) -> Option<ManagedIdentityId> {
    ManagedIdentityId::client_id(args.client_id.as_deref()?).ok()
}

impl Builder<'_> {
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
}
