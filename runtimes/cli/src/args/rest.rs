//! `entrada rest`.

use clap::ValueEnum;

use super::CredentialArgs;

#[derive(Debug, clap::Args)]
pub(crate) struct RestArgs {
    /// GET, PUT, POST, PATCH or DELETE
    #[arg(value_name = "METHOD")]
    pub(crate) method: String,
    /// The address: of Azure Resource Manager, Microsoft Graph or Azure Machine Learning, whose token is sent
    /// there and nowhere else. A path is of Azure Resource Manager
    #[arg(value_name = "URL")]
    pub(crate) url: String,
    /// The document to send, as JSON; `@FILE` reads it from a file, `-` from standard input
    #[arg(long, short, value_name = "JSON|@FILE|-")]
    pub(crate) body: Option<String>,
    /// Read a list to its end, and print all of its items as one array
    #[arg(long)]
    pub(crate) all_pages: bool,
    /// Wait for the end of an operation that takes longer, and print its result
    #[arg(long, conflicts_with = "all_pages")]
    pub(crate) wait: bool,
    #[command(flatten)]
    pub(crate) credential: CredentialArgs,
    /// How the answer is printed
    #[arg(short, long, value_enum, value_name = "FORMAT", default_value = "json")]
    pub(crate) output: RestOutput,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum RestOutput {
    /// Laid out, where it is JSON
    Json,
    /// As it came
    Raw,
}
