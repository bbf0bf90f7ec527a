//! The error that an answer other than success is.

use serde_json::Value;

use super::code::{Code, Phrase};
use super::{Dialect, arm_codes, graph_codes};
use crate::challenge;
use crate::error::{Error, ErrorKind};
use crate::exchange::Answer;
use crate::tenant::{Tenant, is_guid};

impl Dialect {
    fn codes(self) -> &'static [Code] {
        match self {
            Dialect::ResourceManager | Dialect::MachineLearning => &arm_codes::CODES,
            Dialect::Graph => &graph_codes::CODES,
        }
    }

    fn phrases(self) -> &'static [Phrase] {
        match self {
            Dialect::ResourceManager | Dialect::MachineLearning => &arm_codes::PHRASES,
            Dialect::Graph => &graph_codes::PHRASES,
        }
    }
}

/// The error that an answer other than success is: its code, where it is a known one, what that means
/// and what helps, the ids of the request, and what the service said as detail. Whatever the body is, an
/// error comes of it.
#[must_use]
pub fn error_of(answer: &Answer, dialect: Dialect) -> Error {
    let document = answer.object().cloned().unwrap_or_default();
    let envelope = document.get("error").and_then(Value::as_object).unwrap_or(&document);
    let text = |name: &str| envelope.get(name).and_then(Value::as_str).unwrap_or_default();
    let (code, message) = (text("code"), text("message"));
    let known = dialect.codes().iter().find(|known| known.code.eq_ignore_ascii_case(code));
    let kind = known.map_or_else(|| kind_of_status(answer.status()), |known| known.kind);
    let failed = if kind == ErrorKind::Service { "failed at" } else { "refused" };
    let phrase = dialect.phrases().iter().find(|phrase| message.contains(phrase.part));
    let cause =
        phrase.map(|phrase| (phrase.cause, phrase.remedy)).or(known.map(|known| (known.cause, known.remedy)));
    let what = match cause {
        Some((cause, _)) => format!("{} {failed} {}: {cause}", answer.host(), answer.label()),
        None => format!("{} {failed} {} (HTTP {})", answer.host(), answer.label(), answer.status()),
    };
    let detail = match (code, message) {
        ("", "") if answer.body().is_empty() => String::new(),
        ("", "") => answer.excerpt(),
        (code, message) => answer.clean(&format!("{code}: {message}")),
    };
    let [correlation, own] = dialect.ids().map(|names| names.iter().find_map(|name| answer.header(name)));
    let error = Error::new(kind, what)
        .with_code(known.map(|known| known.code))
        .with_status(answer.status())
        .with_ids(correlation, own)
        .with_retry_after(answer.retry_after(answer.received().unix))
        .with_detail(detail);
    let special = tenant_hint(answer, code, message).or_else(|| role_hint(code, message));
    match (special, cause) {
        (Some(remedy), _) => error.with_remedy(remedy),
        (None, Some((_, remedy))) => error.with_remedy(remedy),
        (None, None) => error,
    }
}

/// The error of an answer that makes no sense; `what` completes "gave an answer to the list that".
#[must_use]
pub fn malformed(answer: &Answer, what: &str) -> Error {
    Error::new(
        ErrorKind::Malformed,
        format!("{} gave an answer to {} that {what}", answer.host(), answer.label()),
    )
    .with_status(answer.status())
    .with_detail(answer.excerpt())
}

/// Fails for an answer to a change that has something to say where the service has nothing to say.
///
/// # Errors
/// `Malformed`: somebody else answered in the service's place.
pub fn nothing_more(answer: &Answer) -> Result<(), Error> {
    if answer.status() == 204 { Ok(()) } else { Err(malformed(answer, "is not the service's")) }
}

fn kind_of_status(status: u16) -> ErrorKind {
    match status {
        403 => ErrorKind::Forbidden,
        400..=402 | 404..=407 | 409..=428 => ErrorKind::Refused,
        408 | 429 | 500.. => ErrorKind::Service,
        _ => ErrorKind::Malformed,
    }
}

/// The tenant that the subscription belongs to: in the challenge, or the second issuer in the text.
fn tenant_hint(answer: &Answer, code: &str, message: &str) -> Option<String> {
    if code != "InvalidAuthenticationTokenTenant" {
        return None;
    }
    let challenged = challenge::of_headers(answer.headers()).iter().find_map(challenge::Challenge::tenant);
    let named = || message.rsplit("sts.windows.net/").next()?.get(..36).and_then(|id| Tenant::new(id).ok());
    let tenant = challenged.or_else(named).filter(Tenant::is_guid)?;
    Some(format!("sign in to tenant {tenant}"))
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

/// A command that gives the role that is missing to whom the service says that it is missing. That is an
/// object id, where people look for an application id.
fn role_hint(code: &str, message: &str) -> Option<String> {
    if code != "AuthorizationFailed" {
        return None;
    }
    let quoted = |before: &str| message.split_once(before)?.1.split_once('\'').map(|(text, _)| text);
    let object = quoted("with object id '").filter(|id| is_guid(id))?;
    let action = quoted("perform action '")?;
    let scope = quoted("over scope '")?;
    let plain = |c: char| c.is_ascii_alphanumeric() || "/-._()".contains(c);
    let usable = scope.starts_with('/') && scope.len() <= 512 && scope.chars().all(plain);
    usable.then(|| {
        let role = least_role(action);
        format!(
            "let whoever may assign roles there run: entrada role assign --assignee-object-id {object} --role \"{role}\" --scope {scope} (or check the scope: one that does not exist is refused alike; a new role may take 10 minutes)"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_role_is_named_with_the_command_that_gives_it() {
        let message = "The client '3f0c7f66-6c0e-4d6b-8a55-7d1f2f0b9a01' with object id 'b1d9f7a4-41f3-4a88-9b1a-0c5e6d7f8a02' does not have authorization to perform action 'Microsoft.MachineLearningServices/workspaces/read' over scope '/subscriptions/c07b4c83-5e95-40c6-81d7-8c5d6e7f9a09' or the scope is invalid. If access was recently granted, please refresh your credentials.";
        let hint = role_hint("AuthorizationFailed", message).unwrap();
        assert!(hint.contains("--assignee-object-id b1d9f7a4-41f3-4a88-9b1a-0c5e6d7f8a02 --role \"Reader\" --scope /subscriptions/c07b4c83-5e95-40c6-81d7-8c5d6e7f9a09 "), "{hint}");
        let hostile = message.replace("/subscriptions/c0", "/x`reboot`/");
        assert_eq!(role_hint("AuthorizationFailed", &hostile), None);
        assert_eq!(role_hint("AuthorizationFailed", "no"), None);
        assert_eq!(role_hint("ResourceNotFound", message), None);
    }

    #[test]
    fn no_code_stands_twice() {
        for codes in [&arm_codes::CODES[..], &graph_codes::CODES[..]] {
            let mut names: Vec<_> = codes.iter().map(|code| code.code).collect();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), codes.len());
        }
    }
}
