//! `entrada sp`.

use std::path::PathBuf;

use clap::Subcommand;

use super::{CredentialArgs, TableOutput};

#[derive(Debug, Subcommand)]
pub(crate) enum SpCommand {
    /// Make an app registration, its service principal, its roles and a secret or a certificate for it
    #[command(after_help = after_create())]
    Create(Box<SpCreateArgs>),
    /// Show a service principal, found by application id, name (SPN) or object id
    Show(Box<SpShowArgs>),
    /// Add a secret or a certificate; remove those that are named, and no others
    Reset(Box<SpResetArgs>),
    /// Delete an app registration with its service principal and its roles
    Delete(Box<SpDeleteArgs>),
}

/// An application id: no other name is taken for one, since an app could be missed, or another be meant.
fn application_id(text: &str) -> Result<String, String> {
    match entrada_core::tenant::is_guid(text.trim()) {
        true => Ok(text.trim().to_owned()),
        false => Err(format!(
            "an application id is a GUID; `entrada rest GET \"https://graph.microsoft.com/v1.0/applications?\\$filter=displayName%20eq%20'{}'\"` tells it",
            text.trim()
        )),
    }
}

fn after_create() -> String {
    format!("{CREATE}\n\n{}", super::role::roles())
}

const CREATE: &str = "\
Nothing that exists is changed or removed: a name that is taken is refused, and --reuse adds to what there is.
The secret, or the certificate, comes last; a secret is printed on standard output this one time. A failure half
way, or Ctrl-C, says what there is by then, how to go on and how to undo it.";

/// What the app signs in with.
#[derive(Debug, clap::Args)]
pub(crate) struct ProofArgs {
    /// Years for which the secret, or the certificate that is made here, serves
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=100))]
    pub(crate) years: u32,
    /// Days for which it serves, in place of years
    #[arg(long, value_name = "N", conflicts_with = "years", value_parser = clap::value_parser!(u32).range(1..=36500))]
    pub(crate) days: Option<u32>,
    /// Register the certificate of this PEM file instead of making a secret; its key is not read, and its own dates
    /// say how long it serves
    #[arg(long, value_name = "@FILE", conflicts_with_all = ["years", "days"])]
    pub(crate) cert: Option<String>,
    /// Make an RSA key and a certificate of it, and write both to this new file, which its owner alone may read;
    /// without a name, to one of a new name in the working folder
    #[cfg(feature = "create-cert")]
    #[arg(long, value_name = "FILE", num_args = 0..=1, require_equals = true, conflicts_with = "cert")]
    pub(crate) create_cert: Option<Option<PathBuf>>,
    /// Make no secret
    #[arg(long, conflicts_with = "cert")]
    #[cfg_attr(feature = "create-cert", arg(conflicts_with = "create_cert"))]
    pub(crate) no_password: bool,
    /// Also write what is printed to this new file, which its owner alone may read
    #[arg(long, value_name = "FILE")]
    pub(crate) secret_file: Option<PathBuf>,
    /// Then sign in with it until the authority knows it, which takes seconds, at times a minute; for three
    /// minutes at the most
    #[arg(long, conflicts_with = "no_password")]
    pub(crate) wait: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct SpCreateArgs {
    /// What it is called
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Option<String>,
    /// Add to the app of this application id
    #[arg(long, value_name = "GUID", conflicts_with = "name", value_parser = application_id)]
    pub(crate) app_id: Option<String>,
    /// Add to the app of this name, if there is one
    #[arg(long, requires = "name")]
    pub(crate) reuse: bool,
    /// The role it gets, by name or GUID
    #[arg(long, value_name = "ROLE", requires = "scopes")]
    pub(crate) role: Option<String>,
    /// Where it gets the role: /subscriptions/GUID[/resourceGroups/NAME[/providers/…]]
    #[arg(long, visible_alias = "scope", value_name = "SCOPE", num_args = 1.., requires = "role")]
    pub(crate) scopes: Vec<String>,
    #[command(flatten)]
    pub(crate) proof: ProofArgs,
    /// The service that a new app belongs to, where the tenant wants to know
    #[arg(long, value_name = "GUID")]
    pub(crate) service_management_reference: Option<String>,
    /// Print what `az ad sp create-for-rbac --json-auth` prints
    #[arg(long, visible_alias = "sdk-auth", requires = "scopes")]
    pub(crate) json_auth: bool,
    #[command(flatten)]
    pub(crate) credential: CredentialArgs,
    /// How it is printed
    #[arg(short, long, value_enum, value_name = "FORMAT", default_value = "json")]
    pub(crate) output: TableOutput,
}

#[derive(Debug, clap::Args)]
pub(crate) struct SpShowArgs {
    /// Application id, service principal name or object id
    #[arg(value_name = "ID")]
    pub(crate) id: String,
    #[command(flatten)]
    pub(crate) credential: CredentialArgs,
    /// How it is printed
    #[arg(short, long, value_enum, value_name = "FORMAT", default_value = "table")]
    pub(crate) output: TableOutput,
}

#[derive(Debug, clap::Args)]
pub(crate) struct SpResetArgs {
    /// Application id
    #[arg(value_name = "APP", value_parser = application_id)]
    pub(crate) app_id: String,
    #[command(flatten)]
    pub(crate) proof: ProofArgs,
    /// A secret or a certificate to remove, by its id or its name, after the new one was made; of a name that
    /// entrada gave, all secrets
    #[arg(long, value_name = "ID|NAME")]
    pub(crate) remove_key: Vec<String>,
    #[command(flatten)]
    pub(crate) credential: CredentialArgs,
    /// How it is printed
    #[arg(short, long, value_enum, value_name = "FORMAT", default_value = "json")]
    pub(crate) output: TableOutput,
}

#[derive(Debug, clap::Args)]
pub(crate) struct SpDeleteArgs {
    /// Application id
    #[arg(value_name = "APP", value_parser = application_id)]
    pub(crate) app_id: String,
    /// Take the roles that it has there and below; without this, those in every subscription that you see
    #[arg(long, visible_alias = "scope", value_name = "SCOPE", num_args = 1..)]
    pub(crate) scopes: Vec<String>,
    /// Take no roles: they are left behind as roles of nobody
    #[arg(long, conflicts_with = "scopes")]
    pub(crate) leave_roles: bool,
    #[command(flatten)]
    pub(crate) credential: CredentialArgs,
    /// How it is printed
    #[arg(short, long, value_enum, value_name = "FORMAT", default_value = "table")]
    pub(crate) output: TableOutput,
}
