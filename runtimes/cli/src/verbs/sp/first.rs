//! The first sign-in with what was just made.

use entrada_blocking::RunOptions;
use entrada_core::auth_file::Sign;
use entrada_core::graph::setup::FirstSignIn;
use entrada_core::{
    ClientCertificate, ClientCertificateCredential, ClientSecretCredential, Credential, EntraClient, Error,
};

use crate::args::CredentialArgs;
use crate::failure::Failure;
use crate::setup::Setup;
use crate::ui::say;

/// Waits until the app of this tenant and client id signs in.
pub(super) fn sign_in(
    setup: &Setup,
    args: &CredentialArgs,
    [tenant, app]: [&str; 2],
    sign: Sign<'_>,
) -> Result<(), Failure> {
    let client = EntraClient::new(tenant, app)?
        .with_authority(setup.authority(&args.authority)?)
        .as_environment_says(&setup.environment);
    let credential = credential(client, sign)?;
    let flow = FirstSignIn::new(credential, setup.graph(&args.authority)?.request());
    let (deadline, cancel) = (Some(setup.limit(true)), Some(setup.interrupts.cancel()));
    setup.driver.run_with(Box::new(flow), RunOptions { deadline, cancel, ..RunOptions::default() })?;
    say("it signs in");
    Ok(())
}

fn credential(client: EntraClient, sign: Sign<'_>) -> Result<Box<dyn Credential>, Error> {
    Ok(match sign {
        Sign::Secret(secret) => Box::new(ClientSecretCredential::of(client, secret.clone())?),
        Sign::Certificate(file) => {
            let certificate = ClientCertificate::file(file.unwrap_or_default());
            Box::new(ClientCertificateCredential::of(client, certificate))
        }
    })
}
