//! `make bench`: measures the released programs against references that run in the same minute on the same cores.
//!
//! Everything is asked over HTTP, as a user would, first of one `syfthub dev`, then of the hub and of a space by itself;
//! absolute numbers say little about another machine, the ratios do.
//!
//! This is an example and not a bench target, because cargo would build the servers a second time for the latter.

mod aggregator;
mod fixtures;
mod hub;
mod ingest;
mod ledger;
mod load;
mod measure;
mod node;
mod reference;
mod report;
mod sdk;
mod space;
mod stack;
mod tunnel;

use std::io::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Parser, ValueEnum};

use crate::aggregator::Relay;
use crate::measure::Effort;
use crate::reference::BytesServer;
use crate::report::{Line, Row, Section};
use crate::stack::{Stack, size_of};

const MEGA: f64 = 1_000_000.0;

/// Starts whose median counts: the first one makes keys, which takes a different time each time.
const STARTS: usize = 7;

/// Measures `syfthub dev` against its references.
#[derive(Parser)]
struct Args {
    /// Answer `GET /` with this file's bytes: the reference server, started by the benchmark itself
    #[arg(long, exclusive = true)]
    serve: Option<PathBuf>,
    /// Pass everything on to the server at this address: another reference server
    #[arg(long, exclusive = true)]
    relay: Option<SocketAddr>,
    /// Directory of the programs `syfthub` and `syfthub-server`
    #[arg(long, default_value = "target/release")]
    programs: PathBuf,
    /// Folder of HTML pages to ingest
    #[arg(long, default_value = "/usr/share/doc/python3/html")]
    corpus: PathBuf,
    /// Directory for the report, and for the databases while it runs: it decides which disk is measured
    #[arg(long, default_value = "target/bench")]
    out: PathBuf,
    /// README whose results section is rewritten
    #[arg(long)]
    readme: Option<PathBuf>,
    /// Seconds of each load; three turns each
    #[arg(long, default_value_t = 4)]
    seconds: u64,
    /// What to measure; everything unless given
    #[arg(long, value_delimiter = ',')]
    only: Vec<Part>,
    /// Numbers of passages in a space's index, ascending
    #[arg(long, value_delimiter = ',', default_value = "10000,500000")]
    passages: Vec<usize>,
    /// Questions asked of each such index
    #[arg(long, default_value_t = 1000)]
    questions: usize,
    /// Directory of a sentence model, to measure search by meaning
    #[arg(long, env = "SYFTHUB_TEST_EMBEDDING_MODEL")]
    embedding_model: Option<PathBuf>,
    /// Numbers of endpoints in the hub, ascending
    #[arg(long, value_delimiter = ',', default_value = "1000,10000,100000")]
    sizes: Vec<usize>,
    /// A superuser's URL of a PostgreSQL server to measure the hub on too
    #[arg(long, env = "SYFTHUB_TEST_POSTGRES_URL")]
    postgres: Option<String>,
    /// Files of each kind that are ingested
    #[arg(long, default_value_t = 400)]
    files: usize,
    /// Numbers of small files in a folder that is ingested, ascending
    #[arg(long, value_delimiter = ',', default_value = "1000,10000,50000")]
    folders: Vec<usize>,
    /// The `litellm` program, to measure the aggregator against its proxy
    #[arg(long, env = "SYFTHUB_TEST_LITELLM")]
    litellm: Option<PathBuf>,
    /// The Python interpreter that has `syfthub-sdk` 0.3.1 from `PyPI`, to measure our packages against
    #[arg(long, env = "SYFTHUB_TEST_SDK3_PYTHON")]
    published_python: Option<PathBuf>,
    /// The Python interpreter that has our `syfthub-sdk`
    #[arg(long, env = "SYFTHUB_TEST_OUR_PYTHON")]
    our_python: Option<PathBuf>,
    /// Directory of our package `@syfthub/sdk`
    #[arg(long, env = "SYFTHUB_TEST_OUR_NODE")]
    our_node: Option<PathBuf>,
    /// Seconds of load under which the memory of the hub, and of the aggregator, must not grow; 0 leaves it out
    #[arg(long, default_value_t = 600)]
    soak: u64,
}

