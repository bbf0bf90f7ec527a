//! `entrada login`, `logout` and `whoami`.

use std::collections::BTreeSet;

use entrada_blocking::RunOptions;
use entrada_core::claims::Claims;
use entrada_core::flows::silent::{self, KeptAccount};
use entrada_core::{AccessToken, EntraClient, Error, ErrorKind, Memory, Scopes, TokenRequest, Unix};
use serde_json::{Map, Value, json};

use crate::args::{
    CredentialArgs, CredentialName, LoginArgs, LogoutArgs, TableOutput, TargetArgs, WhoamiArgs,
};
use crate::failure::Failure;
use crate::setup::Setup;
use crate::ui::say;
use crate::{credentials, output, table, usage};

/// How times are shown.
const TIME: &str = "%Y-%m-%d %H:%M:%S %Z";

pub(crate) fn login(setup: &Setup, args: &LoginArgs) -> Result<(), Failure> {
    let device = match args.credential.credential.as_slice() {
        [CredentialName::Default | CredentialName::InteractiveBrowser] => args.device_code,
        [CredentialName::DeviceCode] => true,
        _ => {
            return Err(usage("people sign in with interactive-browser or with device-code (--device-code)"));
        }
    };
    if args.credential.no_cache {
        return Err(usage("login keeps the account; --no-cache would forget it at once"));
    }
    let sign_in = credentials::sign_in(setup, &args.credential, device)?;
    let request = request(setup, &args.credential, &args.target)?;
    let request = match &args.claims {
        Some(claims) => request.with_claims(Claims::from_json(claims)?),
        None => request,
    };
    // Nobody is asked where the account could not be kept.
    let (client, memory) = credentials::whose(setup, &args.credential)?;
    run(setup, silent::accounts(&client, &memory), true).map_err(|error| {
        error.with_remedy("unlock the keyring, or say with --token-cache how the account is to be kept")
    })?;
    let signed_in = run(setup, sign_in.sign_in(&request), true)?;
    say(&setup.kept.told());
    let record = signed_in.record.as_ref();
    match (args.output, record) {
        (TableOutput::Json, Some(record)) => output::print(&record.to_json())?,
        (TableOutput::Json, None) => {
            return Err(Error::new(ErrorKind::Malformed, "the authority did not say who signed in").into());
        }
        (TableOutput::Table, _) => {
            let identity = signed_in.token.identity();
            let username = record.map(|record| record.username.as_str()).or(identity.username.as_deref());
            let tenant = record.map(|record| record.tenant_id.as_str()).or(signed_in.token.tenant());
            output::print(&table::pairs(&[("signed in", username), ("tenant", tenant)]))?;
        }
    }
    Ok(())
}

pub(crate) fn logout(setup: &Setup, args: &LogoutArgs) -> Result<(), Failure> {
    let (client, memory) = kept(setup, &args.credential)?;
    let found = run(setup, silent::accounts(&client, &memory), false)?;
    if found.len() > 1 && !args.all {
        let names: Vec<_> = found.iter().map(|kept| kept.account.username.as_str()).collect();
        let what = format!("{} accounts are kept: {}", names.len(), names.join(", "));
        return Err(Error::new(ErrorKind::Configuration, what)
            .with_remedy("say whom to forget with --username USER, or forget them with --all")
            .into());
    }
    let apps = match args.all {
        true => run(setup, silent::forget_apps(client.authority(), &memory), false)?,
        false => BTreeSet::new(),
    };
    let forgotten = match found.is_empty() {
        true => Vec::new(),
        false => run(setup, silent::forget(&client, &memory), false)?,
    };
    if forgotten.is_empty() && apps.is_empty() {
        say(&nobody(setup, &client, &args.credential)?);
    }
    match args.output {
        TableOutput::Json => {
            let apps = apps.iter().map(|app| json!({ "clientId": app, "source": "app" }));
            let gone = forgotten.iter().map(kept_document).chain(apps);
            output::print(&Value::from_iter(gone).to_string())?;
        }
        TableOutput::Table => {
            for app in &apps {
                output::print(&table::pairs(&[("forgot the tokens of app", Some(app))]))?;
            }
            for gone in &forgotten {
                output::print(&table::pairs(&[("signed out", Some(&gone.account.username))]))?;
            }
        }
    }
    Ok(())
}

pub(crate) fn whoami(setup: &Setup, args: &WhoamiArgs) -> Result<(), Failure> {
    if args.credential.credential == [CredentialName::SharedCache] {
        let (client, memory) = kept(setup, &args.credential)?;
        let found = run(setup, silent::accounts(&client, &memory), false)?;
        return match found.is_empty() {
            true => {
                let what = nobody(setup, &client, &args.credential)?;
                Err(Error::new(ErrorKind::Unavailable, what).with_remedy("run `entrada login`").into())
            }
            false => show_kept(&found, args.output),
        };
    }
    let credential = credentials::connected(setup, &args.credential, None)?;
    let request = request(setup, &args.credential, &args.target)?;
    show_token(&credential.get_token(&request)?, args.output)
}

