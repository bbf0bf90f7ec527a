//! `--credential azure-cli` with programs that answer as `az` does.

#![cfg(unix)]

mod support;

use std::net::TcpListener;
use std::path::Path;
use std::process::Command;

use entrada_emulator::{Config, world};
use support::{Ended, address, as_app, emulator, entrada, no_metadata_service, run, tool};

const GOOD: &str = r#"cat <<'END'
{
  "accessToken": "opaque-token",
  "expiresOn": "2099-01-01 00:00:00.000000",
  "expires_on": 2082758400,
  "subscription": "55555555-5555-5555-5555-555555555555",
  "tenant": "22222222-2222-2222-2222-222222222222",
  "tokenType": "Bearer"
}
END"#;

fn az(script: &str, arguments: &[&str]) -> Ended {
    let folder = tempfile::tempdir().unwrap();
    tool(folder.path(), "az", script);
    let mut command = entrada();
    command.env("PATH", format!("{}:/usr/bin:/bin", folder.path().display()));
    let fixed = [
        "token",
        "--resource",
        "https://vault.azure.net",
        "--credential",
        "azure-cli",
        "--error-format",
        "json",
    ];
    run(command, fixed.into_iter().chain(arguments.iter().copied()))
}

#[test]
fn a_signed_in_tool() {
    let ended = az(GOOD, &[]);
    assert_eq!(ended.code, 0, "{ended:?}");
    let token = ended.json();
    assert_eq!(token["accessToken"], "opaque-token");
    assert_eq!(token["expires_on"], 2_082_758_400i64);
    assert_eq!(token["tenant"], "22222222-2222-2222-2222-222222222222");
    assert_eq!(token["source"], "azure-cli");
    assert!(token.get("identity").is_none(), "an opaque token tells nothing");
}

#[test]
fn the_arguments_are_a_list() {
    let echo =
        r#"printf '{"accessToken":"%s","expires_on":2082758400}' "$(printf '%s,' "$@" | tr -d ' /:')""#;
    let plain = az(echo, &["-o", "raw"]).stdout;
    assert_eq!(plain.trim(), "account,get-access-token,--output,json,--scope,httpsvault.azure.net.default,");
    let both = echo
        .replace("\"accessToken\"", "\"tenant\":\"22222222-2222-2222-2222-222222222222\",\"accessToken\"");
    let guid = "22222222-2222-2222-2222-222222222222";
    let both = az(&both, &["-o", "raw", "--tenant-id", guid, "--subscription", "A name"]).stdout;
    assert!(both.contains("--subscription,Aname,") && !both.contains("--tenant"), "{both}");
    let vague = az(echo, &["-o", "raw", "--tenant-id", "contoso.com", "--subscription", "A name"]);
    assert!(vague.code == 2 && vague.stderr.contains("GUID"), "{vague:?}");
    let tenant = az(echo, &["-o", "raw", "--tenant-id", "contoso.com"]).stdout;
    assert!(tenant.contains("--tenant,contoso.com,"), "{tenant}");
}

/// A folder may have any name.
#[test]
fn a_tool_inherits_what_is_not_utf_8() {
    use std::os::unix::ffi::OsStrExt as _;
    let folder = tempfile::tempdir().unwrap();
    tool(folder.path(), "az", &format!("[ \"$HOME\" = \"$(printf '/home/\\377')\" ] || exit 1\n{GOOD}"));
    let mut command = entrada();
    command.env("PATH", format!("{}:/usr/bin:/bin", folder.path().display()));
    command.env("HOME", std::ffi::OsStr::from_bytes(b"/home/\xff"));
    let asked = ["token", "--resource", "https://vault.azure.net", "--credential", "azure-cli", "--no-cache"];
    let ended = run(command, asked);
    assert_eq!(ended.code, 0, "{ended:?}");
}

#[test]
fn older_versions_tell_local_time() {
    let script = r#"echo '{"accessToken":"t","expiresOn":"2036-01-01 12:00:00.000000"}'"#;
    let folder = tempfile::tempdir().unwrap();
    tool(folder.path(), "az", script);
    let mut command = entrada();
    command.env("PATH", folder.path()).env("TZ", "XYZ5");
    let ended = run(command, ["token", "--resource", "r", "--credential", "azure-cli"]);
    assert_eq!(ended.json()["expires_on"], 2_082_819_600i64, "{ended:?}");
}

