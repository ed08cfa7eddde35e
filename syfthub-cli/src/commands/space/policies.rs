//! `syfthub space policy …`

use std::collections::HashMap;

use serde_json::json;
use syfthub_client::ErrorKind;
use syfthub_client::space::policies::{NewPolicy, Policy, PolicyPatch};
use uuid::Uuid;

use super::{Scene, configuration, show, types};
use crate::args::{PolicyAdd, PolicyCommand, PolicyEdit};
use crate::failure::{Misuse, advise};
use crate::table::Table;

/// Runs one of the commands.
pub(super) async fn run(scene: &Scene<'_>, command: PolicyCommand) -> anyhow::Result<()> {
    match command {
        PolicyCommand::Add(args) => add(scene, args).await,
        PolicyCommand::Ls { endpoint } => {
            ls(scene, endpoint.as_ref().map(syfthub_core::Slug::as_str)).await
        }
        PolicyCommand::Show { id } => show_one(scene, id).await,
        PolicyCommand::Edit(args) => edit(scene, args).await,
        PolicyCommand::Rm { id, confirmed } => rm(scene, id, confirmed.yes).await,
        PolicyCommand::Check { endpoint, email } => check(scene, endpoint.as_str(), &email).await,
    }
}

async fn add(scene: &Scene<'_>, args: PolicyAdd) -> anyhow::Result<()> {
    let endpoint = scene.space.endpoints().get(args.endpoint.as_str()).await?;
    let known = scene.space.policies().types().await?;
    let info = types::pick(&known, "policy", &args.policy_type)?;
    let settings = configuration::given(args.given, &info.config_schema).await?;
    let name = args.name.unwrap_or_else(|| args.policy_type.clone());
    let new = NewPolicy::new(name, args.policy_type, endpoint.id, settings);
    let made = scene.space.policies().add(&new).await.map_err(|error| {
        let is_refused = error.kind() == ErrorKind::Refused;
        let hint = format!("syfthub space types policy {}", new.policy_type);
        if is_refused { advise(error.into(), hint) } else { error.into() }
    })?;
    if scene.printer().is_json() {
        return show::json(scene.printer(), "policy", &made);
    }
    scene.printer().line(format_args!(
        "Added the policy {} ({}) to {}.",
        made.name, made.policy_type, args.endpoint
    ))?;
    scene
        .printer()
        .say(format_args!("See who passes:  syfthub space policy check {} ADDRESS", args.endpoint));
    Ok(())
}

async fn ls(scene: &Scene<'_>, endpoint: Option<&str>) -> anyhow::Result<()> {
    let wanted = match endpoint {
        Some(slug) => Some(scene.space.endpoints().get(slug).await?.id),
        None => None,
    };
    let mut policies = scene.space.policies().list().await?;
    policies.retain(|policy| wanted.is_none_or(|id| policy.endpoint_id == id));
    let printer = scene.printer();
    if printer.is_json() {
        return show::json(printer, "policies", &policies);
    }
    let slugs: HashMap<Uuid, String> = scene
        .space
        .endpoints()
        .list()
        .await?
        .into_iter()
        .map(|one| (one.id, one.endpoint.slug))
        .collect();
    let mut table = Table::new(&["ID", "ENDPOINT", "TYPE", "NAME"]);
    for policy in &policies {
        let slug = slugs.get(&policy.endpoint_id).cloned().unwrap_or_default();
        table.row([policy.id.to_string(), slug, policy.policy_type.clone(), policy.name.clone()]);
    }
    printer.table(&table)?;
    if policies.is_empty() {
        printer.say("no policy: whoever is signed in at a connected hub may ask what is published");
    }
    Ok(())
}

async fn show_one(scene: &Scene<'_>, id: Uuid) -> anyhow::Result<()> {
    let policy = scene.space.policies().get(id).await?;
    let printer = scene.printer();
    if printer.is_json() {
        return show::json(printer, "policy", &policy);
    }
    let slug = endpoint_of(scene, &policy).await?;
    printer.line(format_args!("{} ({})", policy.name, policy.policy_type))?;
    show::field(printer, "endpoint", slug)?;
    show::field(printer, "made", show::moment(policy.created_at))?;
    show::field(printer, "changed", show::moment(policy.updated_at))?;
    show::settings(printer, &policy.configuration)?;
    Ok(())
}

async fn endpoint_of(scene: &Scene<'_>, policy: &Policy) -> anyhow::Result<String> {
    let all = scene.space.endpoints().list().await?;
    let found = all.into_iter().find(|one| one.id == policy.endpoint_id);
    Ok(found.map(|one| one.endpoint.slug).unwrap_or_default())
}

async fn edit(scene: &Scene<'_>, args: PolicyEdit) -> anyhow::Result<()> {
    let policies = scene.space.policies();
    let settings = if args.given.set.is_empty() && args.given.config.is_none() {
        None
    } else {
        let policy = policies.get(args.id).await?;
        let known = policies.types().await?;
        let info = types::pick(&known, "policy", &policy.policy_type)?;
        Some(configuration::given(args.given, &info.config_schema).await?)
    };
    let patch = PolicyPatch { name: args.rename, configuration: settings };
    if patch == PolicyPatch::default() {
        return Err(Misuse("nothing is named that should change".to_owned()).into());
    }
    let changed = policies.edit(args.id, &patch).await?;
    if scene.printer().is_json() {
        return show::json(scene.printer(), "policy", &changed);
    }
    scene.printer().line(format_args!("Changed the policy {}.", changed.name))?;
    Ok(())
}

async fn rm(scene: &Scene<'_>, id: Uuid, yes: bool) -> anyhow::Result<()> {
    let policy = scene.space.policies().get(id).await?;
    let slug = endpoint_of(scene, &policy).await?;
    let question = format!("Remove the policy {}, which guards {slug}?", policy.name);
    scene.confirm(question, yes).await?;
    let notice = scene.space.policies().remove(id).await?;
    if scene.printer().is_json() {
        return Ok(scene.printer().success(json!({"message": notice.message}))?);
    }
    scene.printer().line(format_args!("Removed the policy {}.", policy.name))?;
    Ok(())
}

/// What would happen to somebody's question, and what each policy says to it.
async fn check(scene: &Scene<'_>, endpoint: &str, email: &str) -> anyhow::Result<()> {
    let forecast = scene.space.policies().check(endpoint, email).await?;
    let printer = scene.printer();
    if printer.is_json() {
        return show::json(printer, "check", &forecast);
    }
    let may = if forecast.allowed { "may" } else { "may not" };
    printer.line(format_args!("{email} {may} ask {endpoint}."))?;
    let mut table = Table::new(&["POLICY", "TYPE", "SAYS", "WHY"]);
    for opinion in forecast.policies {
        table.row([opinion.name, opinion.policy_type, opinion.effect, opinion.detail]);
    }
    printer.table(&table)?;
    Ok(())
}
