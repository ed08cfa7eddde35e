//! `syfthub space endpoint …`

use std::collections::HashMap;
use std::path::Path;

use anyhow::Context as _;
use syfthub_client::ErrorKind;
use syfthub_client::space::endpoints::{Endpoint, EndpointPatch, NewEndpoint};
use syfthub_client::space::parts::Parts;
use syfthub_core::Slug;
use uuid::Uuid;

use super::{Scene, show};
use crate::args::{EndpointAdd, EndpointCommand, EndpointEdit};
use crate::failure::{Missing, Misuse, advise};
use crate::suggest::did_you_mean;
use crate::table::Table;

/// Runs one of the commands.
pub(super) async fn run(scene: &Scene<'_>, command: EndpointCommand) -> anyhow::Result<()> {
    match command {
        EndpointCommand::Add(args) => add(scene, args).await,
        EndpointCommand::Ls => ls(scene).await,
        EndpointCommand::Show { slug } => show_one(scene, &slug).await,
        EndpointCommand::Edit(args) => edit(scene, args).await,
        EndpointCommand::Rm { slug, confirmed } => {
            let question = format!("Remove the endpoint {slug}, here and at the hubs?");
            scene.confirm(question, confirmed.yes).await?;
            let notice = scene.space.endpoints().remove(slug.as_str()).await?;
            if scene.printer().is_json() {
                return show::json(scene.printer(), "message", &notice.message);
            }
            scene.printer().line(format_args!("Removed the endpoint {slug}."))?;
            Ok(())
        }
    }
}

async fn add(scene: &Scene<'_>, args: EndpointAdd) -> anyhow::Result<()> {
    let dataset = part(scene.space.datasets(), "dataset", args.dataset.as_deref()).await?;
    let model = part(scene.space.models(), "model", args.model.as_deref()).await?;
    let answers = args.answers.map_or_else(
        || match (dataset, model) {
            (Some(_), None) => "raw",
            (None, _) => "summary",
            _ => "both",
        },
        crate::args::Answers::word,
    );
    let readme = text_of("--readme", args.readme.as_deref()).await?;
    let slug = match args.slug {
        Some(slug) => slug,
        None => free_slug(scene, &args.name).await?,
    };
    let mut new = NewEndpoint::new(args.name, slug.as_str());
    new.description = readme.unwrap_or_default();
    new.summary = args.summary.unwrap_or_default();
    (new.dataset_id, new.model_id) = (dataset, model);
    new.response_type = answers.to_owned();
    new.tags = args.tags.join(",");
    let made = scene.space.endpoints().add(&new).await?;
    let printer = scene.printer();
    if printer.is_json() {
        return show::json(printer, "endpoint", &made);
    }
    printer.line(format_args!("Added the endpoint {} ({}).", made.slug, made.response_type))?;
    printer.say(format_args!(
        "Try it here:        syfthub space search {0} \"…\"\nLet others ask it:  syfthub space publish {0}",
        made.slug
    ));
    Ok(())
}

/// The first address made from the name that is not taken here.
async fn free_slug(scene: &Scene<'_>, name: &str) -> anyhow::Result<Slug> {
    let taken = scene.space.endpoints().list().await?;
    let free = |slug: &Slug| taken.iter().all(|endpoint| endpoint.slug != slug.as_str());
    Slug::candidates(name, "endpoint").find(free).context("too many endpoints have this name")
}

/// The id of the part called `name`.
async fn part(parts: Parts<'_>, noun: &str, name: Option<&str>) -> anyhow::Result<Option<Uuid>> {
    let Some(name) = name else { return Ok(None) };
    match parts.get(name).await {
        Ok(part) => Ok(Some(part.id)),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let all = parts.list().await?;
            let meant = did_you_mean(name, all.iter().map(|part| part.name.as_str()));
            let missing = Missing(format!("there is no {noun} `{name}`{meant}"));
            Err(advise(missing.into(), format!("syfthub space {noun} ls")))
        }
        Err(error) => Err(error.into()),
    }
}

async fn text_of(flag: &str, path: Option<&Path>) -> anyhow::Result<Option<String>> {
    let Some(path) = path else { return Ok(None) };
    let text = tokio::fs::read_to_string(path).await;
    text.map(Some).with_context(|| format!("{flag} {} cannot be read", path.display()))
}

