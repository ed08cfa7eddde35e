//! `syfthub space …`: everything for people who run a node.
//!
//! `init` and `run` work on the space's folder; every other command talks to the admin API of the space that runs on it.

mod accounts;
mod configuration;
mod endpoints;
mod find;
mod hubs;
mod ingest;
mod init;
mod journal;
mod node;
mod parts;
mod policies;
mod provisioners;
mod publish;
mod reach;
mod records;
mod run;
mod search;
mod show;
mod status;
mod types;

use syfthub_client::ErrorKind;
use syfthub_client::space::Space;

use crate::args::{PolicyCommand, SpaceArgs, SpaceCommand, Target};
use crate::context::Context;
use crate::failure::{Misuse, advise};
use crate::printer::Printer;
use crate::prompt;

use self::parts::Kind;

/// What a command for a running space works with.
struct Scene<'a> {
    context: &'a Context,
    target: &'a Target,
    space: Space,
}

impl Scene<'_> {
    fn printer(&self) -> &Printer {
        &self.context.printer
    }

    /// Goes on when the person agrees: by `--yes`, or at the terminal.
    async fn confirm(&self, question: String, yes: bool) -> anyhow::Result<()> {
        if yes {
            return Ok(());
        }
        let agreed = tokio::task::spawn_blocking(move || {
            if !prompt::can_ask() {
                let refusal = format!("{question} Nobody can be asked here; add --yes");
                return Err(Misuse(refusal).into());
            }
            Ok::<_, anyhow::Error>(prompt::agrees(&question)?)
        });
        if agreed.await?? { Ok(()) } else { Err(anyhow::anyhow!("nothing was changed")) }
    }
}

/// Runs the command that the arguments name.
pub(crate) async fn run(context: &Context, args: SpaceArgs) -> anyhow::Result<()> {
    let SpaceArgs { target, command } = args;
    let (noun, plural) = noun(&command);
    let done = match command {
        SpaceCommand::Init(args) => init::run(context, &target, args).await,
        SpaceCommand::Run(args) => run::run(context, &target, args).await,
        SpaceCommand::Logs(args) if !args.decisions && !args.changes => {
            journal::run(context, &target, &args).await
        }
        SpaceCommand::Status => status::run(context, &target).await,
        command => within(context, &target, command).await,
    };
    done.map_err(|error| with_hint(error, noun, plural))
}

/// A command for a space that runs.
async fn within(context: &Context, target: &Target, command: SpaceCommand) -> anyhow::Result<()> {
    let space = find::space(context, target).await?.client;
    let scene = Scene { context, target, space };
    match command {
        SpaceCommand::Dataset(command) => parts::run(&scene, Kind::Dataset, command).await,
        SpaceCommand::Model(command) => parts::run(&scene, Kind::Model, command).await,
        SpaceCommand::Endpoint(command) => endpoints::run(&scene, command).await,
        SpaceCommand::Policy(command) => policies::run(&scene, command).await,
        SpaceCommand::Types(args) => types::run(&scene, args).await,
        SpaceCommand::Ingest(args) => ingest::run(&scene, args).await,
        SpaceCommand::Search(args) => search::run(&scene, args).await,
        SpaceCommand::Publish(args) => publish::publish(&scene, args).await,
        SpaceCommand::Unpublish(args) => publish::unpublish(&scene, args).await,
        SpaceCommand::Connect(args) => hubs::connect(&scene, args).await,
        SpaceCommand::Register(args) => hubs::register(&scene, args).await,
        SpaceCommand::Marketplace(command) => hubs::run(&scene, command).await,
        SpaceCommand::Url(args) => reach::url(&scene, args).await,
        SpaceCommand::Tunnel(command) => reach::tunnel(&scene, command).await,
        SpaceCommand::Logs(args) => records::run(&scene, &args).await,
        SpaceCommand::Provisioner(command) => provisioners::run(&scene, command).await,
        SpaceCommand::Tenant(command) => accounts::tenants(&scene, command).await,
        SpaceCommand::Account(command) => accounts::accounts(&scene, command).await,
        SpaceCommand::Init(_) | SpaceCommand::Run(_) | SpaceCommand::Status => {
            unreachable!("they need no space that runs")
        }
    }
}

/// What a command is about, and the command that lists all of that.
fn noun(command: &SpaceCommand) -> (&'static str, &'static str) {
    match command {
        SpaceCommand::Dataset(_) | SpaceCommand::Ingest(_) => ("dataset", "dataset ls"),
        SpaceCommand::Model(_) => ("model", "model ls"),
        SpaceCommand::Policy(PolicyCommand::Add(_) | PolicyCommand::Check { .. })
        | SpaceCommand::Endpoint(_)
        | SpaceCommand::Search(_)
        | SpaceCommand::Publish(_)
        | SpaceCommand::Unpublish(_) => ("endpoint", "endpoint ls"),
        SpaceCommand::Policy(_) => ("policy", "policy ls"),
        SpaceCommand::Connect(_) | SpaceCommand::Register(_) | SpaceCommand::Init(_) => {
            ("hub", "marketplace ls")
        }
        SpaceCommand::Marketplace(_) => ("marketplace", "marketplace ls"),
        SpaceCommand::Provisioner(_) => ("provisioner", "provisioner ls"),
        SpaceCommand::Tenant(_) => ("tenant", "tenant ls"),
        SpaceCommand::Account(_) => ("account", "tenant ls"),
        SpaceCommand::Types(_) => ("type", "types"),
        _ => ("space", "status"),
    }
}

/// What to type next, in terms of a space rather than of a hub.
fn with_hint(error: anyhow::Error, noun: &str, listing: &str) -> anyhow::Error {
    let Some(call) = error.downcast_ref::<syfthub_client::Error>() else { return error };
    let hint = match call.kind() {
        ErrorKind::NotSignedIn if noun == "hub" => {
            "check the name and the password; `syfthub space register` makes an account".to_owned()
        }
        ErrorKind::NotSignedIn if noun == "account" => {
            "check the address and the password; `syfthub space account add` makes an account"
                .to_owned()
        }
        ErrorKind::NotSignedIn => {
            "name the file with the space's admin key with --key-file".to_owned()
        }
        ErrorKind::NotFound | ErrorKind::Conflict => format!("syfthub space {listing}"),
        ErrorKind::Unreachable | ErrorKind::Timeout => "syfthub space run".to_owned(),
        ErrorKind::Protocol => {
            "check that --admin-url is the admin API of a space, of the version of this program"
                .to_owned()
        }
        _ => return error,
    };
    advise(error, hint)
}
