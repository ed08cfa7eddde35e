//! `syfthub space connect`, `register` and `marketplace …`: the space's standing at hubs.

use syfthub_client::space::marketplaces::{HubAccount, HubRemoval, Marketplace, NewAccount};
use syfthub_core::Secret;

use super::{Scene, show};
use crate::args::{ConnectArgs, MarketplaceCommand, RegisterArgs};
use crate::failure::{Missing, advise};
use crate::prompt;
use crate::suggest::did_you_mean;
use crate::table::Table;

/// Signs the space in at the hub.
pub(super) async fn connect(scene: &Scene<'_>, args: ConnectArgs) -> anyhow::Result<()> {
    let account = tokio::task::spawn_blocking(move || {
        let username = prompt::name(args.username, "Username", "-u USER")?;
        Ok::<_, anyhow::Error>(HubAccount::new(username, prompt::password("Password")?))
    })
    .await??;
    let hub = &scene.context.hub;
    let connected = scene.space.marketplaces().connect(Some(hub), &account).await?;
    told(scene, &connected, "Connected to")
}

/// Makes an account at the hub and signs the space in with it.
pub(super) async fn register(scene: &Scene<'_>, args: RegisterArgs) -> anyhow::Result<()> {
    let account = tokio::task::spawn_blocking(move || {
        let username = prompt::name(args.username, "Username", "-u USER")?;
        let email = prompt::name(args.email, "E-mail address", "--email ADDRESS")?;
        let password: Secret = prompt::password("Password")?;
        Ok::<_, anyhow::Error>(NewAccount::new(username, email, password))
    })
    .await??;
    let connected = scene.space.marketplaces().register(Some(&scene.context.hub), &account).await?;
    told(scene, &connected, "Registered at")
}

fn told(scene: &Scene<'_>, hub: &Marketplace, verb: &str) -> anyhow::Result<()> {
    let printer = scene.printer();
    if printer.is_json() {
        return show::json(printer, "marketplace", hub);
    }
    printer.line(format_args!("{verb} {} as {} ({}).", hub.url, hub.username, hub.email))?;
    printer.say("Let others find an endpoint there:  syfthub space publish SLUG");
    Ok(())
}

/// Runs one of the commands on connected hubs.
pub(super) async fn run(scene: &Scene<'_>, command: MarketplaceCommand) -> anyhow::Result<()> {
    let hubs = scene.space.marketplaces().list().await?;
    let printer = scene.printer();
    match command {
        MarketplaceCommand::Ls => ls(scene, &hubs),
        MarketplaceCommand::Show { hub } => {
            let hub = pick(&hubs, &hub)?;
            if printer.is_json() {
                return show::json(printer, "marketplace", hub);
            }
            printer.line(format_args!("{} ({})", hub.name, hub.url))?;
            show::field(printer, "id", hub.id)?;
            show::field(printer, "account", format_args!("{} ({})", hub.username, hub.email))?;
            show::field(printer, "default", if hub.is_default { "yes" } else { "no" })?;
            show::field(printer, "used", if hub.is_active { "yes" } else { "no" })?;
            show::field(printer, "connected", show::moment(hub.created_at))?;
            Ok(())
        }
        MarketplaceCommand::Rm { hub, confirmed } => {
            let hub = pick(&hubs, &hub)?;
            let question = format!("Forget {}, and take off what is listed there?", hub.url);
            scene.confirm(question, confirmed.yes).await?;
            let notice = scene.space.marketplaces().remove(hub.id, HubRemoval::default()).await?;
            if printer.is_json() {
                return show::json(printer, "message", &notice.message);
            }
            printer.line(format_args!("Forgot {}.", hub.url))?;
            Ok(())
        }
    }
}

fn ls(scene: &Scene<'_>, hubs: &[Marketplace]) -> anyhow::Result<()> {
    let printer = scene.printer();
    if printer.is_json() {
        return show::json(printer, "marketplaces", &hubs);
    }
    let mut table = Table::new(&["HUB", "ACCOUNT", "DEFAULT", "NAME"]);
    for hub in hubs {
        let default = if hub.is_default { "yes" } else { "" };
        table.row([hub.url.clone(), hub.username.clone(), default.to_owned(), hub.name.clone()]);
    }
    printer.table(&table)?;
    if hubs.is_empty() {
        printer.say("connected to no hub; connect to one with `syfthub space connect`");
    }
    Ok(())
}

/// The connected hub that is called so: by its address, its name or its id.
pub(super) fn pick<'a>(hubs: &'a [Marketplace], called: &str) -> anyhow::Result<&'a Marketplace> {
    let plain = called.trim_end_matches('/');
    let is_meant = |hub: &&Marketplace| {
        hub.url.trim_end_matches('/') == plain || hub.name == called || hub.id.to_string() == called
    };
    hubs.iter().find(is_meant).ok_or_else(|| {
        let known = hubs.iter().flat_map(|hub| [hub.url.as_str(), hub.name.as_str()]);
        let missing = format!("connected to no hub `{called}`{}", did_you_mean(called, known));
        advise(Missing(missing).into(), "syfthub space marketplace ls")
    })
}
