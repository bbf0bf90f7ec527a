//! Accounts that are kept, and apps whose tokens are, as they are shown.

use entrada_core::Unix;
use entrada_core::cache::accounts::KeptApp;
use entrada_core::flows::silent::KeptAccount;
use serde_json::{Map, Value};

use super::TIME;
use crate::args::TableOutput;
use crate::failure::Failure;
use crate::{output, table};

/// What stands in the place of a credential's name where an app keeps tokens for itself.
pub(super) const APP: &str = "app";

pub(super) fn show(accounts: &[KeptAccount], apps: &[KeptApp], format: TableOutput) -> Result<(), Failure> {
    let text = match format {
        TableOutput::Json => {
            let documents = accounts.iter().map(account_document).chain(apps.iter().map(app_document));
            Value::from_iter(documents).to_string()
        }
        TableOutput::Table => {
            let rows = accounts.iter().map(account_row).chain(apps.iter().map(app_row));
            table::columns(["WHO", "TENANT", "CREDENTIAL", "UNTIL"], &rows.collect::<Vec<_>>())
        }
    };
    Ok(output::print(&text)?)
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

fn account_row(kept: &KeptAccount) -> [String; 4] {
    let until = match (kept.renewable, kept.expires_on) {
        (true, None) => "renewed without asking".to_owned(),
        (true, Some(ends)) => format!("{}, then renewed without asking", output::local(ends, TIME)),
        (false, Some(ends)) => output::local(ends, TIME),
        (false, None) => "has to sign in again".to_owned(),
    };
    let tenant = kept.account.home_tenant().unwrap_or_default().to_owned();
    [kept.account.username.clone(), tenant, signed_in_by(kept).to_owned(), until]
}

fn app_row(app: &KeptApp) -> [String; 4] {
    let until = app.expires_on.map(|ends| output::local(ends, TIME)).unwrap_or_default();
    [app.client_id.clone(), app.tenant.clone(), APP.to_owned(), until]
}

pub(super) fn account_document(kept: &KeptAccount) -> Value {
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

fn app_document(app: &KeptApp) -> Value {
    let mut document = Map::new();
    document.insert("clientId".into(), app.client_id.clone().into());
    document.insert("tenant".into(), app.tenant.clone().into());
    document.insert("source".into(), APP.into());
    document.insert("renewable".into(), false.into());
    if let Some(Unix(ends)) = app.expires_on {
        document.insert("expires_on".into(), ends.into());
    }
    Value::Object(document)
}
