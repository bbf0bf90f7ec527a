//! `entrada doctor`.

use super::{AuthorityArgs, TableOutput};

pub(crate) const EXIT_CODES: &str = "\
Exit codes: 0 if some source works, 3 if none is available here; where none works and some are broken, that of
the first one: 1 refused, 2 configuration, 4 a person is needed, 5 network or service.

A broken source ends the default chain, also where a later one works: see its line.";

#[derive(Debug, clap::Args)]
pub(crate) struct DoctorArgs {
    #[command(flatten)]
    pub(crate) authority: AuthorityArgs,
    /// What the tokens are to be for [default: Azure Resource Manager]
    #[arg(long, value_name = "SCOPE")]
    pub(crate) scope: Vec<String>,
    /// What the tokens are to be for, as a resource: its scope is RESOURCE/.default
    #[arg(long, value_name = "RESOURCE", conflicts_with = "scope")]
    pub(crate) resource: Option<String>,
    /// How it is printed
    #[arg(short, long, value_enum, value_name = "FORMAT", default_value = "table")]
    pub(crate) output: TableOutput,
}
