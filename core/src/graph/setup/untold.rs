//! What was made, and could not be handed to whoever asked for it.

use super::{Created, NewSecret, hint};
use crate::error::{Error, Made, MadeKind};

impl NewSecret {
    /// The error of not handing this secret of this app over, with where it is kept all the same (`kept`, the name
    /// of a file), or how it is removed.
    #[must_use]
    pub fn untold(&self, app_id: &str, error: Error, kept: Option<&str>) -> Error {
        let id = &self.key_id;
        let error = error.after_making([Made::certain(MadeKind::Secret, id)]);
        match kept {
            Some(file) => error.so_far(
                &format!("the app {app_id} has a new secret, {id}"),
                &format!("it is in {file}: nothing has to be done again"),
            ),
            None => error.so_far(
                &format!("the app {app_id} has a new secret, {id}, which nobody was told"),
                &format!("remove it with: {}", hint::remove_secrets(app_id, id)),
            ),
        }
    }
}

impl Created {
    /// The error of not handing this over: with what there is now, where the secret is kept all the same (`kept`, the
    /// name of a file) or how it is removed, and how to undo what is new.
    #[must_use]
    pub fn untold(&self, error: Error, kept: Option<&str>) -> Error {
        let app_id = &self.application.app_id;
        let error = match &self.secret {
            Some(secret) => secret.untold(app_id, error, kept),
            None => error,
        };
        let roles = self.assigned.iter().filter(|assigned| !assigned.existed);
        let made = roles.map(|assigned| Made::certain(MadeKind::Role, assigned.scope.as_str()));
        let error = error.after_making(made);
        if !self.is_new {
            return error;
        }
        let scopes: Vec<_> = self.assigned.iter().map(|assigned| assigned.scope.clone()).collect();
        error
            .so_far(
                &format!(
                    "the app registration {app_id} is new, and so is its service principal {}",
                    self.principal.id
                ),
                &format!("undo with: {}", hint::delete(app_id, &scopes)),
            )
            .after_making([
                Made::certain(MadeKind::Application, app_id),
                Made::certain(MadeKind::ServicePrincipal, &self.principal.id),
            ])
    }
}
