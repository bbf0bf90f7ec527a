//! Service principal set-up: an app registration, its service principal, its roles, and a way to sign in.
//!
//! Every step comes to the same when it is done twice, or looks first whether it was done. The secret comes
//! last, so that no later step can fail with it in hand. Nothing that exists is changed or removed unless the
//! caller says so.

mod application;
mod auth_file;
mod certificate;
mod certificates;
mod create;
mod delete;
mod first_sign_in;
mod principal;
mod registration;
mod remove;
mod secret;

pub use application::{EnsureApplication, Which};
pub use auth_file::{Sign, json_auth};
pub use certificate::{AddCertificate, Certificate};
pub use create::{CreatePrincipal, Created, Plan, Proof};
pub use delete::{DeletePrincipal, ShowPrincipal};
pub use first_sign_in::FirstSignIn;
pub use principal::EnsurePrincipal;
pub use registration::ShowApplication;
pub use remove::RemoveCredentials;
pub use secret::{AddSecret, Life, NewSecret};

use crate::error::{Error, ErrorKind};

/// Whether something may have been done although the answer is an error. What comes too often (429) is turned
/// away unread.
fn is_in_doubt(error: &Error) -> bool {
    use ErrorKind::{Malformed, Network, Service, Timeout};
    error.status() != Some(429) && matches!(error.kind(), Malformed | Network | Service | Timeout)
}

/// Whether an object that was just made is not known yet where it is looked for.
fn is_unknown(error: &Error) -> bool {
    let said = |part: &str| error.detail().is_some_and(|detail| detail.contains(part));
    error.status() == Some(404)
        || (error.status() == Some(400)
            && [
                " does not reference ",
                " does not exist ",
                "service principal being created must in the local tenant",
            ]
            .iter()
            .any(|part| said(part)))
}
