//! Options that every verb takes.

use std::path::PathBuf;

use crate::failure::ErrorFormat;

#[derive(Debug, Default, clap::Args)]
#[command(next_help_heading = "Options everywhere")]
pub(crate) struct Global {
    /// Load a .env file first; variables that are set already win
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) env_file: Option<PathBuf>,
    /// The limit for the whole command [default: 120, where a person signs in 900]
    #[arg(long, global = true, value_name = "SECONDS", value_parser = seconds)]
    pub(crate) timeout: Option<std::time::Duration>,
    /// Accept http:// for authority, ARM and Graph on this machine [env: ENTRADA_ALLOW_HTTP_LOOPBACK=1]
    #[arg(long, global = true)]
    pub(crate) allow_http_loopback: bool,
    /// The address of Azure Resource Manager [env: ENTRADA_ARM_ENDPOINT]
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) arm_endpoint: Option<String>,
    /// The address of Microsoft Graph [env: ENTRADA_GRAPH_ENDPOINT]
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) graph_endpoint: Option<String>,
    /// Use the emulator at this address for everything [env: ENTRADA_EMULATOR]
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) emulator: Option<String>,
    /// How accounts and tokens are kept between runs [env: ENTRADA_TOKEN_CACHE] [default: encrypted]
    #[arg(long, global = true, value_enum, value_name = "HOW")]
    pub(crate) token_cache: Option<TokenCacheKind>,
    /// How errors are printed on standard error
    #[arg(long, global = true, value_enum, value_name = "FORMAT", default_value = "text")]
    pub(crate) error_format: ErrorFormat,
    /// Say what is being done, one line a step; -vv also what came back
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,
}

/// How accounts and tokens are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum TokenCacheKind {
    /// In encrypted files, their key in the keyring of the desktop or the system where there is one, and on
    /// Linux in that of the kernel; not at all where there is neither
    Encrypted,
    /// The same, with the key in the keyring of the desktop or the system alone
    Keyring,
    /// The same, with the key in the keyring of the Linux kernel alone, until the machine restarts
    Kernel,
    /// In files that are NOT encrypted, readable by this user alone
    Plaintext,
    /// Not at all
    None,
}

fn seconds(text: &str) -> Result<std::time::Duration, String> {
    let seconds: f64 = text.parse().map_err(|_| "not a number of seconds".to_owned())?;
    if !(seconds > 0.0 && seconds <= 86_400.0) {
        return Err("must be more than 0 and at most 86400".to_owned());
    }
    Ok(std::time::Duration::from_secs_f64(seconds))
}
