//! One cloud for the workspace and for who issues tokens.
//!
//! The SDK chooses the cloud of its addresses (`AZUREML_CURRENT_CLOUD`) and that of the sign-in
//! (`AZURE_AUTHORITY_HOST`) apart from each other, so that a token of one cloud may be taken to another.

use crate::authority::Authority;
use crate::cloud::Cloud;
use crate::endpoint::PlainHttp;
use crate::environment::Environment;
use crate::error::{Error, ErrorKind};

/// The authority for Azure Machine Learning: the one that is configured, else that of
/// `AZURE_AUTHORITY_HOST`, else that of the cloud in `AZUREML_CURRENT_CLOUD`, else the public one. A
/// configured authority on this machine, an emulator, may stand for any.
///
/// # Errors
/// `Configuration` when `AZUREML_CURRENT_CLOUD` names no known cloud, or another than that of the authority.
pub fn authority(
    environment: &Environment,
    configured: Option<Authority>,
    http: PlainHttp,
) -> Result<Authority, Error> {
    const VARIABLE: &str = "AZUREML_CURRENT_CLOUD";
    let authority = match (&configured, environment.get("AZURE_AUTHORITY_HOST")) {
        (Some(configured), _) => Some(configured.clone()),
        (None, Some(_)) => Some(Authority::from_environment(environment, http)?),
        (None, None) => None,
    };
    let Some(name) = environment.get(VARIABLE) else {
        return authority.map_or_else(|| Authority::of_cloud(Cloud::PUBLIC), Ok);
    };
    let cloud = Cloud::named(name)?.ok_or_else(|| {
        Error::new(ErrorKind::Configuration, format!("{VARIABLE} names no cloud that is known"))
            .with_remedy("it takes AzureCloud, AzureChinaCloud or AzureUSGovernment")
    })?;
    match authority {
        None => Authority::of_cloud(cloud),
        Some(authority) if authority.host().is_loopback() || authority.cloud() == Some(cloud) => {
            Ok(authority)
        }
        Some(authority) => {
            let what = format!(
                "{VARIABLE} is {}, and tokens would be of {}",
                cloud.name,
                authority.cloud().map_or(authority.host().host(), |cloud| cloud.name)
            );
            Err(Error::new(ErrorKind::Configuration, what).with_remedy(format!(
                "let {VARIABLE} and the authority (AZURE_AUTHORITY_HOST) be of one cloud"
            )))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(pairs: &[(&str, &str)], configured: Option<&str>) -> Result<String, String> {
        let environment: Environment = pairs.iter().copied().collect();
        let configured = configured.map(|it| Authority::new(it, PlainHttp::OnLoopback).unwrap());
        let authority = authority(&environment, configured, PlainHttp::Refused);
        authority.map(|it| it.host().host().to_owned()).map_err(|error| error.to_string())
    }

    #[test]
    fn both_of_one_cloud() {
        let (china, host) = (("AZUREML_CURRENT_CLOUD", "AzureChinaCloud"), "AZURE_AUTHORITY_HOST");
        assert_eq!(chosen(&[], None).unwrap(), "login.microsoftonline.com");
        assert_eq!(chosen(&[china], None).unwrap(), "login.chinacloudapi.cn");
        assert_eq!(chosen(&[(host, "login.microsoftonline.us")], None).unwrap(), "login.microsoftonline.us");
        assert_eq!(
            chosen(&[china, (host, "login.chinacloudapi.cn")], None).unwrap(),
            "login.chinacloudapi.cn"
        );
        assert_eq!(chosen(&[china], Some("http://127.0.0.1:1")).unwrap(), "127.0.0.1");
        for (pairs, configured) in [
            (&[china, (host, "login.microsoftonline.com")][..], None),
            (&[china], Some("public")),
            (&[china], Some("https://login.private.example")),
            (&[("AZUREML_CURRENT_CLOUD", "AzureMoonCloud")], None),
            (&[("AZUREML_CURRENT_CLOUD", "AzureGermanCloud")], None),
        ] {
            assert!(chosen(pairs, configured).is_err(), "{pairs:?}");
        }
        let said = chosen(&[china], Some("public")).unwrap_err();
        assert!(said.contains("AzureChinaCloud") && said.contains("AzureCloud"), "{said}");
    }
}
