//! What an error demands: the sign-in, as a command that can be run as it stands, or else the claims.

use entrada_core::flows::authority_client::DEVELOPER_CLIENT_ID;
use entrada_core::{Error, ErrorKind};

use crate::args::{Cli, Command, CredentialArgs, CredentialName};

/// The next line to type, where an error leads to one; else what was demanded, where nothing else tells it.
pub(crate) fn next(error: &Error, cli: &mut Cli) -> Option<String> {
    if let Some(command) = sign_in(error, cli) {
        return Some(format!("then run: {command}"));
    }
    let claims = error.claims().filter(|_| error.kind() == ErrorKind::InteractionRequired)?.to_json();
    let by_caller = match error.source_name() {
        // Their remedy is a command with the claims in it.
        Some("azure-cli" | "azure-powershell" | "azure-developer-cli") => return None,
        Some("on-behalf-of" | "azure-ml-on-behalf-of") => true,
        _ => false,
    };
    let quoted = quoted(&claims);
    match &cli.command {
        Command::Token(token) if !by_caller && token.claims.as_deref() != Some(claims.as_str()) => {
            Some(format!("then run the same with: --claims {quoted}"))
        }
        _ => Some(format!("it demands the claims: {quoted}")),
    }
}

/// `entrada login` with the claims that were demanded, and with the options that say who signs in, where and for
/// what; nothing where that account would not be looked at by the credential that was refused.
fn sign_in(error: &Error, cli: &mut Cli) -> Option<String> {
    let claims = error.claims().filter(|_| error.kind() == ErrorKind::InteractionRequired)?.to_json();
    let elsewhere = match error.source_name()? {
        "device-code" => true,
        "interactive-browser" | "shared-cache" => false,
        // A chain passes an account over that was refused, and goes on.
        _ if error.attempts().iter().any(|it| it.source == "shared-cache" && !it.aadsts.is_empty()) => false,
        _ => return None,
    };
    let args = cli.command.credential()?.clone();
    if args.no_cache {
        return None;
    }
    let mut words = vec!["entrada".to_owned(), "login".to_owned()];
    let mut say = |option: &str, value: Option<&str>| {
        if let Some(value) = value {
            words.extend([option.to_owned(), quoted(value)]);
        }
    };
    let (tenant, targets) = match &cli.command {
        Command::Token(token) => (token.request_tenant.as_deref(), token.target.options()),
        Command::Login(login) => (None, login.target.options()),
        Command::Whoami(whoami) => (None, whoami.target.options()),
        _ => (None, Vec::new()),
    };
    say("--tenant-id", tenant.or(args.tenant_id.as_deref()));
    // The default chain looks at the accounts of the developer tools' app alone.
    let shared = args.credential.contains(&CredentialName::Default).then_some(DEVELOPER_CLIENT_ID);
    say("--client-id", shared.or(args.client_id.as_deref()));
    say("--authority", args.authority.authority.as_deref());
    say("--oidc-authority", args.authority.oidc_authority.as_deref());
    say("--login-hint", args.login_hint.as_deref().or(args.username.as_deref()));
    if !elsewhere {
        say("--domain-hint", args.domain_hint.as_deref());
        say("--redirect-uri", args.redirect_uri.as_deref());
    }
    targets.into_iter().for_each(|(option, value)| say(option, Some(value)));
    let global = &cli.global;
    say("--emulator", global.emulator.as_deref());
    let kept = global.token_cache.and_then(|kind| clap::ValueEnum::to_possible_value(&kind));
    say("--token-cache", kept.as_ref().map(clap::builder::PossibleValue::get_name));
    let variables = global.env_file.as_ref().map(|file| file.to_string_lossy());
    say("--env-file", variables.as_deref());
    say("--claims", Some(&claims));
    words.extend(switches(elsewhere, &args, global.allow_http_loopback).map(str::to_owned));
    Some(words.join(" "))
}

/// The options without a value.
fn switches(elsewhere: bool, args: &CredentialArgs, plain: bool) -> impl Iterator<Item = &'static str> {
    let all = [
        (elsewhere, "--device-code"),
        (args.enable_cae, "--enable-cae"),
        (args.authority.disable_instance_discovery, "--disable-instance-discovery"),
        (plain, "--allow-http-loopback"),
    ];
    all.into_iter().filter_map(|(given, option)| given.then_some(option))
}

/// A word as a shell takes it.
fn quoted(word: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_./:@%+=,".contains(&b);
    match !word.is_empty() && word.bytes().all(plain) {
        true => word.to_owned(),
        false => format!("'{}'", word.replace('\'', r"'\''")),
    }
}
