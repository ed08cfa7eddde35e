//! `syfthub publish`

use anyhow::Context as _;
use serde_json::json;
use syfthub_client::Publication;
use syfthub_core::input::Patch;
use syfthub_core::wire::endpoint::{Connection, EndpointDraft};
use syfthub_core::wire::user::ProfilePatch;
use url::Url;

use crate::args::PublishArgs;
use crate::context::Context;
use crate::failure::Misuse;

/// Creates the endpoint at the hub, or updates it when its slug is already the caller's.
pub(crate) async fn run(context: &Context, args: PublishArgs) -> anyhow::Result<()> {
    let client = context.client()?;
    let origin = args.url.clone();
    let draft = draft(args).await?;
    if let Some(origin) = &origin {
        let domain = Patch::Set(origin_of(origin)?);
        client.users().update(&ProfilePatch { domain, ..ProfilePatch::default() }).await?;
    }
    let publication = client.endpoints().publish(&draft).await?;
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
    Ok(())
}

async fn draft(args: PublishArgs) -> anyhow::Result<EndpointDraft> {
    let readme = match &args.readme {
        Some(path) => tokio::fs::read_to_string(path)
            .await
            .with_context(|| format!("--readme {} cannot be read", path.display()))?,
        None => String::new(),
    };
    let connect = args.url.as_ref().map(|url| Connection {
        kind: url.scheme().to_owned(),
        enabled: true,
        description: String::new(),
        config: serde_json::Map::from_iter([("url".to_owned(), "".into())]),
    });
    Ok(EndpointDraft {
        slug: args.slug,
        description: args.description,
        visibility: args.visibility,
        version: args.version,
        readme,
        tags: args.tags,
        connect: connect.into_iter().collect(),
        ..EndpointDraft::new(args.name, args.kind)
    })
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
