//! For those who offer something: a model registered at the hub, found under its address, changed, and withdrawn.
//!
//! ```text
//! make dev        # in another terminal: it prints the hub's address, a user name and the password to use
//! cargo run --bin publish -- http://127.0.0.1:8080 alice
//! ```
//!
//! The password is one line of standard input.

use std::io::Write as _;

use anyhow::{Context as _, bail};
use serde_json::json;
use syfthub_client::wire::endpoint::{Connection, EndpointDraft, EndpointPatch};
use syfthub_client::{Client, EndpointType, Slug};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [hub, username] = arguments.as_slice() else { bail!("usage: publish HUB USERNAME") };
    let password =
        std::io::stdin().lines().next().context("the password is expected on standard input")??;

    let client = Client::builder(hub).build()?;
    client.auth().login(username, password).await?;

    let slug: Slug = "haiku".parse()?;
    let mut draft = EndpointDraft::new("Haiku", EndpointType::Model);
    draft.slug = Some(slug.clone());
    draft.description = "Answers in seventeen syllables.".into();
    draft.readme = "# Haiku\n\nAsk about the weather.".into();
    draft.connect = vec![on_my_domain()];
    client.endpoints().publish(&draft).await?;

    let path = format!("{username}/{slug}").parse()?;
    let found = client.endpoints().get_path(&path).await?.context("what was just published")?;
    let mut out = std::io::stdout();
    writeln!(out, "published {path}: {}", found.description)?;

    let change = EndpointPatch {
        description: Some("Answers in seventeen syllables, mostly.".to_owned()),
        ..EndpointPatch::default()
    };
    let changed = client.endpoints().update_slug(&slug, &change).await?;
    writeln!(out, "changed {path}: {}", changed.description)?;

    client.endpoints().delete_slug(&slug).await?;
    let gone = client.endpoints().get_path(&path).await?.is_none();
    writeln!(out, "withdrew {path}: {}", if gone { "nobody finds it" } else { "still there" })?;
    Ok(())
}

/// A connection at the top of the user's domain: that is where the hub says the user's space is, and a space sets it
/// when it joins.
fn on_my_domain() -> Connection {
    let mut config = serde_json::Map::new();
    config.insert("url".to_owned(), json!(""));
    Connection { kind: "http".to_owned(), enabled: true, description: String::new(), config }
}
