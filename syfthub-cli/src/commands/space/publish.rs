//! `syfthub space publish` and `syfthub space unpublish`

use serde_json::json;
use syfthub_client::space::endpoints::{Hubs, Listing};
use uuid::Uuid;

use super::{Scene, hubs};
use crate::args::PublishingArgs;
use crate::failure::{Misuse, advise};

/// Lets callers ask the endpoint, and lists it at the hubs.
pub(super) async fn publish(scene: &Scene<'_>, args: PublishingArgs) -> anyhow::Result<()> {
    let known = scene.space.marketplaces().list().await?;
    if known.is_empty() {
        let refusal = anyhow::anyhow!("the space is connected to no hub");
        return Err(advise(refusal, "syfthub space connect -u USER"));
    }
    let mut chosen: Vec<Uuid> = Vec::new();
    for hub in &args.at {
        chosen.push(hubs::pick(&known, hub)?.id);
    }
    let hubs = if chosen.is_empty() { Hubs::All } else { Hubs::Only(&chosen) };
    let listings = scene.space.endpoints().publish(args.slug.as_str(), hubs).await?.results;
    tell(scene, args.slug.as_str(), &listings, "published")
}

/// Takes the endpoint off the hubs.
pub(super) async fn unpublish(scene: &Scene<'_>, args: PublishingArgs) -> anyhow::Result<()> {
    if !args.at.is_empty() {
        let refusal = "an endpoint is unpublished everywhere; leave --at out".to_owned();
        return Err(Misuse(refusal).into());
    }
    let listings = scene.space.endpoints().unpublish(args.slug.as_str()).await?;
    tell(scene, args.slug.as_str(), &listings, "unpublished")
}

/// Shows what each hub said. It is a failure when one of them did not do it.
fn tell(scene: &Scene<'_>, slug: &str, listings: &[Listing], done: &str) -> anyhow::Result<()> {
    let printer = scene.printer();
    let refused = listings.iter().find(|listing| !listing.success);
    if refused.is_none() && printer.is_json() {
        return Ok(printer.success(json!({"slug": slug, "results": listings}))?);
    }
    for listing in listings.iter().filter(|listing| listing.success) {
        let text = format!("{slug}: {done} at {}", listing.marketplace_name);
        if printer.is_json() { printer.say(text) } else { printer.line(text)? }
    }
    if listings.is_empty() && !printer.is_json() {
        printer.line(format_args!("{slug}: {done}"))?;
    }
    let Some(refused) = refused else { return Ok(()) };
    let reason = refused.error.as_deref().unwrap_or("it did not say why");
    let error = anyhow::anyhow!("{slug} is not {done} at {}: {reason}", refused.marketplace_name);
    Err(advise(error, "syfthub space marketplace ls"))
}
