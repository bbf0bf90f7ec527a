//! `entrada sp show`.

use entrada_core::ErrorKind;
use entrada_core::graph::setup::{ShowApplication, ShowPrincipal};
use entrada_core::graph::{Application, CredentialKind};
use serde_json::{Value, json};

use crate::args::{SpShowArgs, TableOutput};
use crate::failure::Failure;
use crate::setup::Setup;
use crate::ui::say;
use crate::{credentials, output, table};

pub(crate) fn show(setup: &Setup, args: &SpShowArgs) -> Result<(), Failure> {
    let graph = setup.graph(&args.credential.authority)?;
    let credential = credentials::connected(setup, &args.credential, None)?;
    let found = credential.call(Box::new(ShowPrincipal::new(&graph, args.id.trim())))?;
    let app = match credential.call(Box::new(ShowApplication::new(&graph, &found.app_id))) {
        Err(error) if matches!(error.kind(), ErrorKind::Forbidden | ErrorKind::Refused) => {
            say("its app registration may not be read: what it signs in with is not shown");
            None
        }
        other => other?,
    };
    let enabled = found.document().get("accountEnabled").map(|value| match value {
        Value::String(text) => text.to_lowercase(),
        other => other.to_string(),
    });
    Ok(output::print(&match args.output {
        TableOutput::Json => {
            let mut document = Value::Object(found.document().clone());
            document["application"] = app.as_ref().map_or(Value::Null, described);
            document.to_string()
        }
        TableOutput::Table => {
            let mut text = table::pairs(&[
                ("name", Some(found.name())),
                ("app id", Some(&found.app_id)),
                ("object id", Some(&found.id)),
                ("type", found.kind()),
                ("enabled", enabled.as_deref()),
                ("app's tenant", found.owner_tenant()),
            ]);
            let rows = app.as_ref().map(rows).unwrap_or_default();
            if !rows.is_empty() {
                text.push_str("\n\n");
                text.push_str(&table::columns(["KIND", "KEY ID", "NAME", "HINT", "FROM", "UNTIL"], &rows));
            }
            text
        }
    })?)
}

/// The registration as far as it tells what the app signs in with. Its fields are named one by one, so that
/// nothing else comes out.
fn described(app: &Application) -> Value {
    let list = |kind: CredentialKind| -> Value {
        app.credentials(kind)
            .iter()
            .map(|item| {
                json!({
                    "keyId": item.id, "displayName": item.name, "hint": item.hint,
                    "startDateTime": item.from, "endDateTime": item.until,
                })
            })
            .collect()
    };
    let mut document = json!({ "id": app.id });
    for kind in CredentialKind::ALL {
        document[kind.list()] = list(kind);
    }
    document
}

fn rows(app: &Application) -> Vec<[String; 6]> {
    let rows = CredentialKind::ALL.into_iter().flat_map(|kind| {
        app.credentials(kind).into_iter().map(|item| {
            let text = Option::unwrap_or_default;
            [
                item.kind.name().to_owned(),
                item.id,
                text(item.name),
                text(item.hint),
                text(item.from),
                text(item.until),
            ]
        })
    });
    rows.collect()
}
