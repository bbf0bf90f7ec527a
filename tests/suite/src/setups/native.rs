//! The Azure CLI's own files.

use std::sync::Arc;
use std::time::Duration;

use entrada_core::effect::StoreName;
use entrada_core::flow::Credential;
use entrada_core::{AzureCliCredential, Environment, Error};
use entrada_emulator::world as w;
use serde_json::json;

use super::kept::{keep, person};
use super::options::Options;
use super::{AUTHORITY, Kind, Twist};
use crate::choices::Choices;
use crate::rules::Rules;
use crate::world::World;
use crate::world::files::Node;
use crate::world::programs::ZONE;

const FOLDER: &str = "/home/ada/.azure";

/// Its files, in the order in which they are read.
pub(crate) const FILES: [&str; 4] = [
    "/home/ada/.azure/config",
    "/home/ada/.azure/clouds.config",
    "/home/ada/.azure/azureProfile.json",
    "/home/ada/.azure/service_principal_entries.json",
];

/// The credential of this file; nothing for another kind.
pub(super) fn credential_of(
    kind: Kind,
    options: &Options,
    rules: &mut Rules,
    world: &mut World,
) -> Result<Option<Arc<dyn Credential>>, Error> {
    if kind != Kind::AzureCliNative {
        return Ok(None);
    }
    let ago = Duration::from_secs(if options.twist == Twist::JustNow { 60 } else { 86_400 });
    keep(world, &person(w::TENANT)?, &options.request, ago);
    // Both kinds of client have one document there.
    let kept = std::mem::take(&mut world.shelf.kept).into_values().next();
    world.shelf.kept.extend(kept.map(|kept| (StoreName::azure_cli(), kept)));
    rules.authority = Some(AUTHORITY.to_owned());
    rules.programs = vec!["az"];
    rules.places.extend(FILES.map(|file| world.place(file).into()));
    rules.tool_cache = true;
    // It tells the authority what it can do whatever it is asked for.
    rules.claims = None;
    let user = match options.twist {
        Twist::OtherName => json!({"name": "somebody.else@contoso.example", "type": "user"}),
        Twist::Principal => json!({"name": w::APP, "type": "servicePrincipal"}),
        _ => json!({"name": w::USER, "type": "user"}),
    };
    // What the choices took away stays away.
    let profile = world.place(FILES[2]);
    if let Ok((_, Node::File(bytes))) = world.files.resolve(profile.as_ref())
        && bytes.is_empty()
    {
        world.files.put(profile, Node::File(self::profile(&user)));
    }
    let environment = Environment::new().with("AZURE_CONFIG_DIR", world.place(FOLDER));
    let credential = AzureCliCredential::new().in_zone(ZONE).natively(&environment);
    Ok(Some(match options.subscription {
        Some(subscription) => Arc::new(credential.for_subscription(subscription)?),
        None => Arc::new(credential),
    }))
}

fn profile(user: &serde_json::Value) -> Vec<u8> {
    let profile = json!({"installationId": "x", "subscriptions": [{
        "id": w::SUBSCRIPTION, "name": "training", "state": "Enabled", "isDefault": true, "user": user,
        "tenantId": w::TENANT, "environmentName": "AzureCloud", "homeTenantId": w::TENANT,
    }]});
    format!("\u{feff}{profile}").into_bytes()
}

/// Puts the files there; whose they are is filled in with the credential.
pub(super) fn put_files(world: &mut World) {
    let principals = json!([{"client_id": w::APP, "tenant": w::TENANT, "client_secret": w::SECRET}]);
    let contents = [
        b"[cloud]\nname = AzureCloud\n".to_vec(),
        Vec::new(),
        Vec::new(),
        principals.to_string().into_bytes(),
    ];
    for (file, bytes) in FILES.into_iter().zip(contents) {
        world.files.put(world.place(file), Node::File(bytes));
    }
}

/// What may be wrong with one of them.
pub(super) fn draw_files(world: &mut World, choices: &mut Choices<'_>) {
    let file = choices.pick(&FILES);
    match choices.below(16) {
        0 => world.files.remove(file),
        1 => world.files.put(file, Node::Denied),
        2 => world.files.put(file, Node::Folder),
        3 => world.files.put(file, Node::File(b"file-canary-broken-0123".to_vec())),
        4 => world.files.put(file, Node::File(b"[core]\nencrypt_token_cache = true".to_vec())),
        _ => {}
    }
}
