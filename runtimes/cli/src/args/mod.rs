//! The command line.

mod assertion;
mod credential;
mod doctor;
mod endpoint;
mod global;
mod identity;
mod person;
mod rest;
mod role;
mod sp;
mod target;
mod token;
mod which;
mod workspace;

#[cfg(feature = "emulator")]
use std::path::PathBuf;

use clap::{Parser, Subcommand};

pub(crate) use assertion::{AssertionArgs, AssertionName};
pub(crate) use credential::{AuthorityArgs, CredentialArgs, CredentialName};
pub(crate) use doctor::DoctorArgs;
pub(crate) use endpoint::{EndpointArgs, EndpointCommand, KeyName, RegenerateKeyArgs, SecretOutput};
pub(crate) use global::{Global, TokenCacheKind};
pub(crate) use identity::{IdentityChangeArgs, IdentityCommand, IdentityShowArgs};
pub(crate) use person::{LoginArgs, LogoutArgs, WhoamiArgs};
pub(crate) use rest::{RestArgs, RestOutput};
pub(crate) use role::{RoleAssignArgs, RoleCommand, RoleListArgs};
pub(crate) use sp::{ProofArgs, SpCommand, SpCreateArgs, SpDeleteArgs, SpResetArgs, SpShowArgs};
pub(crate) use target::TargetArgs;
pub(crate) use token::{TokenArgs, TokenOutput};
pub(crate) use which::{Format, InWorkspaceArgs, TableOutput, WhichArgs, WorkspaceArgs};
pub(crate) use workspace::{InitArgs, ShowArgs, WorkspaceCommand};

/// Access tokens for Microsoft Entra ID, managed identities and Azure Machine Learning.
#[derive(Debug, Parser)]
#[command(name = "entrada", version, arg_required_else_help = true, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Get an access token and print it
    Token(Box<TokenArgs>),
    /// Sign in, in the browser or on another device, and keep the account
    #[command(mut_arg("scope", target::with_default))]
    Login(Box<LoginArgs>),
    /// Forget an account that is kept, with all of its tokens
    Logout(Box<LogoutArgs>),
    /// Say who is signed in, through which credential, until when
    #[command(mut_arg("credential", |argument| argument.default_value("shared-cache")))]
    #[command(mut_arg("scope", target::with_default))]
    Whoami(Box<WhoamiArgs>),
    /// Connect to Azure Machine Learning workspaces
    #[command(subcommand)]
    Workspace(WorkspaceCommand),
    /// Set service principals up
    #[command(subcommand)]
    Sp(SpCommand),
    /// Give roles, and list those that are given
    #[command(subcommand)]
    Role(RoleCommand),
    /// Call the online endpoints of a workspace
    #[command(subcommand)]
    Endpoint(EndpointCommand),
    /// Managed identities of a workspace and its computes
    #[command(subcommand)]
    Identity(IdentityCommand),
    /// Ask Azure Resource Manager, Microsoft Graph or Azure Machine Learning, with a token for it
    Rest(Box<RestArgs>),
    /// Ask every source of tokens that this machine could use, and say what keeps it from the others
    #[command(after_help = doctor::EXIT_CODES, mut_arg("scope", target::with_default))]
    Doctor(DoctorArgs),
    /// Show a JWT's header and claims, without checking its signature
    Decode(DecodeArgs),
    /// Run the emulator of Entra, IMDS and Azure Resource Manager on this machine until interrupted
    #[cfg(feature = "emulator")]
    Emulator(EmulatorArgs),
    /// Run the four workflows against an emulator within this process; needs no network and no account
    #[cfg(feature = "emulator")]
    Demo(DemoArgs),
    /// Print shell completions
    Completions(CompletionsArgs),
}

impl Command {
    /// Whether it asks services of a cloud, which a variable of Azure Machine Learning may choose.
    pub(crate) fn asks_a_cloud(&self) -> bool {
        use Command::{Endpoint, Identity, Rest, Role, Sp, Workspace};
        matches!(self, Workspace(_) | Endpoint(_) | Identity(_) | Sp(_) | Role(_) | Rest(_))
    }

