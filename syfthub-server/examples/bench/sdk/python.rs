//! Our Python package against the published one: the same program, the same hub, in turns.

use anyhow::ensure;
use serde_json::json;

use super::program::{Outcome, Python};
use super::world::{ENDPOINTS, World};
use crate::measure::median;
use crate::report::{Line, Row};

/// Endpoints that are looked at one after the other.
const GETS: usize = 1000;

/// Answers that are streamed at a time.
const STREAMS: usize = 50;

/// Fresh interpreters whose median import counts.
const IMPORTS: usize = 9;

pub(super) fn measure(
    world: &World,
    published: &Python,
    ours: &Python,
    turns: usize,
) -> anyhow::Result<Vec<Row>> {
    let pair = Pair { world, published, ours };
    let mut rows = vec![
        pair.rate("`browse()` over 10,000 endpoints", "browse", 1, turns, Line::AtLeast(5.0))?,
        pair.large_pages(turns)?,
        pair.rate("1,000 sequential `get`", "get", GETS, turns, Line::AtLeast(1.5))?,
        pair.rate(
            "tokens of 50 parallel streams, a thread each",
            "streams",
            STREAMS,
            turns,
            Line::AtLeast(5.0),
        )?,
        pair.on_one_thread(turns)?,
    ];
    rows.extend(pair.imports()?);
    rows.extend(pair.memory()?);
    Ok(rows)
}

struct Pair<'a> {
    world: &'a World,
    published: &'a Python,
    ours: &'a Python,
}

impl Pair<'_> {
    /// Items per second of both.
    fn rate(
        &self,
        what: &str,
        task: &str,
        count: usize,
        turns: usize,
        line: Line,
    ) -> anyhow::Result<Row> {
        let setting = self.world.setting(count);
        self.compare(what, [task, task], &setting, turns, line)
    }

    /// The published package asked for pages of a size that its users do not get by default.
    fn large_pages(&self, turns: usize) -> anyhow::Result<Row> {
        let mut setting = self.world.setting(1);
        setting["browse"] = json!({"page_size": 100});
        self.compare("the same with `page_size=100`", ["browse"; 2], &setting, turns, Line::None)
    }

    /// Our asyncio client, against the threads that the published package needs.
    fn on_one_thread(&self, turns: usize) -> anyhow::Result<Row> {
        let setting = self.world.setting(STREAMS);
        let tasks = ["streams", "streams-async"];
        self.compare("the same with `asyncio` on one thread", tasks, &setting, turns, Line::None)
    }

    fn compare(
        &self,
        what: &str,
        tasks: [&str; 2],
        setting: &serde_json::Value,
        turns: usize,
        line: Line,
    ) -> anyhow::Result<Row> {
        let mut rates = [Vec::new(), Vec::new()];
        for _ in 0..turns {
            for (way, package) in [self.published, self.ours].into_iter().enumerate() {
                rates[way].push(rate(&package.run(tasks[way], setting)?));
            }
        }
        let [theirs, ours] = rates.map(median);
        Ok(Row::against(what, "/s", ours, theirs, line))
    }

    /// What an import takes in a fresh interpreter whose byte code is compiled.
    fn imports(&self) -> anyhow::Result<Vec<Row>> {
        let setting = self.world.setting(1);
        let mut times = [Vec::new(), Vec::new()];
        for _ in 0..IMPORTS {
            for (way, package) in [self.published, self.ours].into_iter().enumerate() {
                times[way].push(package.run("import", &setting)?.seconds * 1000.0);
            }
        }
        let [theirs, ours] = times.map(median);
        Ok(vec![
            Row::against("`import syfthub_sdk`, against theirs", "ms", ours, theirs, Line::None),
            Row::absolute("`import syfthub_sdk`", "ms", ours, Line::AtMost(50.0)),
        ])
    }

    /// The memory of a process that is signed in, and what it takes to hold every endpoint.
    fn memory(&self) -> anyhow::Result<Vec<Row>> {
        let setting = self.world.setting(1);
        let [theirs, ours] =
            [self.published.run("hold", &setting)?, self.ours.run("hold", &setting)?];
        for held in [&theirs, &ours] {
            ensure!(held.items >= ENDPOINTS, "{} endpoints were listed", held.items);
        }
        let held = |outcome: &Outcome| crate::mega(outcome.memory - outcome.before);
        Ok(vec![
            Row::against(
                "peak memory of a process that is signed in",
                "MB",
                crate::mega(ours.before),
                crate::mega(theirs.before),
                Line::AtMost(1.0),
            ),
            Row::against(
                "what a list of 10,000 endpoints adds to it",
                "MB",
                held(&ours),
                held(&theirs),
                Line::AtMost(1.0),
            ),
        ])
    }
}

#[expect(clippy::cast_precision_loss, reason = "a small count")]
fn rate(outcome: &Outcome) -> f64 {
    outcome.items as f64 / outcome.seconds
}
