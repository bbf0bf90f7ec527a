//! `entrada login`, `logout` and `whoami`.

mod kept;

use std::collections::BTreeSet;

use entrada_blocking::RunOptions;
use entrada_core::cache::accounts::KeptApp;
use entrada_core::claims::Claims;
use entrada_core::flows::silent;
use entrada_core::{AccessToken, EntraClient, Error, ErrorKind, Memory, Scopes, TokenRequest};
use serde_json::{Value, json};

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
    let file = args.credential.authentication_record.as_deref();
    if let Some(file) = file {
        credentials::record::can_be_written(file)?;
    }
    // Nobody is asked where the account could not be kept.
    let (client, memory) = credentials::whose(setup, &args.credential)?;
    run(setup, silent::accounts(&client, &memory), true).map_err(|error| {
        error.with_remedy("unlock the keyring, or say with --token-cache how the account is to be kept")
    })?;
    let signed_in = run(setup, sign_in.sign_in(&request), true)?;
    say(&setup.kept.told());
    say("`--credential shared-cache`, or AZURE_TOKEN_CREDENTIALS=dev, goes to this account at once");
    let record = signed_in.record.as_ref();
    match (file, record) {
        (Some(file), Some(record)) => {
            credentials::record::write(file, record)?;
            say(&format!("the record of the sign-in is in {}", file.display()));
        }
        (Some(_), None) => return Err(unnamed().into()),
        (None, _) => {}
    }
    match (args.output, record) {
        (TableOutput::Json, Some(record)) => output::print(&record.to_json())?,
        (TableOutput::Json, None) => output::print(&known(&client, &signed_in.token).to_string())?,
        (TableOutput::Table, _) => {
            let identity = signed_in.token.identity();
            let username = record.map(|record| record.username.as_str()).or(identity.username.as_deref());
            let tenant = record.map(|record| record.tenant_id.as_str()).or(signed_in.token.tenant());
            output::print(&table::pairs(&[("signed in", username), ("tenant", tenant)]))?;
        }
    }
    Ok(())
}

/// What is known of who signed in where it is not enough for a record.
fn known(client: &EntraClient, token: &AccessToken) -> Value {
    let identity = token.identity();
    let known = [
        ("username", identity.username.as_deref()),
        ("objectId", identity.object_id.as_deref()),
        ("tenantId", token.tenant()),
        ("clientId", Some(client.client_id())),
        ("authority", Some(client.authority().host().host())),
    ];
    known.into_iter().filter_map(|(name, value)| Some((name.to_owned(), json!(value?)))).collect()
}

fn unnamed() -> Error {
    Error::new(ErrorKind::Malformed, "the authority did not say who signed in")
}

pub(crate) fn logout(setup: &Setup, args: &LogoutArgs) -> Result<(), Failure> {
    let (client, memory) = whose(setup, &args.credential)?;
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
    let forgotten = run(setup, silent::forget(&client, &memory), false)?;
    if forgotten.is_empty() && apps.is_empty() {
        say(&nobody(setup, &client, &args.credential)?);
    }
    match args.output {
        TableOutput::Json => {
            let apps = apps.iter().map(|app| json!({ "clientId": app, "source": kept::APP }));
            let gone = forgotten.iter().map(kept::account_document).chain(apps);
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
        let (client, memory) = whose(setup, &args.credential)?;
        let found = run(setup, silent::accounts(&client, &memory), false)?;
        // Whoever names somebody means no app.
        let apps = match credentials::names_somebody(&args.credential) {
            true => Vec::new(),
            false => living_apps(setup, &client, &memory)?,
        };
        if found.is_empty() {
            let what = nobody(setup, &client, &args.credential)?;
            if !apps.is_empty() {
                kept::show(&found, &apps, args.output)?;
            }
            // A script asks this to know whether somebody is, whatever apps keep.
            return Err(Error::new(ErrorKind::Unavailable, what).with_remedy("run `entrada login`").into());
        }
        return kept::show(&found, &apps, args.output);
    }
    let credential = credentials::connected(setup, &args.credential, None)?;
    let request = request(setup, &args.credential, &args.target)?;
    show_token(&credential.get_token(&request)?, args.output)
}

/// The apps whose tokens are kept and alive.
fn living_apps(setup: &Setup, client: &EntraClient, memory: &Memory) -> Result<Vec<KeptApp>, Error> {
    let mut apps = run(setup, silent::apps(client.authority(), memory), false)?;
    apps.retain(|app| app.expires_on.is_some());
    Ok(apps)
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

fn whose(setup: &Setup, args: &CredentialArgs) -> Result<(EntraClient, Memory), Failure> {
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
