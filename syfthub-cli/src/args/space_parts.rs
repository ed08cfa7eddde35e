//! `syfthub space dataset|model|endpoint|policy …`: adding, listing, showing, changing and removing.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use syfthub_core::Slug;
use uuid::Uuid;

const PART_ADD_EXAMPLES: &str =
    "`syfthub space types` shows the types and their settings. A secret is never an argument:
give it as api_key=@FILE, as api_key=- on standard input, or as api_key=env:NAME.

Examples:
  syfthub space dataset add notes --path ~/notes --dry-run
  syfthub space dataset add notes --path ~/notes
  syfthub space dataset add papers --type chroma --path ~/papers --set collectionName=papers
  syfthub space model add gpt --type openai --set model=gpt-4o-mini --set api_key=env:OPENAI_API_KEY
  syfthub space model add local --type ollama --config ollama.json";

const ENDPOINT_EXAMPLES: &str = "Examples:
  syfthub space endpoint add \"Field notes\" --dataset notes
  syfthub space endpoint add Oracle --dataset notes --model gpt --readme ORACLE.md --tag plants";

const POLICY_EXAMPLES: &str = "Examples:
  syfthub space policy add notes --type access --set 'allowed_users=*@example.org'
  syfthub space policy add notes --type rate_limit --set limit=50/m
  syfthub space policy add notes --type accounting --config price.json";

/// What is kept of a kind of type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum TypeKind {
    /// Documents
    Dataset,
    /// Models
    Model,
    /// Policies
    Policy,
}

/// Settings of a dataset, model or policy.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct Given {
    /// A setting; a value may be JSON, @FILE, - for standard input, or env:NAME. Repeat for more
    #[arg(long, value_name = "KEY=VALUE")]
    pub(crate) set: Vec<String>,

    /// File with all settings, in JSON or TOML; - reads JSON from standard input
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
}

/// The consent to something that cannot be undone.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct Confirmed {
    /// Do not ask
    #[arg(short, long)]
    pub(crate) yes: bool,
}

/// `syfthub space dataset` and `syfthub space model`
#[derive(Debug, Subcommand)]
pub(crate) enum PartCommand {
    /// Add one
    Add(PartAdd),
    /// List them
    Ls,
    /// Show one with its settings
    Show {
        /// Its name
        name: String,
    },
    /// Change one
    Edit(PartEdit),
    /// Remove one
    Rm(PartRemoval),
}

/// `… add`
#[derive(Debug, Args)]
#[command(after_help = PART_ADD_EXAMPLES)]
pub(crate) struct PartAdd {
    /// Its name
    pub(crate) name: String,

    /// Its type [default: local_file for a dataset, extractive for a model]
    #[arg(long = "type", value_name = "TYPE")]
    pub(crate) dtype: Option<String>,

    /// File or folder to read, for types that read files; repeat for more
    #[arg(long, value_name = "PATH")]
    pub(crate) path: Vec<PathBuf>,

    #[command(flatten)]
    pub(crate) given: Given,

    /// One line about it
    #[arg(long, value_name = "TEXT")]
    pub(crate) summary: Option<String>,

    /// A label; repeat for more
    #[arg(long = "tag", value_name = "TAG")]
    pub(crate) tags: Vec<String>,

    /// Show which files it would share, and add nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
}

/// `… edit`
#[derive(Debug, Args)]
pub(crate) struct PartEdit {
    /// Its name
    pub(crate) name: String,

    /// Another name
    #[arg(long, value_name = "NAME")]
    pub(crate) rename: Option<String>,

    #[command(flatten)]
    pub(crate) given: Given,

    /// Another line about it
    #[arg(long, value_name = "TEXT")]
    pub(crate) summary: Option<String>,

    /// Labels instead of those it has; repeat for more
    #[arg(long = "tag", value_name = "TAG")]
    pub(crate) tags: Vec<String>,
}

/// `… rm`
#[derive(Debug, Args)]
pub(crate) struct PartRemoval {
    /// Its name
    pub(crate) name: String,

    /// Remove the endpoints that use it too
    #[arg(long)]
    pub(crate) force: bool,

    #[command(flatten)]
    pub(crate) confirmed: Confirmed,
}

/// `syfthub space endpoint`
#[derive(Debug, Subcommand)]
pub(crate) enum EndpointCommand {
    /// Add one
    Add(EndpointAdd),
    /// List them
    Ls,
    /// Show one with its policies
    Show {
        /// Its slug
        slug: Slug,
    },
    /// Change one
    Edit(EndpointEdit),
    /// Remove one; hubs that list it are told first
    Rm {
        /// Its slug
        slug: Slug,
        #[command(flatten)]
        confirmed: Confirmed,
    },
}

