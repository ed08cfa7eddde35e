//! `syfthub space …`: the commands for people who run a node.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use syfthub_core::Slug;
use syfthub_server::config::LogSettings;
use url::Url;

use super::space_parts::{Confirmed, EndpointCommand, PartCommand, PolicyCommand, TypeKind};

const SPACE_EXAMPLES: &str = "Examples:
  syfthub space init --data ~/notes          set up a node over a folder
  syfthub space run                          start it; the other commands find it
  syfthub space ingest notes                 watch it read the folder
  syfthub space search notes \"night work\"    ask it here
  syfthub space connect -u ada               sign it in at a hub
  syfthub space publish notes                let others ask

A key other than that of the folder comes from --key-file, or from the variable SYFTHUB_SPACE_KEY.";

const INIT_EXAMPLES: &str =
    "A question that no flag answers is asked at a terminal; --yes asks none.

Examples:
  syfthub space init
  syfthub space init --yes --data ~/notes --data ~/papers
  syfthub space init --yes --data ~/notes --hub https://hub.example.org -u ada < password.txt";

const RUN_EXAMPLES: &str = "Every other setting is a variable of the environment; `syfthub-server space --help` lists them.

Examples:
  syfthub space run
  syfthub space run --listen 0.0.0.0:8081 --public-url https://space.example.org";

const LOGS_EXAMPLES: &str = "Examples:
  syfthub space logs -f                      follow what the space does
  syfthub space logs --decisions             who asked, and what the policies decided
  syfthub space logs --changes -n 10         the last changes, and who made them
  syfthub space logs --decisions --endpoint notes -n 100 --json";

const INGEST_EXAMPLES: &str = "Examples:
  syfthub space ingest notes                 look for files, and wait until they are indexed
  syfthub space ingest notes --retry         read again what could not be read
  syfthub space ingest notes --json-lines    a line of JSON for every step";

const SEARCH_EXAMPLES: &str = "Examples:
  syfthub space search notes \"Which permit covers night work?\"
  echo \"night work\" | syfthub space search notes - -k 10 --json";

/// `syfthub space`
#[derive(Debug, Args)]
#[command(after_help = SPACE_EXAMPLES, arg_required_else_help = true)]
pub(crate) struct SpaceArgs {
    #[command(flatten)]
    pub(crate) target: Target,
    #[command(subcommand)]
    pub(crate) command: SpaceCommand,
}

/// Which space is meant.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Which space")]
pub(crate) struct Target {
    /// Folder that keeps the space [default: syfthub/space in the user's state folder]
    #[arg(
        long,
        global = true,
        env = "SPACE_STATE_DIR",
        value_name = "DIR",
        hide_env_values = true
    )]
    pub(crate) state: Option<PathBuf>,

    /// Address of the admin API [default: that of the space that runs on the folder]
    #[arg(
        long,
        global = true,
        env = "SYFTHUB_SPACE_ADMIN_URL",
        value_name = "URL",
        hide_env_values = true
    )]
    pub(crate) admin_url: Option<Url>,

    /// File with the admin key, - for standard input [default: admin.key in the folder]
    #[arg(
        long,
        global = true,
        env = "SYFTHUB_SPACE_KEY_FILE",
        value_name = "FILE",
        hide_env_values = true
    )]
    pub(crate) key_file: Option<PathBuf>,

    /// Tenant to speak for, in a space that has several
    #[arg(
        long,
        global = true,
        env = "SYFTHUB_SPACE_TENANT",
        value_name = "NAME",
        hide_env_values = true
    )]
    pub(crate) tenant: Option<String>,
}

