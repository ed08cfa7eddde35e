//! Reading: cached pages and looked-up ones against the same bytes from a bare axum, and searches.

use std::path::Path;
use std::time::Instant;

use anyhow::Context;
use serde_json::json;

use super::data::{Population, question};
use super::server::HubServer;
use crate::load::{Connection, Load, drive, get, post, quantile};
use crate::measure::{Effort, median};
use crate::reference::BytesServer;
use crate::report::{Line, Row};

/// Connections that are busy at a time.
pub(super) const CONNECTIONS: usize = 32;

const CACHED: Line = Line::AtLeast(0.7);
const LOOKED_UP: Line = Line::AtLeast(0.4);

pub(super) async fn measure(
    hub: &HubServer,
    population: &Population,
    folder: &Path,
    effort: Effort,
) -> anyhow::Result<Vec<Row>> {
    let (path, number) = population.endpoint(17);
    let token = Some(population.token());
    let mut rows = Vec::new();
    for (what, request, line) in [
        ("public list of 20", get("/api/v1/endpoints/public?limit=20", None), CACHED),
        ("trending of 20", get("/api/v1/endpoints/trending?limit=20", None), CACHED),
        ("`/{owner}/{slug}` for anybody", get(path, None), CACHED),
        ("`/{owner}/{slug}` signed in", get(path, token), LOOKED_UP),
        (
            "an endpoint by its number",
            get(&format!("/api/v1/endpoints/{number}"), token),
            LOOKED_UP,
        ),
        ("one's own profile", get("/api/v1/auth/me", token), LOOKED_UP),
    ] {
        rows.extend(against_bytes(hub, folder, what, &request, line, effort).await?);
    }
    rows.extend(searches(hub, effort).await?);
    Ok(rows)
}

/// The rate of `request` against the rate at which its answer's bytes come from memory.
async fn against_bytes(
    hub: &HubServer,
    folder: &Path,
    what: &str,
    request: &[u8],
    line: Line,
    effort: Effort,
) -> anyhow::Result<[Row; 2]> {
    let mut probe = Connection::open(hub.address).await?;
    let status = probe.exchange(request).await?;
    anyhow::ensure!(status == 200, "{what}: {}", probe.text());
    let text = probe.text();
    let body = folder.join("bytes.json");
    std::fs::write(&body, text.split_once("\r\n\r\n").context("an answer has a body")?.1)?;
    let bare = BytesServer::start(&body)?;
    let (mut ours, mut reference) = (Vec::new(), Vec::new());
    for _ in 0..effort.turns {
        let request = request.to_vec();
        ours.push(
            drive(hub.address, CONNECTIONS, effort.turn, &[200], move |_| request.clone()).await?,
        );
        let plain = |_| get("/", None);
        reference.push(drive(bare.addr, CONNECTIONS, effort.turn, &[200], plain).await?);
    }
    let rate = |loads: &[Load]| median(loads.iter().map(|load| load.per_second));
    let p99 = |loads: &[Load]| {
        median(loads.iter().map(|load| load.quantile(0.99).as_secs_f64() * 1000.0))
    };
    Ok([
        Row::against(&format!("{what}, vs bare axum"), "/s", rate(&ours), rate(&reference), line),
        Row::against("its p99", "ms", p99(&ours), p99(&reference), Line::None),
    ])
}

/// Searches one after the other, each in other words.
async fn searches(hub: &HubServer, effort: Effort) -> anyhow::Result<[Row; 2]> {
    let mut connection = Connection::open(hub.address).await?;
    let mut times = Vec::with_capacity(effort.questions);
    for n in 0..effort.questions {
        let request = search(n);
        let asked = Instant::now();
        let status = connection.exchange(&request).await?;
        times.push(asked.elapsed());
        anyhow::ensure!(status == 200, "a search answered {}", connection.text());
    }
    times.sort_unstable();
    let millis = |part| quantile(&times, part).as_secs_f64() * 1000.0;
    Ok([
        Row::absolute("search, a quarter misspelled, p50", "ms", millis(0.5), Line::AtMost(10.0)),
        Row::absolute("its p99", "ms", millis(0.99), Line::None),
    ])
}

/// The n-th search.
pub(super) fn search(n: usize) -> Vec<u8> {
    post("/api/v1/endpoints/search", None, &json!({"query": question(n), "top_k": 10}))
}
