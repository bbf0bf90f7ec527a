//! Writing the document of `az ad sp create-for-rbac --json-auth`.

use crate::cloud::Cloud;
use crate::error::{Error, ErrorKind};
use crate::secret::Secret;

/// With what the app signs in.
#[derive(Clone, Copy, Debug)]
pub enum Sign<'a> {
    /// A secret.
    Secret(&'a Secret),
    /// The path of a PEM file with certificate and key, if there is one.
    Certificate(Option<&'a str>),
}

/// Six addresses of a cloud, in the order of the document, as the Azure CLI prints them: with and without a
/// slash at the end.
fn addresses(cloud: &Cloud) -> Option<[&'static str; 6]> {
    Some(match cloud.short {
        "public" => [
            "https://login.microsoftonline.com",
            "https://management.azure.com/",
            "https://graph.windows.net/",
            "https://management.core.windows.net:8443/",
            "https://gallery.azure.com/",
            "https://management.core.windows.net/",
        ],
        "china" => [
            "https://login.chinacloudapi.cn",
            "https://management.chinacloudapi.cn",
            "https://graph.chinacloudapi.cn/",
            "https://management.core.chinacloudapi.cn:8443/",
            "https://gallery.chinacloudapi.cn/",
            "https://management.core.chinacloudapi.cn/",
        ],
        "usgov" => [
            "https://login.microsoftonline.us",
            "https://management.usgovcloudapi.net/",
            "https://graph.microsoftazure.us/",
            "https://management.core.usgovcloudapi.net:8443/",
            "https://gallery.usgovcloudapi.net/",
            "https://management.core.usgovcloudapi.net/",
        ],
        _ => return None,
    })
}

/// The document: ten members in this order, indented by two blanks. It holds the secret.
///
/// # Errors
/// `Configuration` for a cloud whose addresses the Azure CLI does not print.
pub fn json_auth(
    cloud: &Cloud,
    [client, subscription, tenant]: [&str; 3],
    sign: Sign<'_>,
) -> Result<Secret, Error> {
    let addresses = addresses(cloud).ok_or_else(|| {
        Error::new(ErrorKind::Configuration, format!("--json-auth has no form for {}", cloud.name))
    })?;
    let text = |value: &str| serde_json::Value::from(value).to_string();
    let sign = match sign {
        Sign::Secret(secret) => ("clientSecret", text(secret.expose())),
        Sign::Certificate(path) => ("clientCertificate", path.map_or_else(|| "null".to_owned(), text)),
    };
    let names = [
        "activeDirectoryEndpointUrl",
        "resourceManagerEndpointUrl",
        "activeDirectoryGraphResourceId",
        "sqlManagementEndpointUrl",
        "galleryEndpointUrl",
        "managementEndpointUrl",
    ];
    let own = [
        ("clientId", text(client)),
        sign,
        ("subscriptionId", text(subscription)),
        ("tenantId", text(tenant)),
    ];
    let rest = names.into_iter().zip(addresses.map(text));
    let lines: Vec<_> =
        own.into_iter().chain(rest).map(|(name, value)| format!("  \"{name}\": {value}")).collect();
    Ok(Secret::new(format!("{{\n{}\n}}", lines.join(",\n"))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_the_azure_cli_prints_it() {
        let secret = Secret::new("s\"x");
        let ids = ["client", "subscription", "tenant"];
        let public = json_auth(Cloud::PUBLIC, ids, Sign::Secret(&secret)).unwrap();
        assert_eq!(
            public.expose(),
            "{\n  \"clientId\": \"client\",\n  \"clientSecret\": \"s\\\"x\",\n  \"subscriptionId\": \"subscription\",\n  \"tenantId\": \"tenant\",\n  \"activeDirectoryEndpointUrl\": \"https://login.microsoftonline.com\",\n  \"resourceManagerEndpointUrl\": \"https://management.azure.com/\",\n  \"activeDirectoryGraphResourceId\": \"https://graph.windows.net/\",\n  \"sqlManagementEndpointUrl\": \"https://management.core.windows.net:8443/\",\n  \"galleryEndpointUrl\": \"https://gallery.azure.com/\",\n  \"managementEndpointUrl\": \"https://management.core.windows.net/\"\n}"
        );
        let china = json_auth(Cloud::CHINA, ids, Sign::Certificate(None)).unwrap();
        assert!(
            china
                .expose()
                .contains("\"resourceManagerEndpointUrl\": \"https://management.chinacloudapi.cn\",")
        );
        assert!(china.expose().contains("\"clientCertificate\": null"));
        assert!(json_auth(Cloud::DELOS, ids, Sign::Certificate(None)).is_err());
    }
}
