//! `syfthub ls`

use std::collections::BTreeMap;

use futures_util::{StreamExt as _, TryStreamExt as _};
use serde_json::{Value, json};
use syfthub_client::Client;
use syfthub_core::model::EndpointType;
use syfthub_core::wire::endpoint::EndpointPublic;
use syfthub_core::{EndpointPath, OwnerName};

use crate::args::LsArgs;
use crate::context::Context;
use crate::failure::{Missing, Misuse};

/// Lists owners, the endpoints of one owner, or shows one endpoint.
pub(crate) async fn run(context: &Context, args: &LsArgs) -> anyhow::Result<()> {
    let client = context.client()?;
    let limit = usize::try_from(args.limit).unwrap_or(usize::MAX);
    match args.target.as_deref().map(|target| target.trim_end_matches('/')) {
        None => owners(context, &client, limit).await,
        Some(target) if target.contains('/') => {
            let path = EndpointPath::parse(target)
                .map_err(|refusal| Misuse(format!("{target}: {refusal}")))?;
            one(context, &client, &path).await
        }
        Some(target) => {
            let owner = OwnerName::parse(target)
                .map_err(|refusal| Misuse(format!("{target}: {refusal}")))?;
            of_owner(context, &client, &owner, limit).await
        }
    }
}

#[derive(Default)]
struct Counts {
    models: usize,
    sources: usize,
    all: usize,
}

async fn owners(context: &Context, client: &Client, limit: usize) -> anyhow::Result<()> {
    let mut owners: BTreeMap<String, Counts> = BTreeMap::new();
    let mut endpoints = std::pin::pin!(client.endpoints().public().stream());
    while let Some(endpoint) = endpoints.try_next().await? {
        let counts = owners.entry(endpoint.owner_username).or_default();
        counts.all += 1;
        counts.models += usize::from(endpoint.kind.generates());
        counts.sources += usize::from(endpoint.kind.retrieves());
    }
    let shown = owners.iter().take(limit);
    if context.printer.is_json() {
        let rows: Vec<Value> = shown
            .map(|(name, counts)| {
                json!({
                    "username": name, "endpoint_count": counts.all, "model_count": counts.models,
                    "data_source_count": counts.sources,
                })
            })
            .collect();
        context.printer.success(json!({"owners": rows}))?;
        return Ok(());
    }
    for (name, counts) in shown {
        context.printer.line(format_args!("{name}/  ({}m, {}d)", counts.models, counts.sources))?;
    }
    if owners.is_empty() {
        context.printer.say(format_args!("nobody publishes anything at {} yet", context.hub));
    } else if owners.len() > limit {
        context.printer.say(format_args!(
            "{} more; see them with -n {}",
            owners.len() - limit,
            owners.len()
        ));
    }
    Ok(())
}

async fn of_owner(
    context: &Context,
    client: &Client,
    owner: &OwnerName,
    limit: usize,
) -> anyhow::Result<()> {
    let listed = client.endpoints().of(owner).stream().take(limit);
    let endpoints: Vec<EndpointPublic> = listed.try_collect().await?;
    if context.printer.is_json() {
        let rows: Vec<Value> =
            endpoints.iter().map(|endpoint| summary(owner.as_str(), endpoint)).collect();
        context.printer.success(json!({"endpoints": rows}))?;
        return Ok(());
    }
    let width = endpoints.iter().map(|endpoint| endpoint.slug.len()).max().unwrap_or(0);
    for endpoint in &endpoints {
        let row = format!(
            "{owner}/{:width$}  {:<11}  {:<8}  {}",
            endpoint.slug,
            short(endpoint.kind),
            endpoint.version,
            endpoint.description
        );
        context.printer.line(row.trim_end())?;
    }
    if endpoints.is_empty() {
        context.printer.say(format_args!("{owner} publishes nothing that you can see"));
    }
    Ok(())
}

async fn one(context: &Context, client: &Client, path: &EndpointPath) -> anyhow::Result<()> {
    let found = client.endpoints().get_path(path).await?;
    let endpoint =
        found.ok_or_else(|| Missing(format!("no endpoint `{path}` at {}", context.hub)))?;
    if context.printer.is_json() {
        let mut shown = summary(path.owner.as_str(), &endpoint);
        shown["readme"] = endpoint.readme.into();
        shown["created_at"] = endpoint.created_at.to_string().into();
        shown["updated_at"] = endpoint.updated_at.to_string().into();
        context.printer.success(json!({"endpoint": shown}))?;
        return Ok(());
    }
    let printer = &context.printer;
    printer.line(format_args!("{} ({path})", endpoint.name))?;
    printer.line(format_args!(
        "{} {}, {} stars",
        short(endpoint.kind),
        endpoint.version,
        endpoint.stars_count
    ))?;
    if !endpoint.tags.is_empty() {
        printer.line(format_args!("tags: {}", endpoint.tags.join(", ")))?;
    }
    for text in
        [&endpoint.description, &endpoint.readme].into_iter().filter(|text| !text.is_empty())
    {
        printer.line(format_args!("\n{}", text.trim_end()))?;
    }
    Ok(())
}

fn summary(owner: &str, endpoint: &EndpointPublic) -> Value {
    json!({
        "owner": owner, "slug": endpoint.slug, "path": format!("{owner}/{}", endpoint.slug), "name": endpoint.name,
        "type": endpoint.kind, "version": endpoint.version, "stars": endpoint.stars_count,
        "description": endpoint.description,
    })
}

fn short(kind: EndpointType) -> &'static str {
    match kind {
        EndpointType::Model => "model",
        EndpointType::DataSource => "data source",
        EndpointType::ModelDataSource => "both",
        EndpointType::Agent => "agent",
    }
}
