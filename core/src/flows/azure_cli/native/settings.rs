//! What the Azure CLI's configuration says, as far as it decides whose tokens are where.

use super::ini::Ini;
use super::unexpected;
use crate::authority::{Authority, AuthorityKind};
use crate::cloud::Cloud;
use crate::endpoint::PlainHttp;
use crate::environment::{Environment, System};
use crate::error::Error;

/// The configuration and the variables that come before it.
pub(super) struct Settings<'a> {
    pub(super) config: &'a Ini,
    pub(super) clouds: &'a Ini,
    pub(super) environment: &'a Environment,
}

impl Settings<'_> {
    /// An option, by `AZURE_{SECTION}_{OPTION}` first.
    fn get(&self, section: &str, option: &str) -> Option<&str> {
        let name = format!("AZURE_{section}_{option}").to_uppercase();
        let variable = self.environment.variables().get(&name).map(String::as_str);
        variable.or_else(|| self.config.get(section, option))
    }

    /// An option that is on or off.
    fn flag(&self, option: &str, usual: bool) -> Result<bool, Error> {
        let Some(text) = self.get("core", option) else { return Ok(usual) };
        match text.to_lowercase().as_str() {
            "1" | "yes" | "true" | "on" => Ok(true),
            "0" | "no" | "false" | "off" => Ok(false),
            _ => Err(unexpected("an option of its configuration is neither on nor off")),
        }
    }

    /// Fails where the tool keeps its tokens in another way than in plain files.
    pub(super) fn check(&self) -> Result<(), Error> {
        let windows = self.environment.system() == System::Windows;
        if self.flag("encrypt_token_cache", windows)? {
            return Err(unexpected("its token cache is encrypted"));
        }
        if self.flag("enable_broker_on_windows", true)? && windows
            || self.flag("enable_broker_on_mac", false)?
        {
            return Err(unexpected("a broker of the system keeps its tokens"));
        }
        // It marks its requests for an agent, or reads its clouds from elsewhere.
        let elsewhere = ["COPILOT_AGENT_SESSION_ID", "ARM_CLOUD_METADATA_URL"];
        if elsewhere.iter().any(|name| self.environment.variables().contains_key(*name)) {
            return Err(unexpected("a variable makes it ask in another way"));
        }
        Ok(())
    }

    /// The name of the cloud that it works in.
    pub(super) fn cloud(&self) -> &str {
        self.get("cloud", "name").unwrap_or(Cloud::PUBLIC.name)
    }

    /// Who issues the tokens of that cloud.
    pub(super) fn authority(&self) -> Result<Authority, Error> {
        let name = self.cloud();
        let known = Cloud::ALL.into_iter().find(|cloud| cloud.name == name && cloud.trusted);
        let address = self.clouds.get(name, "endpoint_active_directory");
        let address = address.or(known.map(|cloud| cloud.authority));
        let address = address.ok_or_else(|| unexpected("the authority of its cloud is not known"))?;
        let http = PlainHttp::from_environment(self.environment);
        let authority = Authority::new(address.trim_end_matches('/'), http)?;
        if authority.kind() != AuthorityKind::Entra {
            return Err(unexpected("the authority of its cloud is not Microsoft Entra ID"));
        }
        Ok(match self.flag("instance_discovery", true)? {
            true => authority,
            false => authority.without_discovery(),
        })
    }

    /// Whether it says that it can answer claims challenges.
    pub(super) fn is_capable(&self) -> bool {
        !self.environment.variables().contains_key("AZURE_IDENTITY_DISABLE_CP1")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(config: &str, clouds: &str, variables: &[(&str, &str)]) -> Result<(String, String), String> {
        let ini = |text: &str| Ini::parse(text.as_bytes()).unwrap();
        let (config, clouds) = (ini(config), ini(clouds));
        let environment: Environment = variables.iter().copied().collect();
        let environment = match variables.iter().any(|(name, _)| *name == "OS") {
            true => environment.on(System::Windows),
            false => environment.on(System::Linux),
        };
        let settings = Settings { config: &config, clouds: &clouds, environment: &environment };
        let read = settings.check().and_then(|()| settings.authority());
        let authority = read.map_err(|error| error.message())?;
        Ok((settings.cloud().to_owned(), authority.host().url().to_string()))
    }

    #[test]
    fn the_cloud_and_its_authority() {
        let own = "[mine]\nendpoint_active_directory = https://login.mine.example:8443/\n";
        for (config, clouds, variables, cloud, authority) in [
            ("", "", &[][..], "AzureCloud", "https://login.microsoftonline.com/"),
            (
                "[cloud]\nname = AzureChinaCloud",
                "",
                &[],
                "AzureChinaCloud",
                "https://login.chinacloudapi.cn/",
            ),
            ("[cloud]\nname = mine", own, &[], "mine", "https://login.mine.example:8443/"),
            (
                "[cloud]\nname = mine",
                own,
                &[("AZURE_CLOUD_NAME", "AzureUSGovernment")],
                "AzureUSGovernment",
                "https://login.microsoftonline.us/",
            ),
            (
                "[core]\nencrypt_token_cache = false\nenable_broker_on_windows = 0",
                "",
                &[("OS", "x")],
                "AzureCloud",
                "https://login.microsoftonline.com/",
            ),
        ] {
            assert_eq!(settings(config, clouds, variables), Ok((cloud.to_owned(), authority.to_owned())));
        }
    }

    #[test]
    fn what_is_not_as_expected() {
        for (config, clouds, variables, why) in [
            ("[core]\nencrypt_token_cache = true", "", &[][..], "encrypted"),
            ("[core]\nencrypt_token_cache = maybe", "", &[], "neither on nor off"),
            ("", "", &[("AZURE_CORE_ENCRYPT_TOKEN_CACHE", "")], "neither on nor off"),
            ("[core]\nencrypt_token_cache = no", "", &[("AZURE_CORE_ENCRYPT_TOKEN_CACHE", "1")], "encrypted"),
            ("", "", &[("OS", "x")], "encrypted"),
            ("[core]\nencrypt_token_cache = false", "", &[("OS", "x")], "broker"),
            ("[core]\nenable_broker_on_mac = yes", "", &[], "broker"),
            ("", "", &[("COPILOT_AGENT_SESSION_ID", "7")], "a variable"),
            ("", "", &[("ARM_CLOUD_METADATA_URL", "https://x.example")], "a variable"),
            ("[cloud]\nname = mine", "", &[], "is not known"),
            ("[cloud]\nname = azurecloud", "", &[], "is not known"),
            (
                "[cloud]\nname = mine",
                "[mine]\nendpoint_active_directory = https://adfs.mine.example/adfs",
                &[],
                "not Microsoft Entra ID",
            ),
            (
                "[cloud]\nname = mine",
                "[mine]\nendpoint_active_directory = http://login.mine.example",
                &[],
                "https",
            ),
        ] {
            let error = settings(config, clouds, variables).unwrap_err();
            assert!(error.contains(why), "{why}: {error}");
        }
    }
}
