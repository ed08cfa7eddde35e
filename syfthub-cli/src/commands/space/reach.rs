//! `syfthub space url` and `syfthub space tunnel …`: where callers come in.

use serde_json::json;

use super::{Scene, show};
use crate::args::{TunnelCommand, UrlArgs};
use crate::prompt;

/// Shows or says where callers reach the space.
pub(super) async fn url(scene: &Scene<'_>, args: UrlArgs) -> anyhow::Result<()> {
    let settings = scene.space.settings();
    let known = match &args.url {
        Some(url) => settings.set_public_url(url).await?,
        None => settings.public_url().await?,
    };
    let printer = scene.printer();
    if printer.is_json() {
        return Ok(printer.success(json!({"public_url": known.public_url}))?);
    }
    match known.public_url {
        Some(url) => printer.line(url.trim_end_matches('/'))?,
        None => printer.say("callers reach it nowhere yet; say where with `syfthub space url URL`"),
    }
    Ok(())
}

/// Runs one of the commands on the way in for a space without an address of its own.
pub(super) async fn tunnel(scene: &Scene<'_>, command: TunnelCommand) -> anyhow::Result<()> {
    let settings = scene.space.settings();
    let proxy = match command {
        TunnelCommand::Status => settings.proxy().await?,
        TunnelCommand::On { ngrok: false } => settings.open_proxy(None).await?,
        TunnelCommand::On { ngrok: true } => {
            let token =
                tokio::task::spawn_blocking(|| prompt::password("Token of ngrok")).await??;
            settings.open_proxy(Some(&token)).await?
        }
        TunnelCommand::Off => settings.close_proxy().await?,
    };
    let printer = scene.printer();
    if printer.is_json() {
        return show::json(printer, "tunnel", &proxy);
    }
    match (proxy.connected, proxy.public_url, proxy.error) {
        (true, Some(url), _) => {
            printer.line(format_args!("Callers come in at {}", url.trim_end_matches('/')))?;
        }
        (true, None, _) => printer.line("A tunnel is open.")?,
        (false, _, Some(error)) => printer.line(format_args!("No tunnel is open: {error}"))?,
        (false, _, None) => printer.line("No tunnel is open.")?,
    }
    Ok(())
}
