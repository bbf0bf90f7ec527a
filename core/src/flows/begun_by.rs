//! Who began a sign-in that is kept and finished later.

use serde::{Deserialize, Serialize};

use super::authority_client::EntraClient;
use crate::error::{Error, ErrorKind};

/// The app and the authority with which a sign-in was begun: to another one neither the code nor what proves
/// that it is ours may go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct BegunBy {
    authority: String,
    client_id: String,
}

impl BegunBy {
    pub(crate) fn of(client: &EntraClient) -> BegunBy {
        BegunBy { authority: client.authority().environment(), client_id: client.client_id().to_owned() }
    }

    /// That this is who began it.
    ///
    /// # Errors
    /// `Configuration` when it is another authority or another app.
    pub(crate) fn check(&self, client: &EntraClient) -> Result<(), Error> {
        let own = BegunBy::of(client);
        let what = match () {
            () if own.authority != self.authority => format!("at another authority than {}", own.authority),
            () if own.client_id != self.client_id => format!("with another app than {}", own.client_id),
            () => return Ok(()),
        };
        Err(Error::new(
            ErrorKind::Configuration,
            format!("what was kept of the sign-in was begun {what}; nothing was sent"),
        )
        .with_remedy("finish each sign-in with the app and the authority that began it"))
    }
}
