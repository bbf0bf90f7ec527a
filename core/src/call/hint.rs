//! What helps against a refusal, made of what its message says.

use crate::challenge;
use crate::exchange::Answer;
use crate::tenant::{Tenant, is_guid};

/// What helps, where more is known than the code alone tells.
pub(super) fn of(answer: &Answer, code: &str, message: &str) -> Option<String> {
    match code {
        "InvalidAuthenticationTokenTenant" => tenant(answer, message),
        "AuthorizationFailed" => role(message),
        "ResourceNotFound" => resource(message),
        _ if answer.status() == 403 => role_of_data_plane(answer.path(), message),
        _ => None,
    }
}

/// The tenant that the subscription belongs to: in the challenge, or the second issuer in the text.
fn tenant(answer: &Answer, message: &str) -> Option<String> {
    let challenged = challenge::of_headers(answer.headers()).iter().find_map(challenge::Challenge::tenant);
    let named = || message.rsplit("sts.windows.net/").next()?.get(..36).and_then(|id| Tenant::new(id).ok());
    let tenant = challenged.or_else(named).filter(Tenant::is_guid)?;
    Some(format!("sign in to tenant {tenant}"))
}

/// What may be misspelt, by the kind of the resource that the message says is not there:
/// `'Microsoft.MachineLearningServices/workspaces/w/computes/c'`.
fn resource(message: &str) -> Option<String> {
    let named = message.split_once('\'').and_then(|(_, rest)| rest.split_once('\'')).map(|(id, _)| id);
    let kind = named.and_then(|id| id.rsplit('/').nth(1)).unwrap_or_default();
    let kind = match kind.to_ascii_lowercase().as_str() {
        "workspaces" => "the workspace",
        "computes" => "the compute",
        "onlineendpoints" => "the endpoint",
        "userassignedidentities" => "the identity",
        _ => return None,
    };
    Some(format!("check the name of {kind}, and the names of all that it is looked for in"))
}

/// The roles that allow an action, the least first; those of a need that the tables of Azure Machine
/// Learning know.
fn least_role(action: &str) -> &'static str {
    let is = |part: &str| action.to_ascii_lowercase().contains(part);
    match () {
        () if is("microsoft.authorization/") && is("/write") => "Role Based Access Control Administrator",
        () if is("/computes/") && (is("/write") || is("/delete")) => "AzureML Compute Operator",
        () if is("/workspaces/listkeys/") || is("/workspaces/write") || is("/workspaces/delete") => {
            "Contributor"
        }
        () if action.ends_with("/read") => "Reader",
        () if is("microsoft.machinelearningservices/") => "AzureML Data Scientist",
        () => "Contributor",
    }
}

/// Whether a scope can stand in a command as it is.
fn is_plain(scope: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/-._()".contains(c);
    scope.starts_with('/') && scope.len() <= 512 && scope.chars().all(plain)
}

/// A command that gives the role that is missing to whom the service says that it is missing. That is an
/// object id, where people look for an application id.
fn role(message: &str) -> Option<String> {
    let quoted = |before: &str| message.split_once(before)?.1.split_once('\'').map(|(text, _)| text);
    let object = quoted("with object id '").filter(|id| is_guid(id))?;
    let action = quoted("perform action '")?;
    let scope = quoted("over scope '").filter(|scope| is_plain(scope))?;
    // An app is named by its id, a person by a name.
    let kind = match quoted("The client '") {
        Some(client) if is_guid(client) => "ServicePrincipal",
        _ => "User",
    };
    let role = least_role(action);
    Some(format!(
        "let whoever may assign roles there run: entrada role assign --assignee-object-id {object} --assignee-principal-type {kind} --role \"{role}\" --scope {scope} (or check the scope: one that does not exist is refused alike; a new role may take 10 minutes)"
    ))
}

/// The same for what a workspace's own services say: `Identity(object id: …) does not have permissions for …
/// actions.` They do not say what kind of principal it is, so that has to be looked up, nor the scope, which the
/// address may tell.
fn role_of_data_plane(path: &str, message: &str) -> Option<String> {
    let (_, rest) = message.split_once("Identity(object id: ")?;
    let (object, rest) = rest.split_once(')').filter(|(id, _)| is_guid(id))?;
    let (actions, _) = rest.split_once("permissions for ")?.1.split_once(" actions")?;
    let action = actions.trim_matches(['[', ']']).split(',').next().unwrap_or_default().trim();
    let role = least_role(action);
    let scope = workspace_of(path).unwrap_or_else(|| "SCOPE, the resource id of the workspace".to_owned());
    Some(format!(
        "let whoever may assign roles there run: entrada role assign --assignee {object} --role \"{role}\" --scope {scope} (a new role may take 10 minutes)"
    ))
}

