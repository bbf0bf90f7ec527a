//! Service principal set-up: an app registration, its service principal, its roles, and a way to sign in.
//!
//! Every step comes to the same when it is done twice, or looks first whether it was done. The secret, or the
//! certificate, comes last, so that no later step can fail with it in hand. Nothing that exists is changed or
//! removed unless the caller says so. An error tells what there is by then in words and as
//! [`Error::made`], also of a run that was given up ([`Run::cancel`](crate::Run::cancel)) or whose time was over.

mod application;
mod certificate;
mod certificates;
mod create;
mod delete;
mod first_sign_in;
mod hint;
mod object_id;
mod principal;
mod registration;
mod remove;
mod secret;
mod show;
mod untold;

pub use application::{EnsureApplication, Which};
pub use certificate::{AddCertificate, Certificate};
pub use create::{CreatePrincipal, Created, Plan, Proof};
pub use delete::{DeletePrincipal, Deleted, TakenRoles};
pub use first_sign_in::FirstSignIn;
pub use hint::remove_secrets;
pub use principal::EnsurePrincipal;
pub use registration::ShowApplication;
pub use remove::RemoveCredentials;
pub(super) use secret::is_own_name;
pub use secret::{AddSecret, Life, NewSecret};
pub use show::ShowPrincipal;

use crate::error::Error;

/// The status of the service that was called. A refusal of the token for it has a status too, which says nothing of
/// what was asked for.
fn status(error: &Error) -> Option<u16> {
    error.status().filter(|_| error.source_name().is_none())
}

/// Whether an object that was just made is not known yet where it is looked for.
fn is_unknown(error: &Error) -> bool {
    let said = |part: &str| error.detail().is_some_and(|detail| detail.contains(part));
    status(error) == Some(404)
        || (status(error) == Some(400)
            && [
                " does not reference ",
                " does not exist ",
                "service principal being created must in the local tenant",
            ]
            .iter()
            .any(|part| said(part)))
}
