//! `entrada doctor`.

use super::{AuthorityArgs, TableOutput, TargetArgs};

pub(crate) const EXIT_CODES: &str = "\
Exit codes: 0 if some source works, 3 if none is available here; where none works and some are broken, that of
the first one: 1 refused, 2 configuration, 4 a person is needed, 5 network or service.

A broken source ends the default chain, also where a later one works: see its line.";

#[derive(Debug, clap::Args)]
pub(crate) struct DoctorArgs {
    #[command(flatten)]
    pub(crate) authority: AuthorityArgs,
    #[command(flatten)]
    pub(crate) target: TargetArgs,
    /// How it is printed
    #[arg(short, long, value_enum, value_name = "FORMAT", default_value = "table")]
    pub(crate) output: TableOutput,
}
