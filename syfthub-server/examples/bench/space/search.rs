//! How long a question takes as an index grows, against the index library by itself on the same passages. Ours is asked
//! over HTTP, with everything around the search: who asks, the endpoint, neighbours, the answer's JSON.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::ensure;
use serde_json::json;

use super::bare::Bare;
use super::corpus;
use crate::load::{Connection, quantile};
use crate::node::Node;
use crate::report::{Line, Row, Section};

/// Passages of an answer.
const LIMIT: usize = 5;

/// Questions that only warm caches.
const WARM: usize = 100;

/// What ours may take beyond one and a half times the library's time, in milliseconds.
const ALLOWED: f64 = 0.3;

/// Measures `questions` questions at each of the `sizes`, in passages.
pub(crate) async fn measure(
    program: &Path,
    folder: &Path,
    sizes: &[usize],
    questions: usize,
) -> anyhow::Result<Vec<Section>> {
    let mut rows = Vec::new();
    for size in sizes {
        let folder = folder.join(format!("search-{size}"));
        rows.extend(at(program, &folder, *size, questions).await?);
        std::fs::remove_dir_all(&folder)?;
    }
    let title = "Search in a space (over HTTP), against the index library by itself (in-process)";
    Ok(vec![Section::of_rows(title, rows)])
}

async fn at(
    program: &Path,
    folder: &Path,
    size: usize,
    questions: usize,
) -> anyhow::Result<Vec<Row>> {
    let documents = folder.join("documents");
    corpus::write(&documents, size)?;
    let asked: Vec<String> =
        (0..questions + WARM).map(|n| corpus::question(n * 7919 % size)).collect();
    let (warm, asked) = asked.split_at(WARM);

    let node = Node::start(program, &folder.join("state"), &[])?;
    let start = Instant::now();
    node.share("bench", &documents, &json!({})).await?;
    let seconds = start.elapsed().as_secs_f64();
    let passages = (0..size).map(|n| (n.to_string(), corpus::section(n)));
    let bare = Bare::build(&folder.join("bare"), passages)?;

    ours(&node, warm).await?;
    bare.times(warm, LIMIT)?;
    let (ours, reference) = (ours(&node, asked).await?, bare.times(asked, LIMIT)?);
    let row = |name: &str, part| {
        let what = format!("{name} of a question, {size} passages");
        compared(&what, quantile(&ours, part), quantile(&reference, part))
    };
    #[expect(clippy::cast_precision_loss, reason = "counts and bytes, to three digits")]
    let (rate, peak) = (size as f64 / seconds, node.peak()? as f64 / 1e6);
    Ok(vec![
        row("p50", 0.5),
        row("p99", 0.99),
        Row::absolute(&format!("ingestion of {size} passages"), "passages/s", rate, Line::None),
        Row::absolute(
            "peak resident memory of the space, its mapped index included",
            "MB",
            peak,
            Line::None,
        ),
    ])
}

/// One question after the other over one connection; the times, ascending.
async fn ours(node: &Node, questions: &[String]) -> anyhow::Result<Vec<Duration>> {
    let mut connection = Connection::open(node.admin).await?;
    let mut times = Vec::with_capacity(questions.len());
    for question in questions {
        let request = node.question("bench", question, LIMIT);
        let start = Instant::now();
        let status = connection.exchange(&request).await?;
        times.push(start.elapsed());
        ensure!(status == 200, "status {status}: {}", connection.text());
    }
    times.sort_unstable();
    Ok(times)
}

fn compared(what: &str, ours: Duration, reference: Duration) -> Row {
    let (ours, reference) = (ours.as_secs_f64() * 1000.0, reference.as_secs_f64() * 1000.0);
    Row {
        line: format!("≤ 1.5 × + {ALLOWED} ms"),
        met: Some(ours <= 1.5 * reference + ALLOWED),
        ..Row::against(what, "ms", ours, reference, Line::None)
    }
}