    /// The options that say who asks, where the verb takes them.
    pub(crate) fn credential(&mut self) -> Option<&mut CredentialArgs> {
        Some(match self {
            Command::Token(args) => &mut args.credential,
            Command::Login(args) => &mut args.credential,
            Command::Logout(args) => &mut args.credential,
            Command::Whoami(args) => &mut args.credential,
            Command::Workspace(WorkspaceCommand::Show(args)) => &mut args.credential,
            Command::Workspace(WorkspaceCommand::List(args)) => &mut args.credential,
            Command::Workspace(WorkspaceCommand::Keys(args)) => &mut args.credential,
            Command::Endpoint(EndpointCommand::List(args)) => &mut args.credential,
            Command::Endpoint(EndpointCommand::Show(args)) => &mut args.at.credential,
            Command::Endpoint(EndpointCommand::Auth(args)) => &mut args.at.credential,
            Command::Endpoint(EndpointCommand::RegenerateKey(args)) => &mut args.endpoint.at.credential,
            Command::Identity(IdentityCommand::Show(args)) => &mut args.at.credential,
            Command::Identity(IdentityCommand::Enable(args)) => &mut args.show.at.credential,
            Command::Identity(IdentityCommand::Disable(args)) => &mut args.show.at.credential,
            Command::Sp(SpCommand::Create(args)) => &mut args.credential,
            Command::Sp(SpCommand::Show(args)) => &mut args.credential,
            Command::Sp(SpCommand::Reset(args)) => &mut args.credential,
            Command::Sp(SpCommand::Delete(args)) => &mut args.credential,
            Command::Role(RoleCommand::Assign(args)) => &mut args.credential,
            Command::Role(RoleCommand::List(args)) => &mut args.credential,
            Command::Rest(args) => &mut args.credential,
            _ => return None,
        })
    }
}

#[derive(Debug, clap::Args)]
pub(crate) struct DecodeArgs {
    /// The token, or `-` for standard input
    #[arg(value_name = "TOKEN|-", default_value = "-")]
    pub(crate) token: String,
    /// How it is printed
    #[arg(short, long, value_enum, value_name = "FORMAT", default_value = "json")]
    pub(crate) output: TableOutput,
}

#[cfg(feature = "emulator")]
#[derive(Debug, clap::Args)]
pub(crate) struct EmulatorArgs {
    /// The port for http; any that is free if not given
    #[arg(long, value_name = "PORT", default_value_t = 0)]
    pub(crate) port: u16,
    /// Serve https too, with a certificate of a CA made for this run
    #[arg(long)]
    pub(crate) https: bool,
    /// The port for https; any that is free if not given
    #[arg(long, value_name = "PORT", default_value_t = 0)]
    pub(crate) https_port: u16,
    /// The folder the CA's certificate is written to
    #[arg(long, value_name = "DIR")]
    pub(crate) ca_dir: Option<PathBuf>,
    /// A world other than the ready-made one, as JSON
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// For how long an app, its service principal, secret or role is unknown elsewhere after it was made, as in a real
    /// directory; 0 if not given, or what the world says
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(0..=3600))]
    pub(crate) replication: Option<u64>,
    /// How its addresses and variables are printed
    #[arg(short, long, value_enum, value_name = "FORMAT", default_value = "env")]
    pub(crate) output: EmulatorOutput,
}

#[cfg(feature = "emulator")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum EmulatorOutput {
    /// `export` lines for a shell
    Env,
    /// One object on one line
    Json,
}

#[cfg(feature = "emulator")]
#[derive(Debug, clap::Args)]
pub(crate) struct DemoArgs {
    /// The folder of the project whose `.azureml/config.json` is used; one is made if not given
    #[arg(long, value_name = "DIR")]
    pub(crate) project: Option<PathBuf>,
    /// How what came of it is printed
    #[arg(short, long, value_enum, value_name = "FORMAT", default_value = "table")]
    pub(crate) output: TableOutput,
}

#[derive(Debug, clap::Args)]
pub(crate) struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    pub(crate) shell: clap_complete::Shell,
}
