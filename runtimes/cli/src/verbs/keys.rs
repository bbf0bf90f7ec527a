//! `entrada workspace keys`.

use entrada_core::Secret;
use entrada_core::ml::{ListWorkspaceKeys, WorkspaceKeys};
use serde_json::{Value, json};

use super::workspace::open;
use crate::args::{InWorkspaceArgs, TableOutput};
use crate::failure::Failure;
use crate::setup::Setup;
use crate::{output, table};

pub(crate) fn run(setup: &Setup, args: &InWorkspaceArgs) -> Result<(), Failure> {
    let opened = open(setup, args)?;
    let call = ListWorkspaceKeys::new(&opened.manager, &opened.config);
    let keys = opened.credential.call(Box::new(call))?;
    output::print(&match args.output {
        TableOutput::Table => shown(&keys),
        TableOutput::Json => document(&keys).to_string(),
    })?;
    Ok(())
}

fn exposed(secret: &Option<Secret>) -> Option<&str> {
    secret.as_ref().map(Secret::expose)
}

fn shown(keys: &WorkspaceKeys) -> String {
    let mut rows = vec![
        ("storage account", keys.storage_id.as_deref()),
        ("storage key", exposed(&keys.storage)),
        ("insights key", exposed(&keys.insights)),
        ("registry user", keys.registry_user.as_deref()),
    ];
    rows.extend(keys.registry_passwords.iter().map(|(name, value)| (name.as_str(), Some(value.expose()))));
    rows.push(("notebook key", exposed(&keys.notebook_primary)));
    rows.push(("notebook key 2", exposed(&keys.notebook_secondary)));
    table::pairs(&rows)
}

fn document(keys: &WorkspaceKeys) -> Value {
    let passwords = keys.registry_passwords.iter();
    json!({
        "storage_id": keys.storage_id,
        "storage_key": exposed(&keys.storage),
        "insights_key": exposed(&keys.insights),
        "registry_user": keys.registry_user,
        "registry_passwords": passwords
            .map(|(name, value)| (name.clone(), Value::from(value.expose())))
            .collect::<serde_json::Map<_, _>>(),
        "notebook_keys": [exposed(&keys.notebook_primary), exposed(&keys.notebook_secondary)],
    })
}