/// What is said where nobody is kept who was meant.
fn nobody(setup: &Setup, client: &EntraClient, args: &CredentialArgs) -> Result<String, Failure> {
    let all = run(setup, silent::accounts(client, &Memory::shared()), false)?;
    let names: Vec<_> = all.iter().map(|kept| kept.account.username.as_str()).collect();
    Ok(match (names.is_empty(), args.username.as_deref()) {
        (true, _) => "nobody is signed in".to_owned(),
        (false, Some(user)) => format!("{user} is not signed in; kept are {}", names.join(", ")),
        (false, None) => format!("nobody of that name is signed in; kept are {}", names.join(", ")),
    })
}

fn kept(setup: &Setup, args: &CredentialArgs) -> Result<(EntraClient, Memory), Failure> {
    match args.credential.as_slice() {
        [CredentialName::Default | CredentialName::SharedCache] => credentials::kept(setup, args),
        _ => Err(usage("what is kept is told by shared-cache alone")),
    }
}

fn run<T>(setup: &Setup, flow: entrada_core::BoxFlow<T>, interactive: bool) -> Result<T, Error> {
    let cancel = interactive.then(|| setup.interrupts.cancel());
    let deadline = Some(setup.limit(interactive));
    setup.driver.run_with(flow, RunOptions { deadline, cancel, ..RunOptions::default() })
}

/// What the options name, else Azure Resource Manager of the authority's cloud.
fn request(setup: &Setup, args: &CredentialArgs, target: &TargetArgs) -> Result<TokenRequest, Failure> {
    let scopes = match target.scopes()? {
        Some(scopes) => scopes,
        None => {
            match setup
                .authority(&args.authority)?
                .cloud_or_played()
                .and_then(|cloud| cloud.resource_manager_scope)
            {
                Some(scope) => Scopes::new([scope])?,
                None => return Err(usage("say what the token is for: --scope SCOPE or --resource RESOURCE")),
            }
        }
    };
    let request = TokenRequest::for_scopes(scopes);
    Ok(if args.enable_cae { request.with_cae() } else { request })
}

/// By which credential an account was signed in.
fn signed_in_by(kept: &KeptAccount) -> &str {
    match kept.account.source.as_deref() {
        Some("authorization_code") => "interactive-browser",
        Some("urn:ietf:params:oauth:grant-type:device_code") => "device-code",
        Some("password") => "username-password",
        _ => "shared-cache",
    }
}

fn show_kept(accounts: &[KeptAccount], format: TableOutput) -> Result<(), Failure> {
    let until = |kept: &KeptAccount| match (kept.renewable, kept.expires_on) {
        (true, _) => "renewed without asking".to_owned(),
        (false, Some(ends)) => output::local(ends, TIME),
        (false, None) => "has to sign in again".to_owned(),
    };
    let text = match format {
        TableOutput::Json => Value::from_iter(accounts.iter().map(kept_document)).to_string(),
        TableOutput::Table => {
            let rows = accounts.iter().map(|kept| {
                let tenant = kept.account.home_tenant().unwrap_or_default().to_owned();
                [kept.account.username.clone(), tenant, signed_in_by(kept).to_owned(), until(kept)]
            });
            table::columns(["USER", "TENANT", "CREDENTIAL", "UNTIL"], &rows.collect::<Vec<_>>())
        }
    };
    Ok(output::print(&text)?)
}

fn kept_document(kept: &KeptAccount) -> Value {
    let account = &kept.account;
    let mut document = Map::new();
    document.insert("username".into(), account.username.clone().into());
    document.insert("homeAccountId".into(), account.home_account_id.clone().into());
    if let Some(tenant) = account.home_tenant() {
        document.insert("tenant".into(), tenant.into());
    }
    document.insert("authority".into(), account.environment.clone().into());
    document.insert("source".into(), signed_in_by(kept).into());
    document.insert("renewable".into(), kept.renewable.into());
    if let Some(Unix(ends)) = kept.expires_on {
        document.insert("expires_on".into(), ends.into());
    }
    Value::Object(document)
}

fn show_token(token: &AccessToken, format: TableOutput) -> Result<(), Failure> {
    let identity = token.identity();
    let [kind, in_words] = match identity.is_app {
        Some(true) => [Some("app"); 2],
        Some(false) => [Some("user"), Some("person")],
        None => [None; 2],
    };
    let rows = [
        ("username", identity.username.as_deref()),
        ("objectId", identity.object_id.as_deref()),
        ("clientId", identity.client_id.as_deref()),
        ("tenant", token.tenant()),
        ("source", Some(token.source())),
    ];
    let text = match format {
        TableOutput::Json => {
            let known = rows.iter().filter_map(|(name, value)| Some(((*name).to_owned(), json!((*value)?))));
            let ends = [("expires_on".to_owned(), json!(token.expires_on().0))];
            let kind = kind.map(|kind| ("type".to_owned(), json!(kind)));
            Value::Object(known.chain(kind).chain(ends).collect()).to_string()
        }
        TableOutput::Table => {
            let ends = output::local(token.expires_on(), TIME);
            let names = ["user", "object id", "app", "tenant", "credential"];
            let named = names.into_iter().zip(rows.map(|(_, value)| value));
            let kind = std::iter::once(("kind", in_words));
            table::pairs(&kind.chain(named).chain([("until", Some(ends.as_str()))]).collect::<Vec<_>>())
        }
    };
    Ok(output::print(&text)?)
}
