//! Commands that errors suggest, to be pasted into a shell as they stand.

use crate::arm::roles::{RoleAssignment, Scope};

/// A word for a shell: between apostrophes where it has characters that mean something there.
fn word(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/-._".contains(c);
    match text.chars().all(plain) && !text.is_empty() {
        true => text.to_owned(),
        false => format!("'{}'", text.replace('\'', r"'\''")),
    }
}

/// Deletes an app with the roles that it has at these scopes.
pub(super) fn delete(app_id: &str, scopes: &[Scope]) -> String {
    let mut command = format!("entrada sp delete {app_id}");
    if !scopes.is_empty() {
        command.push_str(" --scopes");
    }
    for scope in scopes {
        command.push(' ');
        command.push_str(&word(scope.as_str()));
    }
    command
}

/// Gives a role back that was taken.
pub(super) fn assign(role: &RoleAssignment) -> String {
    let RoleAssignment { role_id, principal, principal_type, scope, .. } = role;
    let kind = principal_type.as_deref().unwrap_or("ServicePrincipal");
    format!(
        "entrada role assign --assignee-object-id {} --assignee-principal-type {} --role {} --scope {}",
        word(principal),
        word(kind),
        word(role_id),
        word(scope)
    )
}

/// The command that removes the secrets of this name, or the one of this id, of an app.
#[must_use]
pub fn remove_secrets(app_id: &str, name: &str) -> String {
    format!("entrada sp reset {app_id} --no-password --remove-key {}", word(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_stay_whole() {
        let group = "/subscriptions/c07b4c83-5e95-40c6-81d7-8c5d6e7f9a09/resourceGroups";
        let scopes =
            [format!("{group}/ml-rg"), format!("{group}/ml (o'b)")].map(|text| Scope::new(&text).unwrap());
        let app = "5f1d9c3a-77e4-4b02-9d61-0c8a2e4f6b31";
        assert_eq!(
            delete(app, &scopes),
            format!(r"entrada sp delete {app} --scopes {group}/ml-rg '{group}/ml (o'\''b)'")
        );
        assert_eq!(delete(app, &[]), format!("entrada sp delete {app}"));
        assert!(remove_secrets(app, "entrada 1234abcd").ends_with("--remove-key 'entrada 1234abcd'"));
    }
}
