//! `syfthub space status`: whether it runs, and what is in it.

use serde_json::json;
use syfthub_client::Error;
use syfthub_client::space::Space;
use syfthub_client::space::endpoints::EndpointItem;
use syfthub_client::space::ingestion::IngestionStatus;
use syfthub_client::space::marketplaces::Marketplace;
use syfthub_client::space::parts::Part;

use super::find::{self, Found};
use super::{endpoints, show};
use crate::args::Target;
use crate::context::Context;
use crate::printer::Printer;

/// Everything at a glance.
struct Glance {
    datasets: Vec<(Part, Option<IngestionStatus>)>,
    models: Vec<Part>,
    endpoints: Vec<EndpointItem>,
    hubs: Vec<Marketplace>,
    public_url: Option<String>,
}

/// Shows it.
pub(super) async fn run(context: &Context, target: &Target) -> anyhow::Result<()> {
    let found = find::space(context, target).await?;
    let glance = look(&found.client).await?;
    let dir = find::state_dir(context, target)?;
    if context.printer.is_json() {
        let running = found.running.as_ref();
        return Ok(context.printer.success(json!({
            "url": running.map(|one| one.url.as_str()),
            "admin_url": found.client.url(),
            "pid": running.map(|one| one.pid),
            "started_at": running.map(|one| one.started_at),
            "version": running.map(|one| one.version.as_str()),
            "state": running.map(|_| dir),
            "public_url": glance.public_url,
            "datasets": glance.datasets.iter().map(|(part, files)| json!({
                "name": part.name, "type": part.dtype, "files": files,
            })).collect::<Vec<_>>(),
            "models": glance.models.iter().map(|part| json!({
                "name": part.name, "type": part.dtype,
            })).collect::<Vec<_>>(),
            "endpoints": glance.endpoints.iter().map(|one| json!({
                "slug": one.slug, "published": one.published, "listed": one.listed,
            })).collect::<Vec<_>>(),
            "marketplaces": glance.hubs.iter().map(|hub| json!({
                "url": hub.url, "username": hub.username,
            })).collect::<Vec<_>>(),
        }))?);
    }
    print(&context.printer, &found, &glance, &dir)
}

async fn look(space: &Space) -> Result<Glance, Error> {
    let (datasets, models, endpoints, hubs, settings) = (
        space.datasets(),
        space.models(),
        space.endpoints(),
        space.marketplaces(),
        space.settings(),
    );
    let (datasets, models, endpoints, hubs, url) = tokio::try_join!(
        datasets.list(),
        models.list(),
        endpoints.list(),
        hubs.list(),
        settings.public_url(),
    )?;
    let mut counted = Vec::with_capacity(datasets.len());
    for part in datasets {
        // A dataset that takes no files, or cannot be opened, has no such numbers.
        let files = space.ingestion().status(part.id).await.ok();
        counted.push((part, files));
    }
    Ok(Glance { datasets: counted, models, endpoints, hubs, public_url: url.public_url })
}

fn print(
    printer: &Printer,
    found: &Found,
    glance: &Glance,
    dir: &std::path::Path,
) -> anyhow::Result<()> {
    if let Some(running) = &found.running {
        let since = show::moment(Some(running.started_at));
        let url = running.url.as_str().trim_end_matches('/');
        printer
            .line(format_args!("Running at {url} since {since} UTC, process {}", running.pid))?;
    }
    show::field(printer, "admin API", found.client.url().as_str().trim_end_matches('/'))?;
    if found.running.is_some() {
        show::field(printer, "folder", dir.display())?;
    }
    let public = glance.public_url.as_deref().unwrap_or("nowhere yet");
    show::field(printer, "callers at", public.trim_end_matches('/'))?;
    for hub in &glance.hubs {
        show::field(printer, "hub", format_args!("{} as {}", hub.url, hub.username))?;
    }
    for (part, files) in &glance.datasets {
        let files = files.as_ref().map(files_of).unwrap_or_default();
        show::field(printer, "dataset", format_args!("{} ({}){files}", part.name, part.dtype))?;
    }
    for part in &glance.models {
        show::field(printer, "model", format_args!("{} ({})", part.name, part.dtype))?;
    }
    for endpoint in &glance.endpoints {
        let standing = endpoints::standing(endpoint);
        show::field(printer, "endpoint", format_args!("{}: {standing}", endpoint.slug))?;
    }
    Ok(())
}

/// `, 12 files, 3 waiting, 1 failed`.
fn files_of(status: &IngestionStatus) -> String {
    let waiting = status.pending + status.in_progress;
    let rest = [(waiting, "waiting"), (status.failed, "failed")];
    let rest = rest.into_iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!(", {n} {what}"));
    format!(", {}{}", show::count(status.total_jobs, "file"), rest.collect::<String>())
}
