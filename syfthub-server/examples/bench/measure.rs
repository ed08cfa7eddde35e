//! The measurements of a running stack, one function per group of rows.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Context;
use serde_json::{Value, json};

use crate::fixtures::{self, Notes};
use crate::load::{Connection, drive, get, post, quantile};
use crate::reference::{BytesServer, openssl_signs, sqlite_commits};
use crate::report::{Line, Row};
use crate::stack::Stack;

const MILLI: f64 = 1000.0;

/// How long each load runs, and how often ours and the reference take turns.
#[derive(Clone, Copy)]
pub(crate) struct Effort {
    /// One turn of load.
    pub(crate) turn: Duration,
    /// Turns each.
    pub(crate) turns: usize,
    /// Questions asked one after the other.
    pub(crate) questions: usize,
}

/// The public list against the same bytes from memory.
pub(crate) async fn public_list(
    stack: &Stack,
    folder: &Path,
    effort: Effort,
) -> anyhow::Result<Vec<Row>> {
    const PATH: &str = "/api/v1/endpoints/public?limit=20";
    for n in 0..100 {
        stack.post("/api/v1/endpoints", &draft(&format!("listed-{n}"))).await?;
    }
    let body = folder.join("public.json");
    let hub = stack.hub()?;
    let mut probe = Connection::open(hub).await?;
    probe.exchange(&get(PATH, None)).await?;
    let text = probe.text();
    std::fs::write(&body, text.split_once("\r\n\r\n").context("no body")?.1)?;
    let bare = BytesServer::start(&body)?;

    let (mut ours, mut reference) = (Vec::new(), Vec::new());
    for _ in 0..effort.turns {
        ours.push(drive(hub, 32, effort.turn, &[200], |_| get(PATH, None)).await?);
        reference.push(drive(bare.addr, 32, effort.turn, &[200], |_| get("/", None)).await?);
    }
    let rate = |loads: &[crate::load::Load]| median(loads.iter().map(|load| load.per_second));
    let p99 = |loads: &[crate::load::Load]| {
        median(loads.iter().map(|load| load.quantile(0.99).as_secs_f64() * MILLI))
    };
    Ok(vec![
        Row::against(
            "public list, 32 connections, vs the same bytes from bare axum",
            "/s",
            rate(&ours),
            rate(&reference),
            Line::AtLeast(0.6),
        ),
        Row::against("its p99", "ms", p99(&ours), p99(&reference), Line::AtMost(2.0)),
    ])
}

/// Satellite tokens against bare RSA signatures.
pub(crate) async fn satellite_tokens(stack: &Stack, effort: Effort) -> anyhow::Result<Vec<Row>> {
    let request = get(&format!("/api/v1/token?aud={}", stack.text("username")), Some(&stack.token));
    let (mut ours, mut reference) = (Vec::new(), Vec::new());
    for _ in 0..effort.turns {
        let request = request.clone();
        ours.push(
            drive(stack.hub()?, 32, effort.turn, &[200], move |_| request.clone())
                .await?
                .per_second,
        );
        reference.push(openssl_signs(crate::cores())?);
    }
    let row = Row::against(
        "satellite tokens over HTTP vs `openssl speed rsa2048`",
        "/s",
        median(ours),
        median(reference),
        Line::AtLeast(0.8),
    );
    Ok(vec![row])
}

/// Durable endpoint creations against one commit per row.
pub(crate) async fn creations(
    stack: &Stack,
    folder: &Path,
    effort: Effort,
) -> anyhow::Result<Vec<Row>> {
    let (mut ours, mut reference) = (Vec::new(), Vec::new());
    for turn in 0..effort.turns {
        let token = stack.token.clone();
        let request = move |n| {
            post("/api/v1/endpoints", Some(&token), &draft(&format!("created-{turn}-{n}")))
        };
        ours.push(drive(stack.hub()?, 64, effort.turn, &[201], request).await?.per_second);
        let folder = folder.join(format!("commits-{turn}"));
        std::fs::create_dir(&folder)?;
        reference.push(
            tokio::task::spawn_blocking(move || sqlite_commits(&folder, effort.turn)).await??,
        );
    }
    let what = "durable endpoint creations, 64 connections, vs one commit per row in rusqlite";
    Ok(vec![Row::against(what, "/s", median(ours), median(reference), Line::AtLeast(5.0))])
}