/// What an endpoint answers with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Answers {
    /// Documents
    Raw,
    /// The model's text
    Summary,
    /// Both
    Both,
}

impl Answers {
    /// The word on the wire.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Raw => "raw",
            Self::Summary => "summary",
            Self::Both => "both",
        }
    }
}

/// `syfthub space endpoint add`
#[derive(Debug, Args)]
#[command(after_help = ENDPOINT_EXAMPLES)]
pub(crate) struct EndpointAdd {
    /// Its name for people
    pub(crate) name: String,

    /// Its address [default: made from the name]
    #[arg(long)]
    pub(crate) slug: Option<Slug>,

    /// The dataset that it searches
    #[arg(long, value_name = "NAME", required_unless_present = "model")]
    pub(crate) dataset: Option<String>,

    /// The model that answers
    #[arg(long, value_name = "NAME")]
    pub(crate) model: Option<String>,

    /// What it answers with [default: raw without a model, summary without a dataset, else both]
    #[arg(long, value_name = "WHAT")]
    pub(crate) answers: Option<Answers>,

    /// One line about it
    #[arg(long, value_name = "TEXT")]
    pub(crate) summary: Option<String>,

    /// File with its Markdown documentation
    #[arg(long, value_name = "FILE")]
    pub(crate) readme: Option<PathBuf>,

    /// A label; repeat for more
    #[arg(long = "tag", value_name = "TAG")]
    pub(crate) tags: Vec<String>,
}

/// `syfthub space endpoint edit`
#[derive(Debug, Args)]
pub(crate) struct EndpointEdit {
    /// Its slug
    pub(crate) slug: Slug,

    /// Another name for people
    #[arg(long, value_name = "NAME")]
    pub(crate) rename: Option<String>,

    /// What it answers with
    #[arg(long, value_name = "WHAT")]
    pub(crate) answers: Option<Answers>,

    /// Another dataset to search
    #[arg(long, value_name = "NAME")]
    pub(crate) dataset: Option<String>,

    /// Another model to answer
    #[arg(long, value_name = "NAME")]
    pub(crate) model: Option<String>,

    /// File with what its model is told before every conversation
    #[arg(long, value_name = "FILE")]
    pub(crate) system_prompt: Option<PathBuf>,

    /// Another line about it
    #[arg(long, value_name = "TEXT")]
    pub(crate) summary: Option<String>,

    /// File with other Markdown documentation
    #[arg(long, value_name = "FILE")]
    pub(crate) readme: Option<PathBuf>,

    /// Labels instead of those it has; repeat for more
    #[arg(long = "tag", value_name = "TAG")]
    pub(crate) tags: Vec<String>,
}

/// `syfthub space policy`
#[derive(Debug, Subcommand)]
pub(crate) enum PolicyCommand {
    /// Add one to an endpoint
    Add(PolicyAdd),
    /// List them
    Ls {
        /// Those of this endpoint alone
        #[arg(value_name = "SLUG")]
        endpoint: Option<Slug>,
    },
    /// Show one with its settings
    Show {
        /// Its id
        id: Uuid,
    },
    /// Change one
    Edit(PolicyEdit),
    /// Remove one
    Rm {
        /// Its id
        id: Uuid,
        #[command(flatten)]
        confirmed: Confirmed,
    },
    /// Tell whether somebody could ask an endpoint, without asking
    Check {
        /// The endpoint
        #[arg(value_name = "SLUG")]
        endpoint: Slug,
        /// Somebody's e-mail address
        email: String,
    },
}

/// `syfthub space policy add`
#[derive(Debug, Args)]
#[command(after_help = POLICY_EXAMPLES)]
pub(crate) struct PolicyAdd {
    /// The endpoint that it guards
    #[arg(value_name = "SLUG")]
    pub(crate) endpoint: Slug,

    /// Its type
    #[arg(long = "type", value_name = "TYPE")]
    pub(crate) policy_type: String,

    /// Its name [default: its type]
    #[arg(long)]
    pub(crate) name: Option<String>,

    #[command(flatten)]
    pub(crate) given: Given,
}

/// `syfthub space policy edit`
#[derive(Debug, Args)]
pub(crate) struct PolicyEdit {
    /// Its id
    pub(crate) id: Uuid,

    /// Another name
    #[arg(long, value_name = "NAME")]
    pub(crate) rename: Option<String>,

    #[command(flatten)]
    pub(crate) given: Given,
}
