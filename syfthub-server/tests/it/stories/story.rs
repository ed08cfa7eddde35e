//! The story in Rust. `story.py` and `story.mjs` tell the same.

use std::collections::BTreeSet;
use std::error::Error;
use std::pin::pin;
use std::time::Duration;

use futures_util::TryStreamExt as _;
use syfthub_client::wire::auth::Registration;
use syfthub_client::wire::endpoint::EndpointDraft;
use syfthub_client::wire::ledger::DepositDraft;
use syfthub_client::wire::organization::{Organization, OrganizationDraft};
use syfthub_client::{
    ChatEvent, Client, Email, EndpointPath, EndpointType, ExportFormat, Secret, Verifier,
};

use super::stage::TREASURER_PASSWORD;
use crate::process::{Door, PASSWORD};

type Told = Result<String, Box<dyn Error>>;

/// How long money may take to arrive.
const PATIENCE: Duration = Duration::from_secs(30);

/// Tells the story as the user `name`; what was seen, a line for every step, with the name as `NAME`.
pub(super) async fn tell(door: &Door, name: &str) -> Told {
    let hub = Client::builder(door.at("")).build()?;
    let mut lines = vec![register(&hub, name).await?];
    let draft = OrganizationDraft::new(format!("{name} and friends"));
    let organization = hub.organizations().create(&draft).await?;
    lines.push(organize(&hub, &organization).await?);
    let path = EndpointPath::parse(&format!("{}/field-notes", organization.slug))?;
    lines.push(publish(&hub, &organization, &path).await?);
    lines.push(star(&hub, &path).await?);
    lines.push(browse(&hub, &organization).await?);
    let token = hub.tokens().satellite(&"ada".parse()?).await?;
    lines.push(format!("mint: {} parts", token.expose().split('.').count()));
    lines.push(verify(&hub, door, token.expose()).await?);
    lines.push(fund(door, name).await?);
    lines.push(Box::pin(ask(&hub)).await?);
    lines.push(pay(&hub).await?);
    lines.push(export(&hub).await?);
    Ok(lines.iter().map(|line| line.replace(name, "NAME") + "\n").collect())
}

async fn register(hub: &Client, name: &str) -> Told {
    let email = Email::parse(&format!("{name}@example.org"))?;
    let registration = Registration::new(name.parse()?, email, name, PASSWORD);
    let made = hub.auth().register(&registration).await?;
    let me = hub.auth().me().await?;
    Ok(format!(
        "register: {} is {} and signed in as {}",
        made.user.username, made.user.role, me.username
    ))
}

async fn organize(hub: &Client, organization: &Organization) -> Told {
    let mut members = pin!(hub.organizations().members(organization.id).stream());
    let mut told = Vec::new();
    while let Some(member) = members.try_next().await? {
        told.push(format!("{} {}", member.username, member.role));
    }
    Ok(format!("organize: {} of {}", organization.slug, told.join(", ")))
}

async fn publish(hub: &Client, organization: &Organization, path: &EndpointPath) -> Told {
    let draft = EndpointDraft {
        description: "What grows near the river".to_owned(),
        version: "1.2.0".parse()?,
        tags: vec!["plants".parse()?],
        organization_id: Some(organization.id),
        ..EndpointDraft::new("Field Notes", EndpointType::DataSource)
    };
    let made = hub.endpoints().create(&draft).await?;
    let seen = hub.endpoints().get_path(path).await?.ok_or("the endpoint is public")?;
    let tags = seen.tags.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    Ok(format!("publish: {path} {} {} {}, about {tags}", made.kind, made.visibility, seen.version))
}

async fn star(hub: &Client, path: &EndpointPath) -> Told {
    hub.endpoints().star(path).await?;
    let seen = hub.endpoints().get_path(path).await?.ok_or("the endpoint is public")?;
    let is_starred = hub.endpoints().is_starred(path).await?;
    Ok(format!("star: {} star, mine {is_starred}", seen.stars_count))
}

async fn browse(hub: &Client, organization: &Organization) -> Told {
    let mut endpoints = pin!(hub.endpoints().public().limit(2).stream());
    let mut paths = Vec::new();
    while let Some(endpoint) = endpoints.try_next().await? {
        if ["ada", &organization.slug].contains(&endpoint.owner_username.as_str()) {
            paths.push(format!("{}/{}", endpoint.owner_username, endpoint.slug));
        }
    }
    let distinct: BTreeSet<&String> = paths.iter().collect();
    let twice = paths.len() - distinct.len();
    paths.sort_unstable();
    Ok(format!("browse: {}, {twice} of them twice", paths.join(", ")))
}

