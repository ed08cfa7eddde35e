//! `syfthub publish`

use anyhow::Context as _;
use serde_json::{Value, json};
use syfthub_client::Publication;
use syfthub_core::Slug;
use syfthub_core::input::Patch;
use syfthub_core::model::EndpointType;
use syfthub_core::wire::endpoint::{Connection, EndpointDraft, EndpointPatch};
use syfthub_core::wire::user::ProfilePatch;
use url::Url;

use crate::args::PublishArgs;
use crate::context::Context;
use crate::failure::Misuse;

/// Creates the endpoint at the hub, or updates it when its slug is already the caller's.
pub(crate) async fn run(context: &Context, args: PublishArgs) -> anyhow::Result<()> {
    let client = context.client()?;
    let (kind, slug) = (args.kind, args.slug.clone());
    let origin = args.url.as_ref().map(origin_of).transpose()?;
    let changes = changes(args).await?;
    if let Some(origin) = origin {
        let domain = Patch::Set(origin);
        client.users().update(&ProfilePatch { domain, ..ProfilePatch::default() }).await?;
    }
    let draft = draft(kind, slug, &changes);
    let publication = client.endpoints().create_or_update(&draft, &changes).await?;
    let verb = if matches!(publication, Publication::Created(_)) { "Published" } else { "Updated" };
    let endpoint = publication.endpoint();
    let owner = match endpoint.owner_username.as_str() {
        "" => client.auth().me().await?.username,
        owner => owner.to_owned(),
    };
    let path = format!("{owner}/{}", endpoint.slug);
    if context.printer.is_json() {
        let shown = json!({
            "path": path, "owner": owner, "slug": endpoint.slug, "name": endpoint.name, "type": endpoint.kind,
            "version": endpoint.version, "visibility": endpoint.visibility, "created": verb == "Published",
        });
        context.printer.success(json!({"endpoint": shown}))?;
    } else {
        context
            .printer
            .line(format_args!("{verb} {path} ({}, {}).", endpoint.kind, endpoint.visibility))?;
    }
    if !endpoint.connect.iter().any(is_reachable) {
        context.printer.say("nobody can call it yet: name the origin of its space with --url");
    }
    Ok(())
}

/// What the arguments name: an old endpoint is changed in this and in nothing else.
async fn changes(args: PublishArgs) -> anyhow::Result<EndpointPatch> {
    let readme = match &args.readme {
        Some(path) => Some(
            tokio::fs::read_to_string(path)
                .await
                .with_context(|| format!("--readme {} cannot be read", path.display()))?,
        ),
        None => None,
    };
    let path = args.path.or_else(|| args.url.is_some().then(String::new));
    Ok(EndpointPatch {
        name: Some(args.name),
        description: args.description,
        visibility: args.visibility,
        version: args.version,
        readme,
        tags: (!args.tags.is_empty()).then_some(args.tags),
        connect: path.map(|path| vec![connection(path)]),
        ..EndpointPatch::default()
    })
}

fn is_reachable(connection: &Connection) -> bool {
    let url = connection.config.get("url").and_then(Value::as_str);
    connection.enabled && url.is_some_and(|url| url.contains("://"))
}

/// A new endpoint: what `changes` name, defaults elsewhere, and a connection at the top of the account's domain.
fn draft(kind: EndpointType, slug: Option<Slug>, changes: &EndpointPatch) -> EndpointDraft {
    let named = changes.clone();
    let new = EndpointDraft::new(named.name.unwrap_or_default(), kind);
    EndpointDraft {
        slug,
        description: named.description.unwrap_or(new.description),
        visibility: named.visibility.unwrap_or(new.visibility),
        version: named.version.unwrap_or(new.version),
        readme: named.readme.unwrap_or(new.readme),
        tags: named.tags.unwrap_or(new.tags),
        connect: named.connect.unwrap_or_else(|| vec![connection(String::new())]),
        ..EndpointDraft::new(new.name, kind)
    }
}

/// A connection to `path` below the account's domain, which the hub puts before it (contract hub 6.2).
fn connection(path: String) -> Connection {
    let config = serde_json::Map::from_iter([("url".to_owned(), path.into())]);
    Connection { kind: "http".to_owned(), enabled: true, description: String::new(), config }
}

/// The origin, which is all that the hub keeps of a space's address.
fn origin_of(url: &Url) -> anyhow::Result<String> {
    let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
    if !bare || !matches!(url.scheme(), "http" | "https") {
        let message =
            format!("--url {url}: an origin such as https://space.example.com is expected");
        return Err(Misuse(message).into());
    }
    Ok(url.origin().ascii_serialization())
}