#[test]
fn failures() {
    for (script, code, kind) in [
        ("echo \"ERROR: Please run 'az login' to setup account.\" >&2; exit 1", 3, "unavailable"),
        ("echo 'ERROR: AADSTS7000222: expired.' >&2; exit 1", 1, "refused"),
        ("echo 'ERROR: AADSTS50076: mfa.' >&2; exit 1", 4, "interaction-required"),
        ("echo '{\"accessToken\": \"canary\"'", 5, "malformed"),
        ("echo null", 5, "malformed"),
        ("exit 127", 3, "unavailable"),
    ] {
        let ended = az(script, &[]);
        assert_eq!((ended.code, ended.error()["error"].as_str()), (code, Some(kind)), "{script}: {ended:?}");
        assert!(!ended.stderr.contains("canary"), "{ended:?}");
    }
    let hanging = az("sleep 600 & wait", &["--timeout", "1"]);
    assert_ne!(hanging.code, 0);
    let missing = {
        let mut command = entrada();
        command.env("PATH", "/nowhere:.:");
        run(command, ["token", "--resource", "r", "--credential", "azure-cli"])
    };
    assert_eq!(missing.code, 3);
}

#[test]
fn nothing_that_could_be_an_option_or_a_command_gets_through() {
    for (option, value) in [
        ("--tenant-id", "-x"),
        ("--tenant-id", "a b"),
        ("--subscription", "-x"),
        ("--subscription", "a;b"),
        ("--subscription", "é"),
    ] {
        let ended = az(GOOD, &[&format!("{option}={value}")]);
        assert_eq!(ended.code, 2, "{option}={value}: {ended:?}");
    }
    let mut command = entrada();
    command.env("PATH", "/usr/bin:/bin");
    assert_eq!(
        run(command, ["token", "--scope", "https://x/.default;rm", "--credential", "azure-cli"]).code,
        2
    );
}

