//! Apps that sign in as themselves, or for somebody.

use std::sync::Arc;

use entrada_core::{
    AssertionFile, AuthorizationCodeCredential, AzurePipelinesCredential, ClientAssertionCredential,
    ClientCertificate, ClientCertificateCredential, ClientSecretCredential, Credential, EntraClient, Error,
    OnBehalfOfCredential, PipelineJob, RefreshTokenCredential, WorkloadIdentityCredential,
};

use super::Builder;
use super::secrets::read_secret;
use crate::args::CredentialName;

impl Builder<'_> {
    pub(super) fn client_secret(&self) -> Result<Arc<dyn Credential>, Error> {
        let secret = self.secret(self.args.client_secret_file.as_ref(), "AZURE_CLIENT_SECRET")?;
        let missing = [(secret.is_none(), "--client-secret-file or AZURE_CLIENT_SECRET")];
        let app = self.app(CredentialName::ClientSecret, &missing)?;
        Ok(self.keeping(app.clone(), ClientSecretCredential::of(app, secret.unwrap_or_default())?))
    }

    pub(super) fn client_certificate(&self) -> Result<Arc<dyn Credential>, Error> {
        let certificate = self.certificate()?;
        let missing = [(certificate.is_none(), "--certificate or AZURE_CLIENT_CERTIFICATE_PATH")];
        let app = self.app(CredentialName::ClientCertificate, &missing)?;
        match certificate {
            Some(certificate) => {
                Ok(self.keeping(app.clone(), ClientCertificateCredential::of(app, certificate)))
            }
            None => Err(self.missing(CredentialName::ClientCertificate, &missing)),
        }
    }

    /// The certificate that options or variables name.
    fn certificate(&self) -> Result<Option<ClientCertificate>, Error> {
        let named = self.args.certificate.clone();
        let Some(path) = named.or_else(|| self.variable("AZURE_CLIENT_CERTIFICATE_PATH").map(Into::into))
        else {
            return Ok(None);
        };
        let file = self.args.certificate_password_file.as_ref();
        let password = self.secret(file, "AZURE_CLIENT_CERTIFICATE_PASSWORD")?;
        let mut certificate = ClientCertificate::file(path);
        if let Some(password) = password {
            certificate = certificate.with_password(password);
        }
        let said = self.variable("AZURE_CLIENT_SEND_CERTIFICATE_CHAIN").unwrap_or_default();
        let chain = self.args.send_certificate_chain || said == "1" || said.eq_ignore_ascii_case("true");
        Ok(Some(if chain { certificate.sending_chain() } else { certificate }))
    }

    pub(super) fn client_assertion(&self) -> Result<Arc<dyn Credential>, Error> {
        let source = self.assertion()?;
        let missing = [(source.is_none(), "--assertion-file or --assertion-from")];
        let app = self.app(CredentialName::ClientAssertion, &missing)?;
        match source {
            Some(source) => Ok(self.keeping(app.clone(), ClientAssertionCredential::of(app, source))),
            None => Err(self.missing(CredentialName::ClientAssertion, &missing)),
        }
    }

    pub(super) fn workload_identity(&self) -> Result<Arc<dyn Credential>, Error> {
        let file = self.args.token_file.clone();
        let file = file.or_else(|| self.variable("AZURE_FEDERATED_TOKEN_FILE").map(Into::into));
        let missing = [(file.is_none(), "--token-file or AZURE_FEDERATED_TOKEN_FILE")];
        let app = self.app(CredentialName::WorkloadIdentity, &missing)?;
        let name = match self.args.token_file {
            Some(_) => "--token-file",
            None => "AZURE_FEDERATED_TOKEN_FILE",
        };
        let file = AssertionFile::new(file.unwrap_or_default()).named_by(name);
        let credential = WorkloadIdentityCredential::of(app.clone(), file);
        Ok(self.keeping(
            app,
            match self.args.enable_aks_proxy {
                true => credential.through_cluster_proxy(&self.setup.environment)?,
                false => credential,
            },
        ))
    }

    pub(super) fn azure_pipelines(&self) -> Result<Arc<dyn Credential>, Error> {
        let token = self.variable("SYSTEM_ACCESSTOKEN");
        let told = || self.variable("AZURESUBSCRIPTION_SERVICE_CONNECTION_ID");
        let connection = self.args.service_connection_id.as_deref().or_else(told);
        let missing = [
            (connection.is_none(), "--service-connection-id or AZURESUBSCRIPTION_SERVICE_CONNECTION_ID"),
            (token.is_none(), "SYSTEM_ACCESSTOKEN: $(System.AccessToken) in the step's env"),
        ];
        let app = match self.app_of_task() {
            None => self.app(CredentialName::AzurePipelines, &missing)?,
            Some(_) if token.is_none() => return Err(self.missing(CredentialName::AzurePipelines, &missing)),
            Some((tenant, client)) => self.client(tenant, client)?,
        };
        let job = PipelineJob::of_environment(&self.setup.environment, self.setup.http)?;
        let credential = AzurePipelinesCredential::of(app.clone(), connection.unwrap_or_default(), &job)?;
        Ok(self.keeping(app, credential))
    }

    /// The tenant and the app of the service connection that the job's task was given, unless options say
    /// otherwise: `AZURE_CLIENT_ID` may name another app, which the job's token is not for.
    fn app_of_task(&self) -> Option<(&str, &str)> {
        let own = self.variable("AZURESUBSCRIPTION_SERVICE_CONNECTION_ID")?;
        let named = self.args.service_connection_id.as_deref().unwrap_or(own);
        let told = |option, name| Option::or_else(option, || self.variable(name));
        let tenant = told(self.args.tenant_id.as_deref(), "AZURESUBSCRIPTION_TENANT_ID")?;
        let client = told(self.args.client_id.as_deref(), "AZURESUBSCRIPTION_CLIENT_ID")?;
        named.eq_ignore_ascii_case(own).then_some((tenant, client))
    }

    pub(super) fn on_behalf_of(&self) -> Result<Arc<dyn Credential>, Error> {
        let missing = [(self.args.user_assertion_file.is_none(), "--user-assertion-file")];
        let app = self.proven(self.app(CredentialName::OnBehalfOf, &missing)?)?;
        let file = self.args.user_assertion_file.clone().unwrap_or_default();
        Ok(Arc::new(OnBehalfOfCredential::of(app, read_secret(self.setup, &file)?)?))
    }

    pub(super) fn authorization_code(&self) -> Result<Arc<dyn Credential>, Error> {
        let missing = [
            (self.args.authorization_code_file.is_none(), "--authorization-code-file"),
            (self.args.redirect_uri.is_none(), "--redirect-uri"),
        ];
        let app = self.proven(self.app(CredentialName::AuthorizationCode, &missing)?)?;
        let file = self.args.authorization_code_file.clone().unwrap_or_default();
        let code = read_secret(self.setup, &file)?;
        let redirect = self.args.redirect_uri.clone().unwrap_or_default();
        let credential = AuthorizationCodeCredential::of(app, redirect, code)?;
        Ok(match &self.args.code_verifier_file {
            Some(file) => Arc::new(credential.with_verifier(read_secret(self.setup, file)?)),
            None => Arc::new(credential),
        })
    }

    pub(super) fn refresh_token(&self) -> Result<Arc<dyn Credential>, Error> {
        let Some(file) = &self.args.refresh_token_file else {
            return Err(self.missing(CredentialName::RefreshToken, &[(true, "--refresh-token-file")]));
        };
        let app = self.proven(self.public_client()?)?;
        Ok(Arc::new(RefreshTokenCredential::of(app, read_secret(self.setup, file)?)?))
    }

    /// The app with what it proves itself with, if that is said: by an option, else by a variable. What
    /// the variables hold is no proof of an app that they do not name.
    pub(super) fn proven(&self, app: EntraClient) -> Result<EntraClient, Error> {
        if let Some(source) = self.assertion()? {
            return Ok(app.with_assertion(source));
        }
        let by_option = self.args.certificate.is_some()
            || self.args.client_secret_file.is_some()
            || self.args.auth_secret.is_some();
        if !by_option && !self.is_of_variables(app.client_id()) {
            return Ok(app);
        }
        let secret = self.args.client_secret_file.as_ref();
        let no_secret = secret.is_none() && self.args.auth_secret.is_none();
        if (self.args.certificate.is_some() || no_secret)
            && let Some(certificate) = self.certificate()?
        {
            return Ok(app.with_assertion(certificate));
        }
        match self.secret(secret, "AZURE_CLIENT_SECRET")? {
            Some(secret) => app.with_secret(secret),
            None => Ok(app),
        }
    }

    /// Whether a secret or a certificate of the variables can belong to this app: to the one that they
    /// name; where they name none, to the one that the options name.
    fn is_of_variables(&self, client_id: &str) -> bool {
        let named = self.variable("AZURE_CLIENT_ID").or(self.args.client_id.as_deref());
        named.is_some_and(|named| named.eq_ignore_ascii_case(client_id))
    }
}
