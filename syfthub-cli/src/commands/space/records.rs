//! `syfthub space logs --decisions` and `--changes`: what a space keeps a record of, page by page.

use std::time::Duration;

use serde::Serialize;
use syfthub_client::Error;
use syfthub_client::space::Change;
use syfthub_client::space::policies::{Decision, DecisionFilter};

use super::{Scene, show};
use crate::args::LogsArgs;
use crate::table::Table;

/// How often a record that is followed is asked for more.
const PAUSE: Duration = Duration::from_secs(1);

/// Entries in one answer.
const PAGE: u32 = 500;

/// An entry of a record, which has a place in it.
trait Entry: Serialize {
    /// What the entries are called in JSON.
    const PLURAL: &'static str;
    const HEADER: [&'static str; 6];

    fn place(&self) -> i64;
    fn cells(&self) -> [String; 6];
}

impl Entry for Decision {
    const PLURAL: &'static str = "decisions";
    const HEADER: [&'static str; 6] = ["AT", "ENDPOINT", "WHO", "OUTCOME", "COST", "WHY"];

    fn place(&self) -> i64 {
        self.id
    }

    fn cells(&self) -> [String; 6] {
        let code = self.reason_code.as_deref().unwrap_or_default();
        [
            show::moment(self.at),
            self.endpoint_slug.clone(),
            self.email.clone().unwrap_or_else(|| self.subject.clone()),
            self.outcome.clone(),
            self.cost.to_string(),
            [code, self.detail.as_str()].join(" ").trim().to_owned(),
        ]
    }
}

impl Entry for Change {
    const PLURAL: &'static str = "changes";
    const HEADER: [&'static str; 6] = ["AT", "WHO", "CHANGE", "SUBJECT", "REQUEST", "DETAIL"];

    fn place(&self) -> i64 {
        self.id
    }

    fn cells(&self) -> [String; 6] {
        [
            show::moment(self.at),
            self.actor.clone(),
            self.action.clone(),
            self.subject.clone(),
            self.correlation_id.clone(),
            self.detail.to_string(),
        ]
    }
}

/// Shows the record that the arguments name.
pub(super) async fn run(scene: &Scene<'_>, args: &LogsArgs) -> anyhow::Result<()> {
    let endpoint = args.endpoint.as_ref().map(syfthub_core::Slug::as_str);
    if args.changes {
        return entries(scene, args, async |before, limit| {
            scene.space.changes(before, limit).await
        })
        .await;
    }
    entries(scene, args, async |before, limit| {
        let endpoint = endpoint.map(str::to_owned);
        let filter =
            DecisionFilter { endpoint, before, limit: Some(limit), ..DecisionFilter::default() };
        scene.space.policies().decisions(&filter).await
    })
    .await
}

/// Shows the last entries, oldest first, and with `--follow` those that come.
async fn entries<E: Entry>(
    scene: &Scene<'_>,
    args: &LogsArgs,
    page: impl AsyncFn(Option<i64>, u32) -> Result<Vec<E>, Error>,
) -> anyhow::Result<()> {
    let mut last = last(&page, args.lines).await?;
    last.reverse();
    let printer = scene.printer();
    if !args.follow {
        if printer.is_json() {
            return show::json(printer, E::PLURAL, &last);
        }
        let mut table = Table::new(&E::HEADER);
        for entry in &last {
            table.row(entry.cells());
        }
        printer.table(&table)?;
        if last.is_empty() {
            printer.say(format_args!("no {} yet", E::PLURAL));
        }
        return Ok(());
    }
    let mut seen = last.last().map_or(0, Entry::place);
    lines(scene, &last)?;
    loop {
        tokio::time::sleep(PAUSE).await;
        let mut new = page(None, PAGE).await?;
        new.retain(|entry| entry.place() > seen);
        new.reverse();
        lines(scene, &new)?;
        seen = new.last().map_or(seen, Entry::place);
    }
}

/// The latest entries, latest first.
async fn last<E: Entry>(
    page: &impl AsyncFn(Option<i64>, u32) -> Result<Vec<E>, Error>,
    count: u32,
) -> Result<Vec<E>, Error> {
    let mut last: Vec<E> = Vec::new();
    loop {
        let missing = count.saturating_sub(u32::try_from(last.len()).unwrap_or(u32::MAX));
        if missing == 0 {
            return Ok(last);
        }
        let wanted = missing.min(PAGE);
        let next = page(last.last().map(Entry::place), wanted).await?;
        let is_end = next.len() < wanted as usize;
        last.extend(next);
        if is_end {
            return Ok(last);
        }
    }
}

/// A line for each, since nobody knows how wide those are that come.
fn lines<E: Entry>(scene: &Scene<'_>, entries: &[E]) -> anyhow::Result<()> {
    for entry in entries {
        if scene.printer().is_json() {
            scene.printer().json_line(&serde_json::to_value(entry)?)?;
        } else {
            scene.printer().line(entry.cells().join("  ").trim_end())?;
        }
    }
    Ok(())
}