/// What is measured.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// `syfthub dev`: hub, aggregator and space together
    Dev,
    /// The hub by itself, on each engine and as two instances
    Hub,
    /// The aggregator by itself
    Aggregator,
    /// What its open streams cost
    Streams,
    /// The hub's own ledger
    Ledger,
    /// A space that reads files
    Ingest,
    /// A space that is asked through its hub
    Tunnel,
    /// The packages for Python and TypeScript
    Sdk,
    /// How fast a space finds
    SpaceSearch,
    /// How well a space finds
    Quality,
}

impl Args {
    fn measures(&self, part: Part) -> bool {
        self.only.is_empty() || self.only.contains(&part)
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    if let Some(body) = &args.serve {
        return BytesServer::serve(body).await;
    }
    if let Some(upstream) = args.relay {
        return Relay::serve(upstream).await;
    }
    std::fs::create_dir_all(&args.out)?;
    let folder = tempfile::tempdir_in(&args.out)?;
    let sections = measure_all(&args, folder.path()).await?;
    say(report::tables(&sections).trim_end())?;
    report::write_json(&sections, &args.out.join("report.json"))?;
    args.readme.as_deref().map_or(Ok(()), |readme| report::write_readme(&sections, readme))
}

async fn measure_all(args: &Args, folder: &Path) -> anyhow::Result<Vec<Section>> {
    let effort = Effort { turn: Duration::from_secs(args.seconds), turns: 3, questions: 500 };
    let mut sections = Vec::new();
    if args.measures(Part::Dev) {
        let rows = measure_dev(args, folder, effort).await?;
        sections.push(Section::of_rows(
            "`syfthub dev`: hub, aggregator and space in one process",
            rows,
        ));
    }
    if args.measures(Part::Hub) {
        let extent = hub::Extent {
            sizes: args.sizes.clone(),
            postgres: args.postgres.clone(),
            soak: Duration::from_secs(args.soak),
            effort,
        };
        sections
            .extend(hub::measure(&args.programs.join("syfthub-server"), folder, &extent).await?);
    }
    let server = args.programs.join("syfthub-server");
    if args.measures(Part::Aggregator) {
        let extent = aggregator::Extent { effort, litellm: args.litellm.clone() };
        let folder = folder.join("aggregator");
        sections.extend(aggregator::measure(&server, &folder, &extent).await?);
    }
    if args.measures(Part::Streams) {
        let (folder, soak) = (folder.join("streams"), Duration::from_secs(args.soak));
        sections.push(aggregator::open_streams(&server, &folder, soak).await?);
    }
    if args.measures(Part::Ledger) {
        let rows = ledger::measure(&server, &folder.join("ledger"), effort).await?;
        sections.push(Section::of_rows("The hub's own ledger, on SQLite", rows));
    }
    if args.measures(Part::Ingest) {
        let extent = ingest::Extent { of_each: args.files, sizes: args.folders.clone() };
        sections.extend(ingest::measure(&server, &args.corpus, folder, &extent).await?);
    }
    if args.measures(Part::Tunnel) {
        let rows = tunnel::measure(&server, &folder.join("tunnel"), effort).await?;
        sections.push(Section::of_rows("A space asked through its hub's tunnel", rows));
    }
    if args.measures(Part::Sdk) {
        let extent = sdk::Extent {
            published_python: args.published_python.clone(),
            our_python: args.our_python.clone(),
            our_node: args.our_node.clone(),
            turns: effort.turns,
        };
        sections.extend(sdk::measure(&server, &folder.join("sdk"), &extent).await?);
    }
    if args.measures(Part::Quality) {
        sections.extend(space::quality(&server, folder, args.embedding_model.as_deref()).await?);
    }
    if args.measures(Part::SpaceSearch) {
        sections.extend(space::search(&server, folder, &args.passages, args.questions).await?);
    }
    Ok(sections)
}

async fn measure_dev(args: &Args, folder: &Path, effort: Effort) -> anyhow::Result<Vec<Row>> {
    let program = args.programs.join("syfthub");
    let mut rows = starts(&program, folder, &args.corpus).await?;

    let stack = Stack::start(&program, &folder.join("full"), &args.corpus).await?;
    tokio::time::sleep(Duration::from_secs(2)).await;
    let (idle, _) = stack.memory()?;
    rows.extend(measure::queries(&stack, effort).await?);
    rows.extend(measure::chat(&stack, effort).await?);
    rows.extend(measure::public_list(&stack, folder, effort).await?);
    rows.extend(measure::satellite_tokens(&stack, effort).await?);
    rows.extend(measure::creations(&stack, folder, effort).await?);
    let (_, peak) = stack.memory()?;
    stack.stop()?;

    rows.push(Row::absolute(
        "resident memory of `syfthub dev`, idle",
        "MB",
        mega(idle),
        Line::AtMost(40.0),
    ));
    rows.push(Row::absolute(
        "its peak under all of the above",
        "MB",
        mega(peak),
        Line::AtMost(150.0),
    ));
    for name in ["syfthub", "syfthub-server"] {
        let size = std::fs::metadata(args.programs.join(name))?.len();
        rows.push(Row::absolute(
            &format!("release binary `{name}`"),
            "MB",
            mega(size),
            Line::AtMost(40.0),
        ));
    }
    Ok(rows)
}

/// First starts on nothing, one start that ingests the corpus, and starts over what it made.
async fn starts(program: &Path, folder: &Path, corpus: &Path) -> anyhow::Result<Vec<Row>> {
    let empty = folder.join("nothing");
    std::fs::create_dir(&empty)?;
    let mut first = Vec::new();
    for n in 0..STARTS {
        first.push(started(program, &folder.join(format!("empty-{n}")), &empty).await?.0);
    }
    let full = folder.join("full");
    let (seconds, peak) = started(program, &full, corpus).await?;
    let (files, bytes) = size_of(corpus)?;
    let mut again = Vec::new();
    for _ in 0..STARTS {
        again.push(started(program, &full, corpus).await?.0);
    }
    let start = |what, times| {
        Row::absolute(what, "ms", measure::median(times) * 1000.0, Line::AtMost(300.0))
    };
    let what = format!("ingestion of {files} HTML pages, {:.0} MB", mega(bytes));
    Ok(vec![
        start("start to ready, first start on an empty folder", first),
        start("start to ready, over an ingested corpus", again),
        Row::absolute(&what, "files/s", f64::from(files) / seconds, Line::None),
        Row::absolute("the same by size", "MB/s", mega(bytes) / seconds, Line::None),
        Row::absolute("peak resident memory during ingestion", "MB", mega(peak), Line::None),
    ])
}

/// Starts the stack and stops it again: seconds until it was ready, and its highest resident memory in bytes.
async fn started(program: &Path, state: &Path, data: &Path) -> anyhow::Result<(f64, u64)> {
    let stack = Stack::start(program, state, data).await?;
    let (_, peak) = stack.memory()?;
    let seconds = stack.started_in.as_secs_f64();
    stack.stop()?;
    Ok((seconds, peak))
}

#[expect(clippy::cast_precision_loss, reason = "sizes in megabytes, to two digits")]
fn mega(bytes: u64) -> f64 {
    bytes as f64 / MEGA
}

/// Cores this machine lets us use.
fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// One line on standard output.
fn say(line: &str) -> std::io::Result<()> {
    writeln!(std::io::stdout().lock(), "{line}")
}