async fn verify(hub: &Client, door: &Door, token: &str) -> Told {
    let keys = hub.tokens().jwks().await?;
    let at = |audience: &str| Verifier::builder(door.at(""), audience).keys(&keys).build();
    let claims = at("ada")?.verify(token).await?;
    let is_me = claims.sub == hub.auth().me().await?.id.to_string();
    let refused = at("eve")?.verify(token).await.err().ok_or("the token is not for eve")?;
    let code = refused.code().unwrap_or_default();
    let life = claims.exp - claims.iat;
    Ok(format!("verify: me {is_me}, {} for {life} s at {}, {code} at eve", claims.role, claims.aud))
}

/// The treasurer brings in what the story costs.
async fn fund(door: &Door, name: &str) -> Told {
    let treasurer = Client::builder(door.at("")).build()?;
    treasurer.auth().login("treasurer", Secret::new(TREASURER_PASSWORD)).await?;
    let account =
        treasurer.ledger().deposit(&DepositDraft::new(name.parse()?, "10".parse()?)).await?;
    Ok(format!("fund: {:.2}", account.balance))
}

async fn ask(hub: &Client) -> Told {
    let chat = hub.chat("ada/words".parse()?, "Which permit covers night work?");
    let mut events = pin!(chat.source("ada/notes".parse()?).stream().await?);
    let (mut kinds, mut answer, mut told) = (Vec::new(), String::new(), String::new());
    while let Some(event) = events.try_next().await? {
        let json = serde_json::to_value(&event)?;
        let kind = json["event"].as_str().unwrap_or_default().to_owned();
        if kind != "generation_heartbeat" && kinds.last() != Some(&kind) {
            kinds.push(kind);
        }
        match event {
            ChatEvent::Token { content } => answer.push_str(&content),
            ChatEvent::Done(done) => {
                let cited = done
                    .citations
                    .iter()
                    .map(|cited| format!("{} of {}", cited.title, cited.source));
                let cost = done.billing.and_then(|billing| billing.total_cost).unwrap_or_default();
                told = format!("{} for {cost:.2}", cited.collect::<Vec<_>>().join(", "));
            }
            _ => {}
        }
    }
    Ok(format!("ask: {} | {} | {told}", kinds.join(" "), answer.trim()))
}

async fn pay(hub: &Client) -> Told {
    settled(hub).await?;
    let before = hub.ledger().balance().await?.balance;
    let payment = hub.ledger().pay("ada".parse()?, "0.5".parse()?).send().await?;
    let confirmed = hub.ledger().confirm(&payment.id).await?;
    let after = hub.ledger().balance().await?.balance;
    Ok(format!(
        "pay: {before:.2} before {} {:.2}, {after:.2} after",
        confirmed.status, confirmed.amount
    ))
}

/// Returns when the answer is paid for.
async fn settled(hub: &Client) -> Result<(), Box<dyn Error>> {
    let is_settled = async {
        loop {
            let history = hub.ledger().history().limit(100).send().await?;
            if history.iter().all(|one| one.status != "pending") {
                return Ok::<(), Box<dyn Error>>(());
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, is_settled).await?
}

async fn export(hub: &Client) -> Told {
    let text = hub.ledger().export(ExportFormat::Csv).await?;
    let (head, rows) = text.split_once("\r\n").ok_or("the table has a line of names")?;
    let columns: Vec<&str> = head.split(',').collect();
    let place = |name| columns.iter().position(|column| *column == name).ok_or("no such column");
    let (kind, bucket, amount) = (place("kind")?, place("bucket")?, place("amount")?);
    let (mut lines, mut left) = (Vec::new(), 0.0);
    for row in rows.lines() {
        let cells: Vec<&str> = row.split(',').collect();
        let moved: f64 = cells[amount].parse()?;
        lines.push(format!("{} {} {moved:.2}", cells[kind], cells[bucket]));
        left += moved;
    }
    lines.sort_unstable();
    Ok(format!("export: {}, which is {left:.2}", lines.join(", ")))
}