/// Everything below `syfthub space`.
#[derive(Debug, Subcommand)]
pub(crate) enum SpaceCommand {
    /// Set up a space: its folder, and what is in it at first
    Init(InitArgs),
    /// Run the space until Ctrl-C
    Run(RunArgs),
    /// Show whether it runs, and what is in it
    Status,
    /// Documents that can be searched
    #[command(subcommand)]
    Dataset(PartCommand),
    /// Models that answer
    #[command(subcommand)]
    Model(PartCommand),
    /// What callers ask
    #[command(subcommand)]
    Endpoint(EndpointCommand),
    /// Who may ask, how often, and at what price
    #[command(subcommand)]
    Policy(PolicyCommand),
    /// Show the types of datasets, models and policies, and their settings
    Types(TypesArgs),
    /// Read a dataset's files into its index, and show how far that is
    Ingest(IngestArgs),
    /// Ask an endpoint or a dataset here, as its owner
    Search(SearchArgs),
    /// Let callers ask an endpoint, and list it at the connected hubs
    Publish(PublishingArgs),
    /// Take an endpoint off the hubs; callers can no longer ask it
    Unpublish(PublishingArgs),
    /// Sign the space in at a hub, with an account that you have there
    Connect(ConnectArgs),
    /// Make an account at a hub, and sign the space in with it
    Register(RegisterArgs),
    /// The hubs it is connected to
    #[command(subcommand)]
    Marketplace(MarketplaceCommand),
    /// Show where callers reach the space, or say so
    Url(UrlArgs),
    /// How callers reach a space that has no address of its own
    #[command(subcommand)]
    Tunnel(TunnelCommand),
    /// Show what the space did, what its policies decided, or what was changed in it
    Logs(LogsArgs),
    /// Databases that the space runs itself
    #[command(subcommand)]
    Provisioner(ProvisionerCommand),
    /// Who shares the space
    #[command(subcommand)]
    Tenant(TenantCommand),
    /// The tenants' accounts
    #[command(subcommand)]
    Account(AccountCommand),
}

/// `syfthub space init`
#[derive(Debug, Args)]
#[command(after_help = INIT_EXAMPLES)]
pub(crate) struct InitArgs {
    /// Folder of documents; repeat for more
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Vec<PathBuf>,

    /// Type of the model that answers, or none [default: extractive]
    #[arg(long, value_name = "TYPE")]
    pub(crate) model: Option<String>,

    #[command(flatten)]
    pub(crate) given: super::Given,

    /// Account at the hub; its password is one line of standard input [default: no hub]
    #[arg(short, long, value_name = "USER")]
    pub(crate) username: Option<String>,

    /// Where callers will reach the space [default: found out when it runs]
    #[arg(long, value_name = "URL")]
    pub(crate) public_url: Option<Url>,

    /// Ask nothing
    #[arg(short, long)]
    pub(crate) yes: bool,
}

/// `syfthub space run`
#[derive(Debug, Args)]
#[command(after_help = RUN_EXAMPLES)]
pub(crate) struct RunArgs {
    /// Address that answers callers; port 0 picks a free one [default: SPACE_LISTEN, or 127.0.0.1:8081]
    #[arg(long, value_name = "ADDR")]
    pub(crate) listen: Option<SocketAddr>,

    /// Address of the admin API, of this machine alone [default: SPACE_ADMIN_LISTEN, or 127.0.0.1:8082]
    #[arg(long, value_name = "ADDR")]
    pub(crate) admin_listen: Option<SocketAddr>,

    /// Where callers reach the space, when that is elsewhere [default: SPACE_PUBLIC_URL]
    #[arg(long, value_name = "URL")]
    pub(crate) public_url: Option<Url>,

    #[command(flatten)]
    pub(crate) log: LogSettings,
}

/// `syfthub space types`
#[derive(Debug, Args)]
pub(crate) struct TypesArgs {
    /// Which types: dataset, model or policy [default: all]
    #[arg(value_name = "KIND")]
    pub(crate) kind: Option<TypeKind>,

    /// One type, with its settings
    #[arg(value_name = "TYPE")]
    pub(crate) name: Option<String>,
}

/// `syfthub space ingest`
#[derive(Debug, Args)]
#[command(after_help = INGEST_EXAMPLES)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub(crate) struct IngestArgs {
    /// The dataset
    #[arg(value_name = "NAME")]
    pub(crate) dataset: String,

    /// Read again what could not be read
    #[arg(long, conflicts_with = "stop")]
    pub(crate) retry: bool,

    /// Stop following changes, and take what waits off the queue
    #[arg(long)]
    pub(crate) stop: bool,

    /// Do not wait until everything is indexed
    #[arg(long, conflicts_with = "json_lines")]
    pub(crate) no_wait: bool,

    /// Print a line of JSON for every step
    #[arg(long)]
    pub(crate) json_lines: bool,
}

/// `syfthub space search`
#[derive(Debug, Args)]
#[command(after_help = SEARCH_EXAMPLES)]
pub(crate) struct SearchArgs {
    /// The endpoint's slug, or the dataset's name
    #[arg(value_name = "NAME")]
    pub(crate) name: String,

    /// The question; - reads it from standard input
    pub(crate) question: String,

    /// Documents at most
    #[arg(short = 'k', long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=100))]
    pub(crate) top_k: u32,

    /// Least score of a document, 0 to 1
    #[arg(long, value_name = "SCORE", default_value_t = 0.0, value_parser = super::asking::threshold)]
    pub(crate) threshold: f64,