/// The time a streamed answer takes beyond its slowest source and its model.
pub(crate) async fn chat(stack: &Stack, effort: Effort) -> anyhow::Result<Vec<Row>> {
    let notes = Notes::default();
    let address = fixtures::start(notes.clone()).await?;
    let reference = |slug: &str| json!({"url": format!("http://{address}"), "slug": slug, "name": slug, "tenant_name": null, "owner_username": stack.text("username")});
    let sources: Vec<Value> = (0..3).map(|n| reference(&format!("source-{n}"))).collect();
    let mut connection = Connection::open(stack.hub()?).await?;
    let (mut added, mut forwarded) = (Vec::new(), Vec::new());
    for n in 0..effort.questions {
        let mark = format!("q-{n}");
        let body = json!({"prompt": format!("What is {mark}"), "model": reference("model"), "data_sources": sources, "stream": true});
        let request = post("/aggregator/api/v1/chat/stream", None, &body);
        let asked = Instant::now();
        let [first, done] = connection.stream(&request, [b"event: token", b"event: done"]).await?;
        let work = notes.take(&mark)?;
        if n >= effort.questions / 10 {
            added.push((done - asked).saturating_sub(work.slowest_source + work.model));
            forwarded.push(
                first.saturating_duration_since(
                    work.first_token.context("the model was not asked")?,
                ),
            );
        }
    }
    added.sort_unstable();
    forwarded.sort_unstable();
    let millis = |times: &[Duration], part| quantile(times, part).as_secs_f64() * MILLI;
    Ok(vec![
        Row::absolute(
            "chat over three 20 ms sources and a 50-token model: added time, p50",
            "ms",
            millis(&added, 0.5),
            Line::AtMost(1.0),
        ),
        Row::absolute("its p99", "ms", millis(&added, 0.99), Line::AtMost(5.0)),
        Row::absolute(
            "first token: from the model to the client, p50",
            "ms",
            millis(&forwarded, 0.5),
            Line::AtMost(1.0),
        ),
    ])
}

/// Questions put to the space's index, one after the other.
pub(crate) async fn queries(stack: &Stack, effort: Effort) -> anyhow::Result<Vec<Row>> {
    const WORDS: [&str; 24] = [
        "list",
        "socket",
        "thread",
        "decorator",
        "exception",
        "unicode",
        "path",
        "regular expression",
        "lru_cache",
        "asyncio",
        "import",
        "class",
        "generator",
        "json",
        "subprocess",
        "logging",
        "datetime",
        "dictionary",
        "buffer",
        "iterator",
        "context manager",
        "float",
        "sqlite",
        "typing",
    ];
    let token = stack.get(&format!("/api/v1/token?aud={}", stack.text("username"))).await?;
    let token = token["target_token"].as_str().context("no satellite token")?;
    let path = format!("/api/v1/endpoints/{}/query", stack.source_slug()?);
    let mut connection = Connection::open(stack.space()?).await?;
    let mut times = Vec::new();
    for n in 0..effort.questions {
        let (one, two) = (WORDS[n % WORDS.len()], WORDS[(n / WORDS.len() + n + 7) % WORDS.len()]);
        let body = json!({"messages": format!("How does {one} work together with {two}?"), "limit": 5, "similarity_threshold": 0.0, "include_metadata": true});
        let request = post(&path, Some(token), &body);
        let asked = Instant::now();
        let status = connection.exchange(&request).await?;
        anyhow::ensure!(status == 200, "a query answered {}", connection.text());
        times.push(asked.elapsed());
    }
    times.sort_unstable();
    let millis = |part| quantile(&times, part).as_secs_f64() * MILLI;
    Ok(vec![
        Row::absolute("query of its index over HTTP, p50", "ms", millis(0.5), Line::None),
        Row::absolute("its p99", "ms", millis(0.99), Line::AtMost(10.0)),
    ])
}

/// A public endpoint of the size that people publish.
fn draft(slug: &str) -> Value {
    json!({
        "name": format!("Endpoint {slug}"), "type": "data_source", "visibility": "public", "slug": slug,
        "description": "What is measured here is a row of ordinary size.", "version": "1.0.0", "readme": "# About\n\nPlain text.",
        "tags": ["bench"], "policies": [], "connect": [{"type": "http", "enabled": true, "description": "", "config": {"url": ""}}],
    })
}

/// The middle one of the values.
pub(crate) fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_unstable_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}
