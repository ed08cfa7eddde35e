//! The command line: every command, flag and variable on one page.

#![expect(
    clippy::doc_markdown,
    reason = "the comments of fields are the help text, and that is not Markdown"
)]

mod asking;
mod ledger;
mod space;
mod space_parts;

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use syfthub_core::model::{EndpointType, Visibility};
use syfthub_core::{Slug, Tag, Version};
use url::Url;

pub(crate) use self::asking::{AskArgs, QueryArgs, TraceArgs};
pub(crate) use self::ledger::{
    DepositArgs, GrantArgs, GrantCommand, LedgerArgs, LedgerCommand, Listing, PayArgs,
    TransactionArgs,
};
pub(crate) use self::space::{
    AccountCommand, ConnectArgs, IngestArgs, InitArgs, LogsArgs, MarketplaceCommand,
    ProvisionerCommand, PublishingArgs, RegisterArgs, RunArgs, SearchArgs, SpaceArgs, SpaceCommand,
    Target, TenantCommand, TunnelCommand, TypesArgs, UrlArgs,
};
pub(crate) use self::space_parts::{
    Answers, EndpointAdd, EndpointCommand, EndpointEdit, Given, PartAdd, PartCommand, PartEdit,
    PartRemoval, PolicyAdd, PolicyCommand, PolicyEdit, TypeKind,
};

/// Ask AI models and data sources that people publish, or publish your own.
#[derive(Debug, Parser)]
#[command(name = "syfthub", version, arg_required_else_help = true, after_help = EXAMPLES)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

const EXAMPLES: &str = "Examples:
  syfthub dev                                       run a hub, an aggregator and a space here
  syfthub login -u ada                              sign in
  syfthub ls                                        see who publishes what
  syfthub query ada/extractive \"why?\" -s ada/notes  ask a model about a data source
  syfthub trace ada/extractive \"why?\" -s ada/notes  see what takes how long
  syfthub space init --data ~/notes                 begin a node of your own

Exit codes: 0 done, 1 failed, 2 wrong usage, 3 not signed in, 4 not found, 5 refused by a policy, 6 nobody answers, 130 interrupted.";

const PUBLISH_EXAMPLES: &str = "An endpoint that you have published before is changed where you name something, and stays as it is elsewhere.

Examples:
  syfthub publish --name \"Field notes\" --type data_source --url https://space.example.com
  syfthub publish --name \"Field notes\" --type data_source --version 0.2.0 --readme README.md";

/// What every command understands.
#[derive(Debug, Args)]
#[command(next_help_heading = "Everywhere")]
pub(crate) struct Global {
    /// Address of the hub [default: the hub of your last login, or http://127.0.0.1:8080]
    #[arg(long, global = true, env = "SYFTHUB_URL", value_name = "URL", hide_env_values = true)]
    pub(crate) hub: Option<Url>,

    /// Print one JSON object to standard output
    #[arg(long, global = true)]
    pub(crate) json: bool,

    /// Folder that keeps your sessions [default: syfthub in the user's configuration folder]
    #[arg(
        long,
        global = true,
        env = "SYFTHUB_CONFIG_DIR",
        value_name = "DIR",
        hide_env_values = true
    )]
    pub(crate) config_dir: Option<PathBuf>,

    #[arg(long, hide = true, env = "XDG_CONFIG_HOME", hide_env_values = true)]
    pub(crate) xdg_config_home: Option<PathBuf>,

    #[arg(long, hide = true, env = "XDG_STATE_HOME", hide_env_values = true)]
    pub(crate) xdg_state_home: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run a hub, an aggregator and a space on this machine
    Dev(DevArgs),
    /// Sign in to a hub
    Login(LoginArgs),
    /// Sign out, everywhere this session is used
    Logout,
    /// Show who is signed in
    Whoami,
    /// List owners, an owner's endpoints, or show one endpoint
    Ls(LsArgs),
    /// Publish an endpoint, or update it when you have published it before
    Publish(PublishArgs),
    /// Ask a model, with documents from data sources
    Query(Box<QueryArgs>),
    /// Watch an answer being made: which source said what, and what took how long
    Trace(Box<TraceArgs>),
    /// See what you have, pay, and say who may charge you
    Ledger(LedgerArgs),
    /// Run a node of your own: documents and models behind endpoints, and who may ask them
    Space(Box<SpaceArgs>),
}

impl Command {
    /// Whether it runs until it is interrupted, with a log of its own.
    pub(crate) fn runs_servers(&self) -> bool {
        match self {
            Self::Dev(_) => true,
            Self::Space(args) => matches!(args.command, SpaceCommand::Run(_)),
            _ => false,
        }
    }
}

/// `syfthub dev`
#[derive(Debug, Args)]
pub(crate) struct DevArgs {
    /// Folder of documents to publish as a data source; repeat for more [default: the documentation of SyftHub]
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Vec<PathBuf>,

    /// Address the hub listens on; port 0 picks a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080")]
    pub(crate) listen: SocketAddr,

    /// Folder that keeps databases, indexes, keys and the password between runs [default: syfthub/dev in the user's
    /// state folder]
    #[arg(long, value_name = "DIR")]
    pub(crate) state: Option<PathBuf>,
}

/// `syfthub login`
#[derive(Debug, Args)]
pub(crate) struct LoginArgs {
    /// Username or e-mail address [default: asked for]
    #[arg(short, long, value_name = "USER")]
    pub(crate) username: Option<String>,
}

/// `syfthub ls`
#[derive(Debug, Args)]
pub(crate) struct LsArgs {
    /// An owner, or an endpoint written OWNER/SLUG
    #[arg(value_name = "OWNER[/SLUG]")]
    pub(crate) target: Option<String>,

    /// Show at most this many
    #[arg(short = 'n', long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) limit: u32,
}

/// `syfthub publish`. What is not named has its default in a new endpoint and stays as it is in an old one.
#[derive(Debug, Args)]
#[command(after_help = PUBLISH_EXAMPLES)]
pub(crate) struct PublishArgs {
    /// Name for people
    #[arg(long)]
    pub(crate) name: String,

    /// What it offers: model, data_source, model_data_source or agent
    #[arg(long = "type", value_name = "TYPE")]
    pub(crate) kind: EndpointType,

    /// Second half of its address [default: made from the name]
    #[arg(long)]
    pub(crate) slug: Option<Slug>,

    /// One sentence about it
    #[arg(long, value_name = "TEXT")]
    pub(crate) description: Option<String>,

    /// File with its Markdown documentation
    #[arg(long, value_name = "FILE")]
    pub(crate) readme: Option<PathBuf>,

    /// Three numbers [default: 0.1.0]
    #[arg(long, value_name = "N.N.N")]
    pub(crate) version: Option<Version>,

    /// Who sees it: public, internal or private [default: public]
    #[arg(long)]
    pub(crate) visibility: Option<Visibility>,

    /// A label; repeat for more, up to ten
    #[arg(long = "tag", value_name = "TAG")]
    pub(crate) tags: Vec<Tag>,

    /// Origin of the space that serves it, such as `https://space.example.com`; kept as your account's domain
    #[arg(long, value_name = "ORIGIN")]
    pub(crate) url: Option<Url>,

    /// Where the space is below that origin, such as /team/space
    #[arg(long, value_name = "PATH")]
    pub(crate) path: Option<String>,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_tree_is_consistent() {
        Cli::command().debug_assert();
    }
}