    /// Longest answer of a model, in tokens
    #[arg(long, value_name = "N", default_value_t = 1024, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) max_tokens: u32,
}

/// `syfthub space publish` and `unpublish`
#[derive(Debug, Args)]
pub(crate) struct PublishingArgs {
    /// The endpoint
    #[arg(value_name = "SLUG")]
    pub(crate) slug: Slug,

    /// A connected hub, by its address, name or id; repeat for more [default: all]
    #[arg(long = "at", value_name = "HUB")]
    pub(crate) at: Vec<String>,
}

/// `syfthub space connect`
#[derive(Debug, Args)]
pub(crate) struct ConnectArgs {
    /// Your account at the hub; its password is asked for, or is one line of standard input
    #[arg(short, long, value_name = "USER")]
    pub(crate) username: Option<String>,
}

/// `syfthub space register`
#[derive(Debug, Args)]
pub(crate) struct RegisterArgs {
    /// Name of the new account; its password is asked for, or is one line of standard input
    #[arg(short, long, value_name = "USER")]
    pub(crate) username: Option<String>,

    /// E-mail address of the new account
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) email: Option<String>,
}

/// `syfthub space marketplace`
#[derive(Debug, Subcommand)]
pub(crate) enum MarketplaceCommand {
    /// List the connected hubs
    Ls,
    /// Show one
    Show {
        /// Its address, name or id
        #[arg(value_name = "HUB")]
        hub: String,
    },
    /// Forget one; what is listed there is taken off first
    Rm {
        /// Its address, name or id
        #[arg(value_name = "HUB")]
        hub: String,
        #[command(flatten)]
        confirmed: Confirmed,
    },
}

/// `syfthub space url`
#[derive(Debug, Args)]
pub(crate) struct UrlArgs {
    /// Where callers reach the space from now on
    #[arg(value_name = "URL")]
    pub(crate) url: Option<Url>,
}

/// `syfthub space tunnel`
#[derive(Debug, Subcommand)]
pub(crate) enum TunnelCommand {
    /// Show whether one is open, and where callers come in
    Status,
    /// Let callers come in through the connected hubs
    On {
        /// Through an agent of ngrok's instead; its token is asked for, or is one line of standard input
        #[arg(long)]
        ngrok: bool,
    },
    /// Let nobody in that way any more
    Off,
}

/// `syfthub space logs`
#[derive(Debug, Args)]
#[command(after_help = LOGS_EXAMPLES)]
pub(crate) struct LogsArgs {
    /// Go on with what happens from now on
    #[arg(short, long)]
    pub(crate) follow: bool,

    /// Begin with this many of the last lines
    #[arg(short = 'n', long, value_name = "N", default_value_t = 50)]
    pub(crate) lines: u32,

    /// Show what the policies decided instead
    #[arg(long)]
    pub(crate) decisions: bool,

    /// Show what was changed in the space instead, and by whom
    #[arg(long, conflicts_with = "decisions")]
    pub(crate) changes: bool,

    /// Decisions about this endpoint alone
    #[arg(long, value_name = "SLUG", requires = "decisions")]
    pub(crate) endpoint: Option<Slug>,
}

/// `syfthub space provisioner`
#[derive(Debug, Subcommand)]
pub(crate) enum ProvisionerCommand {
    /// List them, and whether they run
    Ls,
    /// Start one
    Start {
        /// The type of its datasets, such as chroma
        #[arg(value_name = "TYPE")]
        dtype: String,
    },
    /// Stop one; what it keeps stays
    Stop {
        /// The type of its datasets, such as chroma
        #[arg(value_name = "TYPE")]
        dtype: String,
    },
    /// Remove one with everything it keeps
    Rm {
        /// The type of its datasets, such as chroma
        #[arg(value_name = "TYPE")]
        dtype: String,
        #[command(flatten)]
        confirmed: Confirmed,
    },
}

/// `syfthub space tenant`
#[derive(Debug, Subcommand)]
pub(crate) enum TenantCommand {
    /// Make one
    Add {
        /// Its name: lower-case letters, digits and hyphens
        name: String,
        /// Its name for people [default: the same]
        #[arg(long, value_name = "TEXT")]
        display_name: Option<String>,
    },
    /// List them
    Ls,
    /// Show one
    Show {
        /// Its name
        name: String,
    },
}

/// `syfthub space account`
#[derive(Debug, Subcommand)]
pub(crate) enum AccountCommand {
    /// Make one; its password is asked for, or is one line of standard input
    Add {
        /// Its e-mail address
        email: String,
    },
    /// Print a token that goes where the admin key goes
    Token {
        /// The account's e-mail address
        email: String,
    },
}
