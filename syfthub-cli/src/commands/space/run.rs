//! `syfthub space run`: the space in the foreground, with its log on standard error and in its folder.

use anyhow::Context as _;
use serde_json::json;
use syfthub_client::credentials::private;
use syfthub_server::space::{self, Space};
use syfthub_server::{Running, telemetry};
use tokio_util::sync::CancellationToken;

use super::{find, journal, node};
use crate::args::{RunArgs, Target};
use crate::commands::dev::on_interrupt;
use crate::context::Context;
use crate::failure::advise;
use crate::printer::Printer;

/// Runs until Ctrl-C.
pub(super) async fn run(context: &Context, target: &Target, args: RunArgs) -> anyhow::Result<()> {
    let dir = find::state_dir(context, target)?;
    let (place, log) = (dir.clone(), args.log.clone());
    let _journal = tokio::task::spawn_blocking(move || {
        private::create_folder(&place)
            .with_context(|| format!("--state {}: the folder cannot be made", place.display()))?;
        if let Some(other) = find::running(&place)? {
            let refusal = anyhow::anyhow!(
                "a space runs on {} already (process {})",
                place.display(),
                other.pid
            );
            return Err(advise(refusal, "syfthub space status"));
        }
        let file = journal::file(&place)?;
        telemetry::log_and_keep(&log, &file)
            .with_context(|| format!("{} cannot be written", file.display()))
    })
    .await??;
    let shutdown = on_interrupt()?;
    let mut config = node::settings(&dir)?;
    config.listen = args.listen.unwrap_or(config.listen);
    config.admin_listen = args.admin_listen.unwrap_or(config.admin_listen);
    config.public_url = args.public_url.or(config.public_url);
    let running = tokio::select! {
        started = start(config, shutdown.clone()) => started?,
        () = shutdown.cancelled() => return Ok(()),
    };
    announce(&context.printer, &running, &dir).await?;
    running.stopped().await;
    Ok(())
}

async fn start(config: space::SpaceConfig, shutdown: CancellationToken) -> anyhow::Result<Running> {
    let (questions, admin) = space::bind(&config).await.map_err(node::in_flags)?;
    let space = Space::open(config, shutdown).await.map_err(node::in_flags)?;
    space.serve(questions, Some(admin)).await.map_err(node::in_flags)
}

/// Says where it is reached.
async fn announce(
    printer: &Printer,
    running: &Running,
    dir: &std::path::Path,
) -> anyhow::Result<()> {
    let place = dir.to_owned();
    let found = tokio::task::spawn_blocking(move || find::running(&place)).await??;
    let admin_url = found.map(|space| space.admin_url.to_string()).unwrap_or_default();
    let url = running.url().as_str().trim_end_matches('/');
    if printer.is_json() {
        printer.json_line(&json!({
            "url": url, "listen": running.address().to_string(), "admin_url": admin_url, "state": dir,
        }))?;
        return Ok(());
    }
    printer.line(format_args!("Ready. Callers reach the space at {url}"))?;
    printer.line(format_args!("Its admin API is at {}", admin_url.trim_end_matches('/')))?;
    printer.line("\nIn another terminal:  syfthub space status\nCtrl-C stops it.")?;
    Ok(())
}
