//! The environment that sends a program to the emulator.

use super::Server;
use crate::config::Host;

/// Every variable, in the order to show. Nothing is set that the server cannot serve.
pub(super) fn of(server: &Server) -> Vec<(String, String)> {
    let (http, https) = (server.http_url(), server.https_url());
    let Some(base) = https.clone().or(http.clone()) else {
        return Vec::new();
    };
    let mut variables: Vec<(&str, String)> = vec![("AZURE_AUTHORITY_HOST", base.clone())];
    server.with(|emulator| {
        let config = emulator.config();
        let app = config.apps.iter().find(|app| !app.public && !app.secrets.is_empty());
        let tenant = app.and_then(|app| app.tenant.clone());
        let tenant = tenant.or_else(|| config.tenants.first().map(|tenant| tenant.id.clone()));
        variables.extend(tenant.map(|tenant| ("AZURE_TENANT_ID", tenant)));
        if let Some(app) = app {
            variables.push(("AZURE_CLIENT_ID", app.client_id.clone()));
            let secret = app.secrets.first().map(|secret| secret.value.expose().to_owned());
            variables.extend(secret.map(|secret| ("AZURE_CLIENT_SECRET", secret)));
        }
    });
    // The real service is plain HTTP too.
    variables.push(("AZURE_POD_IDENTITY_AUTHORITY_HOST", http.clone().unwrap_or_else(|| base.clone())));
    variables.push(("ENTRADA_ARM_ENDPOINT", base.clone()));
    variables.push(("ENTRADA_GRAPH_ENDPOINT", base.clone()));
    if http.is_some() {
        variables.push(("ENTRADA_ALLOW_HTTP_LOOPBACK", "1".into()));
    }
    variables.push(("ENTRADA_EMULATOR", base));
    if let Some(path) = server.ca_path() {
        variables.push(("SSL_CERT_FILE", path.display().to_string()));
    }
    variables.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// The variables of one host.
pub(super) fn of_host(server: &Server, host: Host) -> Vec<(String, String)> {
    let plain = server.http_url().or(server.https_url()).unwrap_or_default();
    let address = |base: &str| format!("{base}/{}{}", host.prefix(), host.path());
    let hosts = server.with(|emulator| emulator.config().hosts.clone());
    let header = ("IDENTITY_HEADER", hosts.identity_header.expose().to_owned());
    let variables = match (host, &server.machine) {
        (Host::AppService, _) => vec![("IDENTITY_ENDPOINT", address(&plain)), header],
        (Host::CloudShell, _) => vec![("MSI_ENDPOINT", address(&plain))],
        (Host::MachineLearning, _) => {
            vec![("MSI_ENDPOINT", address(&plain)), ("MSI_SECRET", hosts.msi_secret.expose().to_owned())]
        }
        (Host::MachineLearningJob, _) => {
            vec![("OBO_ENDPOINT", address(&plain)), ("AZUREML_OBO_ENABLED", "true".to_owned())]
        }
        (Host::Arc, Some(_)) => vec![("IDENTITY_ENDPOINT", address(&plain)), ("IMDS_ENDPOINT", plain)],
        (Host::ServiceFabric, Some(machine)) => vec![
            ("IDENTITY_ENDPOINT", address(&format!("https://{}", machine.service_fabric))),
            header,
            ("IDENTITY_SERVER_THUMBPRINT", machine.thumbprint.clone()),
        ],
        (Host::Arc | Host::ServiceFabric, None) => Vec::new(),
    };
    variables.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}