/// The resource id of the workspace that a path is about.
fn workspace_of(path: &str) -> Option<String> {
    let lower = path.to_ascii_lowercase();
    let id = &path[lower.find("/subscriptions/")?..];
    let steps: Vec<&str> = id.split('/').skip(1).take(8).collect();
    let is_one = steps.len() == 8 && steps[6].eq_ignore_ascii_case("workspaces");
    Some(format!("/{}", steps.join("/"))).filter(|id| is_one && is_plain(id))
}

#[cfg(test)]
mod tests {
    use super::*;

    const OBJECT: &str = "b1d9f7a4-41f3-4a88-9b1a-0c5e6d7f8a02";
    const SUBSCRIPTION: &str = "/subscriptions/c07b4c83-5e95-40c6-81d7-8c5d6e7f9a09";

    #[test]
    fn a_missing_role_is_named_with_the_command_that_gives_it() {
        let message = |client: &str| {
            format!(
                "The client '{client}' with object id '{OBJECT}' does not have authorization to perform action 'Microsoft.MachineLearningServices/workspaces/read' over scope '{SUBSCRIPTION}' or the scope is invalid. If access was recently granted, please refresh your credentials."
            )
        };
        for (client, kind) in
            [("3f0c7f66-6c0e-4d6b-8a55-7d1f2f0b9a01", "ServicePrincipal"), ("ada@contoso.example", "User")]
        {
            let hint = role(&message(client)).unwrap();
            let command = format!(
                "--assignee-object-id {OBJECT} --assignee-principal-type {kind} --role \"Reader\" --scope {SUBSCRIPTION} "
            );
            assert!(hint.contains(&command), "{hint}");
        }
        let hostile = message("ada@contoso.example").replace("/subscriptions/c0", "/x`reboot`/");
        assert_eq!((role(&hostile), role("no")), (None, None));
    }

    #[test]
    fn of_a_workspace_s_services_too() {
        let message = format!(
            "Identity(object id: {OBJECT}) does not have permissions for Microsoft.MachineLearningServices/workspaces/experiments/read actions. Please refer to https://aka.ms/azureml-auth-troubleshooting for troubleshooting."
        );
        let workspace = format!(
            "{SUBSCRIPTION}/resourceGroups/g/providers/Microsoft.MachineLearningServices/workspaces/w"
        );
        let hint = role_of_data_plane(&format!("/history/v1.0{workspace}/experiments"), &message).unwrap();
        assert!(
            hint.contains(&format!("--assignee {OBJECT} --role \"Reader\" --scope {workspace} (")),
            "{hint}"
        );
        let score = message.replace("experiments/read", "onlineEndpoints/score/action");
        let hint = role_of_data_plane("/score", &score).unwrap();
        assert!(hint.contains("\"AzureML Data Scientist\" --scope SCOPE, "), "{hint}");
        for hostile in [
            "/x/subscriptions/$(reboot)/a/b/c/d/workspaces/w",
            "/subscriptions/a/b/c/d/e/f/w",
            "/subscriptions/",
        ] {
            assert_eq!(workspace_of(hostile), None, "{hostile}");
        }
        assert_eq!(
            role_of_data_plane("/score", "Identity(object id: x) does not have permissions for y actions"),
            None
        );
    }

    #[test]
    fn what_may_be_misspelt() {
        let of = |id: &str| resource(&format!("The Resource '{id}' under resource group 'g' was not found."));
        let provider = "Microsoft.MachineLearningServices/workspaces/w";
        let about = |id: &str, kind: &str| of(id).is_some_and(|hint| hint.contains(kind));
        assert!(about(provider, "of the workspace"));
        assert!(about(&format!("{provider}/computes/c"), "of the compute"));
        assert!(about(&format!("{provider}/onlineEndpoints/e"), "of the endpoint"));
        for other in ["Microsoft.Compute/virtualMachines/vm", "x", ""] {
            assert_eq!(of(other), None, "{other}");
        }
        assert_eq!(resource("There is nothing here."), None);
    }
}
