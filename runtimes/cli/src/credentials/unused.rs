//! Options that mean nothing to the credentials that were named.

use entrada_core::{Error, ErrorKind};

use super::Builder;
use crate::args::{AssertionName, CredentialArgs, CredentialName, TokenArgs};
use crate::setup::Setup;

/// An option that none of the named credentials looks at is a mistake, not a wish.
pub(super) fn reject(args: &CredentialArgs, subscription: bool) -> Result<(), Error> {
    use CredentialName as N;
    let secret = [
        N::ClientSecret,
        N::Environment,
        N::Default,
        N::OnBehalfOf,
        N::AuthorizationCode,
        N::RefreshToken,
        N::UsernamePassword,
    ];
    let certificate = [
        N::ClientCertificate,
        N::OnBehalfOf,
        N::AuthorizationCode,
        N::RefreshToken,
        N::UsernamePassword,
        N::Environment,
        N::Default,
    ];
    let assertion =
        [N::ClientAssertion, N::OnBehalfOf, N::AuthorizationCode, N::RefreshToken, N::UsernamePassword];
    let user = [N::UsernamePassword, N::Environment, N::Default];
    let username = [N::UsernamePassword, N::SharedCache, N::Environment, N::Default];
    let people = [N::InteractiveBrowser, N::DeviceCode, N::SharedCache];
    let filed = [
        N::ClientSecret,
        N::ClientCertificate,
        N::OnBehalfOf,
        N::AuthorizationCode,
        N::RefreshToken,
        N::UsernamePassword,
    ];
    let options: [(bool, &str, &[CredentialName]); 26] = [
        (args.auth_file.is_some(), "--auth-file", &filed),
        (args.client_secret_file.is_some(), "--client-secret-file", &secret),
        (args.certificate.is_some(), "--certificate", &certificate),
        (args.certificate_password_file.is_some(), "--certificate-password-file", &certificate),
        (args.send_certificate_chain, "--send-certificate-chain", &certificate),
        (args.assertion.assertion_file.is_some(), "--assertion-file", &assertion),
        (args.assertion.assertion_from.is_some(), "--assertion-from", &assertion),
        (args.user_assertion_file.is_some(), "--user-assertion-file", &[N::OnBehalfOf]),
        (args.token_file.is_some(), "--token-file", &[N::WorkloadIdentity]),
        (args.enable_aks_proxy, "--enable-aks-proxy", &[N::WorkloadIdentity]),
        (args.service_connection_id.is_some(), "--service-connection-id", &[N::AzurePipelines]),
        (args.username.is_some(), "--username", &username),
        (args.password_file.is_some(), "--password-file", &user),
        (!args.trust_federation.is_empty(), "--trust-federation", &user),
        (args.refresh_token_file.is_some(), "--refresh-token-file", &[N::RefreshToken]),
        (args.authorization_code_file.is_some(), "--authorization-code-file", &[N::AuthorizationCode]),
        (args.code_verifier_file.is_some(), "--code-verifier-file", &[N::AuthorizationCode]),
        (args.identity.is_some(), "--identity", &[N::ManagedIdentity, N::Default]),
        (args.refuse_to_guess, "--refuse-to-guess", &[N::ManagedIdentity, N::Default]),
        (args.redirect_uri.is_some(), "--redirect-uri", &[N::InteractiveBrowser, N::AuthorizationCode]),
        (args.login_hint.is_some(), "--login-hint", &people),
        (args.authentication_record.is_some(), "--authentication-record", &people),
        (args.domain_hint.is_some(), "--domain-hint", &[N::InteractiveBrowser]),
        (args.prompt.is_some(), "--prompt", &[N::InteractiveBrowser]),
        (args.native, "--native", &[N::AzureCli, N::Default]),
        (args.keep_app_tokens, "--keep-app-tokens", &N::APPS),
    ];
    let asserting = args.assertion.assertion_from.map(AssertionName::credential);
    let uses =
        |names: &[CredentialName]| args.credential.iter().chain(&asserting).any(|name| names.contains(name));
    let unused =
        options.into_iter().find(|(given, _, names)| *given && !uses(names)).map(|(_, option, _)| option);
    let hosted = |name: &N| matches!(name, N::ManagedIdentity | N::AzureMlOnBehalfOf | N::VisualStudioCode);
    let alone = args.credential.iter().all(|name| hosted(name) || name.is_tool());
    let unused = unused
        .or((subscription && !uses(&[N::AzureCli, N::Default])).then_some("--subscription"))
        .or((args.client_id.is_some() && alone && !args.credential.contains(&N::ManagedIdentity))
            .then_some("--client-id"));
    if args.client_id.is_some() && alone && unused.is_none() {
        return Err(meaningless("--client-id", "the credential that was named")
            .with_remedy("name the managed identity with --identity client-id:ID"));
    }
    let only_hosted = args.credential.iter().all(hosted);
    let others = !args.additionally_allowed_tenant.is_empty();
    let unused = unused
        .or((args.tenant_id.is_some() && only_hosted).then_some("--tenant-id"))
        .or((others && only_hosted).then_some("--additionally-allowed-tenant"));
    let only_kept = args.credential.iter().all(|name| *name == N::SharedCache);
    let unused = unused.or((args.no_cache && only_kept).then_some("--no-cache"));
    unused.map_or(Ok(()), |option| Err(meaningless(option, "the credential that was named")))
}

/// What a request can ask for and the host of a managed identity cannot give: it would be passed over in silence.
pub(crate) fn reject_request(setup: &Setup, args: &TokenArgs) -> Result<(), Error> {
    let credential = &args.credential;
    if credential.credential.iter().any(|name| *name != CredentialName::ManagedIdentity) {
        return Ok(());
    }
    let builder = Builder { setup, args: credential, subscription: None, several: false };
    let managed = builder.managed(credential.identity.clone().unwrap_or_default())?;
    // What is wrong with the variables of a host, the credential says when it is asked.
    let Ok(source) = managed.source() else { return Ok(()) };
    let asked = [
        (args.claims.is_some() && !source.heeds_claims(), "--claims"),
        (args.request_tenant.is_some() && !source.heeds_tenants(), "--request-tenant"),
    ];
    let unused = asked.into_iter().find(|(given, _)| *given).map(|(_, option)| option);
    unused.map_or(Ok(()), |option| Err(meaningless(option, source.name())))
}

fn meaningless(option: &str, to: &str) -> Error {
    Error::new(ErrorKind::Configuration, format!("{option} means nothing to {to}"))
        .with_remedy("leave it out, or name the credential it is for with --credential")
}