#[test]
fn the_other_tools() {
    let folder = tempfile::tempdir().unwrap();
    tool(folder.path(), "azd", r#"echo '{"token":"of-azd","expiresOn":"2036-01-01T00:00:00Z"}'"#);
    tool(
        folder.path(),
        "pwsh",
        "printf '\\nentrada%%of-pwsh%%2082758400%%22222222-2222-2222-2222-222222222222\\n'",
    );
    let ask = |credential: &str, selected: Option<&str>| {
        let mut command = entrada();
        command.env("PATH", folder.path());
        command.env("AZURE_POD_IDENTITY_AUTHORITY_HOST", no_metadata_service());
        selected.map(|value| command.env("AZURE_TOKEN_CREDENTIALS", value));
        run(command, ["token", "--resource", "https://vault.azure.net", "--credential", credential])
    };
    let azd = ask("azure-developer-cli", None).json();
    assert_eq!((&azd["accessToken"], &azd["source"]), (&"of-azd".into(), &"azure-developer-cli".into()));
    assert_eq!(azd["expires_on"], 2_082_758_400i64, "in UTC");
    let powershell = ask("azure-powershell", None).json();
    assert_eq!(powershell["accessToken"], "of-pwsh");
    assert_eq!(powershell["tenant"], "22222222-2222-2222-2222-222222222222");
    // The chain: no az here, so PowerShell answers; selected by name, azd does.
    assert_eq!(ask("default", None).json()["source"], "azure-powershell");
    assert_eq!(ask("default", Some("azuredeveloperclicredential")).json()["source"], "azure-developer-cli");
    assert_eq!(ask("default", Some("prod")).code, 3);
    assert_eq!(ask("default", Some("nonsense")).code, 2);
}

/// A tool that notes its arguments and gives this token.
fn noting(folder: &Path, token: &str) {
    let script = format!(
        r#"printf '%s\n' "$@" > '{}/arguments'
printf '{{"accessToken":"{}","expires_on":4102444800}}'"#,
        folder.display(),
        token.trim()
    );
    tool(folder, "az", &script);
}

fn noted(folder: &Path) -> Vec<String> {
    let noted = std::fs::read_to_string(folder.join("arguments")).unwrap();
    noted.lines().map(str::to_owned).collect()
}

const WORKSPACE: [&str; 6] = ["-s", world::SUBSCRIPTION, "-g", world::RESOURCE_GROUP, "-w", world::WORKSPACE];

#[test]
fn the_tool_is_told_the_tenant_or_the_subscription() {
    let server = emulator(Config::default());
    let folder = tempfile::tempdir().unwrap();
    let token = run(as_app(&server), ["token", "--scope", world::MANAGEMENT_SCOPE, "-o", "raw"]).stdout;
    noting(folder.path(), &token);
    let show = |variable: Option<&str>, more: &[&str]| {
        let mut command = entrada();
        command.env("ENTRADA_EMULATOR", address(&server)).env("PATH", folder.path());
        command.envs(variable.map(|tenant| ("AZURE_TENANT_ID", tenant)));
        let ended =
            run(command, ["workspace", "show"].into_iter().chain(WORKSPACE).chain(more.iter().copied()));
        assert_eq!(ended.code, 0, "{ended:?}");
        let arguments = noted(folder.path());
        let after = |option: &str| {
            let at = arguments.iter().position(|argument| argument == option)?;
            arguments.get(at + 1).cloned()
        };
        (after("--tenant"), after("--subscription"))
    };
    let domain = (Some(world::TENANT_DOMAIN.to_owned()), None);
    let subscription = (None, Some(world::SUBSCRIPTION.to_owned()));
    let named = ["--credential", "azure-cli"];
    // The account of a tenant that has only a name; az does not take both.
    assert_eq!(show(None, &[&named[..], &["--tenant-id", world::TENANT_DOMAIN]].concat()), domain);
    assert_eq!(show(Some(world::TENANT_DOMAIN), &named), domain);
    // The account of the subscription, checked by the tenant's id.
    assert_eq!(show(None, &named), subscription);
    // In the default chain the variable is the service principal's.
    assert_eq!(show(Some(world::TENANT_DOMAIN), &["--credential", "default"]), subscription);
}

#[test]
fn the_variable_of_the_tenant_is_the_tools_when_it_is_named() {
    let folder = tempfile::tempdir().unwrap();
    noting(folder.path(), "opaque-token");
    let ask = |credential| {
        let mut command = entrada();
        command.env("PATH", folder.path()).env("AZURE_TENANT_ID", "contoso.com");
        command.env("AZURE_POD_IDENTITY_AUTHORITY_HOST", no_metadata_service());
        run(command, ["token", "--resource", "r", "--credential", credential])
    };
    assert_eq!(ask("azure-cli").code, 0);
    assert!(noted(folder.path()).windows(2).any(|pair| pair == ["--tenant", "contoso.com"]));
    assert_eq!(ask("default").code, 0);
    assert!(!noted(folder.path()).contains(&"--tenant".to_owned()));
}

/// A command that could reach anything outside only by this proxy.
fn watched(proxy: &TcpListener) -> Command {
    proxy.set_nonblocking(true).unwrap();
    let mut command = entrada();
    command.env("HTTPS_PROXY", format!("http://{}", proxy.local_addr().unwrap()));
    command
}

#[test]
fn a_private_cloud_needs_its_resource_manager_named() {
    let proxy = TcpListener::bind("127.0.0.1:0").unwrap();
    let folder = tempfile::tempdir().unwrap();
    noting(folder.path(), "opaque-token");
    let mut command = watched(&proxy);
    command
        .env("PATH", folder.path())
        .env("AZURE_TENANT_ID", world::TENANT)
        .env("AZURE_CLIENT_ID", world::APP)
        .env("AZURE_CLIENT_SECRET", "a secret");
    let private = ["--authority", "https://login.private.example", "--disable-instance-discovery"];
    let list = ["workspace", "list", "-s", world::SUBSCRIPTION, "--error-format", "json"];
    let ended = run(command, list.into_iter().chain(private));
    assert_eq!((ended.code, ended.error()["error"].as_str()), (2, Some("configuration")), "{ended:?}");
    assert!(ended.error()["remedy"].as_str().unwrap().contains("--arm-endpoint"), "{ended:?}");
    assert!(ended.error()["message"].as_str().unwrap().contains("login.private.example"), "{ended:?}");
    assert!(proxy.accept().is_err(), "somebody was contacted");
    assert!(!folder.path().join("arguments").exists(), "the tool was asked");
}

#[test]
fn a_resource_manager_that_is_named_is_used_in_any_cloud() {
    let server = emulator(Config::default());
    let proxy = TcpListener::bind("127.0.0.1:0").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let token = run(as_app(&server), ["token", "--scope", world::MANAGEMENT_SCOPE, "-o", "raw"]).stdout;
    noting(folder.path(), &token);
    let list = ["workspace", "list", "-s", world::SUBSCRIPTION, "--credential", "azure-cli", "-o", "json"];
    let address = address(&server);
    let list = list.into_iter().chain(["--authority", "delos", "--arm-endpoint", &address]);
    let mut command = watched(&proxy);
    command.env("PATH", folder.path());
    let ended = run(command, list.clone().chain(["--allow-http-loopback"]));
    assert_eq!(ended.code, 0, "{ended:?}");
    assert_eq!(ended.json().as_array().map(Vec::len), Some(world::WORKSPACES.len()));
    assert!(server.requests().iter().any(|asked| asked.service == "Azure Resource Manager"));
    let mut command = watched(&proxy);
    command.env("PATH", folder.path());
    assert_eq!(run(command, list).code, 2, "plain http needs leave");
    assert!(proxy.accept().is_err(), "somebody else was contacted");
}
