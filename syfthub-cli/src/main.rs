//! `syfthub`: the command line of SyftHub. Parses, runs one command, and ends with its exit code.

mod args;
mod cite;
mod commands;
mod context;
mod failure;
mod printer;
mod prompt;
mod status;
mod suggest;
mod table;

use std::process::ExitCode;

use clap::Parser as _;
use syfthub_server::config::{LogFormat, LogSettings};
use syfthub_server::{memory, space, telemetry};
use tracing::level_filters::LevelFilter;

use crate::args::{Cli, Command};
use crate::context::Context;
use crate::printer::Printer;
use crate::status::Status;

fn main() -> ExitCode {
    // A space reads files in processes of this very program.
    if space::is_parse_worker() {
        return space::parse_worker_main();
    }
    memory::give_back_what_is_free();
    start()
}

#[tokio::main]
async fn start() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(refusal) => return failure::report_usage(&refusal).into(),
    };
    let printer = Printer::new(cli.global.json);
    let status = match run(cli).await {
        Ok(()) => Status::Success,
        Err(error) => failure::report(&error, &printer),
    };
    status.into()
}

async fn run(cli: Cli) -> anyhow::Result<()> {
    if !cli.command.runs_servers() {
        telemetry::log(&LogSettings { log_level: LevelFilter::WARN, log_format: LogFormat::Text });
    }
    if let Command::Dev(args) = cli.command {
        return commands::dev::run(args, &cli.global).await;
    }
    let context = Context::new(cli.global).await?;
    match cli.command {
        Command::Dev(_) => unreachable!("handled above, because it needs no hub"),
        Command::Login(args) => commands::login::run(&context, args).await,
        Command::Logout => commands::logout::run(&context).await,
        Command::Whoami => commands::whoami::run(&context).await,
        Command::Ls(args) => commands::ls::run(&context, &args).await,
        Command::Publish(args) => commands::publish::run(&context, args).await,
        Command::Query(args) => Box::pin(commands::query::run(&context, *args)).await,
        Command::Trace(args) => Box::pin(commands::trace::run(&context, *args)).await,
        Command::Ledger(args) => commands::ledger::run(&context, args).await,
        Command::Space(args) => Box::pin(commands::space::run(&context, *args)).await,
    }
}
