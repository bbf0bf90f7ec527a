//! The tools of developers.

use std::sync::Arc;

use entrada_core::environment::System;
use entrada_core::flow::Credential;
use entrada_core::{AzureDeveloperCliCredential, AzurePowerShellCredential, Error};

use super::options::Options;
use super::{Kind, Twist};
use crate::rules::Rules;
use crate::world::World;

/// Every tool that a chain on Linux may run.
pub(super) const PROGRAMS: [&str; 3] = ["az", "azd", "pwsh"];

/// The credentials of this file; nothing for another kind.
pub(super) fn credential_of(
    kind: Kind,
    options: &Options,
    rules: &mut Rules,
    world: &mut World,
) -> Result<Option<Arc<dyn Credential>>, Error> {
    Ok(Some(match kind {
        Kind::AzureDeveloperCli => {
            rules.programs = vec!["azd"];
            Arc::new(AzureDeveloperCliCredential::new())
        }
        Kind::AzurePowerShell if options.twist == Twist::OlderPowerShell => {
            rules.programs = vec!["pwsh", "powershell"];
            world.powershell = "powershell";
            Arc::new(AzurePowerShellCredential::new().on(System::Windows))
        }
        Kind::AzurePowerShell => {
            rules.programs = vec!["pwsh"];
            Arc::new(AzurePowerShellCredential::new().on(System::Linux))
        }
        _ => return Ok(None),
    }))
}
