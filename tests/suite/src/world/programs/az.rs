//! What the Azure CLI prints, in every shape that was seen in the wild.

use entrada_core::calendar::rfc3339;
use entrada_core::time::{Now, Unix};
use entrada_emulator::world;
use serde_json::json;

use super::{Printed, Version, ZONE};

/// How the tool fails: exit code, standard output, standard error.
pub const FAILURES: [Printed; 16] = [
    (1, "", "ERROR: Please run 'az login' to setup account."),
    (1, "", "ERROR: Subscription 'nosuch' not found. Check the spelling and casing and try again."),
    (1, "", "Multiple subscriptions with the name 'x' found. Specify the subscription ID."),
    (1, "", "No subscription found. Run 'az account set' to select a subscription."),
    (1, "", "ERROR: Please specify only one of subscription and tenant, not both"),
    (1, "", "ERROR: User 'user@contoso.com' does not exist in MSAL token cache. Run `az login`."),
    (
        1,
        "",
        "ERROR: AADSTS7000222: The provided client secret keys for app '3f0c' are expired.\nRun the command below to authenticate interactively; additional arguments may be added as needed:\naz logout\naz login",
    ),
    (
        1,
        "",
        "ERROR: AADSTS50076: Due to a configuration change made by your administrator, you must use multi-factor authentication.\naz logout\naz login --tenant \"contoso\" --scope \"https://management.azure.com/.default\"",
    ),
    (1, "", "ERROR: AADSTS7000215: Invalid client secret provided."),
    (1, "", "Can't find token from MSAL cache.\nTo re-authenticate, please run:\naz login"),
    (
        1,
        "",
        "ERROR: Identity not found\nRun the command below to authenticate interactively; additional arguments may be added as needed:\naz logout\naz login",
    ),
    (
        1,
        "",
        "ERROR: The command failed with an unexpected error. Here is the traceback:\nERROR: HTTPSConnectionPool(host='login.microsoftonline.com', port=443): Max retries exceeded\nTraceback (most recent call last):\n  File \"x.py\", line 1",
    ),
    (
        1,
        "",
        "WARNING: Could not retrieve credential from local cache for service principal 3f0c under tenant t. Trying credential under tenant s, assuming that is an app credential.\nERROR: HTTPSConnectionPool(host='login.microsoftonline.com', port=443): Max retries exceeded",
    ),
    (127, "", "/usr/bin/az: 3: exec: /opt/az/bin/python3: not found"),
    (2, "", "ERROR: unrecognized arguments: --bogus"),
    (127, "", "/bin/sh: 1: az: not found"),
];

/// What a tool of that name may print instead of a token.
pub const NONSENSE: [&str; 7] = [
    "",
    "null",
    "[]",
    "{}",
    "Welcome to the Azure CLI! Use `az --version` to see the version.",
    "{\"accessToken\":\"CANARY\",\"expiresOn\":null",
    "{\"accessToken\":\"CANARY\",\"expires_on\":\"soon\",\"tenant\":7}",
];

pub(super) fn print(version: Version, token: &str, now: Now, tenant: Option<&str>) -> String {
    let at = now.unix.0.saturating_add(3599);
    let local =
        rfc3339(Unix(at.saturating_add(i64::from(ZONE.offset)))).replace('T', " ").replace('Z', ".000000");
    let mut document =
        json!({ "accessToken": token, "tenant": tenant.unwrap_or(world::TENANT), "tokenType": "Bearer" });
    match version {
        Version::Current | Version::Windows => {
            document["expires_on"] = at.into();
            document["expiresOn"] = local.into();
        }
        Version::Old => document["expiresOn"] = local.into(),
        Version::Text => document["expires_on"] = at.to_string().into(),
    }
    let text = format!("{document:#}\n");
    if version == Version::Windows { format!("\u{feff}{}", text.replace('\n', "\r\n")) } else { text }
}
