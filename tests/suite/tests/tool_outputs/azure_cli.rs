//! The Azure CLI.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use entrada_core::time::LocalZone;
use entrada_core::{AzureCliCredential, ErrorKind};

use super::{CANARY, Row, ask, check};

const RUN_BELOW: &str = "Run the command below to authenticate interactively; additional arguments may be added as needed:\naz logout\n";

#[test]
fn failures() {
    use ErrorKind::{Configuration, InteractionRequired, Malformed, Network, Refused, Unavailable};
    let refused = |text: &str, login: &str| format!("ERROR: {text}\n{RUN_BELOW}{login}\n");
    let secret =
        refused("AADSTS7000222: The provided client secret keys for app 'x' are expired.", "az login");
    let mfa = refused(
        "AADSTS50076: Due to a configuration change made by your administrator, you must use multi-factor authentication.",
        "az login --tenant \"22222222-2222-2222-2222-222222222222\" --scope \"https://vault.azure.net/.default\"",
    );
    let challenge =
        refused("AADSTS53003: Access has been blocked.", "az login --claims-challenge \"eyJhIjoxfQ==\"");
    let machine = refused("Identity not found", "az login");
    let network = "ERROR: The command failed with an unexpected error. Here is the traceback:\nERROR: HTTPSConnectionPool(host='login.microsoftonline.com', port=443): Max retries exceeded with url: /x\nTraceback (most recent call last):\n  File \"a.py\", line 1, in b\nTo check existing issues, please visit: https://github.com/Azure/azure-cli/issues";
    let config = "Traceback (most recent call last):\n  File \"a.py\", line 1, in b\nconfigparser.MissingSectionHeaderError: File contains no section headers.";
    let warned = "/opt/az/lib/a.py:1: SyntaxWarning: invalid escape sequence\n  x = '\\d'\n\nERROR: the real cause\n\nTraceback (most recent call last):\n";
    let leak = format!("ERROR: boom \"accessToken\":\"{CANARY}\"");
    let rows: &[Row<'_>] = &[
        ((Some(1), "", "ERROR: Please run 'az login' to setup account."), Unavailable, "run `az login`"),
        (
            (Some(1), "", "WARNING: Please run \"az login\" to access your accounts."),
            Unavailable,
            "run `az login`",
        ),
        (
            (
                Some(1),
                "",
                "ERROR: Subscription 'nosuch' not found. Check the spelling and casing and try again.",
            ),
            Configuration,
            "az account list",
        ),
        (
            (
                Some(1),
                "",
                "ERROR: Multiple subscriptions with the name 'x' found. Specify the subscription ID.",
            ),
            Configuration,
            "use one's ID",
        ),
        (
            (Some(1), "", "ERROR: No subscription found. Run 'az account set' to select a subscription."),
            Unavailable,
            "az account set",
        ),
        (
            (Some(1), "", "ERROR: Please specify only one of subscription and tenant, not both"),
            Refused,
            "only one of subscription and tenant",
        ),
        (
            (
                Some(1),
                "",
                "ERROR: User 'user@contoso.com' does not exist in MSAL token cache. Run `az login`.",
            ),
            Unavailable,
            "run `az login`",
        ),
        (
            (
                Some(1),
                "",
                "ERROR: Could not retrieve credential from local cache for service principal x. Run `az login` for this service principal.",
            ),
            Unavailable,
            "run `az login`",
        ),
        ((Some(1), "", &secret), Refused, "AADSTS7000222"),
        (
            (Some(1), "", &mfa),
            InteractionRequired,
            "run `az login --tenant 22222222-2222-2222-2222-222222222222 --scope https://vault.azure.net/.default`",
        ),
        ((Some(1), "", &challenge), Refused, "run `az login --claims-challenge eyJhIjoxfQ==`"),
        (
            (
                Some(1),
                "",
                "ERROR: AADSTS7000215: Invalid client secret provided.\nThe error may be caused by passing a service principal certificate with --password.",
            ),
            Refused,
            "AADSTS7000215",
        ),
        (
            (
                Some(1),
                "",
                "ERROR: Can't find token from MSAL cache.\nTo re-authenticate, please run:\naz login",
            ),
            Unavailable,
            "run `az login`",
        ),
        ((Some(1), "", &machine), Refused, "Identity not found"),
        (
            (
                Some(1),
                "",
                "ERROR: For managed identity account, getting access token for non-current tenants is not supported. The specified tenant must be the current tenant t",
            ),
            Configuration,
            "leave out the tenant",
        ),
        ((Some(1), "", network), Network, "check the network"),
        (
            (Some(1), "", config),
            Refused,
            "Some(\"configparser.MissingSectionHeaderError: File contains no section headers.\")",
        ),
        ((Some(1), "", warned), Refused, "Some(\"ERROR: the real cause\")"),
        (
            (Some(2), "", "ERROR: unrecognized arguments: --scope https://vault.azure.net/.default"),
            Refused,
            "update the Azure CLI",
        ),
        (
            (Some(2), "", "ERROR: unrecognized arguments: --bogus\nhttps://aka.ms/cli_ref"),
            Refused,
            "unrecognized arguments",
        ),
        ((Some(2), "", "ERROR: 'foo' is misspelled or not recognized by the system."), Refused, "misspelled"),
        ((Some(127), "", "/bin/sh: 1: az: not found"), Unavailable, "aka.ms/azure-cli"),
        (
            (
                Some(1),
                "",
                "'az' is not recognized as an internal or external command,\r\noperable program or batch file.",
            ),
            Unavailable,
            "aka.ms/azure-cli",
        ),
        (
            (Some(127), "", "/usr/bin/az: 3: exec: /opt/az/bin/python3: not found"),
            Unavailable,
            "the Azure CLI was found, but what it needs to run was not",
        ),
        (
            (Some(127), "", "env: 'python3': No such file or directory"),
            Unavailable,
            "Some(\"env: 'python3': No such file or directory\")",
        ),
        (
            (
                Some(127),
                "",
                "az: error while loading shared libraries: libz.so.1: cannot open shared object file",
            ),
            Unavailable,
            "the Azure CLI was found, but what it needs to run was not",
        ),
        ((Some(1), "", "ERROR: Identity not found\naz logout\naz login"), Refused, "az login --identity"),
        (
            (Some(1), "", "ERROR: The subscription 'x' is disabled."),
            Refused,
            "The subscription 'x' is disabled.",
        ),
        ((Some(127), "", ""), Unavailable, "was not found on PATH"),
        ((Some(127), "", "/bin/sh: 1: az: not found"), Unavailable, "was not found on PATH"),
        (
            (None, "", ""),
            Refused,
            "run `az account get-access-token --scope https://vault.azure.net/.default --output none` yourself",
        ),
        ((Some(1), "", &leak), Refused, "boom"),
        (
            (Some(0), "\nCommand\n    az account get-access-token : Get a token.", ""),
            Malformed,
            "not a token",
        ),
        ((Some(0), "", ""), Malformed, "not a token"),
        ((Some(0), "null", ""), Malformed, "not a token"),
        ((Some(0), "[]", ""), Malformed, "not a token"),
        ((Some(0), r#"{"accessToken":null,"expires_on":4004566626}"#, ""), Malformed, "no access token"),
        (
            (Some(0), r#"{"accessToken":"canary0token0of0somebody","expiresOn":null}"#, ""),
            Malformed,
            "expires",
        ),
    ];
    check(&AzureCliCredential::new(), rows);
}

#[test]
fn tokens() {
    let tenant = "22222222-2222-2222-2222-222222222222";
    let zone = LocalZone { offset: -5 * 3600, next: None };
    let az = AzureCliCredential::new().in_zone(zone);
    let full = format!(
        "{{\n  \"accessToken\": \"t\",\n  \"expiresOn\": \"2096-11-24 00:17:06.000000\",\n  \"expires_on\": 4004572626,\n  \"subscription\": \"55555555-5555-5555-5555-555555555555\",\n  \"tenant\": \"{tenant}\",\n  \"tokenType\": \"Bearer\"\n}}\n"
    );
    let at = 4_004_572_626;
    // Of managed identities and in Cloud Shell old versions told no time.
    let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
    let token = format!("{}.{}.s", part(r#"{"alg":"none"}"#), part(r#"{"exp":4004572626}"#));
    let untimed = format!(r#"{{"accessToken":"{token}","expiresOn":null,"tenant":"{tenant}"}}"#);
    let other = "WARNING: Could not retrieve credential from local cache for service principal x under tenant t. Trying credential under tenant s, assuming that is an app credential.";
    for (stdout, stderr, told) in [
        (full.as_str(), "", Some(tenant)),
        (&full.replace('\n', "\r\n"), other, Some(tenant)),
        (&format!("\u{feff}{full}"), "", Some(tenant)),
        (&format!("{full}You have 2 update(s) available.\n"), "", Some(tenant)),
        (&untimed, "", Some(tenant)),
        // With --tenant there is no subscription.
        (r#"{"accessToken":"t","expiresOn":null,"expires_on":"4004572626","tokenType":"Bearer"}"#, "", None),
        // Before 2.54.0 there was local time alone.
        (r#"{"accessToken":"t","expiresOn":"2096-11-24 00:17:06.000000","tokenType":"Bearer"}"#, "", None),
    ] {
        let token = ask(&az, Ok((Some(0), stdout, stderr))).unwrap();
        assert_eq!((token.expires_on().0, token.tenant()), (at, told), "{stdout}");
    }
}
