//! `syfthub dev`: a hub with its aggregator, and a space, in one process.

mod docs;
mod progress;
mod stack;
mod state;

use std::path::PathBuf;

use anyhow::Context as _;
use serde_json::json;
use syfthub_server::config::{LogFormat, LogSettings};
use syfthub_server::telemetry;
use tokio_util::sync::CancellationToken;
use tracing::level_filters::LevelFilter;

use self::stack::Stack;
use self::state::State;
use crate::args::{DevArgs, Global};
use crate::context::user_dir;
use crate::printer::Printer;

/// Starts everything, says when it is ready, and runs until Ctrl-C.
pub(crate) async fn run(args: DevArgs, global: &Global) -> anyhow::Result<()> {
    let printer = Printer::new(global.json);
    telemetry::log(&LogSettings { log_level: LevelFilter::WARN, log_format: LogFormat::Text });
    let shutdown = on_interrupt()?;
    let dir = state_dir(&args, global)?;
    let data = args.data.clone();
    let state = tokio::task::spawn_blocking(move || State::open(&dir, &data)).await??;
    let started = tokio::select! {
        started = Stack::start(&args, &state, &printer, shutdown.clone()) => started?,
        () = shutdown.cancelled() => return Ok(()),
    };
    announce(&started, &printer)?;
    started.stopped().await;
    Ok(())
}

fn state_dir(args: &DevArgs, global: &Global) -> anyhow::Result<PathBuf> {
    if let Some(dir) = &args.state {
        return Ok(dir.clone());
    }
    let base = user_dir(global.xdg_state_home.as_ref(), ".local/state");
    Ok(base.context("there is no home directory; name a folder with --state")?.join("dev"))
}

/// Cancelled by Ctrl-C or SIGTERM.
pub(crate) fn on_interrupt() -> anyhow::Result<CancellationToken> {
    let shutdown = CancellationToken::new();
    let token = shutdown.clone();
    #[cfg(unix)]
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    tokio::spawn(async move {
        #[cfg(unix)]
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminate.recv() => {}
        }
        #[cfg(not(unix))]
        tokio::signal::ctrl_c().await.ok();
        token.cancel();
    });
    Ok(shutdown)
}

fn announce(stack: &Stack, printer: &Printer) -> anyhow::Result<()> {
    if printer.is_json() {
        printer.json_line(&json!({
            "hub": stack.hub, "space": stack.space, "username": stack.username,
            "password": stack.password.expose(), "model": stack.model, "sources": stack.sources,
        }))?;
        return Ok(());
    }
    // As this program was called, so that the lines work before it is on the PATH.
    let program = std::env::args().next().unwrap_or_else(|| "syfthub".to_owned());
    let hub = stack.hub.trim_end_matches('/');
    let sources: Vec<String> = stack.sources.iter().map(|source| format!("-s {source}")).collect();
    printer.line(format_args!(
        "\nReady. Hub and aggregator at {hub}, space at {}",
        stack.space.trim_end_matches('/')
    ))?;
    printer.line("\nAsk:")?;
    printer.line(format_args!(
        "  {program} --hub {hub} query {} \"{}\" {}",
        stack.model,
        stack.question,
        sources.join(" ")
    ))?;
    printer.line(format_args!("\nSign in (password: {}):", stack.password.expose()))?;
    printer.line(format_args!("  {program} --hub {hub} login -u {}", stack.username))?;
    printer.line("\nCtrl-C stops it; the next run goes on from here.")?;
    Ok(())
}