/// Names of datasets and models by their ids.
async fn names(scene: &Scene<'_>) -> Result<HashMap<Uuid, String>, syfthub_client::Error> {
    let (datasets, models) = (scene.space.datasets(), scene.space.models());
    let (datasets, models) = tokio::try_join!(datasets.list(), models.list())?;
    Ok(datasets.into_iter().chain(models).map(|part| (part.id, part.name)).collect())
}

fn called(names: &HashMap<Uuid, String>, id: Option<Uuid>) -> String {
    id.and_then(|id| names.get(&id).cloned()).unwrap_or_default()
}

/// Whether callers can ask it, and whether hubs show it.
pub(super) fn standing(endpoint: &Endpoint) -> String {
    match (endpoint.published, endpoint.listed) {
        (false, _) => "draft".to_owned(),
        (true, 0) => "live".to_owned(),
        (true, hubs) => format!("live, listed at {}", show::count(hubs, "hub")),
    }
}

async fn ls(scene: &Scene<'_>) -> anyhow::Result<()> {
    let endpoints = scene.space.endpoints().list().await?;
    let printer = scene.printer();
    if printer.is_json() {
        return show::json(printer, "endpoints", &endpoints);
    }
    let names = names(scene).await?;
    let mut table = Table::new(&["SLUG", "STATE", "ANSWERS", "DATASET", "MODEL", "NAME"]);
    for endpoint in &endpoints {
        table.row([
            endpoint.slug.clone(),
            standing(endpoint),
            endpoint.response_type.clone(),
            called(&names, endpoint.dataset()),
            called(&names, endpoint.model()),
            endpoint.name.clone(),
        ]);
    }
    printer.table(&table)?;
    if endpoints.is_empty() {
        printer.say("no endpoint yet; add one with `syfthub space endpoint add`");
    }
    Ok(())
}

async fn show_one(scene: &Scene<'_>, slug: &Slug) -> anyhow::Result<()> {
    let endpoint = scene.space.endpoints().get(slug.as_str()).await?;
    let printer = scene.printer();
    if printer.is_json() {
        return show::json(printer, "endpoint", &endpoint);
    }
    let names = names(scene).await?;
    printer.line(format_args!("{} ({})", endpoint.name, endpoint.slug))?;
    show::field(printer, "state", standing(&endpoint))?;
    show::field(printer, "answers", &endpoint.response_type)?;
    show::field(printer, "dataset", called(&names, endpoint.dataset()))?;
    show::field(printer, "model", called(&names, endpoint.model()))?;
    show::field(printer, "summary", &endpoint.summary)?;
    show::field(printer, "tags", &endpoint.tags)?;
    show::field(printer, "made", show::moment(endpoint.created_at))?;
    for policy in &endpoint.policies {
        let settings = serde_json::to_string(&policy.configuration)?;
        show::field(
            printer,
            "policy",
            format_args!("{} ({}) {settings}", policy.policy_type, policy.name),
        )?;
    }
    if !endpoint.description.is_empty() {
        printer.line(format_args!("\n{}", endpoint.description.trim_end()))?;
    }
    Ok(())
}

async fn edit(scene: &Scene<'_>, args: EndpointEdit) -> anyhow::Result<()> {
    let patch = EndpointPatch {
        name: args.rename,
        summary: args.summary,
        description: text_of("--readme", args.readme.as_deref()).await?,
        tags: (!args.tags.is_empty()).then(|| args.tags.join(",")),
        response_type: args.answers.map(|answers| answers.word().to_owned()),
        published: None,
        dataset_id: part(scene.space.datasets(), "dataset", args.dataset.as_deref()).await?,
        model_id: part(scene.space.models(), "model", args.model.as_deref()).await?,
        system_prompt: text_of("--system-prompt", args.system_prompt.as_deref()).await?,
    };
    if patch == EndpointPatch::default() {
        return Err(Misuse("nothing is named that should change".to_owned()).into());
    }
    let changed = scene.space.endpoints().edit(args.slug.as_str(), &patch).await?;
    if scene.printer().is_json() {
        return show::json(scene.printer(), "endpoint", &changed);
    }
    scene.printer().line(format_args!("Changed the endpoint {}.", changed.slug))?;
    Ok(())
}
