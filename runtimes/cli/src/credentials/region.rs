//! A region that variables ask for.

use entrada_core::authority::Region;

use crate::args::{CredentialArgs, CredentialName};
use crate::setup::Setup;
use crate::ui::say;

/// A region that a variable names in vain would be missed only where the global endpoint cannot be reached.
pub(super) fn warn(setup: &Setup, args: &CredentialArgs) {
    let concerned = args.credential.iter().any(|name| CredentialName::APPS.contains(name));
    if let Some(name) = Region::passed_over(&setup.environment).filter(|_| concerned) {
        say(&format!(
            "warning: {name} is not the name of an Azure region, such as westeurope, and was passed over; the global endpoint is asked"
        ));
    }
}
