//! Files that cannot all be what the options say.

use std::path::Path;

use crate::args::{AssertionName, CredentialArgs};
use crate::failure::Failure;
use crate::usage;

/// Standard input can be read once, and not anew; an app proves itself in one way.
pub(super) fn reject(args: &CredentialArgs) -> Result<(), Failure> {
    let is_input = |file: &&std::path::PathBuf| file.as_path() == Path::new("-");
    let read_anew = [
        ("--certificate", &args.certificate),
        ("--assertion-file", &args.assertion.assertion_file),
        ("--token-file", &args.token_file),
    ];
    if let Some((option, _)) = read_anew.iter().find(|(_, file)| file.as_ref().is_some_and(|f| is_input(&f)))
    {
        return Err(usage(format!(
            "{option} is read anew when it changes and cannot be standard input; a file of the name `-` is ./-"
        )));
    }
    let read_once = [
        ("--auth-file", &args.auth_file),
        ("--client-secret-file", &args.client_secret_file),
        ("--certificate-password-file", &args.certificate_password_file),
        ("--user-assertion-file", &args.user_assertion_file),
        ("--password-file", &args.password_file),
        ("--refresh-token-file", &args.refresh_token_file),
        ("--authorization-code-file", &args.authorization_code_file),
        ("--code-verifier-file", &args.code_verifier_file),
    ];
    let from_input = read_once.iter().filter(|(_, file)| file.as_ref().is_some_and(|f| is_input(&f)));
    let from_input: Vec<_> = from_input.map(|(option, _)| *option).collect();
    if from_input.len() > 1 {
        return Err(usage(format!(
            "standard input can be read once, and {} are to be read from it",
            from_input.join(" and ")
        )));
    }
    // What proves the app of the assertion is no second proof of the app itself.
    let from = args.assertion.assertion_from;
    let proofs = [
        (
            "--client-secret-file",
            args.client_secret_file.is_some() && from != Some(AssertionName::ClientSecret),
        ),
        ("--certificate", args.certificate.is_some() && from != Some(AssertionName::ClientCertificate)),
        ("--assertion-file", args.assertion.assertion_file.is_some()),
        ("--assertion-from", from.is_some()),
    ];
    let given: Vec<_> = proofs.iter().filter(|(_, given)| *given).map(|(option, _)| *option).collect();
    if given.len() > 1 && args.credential.len() == 1 {
        return Err(usage(format!("an app proves itself in one way: give one of {}", given.join(", "))));
    }
    if from == Some(AssertionName::ManagedIdentity) && args.assertion.assertion_client_id.is_some() {
        return Err(usage("--assertion-client-id names an app; the managed identity is named by --identity"));
    }
    Ok(())
}
