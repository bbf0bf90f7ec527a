//! The environment, as the options say it.

use entrada_core::{Environment, Error, ErrorKind};

use super::Builder;
use super::secrets::read_secret;

impl Builder<'_> {
    /// The environment, with the options in the place of the variables that they stand for.
    pub(super) fn environment(&self) -> Result<Environment, Error> {
        let mut environment = self.setup.environment.clone();
        let named = [("AZURE_TENANT_ID", &self.args.tenant_id), ("AZURE_CLIENT_ID", &self.args.client_id)];
        for (name, value) in named {
            if let Some(value) = value {
                environment = environment.with(name, value);
            }
        }
        let args = self.args;
        // What the options name comes before all that the variables name, another kind of proof too.
        if args.certificate.is_some() || args.client_secret_file.is_some() || args.username.is_some() {
            for name in ["AZURE_CLIENT_SECRET", "AZURE_CLIENT_CERTIFICATE_PATH"] {
                environment = environment.with(name, "");
            }
        }
        if let Some(path) = &args.certificate {
            let path = path
                .to_str()
                .ok_or_else(|| Error::new(ErrorKind::Configuration, "the certificate's path is not UTF-8"))?;
            environment = environment.with("AZURE_CLIENT_CERTIFICATE_PATH", path);
        }
        if args.send_certificate_chain {
            environment = environment.with("AZURE_CLIENT_SEND_CERTIFICATE_CHAIN", "1");
        }
        if let Some(name) = &args.username {
            environment = environment.with("AZURE_USERNAME", name);
        }
        let files = [
            ("AZURE_CLIENT_SECRET", &args.client_secret_file),
            ("AZURE_CLIENT_CERTIFICATE_PASSWORD", &args.certificate_password_file),
            ("AZURE_PASSWORD", &args.password_file),
        ];
        for (name, file) in files {
            if let Some(file) = file {
                environment = environment.with(name, read_secret(self.setup, file)?.expose());
            }
        }
        if !self.args.additionally_allowed_tenant.is_empty() {
            let listed = environment.get("AZURE_ADDITIONALLY_ALLOWED_TENANTS").unwrap_or_default().to_owned();
            let all = format!("{listed};{}", self.args.additionally_allowed_tenant.join(";"));
            environment = environment.with("AZURE_ADDITIONALLY_ALLOWED_TENANTS", all);
        }
        Ok(environment)
    }
}
