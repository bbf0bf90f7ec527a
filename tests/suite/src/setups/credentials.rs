//! The credentials, and what each may reach.

use std::sync::Arc;

use entrada_core::arm::ResourceManager;
use entrada_core::environment::System;
use entrada_core::flow::Credential;
use entrada_core::{
    AdditionalTenants, Authority, AzureCliCredential, BrowserOptions, Chain, ClientSecretCredential, Cloud,
    DefaultChain, DeviceCodeCredential, EntraClient, Environment, EnvironmentCredential, Error,
    InteractiveBrowserCredential, ManagedIdentityCredential,
};
use entrada_emulator::world as w;

use super::hosts::of_machine;
use super::options::Options;
use super::resumed::InTwoProcesses;
use super::tools::PROGRAMS;
use super::{ARC_AGENT, EDITOR_RECORDS, Kind, MANAGER, METADATA, Twist};
use crate::rules::Rules;
use crate::world::programs::ZONE;

pub(super) fn manager(rules: &mut Rules) -> Result<ResourceManager, Error> {
    rules.resource_manager = Some(MANAGER.to_owned());
    Ok(ResourceManager::of_cloud(Cloud::PUBLIC)?.with_cae())
}

pub(super) fn member(
    number: usize,
    options: &Options,
    rules: &mut Rules,
) -> Result<Arc<dyn Credential>, Error> {
    let kinds =
        [Kind::ClientSecret, Kind::ManagedIdentity, Kind::AzureCli, Kind::DefaultChain, Kind::DeviceCode];
    let options = Options { tenant: w::TENANT, probing: options.probing, ..Options::fair()? };
    credential_of(kinds[number % kinds.len()], &options, rules)
}

fn environment() -> Environment {
    Environment::new()
        .with("AZURE_TENANT_ID", w::TENANT)
        .with("AZURE_CLIENT_ID", w::APP)
        .with("AZURE_CLIENT_SECRET", w::SECRET)
        .in_zone(ZONE)
}

pub(super) fn credential_of(
    kind: Kind,
    options: &Options,
    rules: &mut Rules,
) -> Result<Arc<dyn Credential>, Error> {
    let public = || options.client(w::DEVELOPER_CLIENT);
    let authority = Authority::of_cloud(Cloud::PUBLIC)?;
    let mut at = |authority: bool, metadata: bool, programs: bool| {
        rules.authority = authority.then(|| options.origin()).or(rules.authority.take());
        rules.metadata = metadata.then(|| METADATA.to_owned()).or(rules.metadata.take());
        if programs {
            rules.programs = PROGRAMS.to_vec();
        }
        rules.places.extend(metadata.then(|| ARC_AGENT.into()));
    };
    let cli = || -> Result<AzureCliCredential, Error> {
        let cli = AzureCliCredential::new().in_zone(ZONE);
        match options.subscription {
            Some(subscription) => cli.for_subscription(subscription),
            None => Ok(cli),
        }
    };
    let managed = |probing: bool| {
        let managed =
            ManagedIdentityCredential::new(&Environment::new().on(System::Linux), options.identity.clone());
        if probing { managed.probing() } else { managed }
    };
    Ok(match kind {
        Kind::ClientSecret => {
            at(true, false, false);
            let client = EntraClient::new(options.tenant, w::APP)?;
            let client = client.allowing(AdditionalTenants::none().allow(w::TENANT_DOMAIN));
            Arc::new(ClientSecretCredential::of(client, w::SECRET)?)
        }
        Kind::DeviceCode => {
            at(true, false, false);
            match options.twist {
                Twist::Resumed => Arc::new(InTwoProcesses(public()?)),
                _ => Arc::new(DeviceCodeCredential::of(public()?)),
            }
        }
        Kind::InteractiveBrowser => {
            at(true, false, false);
            let how = BrowserOptions::default().redirect_uri(options.redirect)?;
            Arc::new(InteractiveBrowserCredential::of(public()?).with(how))
        }
        Kind::AzureCli => {
            at(false, false, true);
            Arc::new(cli()?)
        }
        Kind::ManagedIdentity => Arc::new(of_machine(options, rules)),
        Kind::Environment => {
            at(true, false, false);
            Arc::new(EnvironmentCredential::new(&environment(), &authority))
        }
        Kind::DefaultChain => {
            at(true, true, true);
            let environment = match options.member {
                1 => environment(),
                // A client id alone names the managed identity; it is not assigned here.
                2 => Environment::new().with("AZURE_CLIENT_ID", w::APP).in_zone(ZONE),
                _ => Environment::new().in_zone(ZONE),
            };
            let environment = environment.on(System::Linux).with("HOME", "/home/ada");
            rules.places.extend(EDITOR_RECORDS.map(Into::into));
            Arc::new(DefaultChain::new(&environment, &authority).build()?)
        }
        _ => {
            at(true, true, true);
            let secret = ClientSecretCredential::new(w::TENANT, w::APP, w::SECRET)?;
            let links: Vec<Arc<dyn Credential>> = match options.member {
                0 => vec![Arc::new(managed(true)), Arc::new(cli()?), Arc::new(secret)],
                1 => vec![Arc::new(cli()?), Arc::new(secret)],
                2 => vec![Arc::new(DeviceCodeCredential::of(public()?)), Arc::new(secret)],
                _ => vec![
                    Arc::new(managed(false)),
                    Arc::new(Chain::new(vec![Arc::new(cli()?), Arc::new(secret)])?),
                ],
            };
            Arc::new(Chain::new(links)?)
        }
    })
}
