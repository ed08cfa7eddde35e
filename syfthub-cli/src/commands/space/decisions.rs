//! `syfthub space logs --decisions`: who asked, and what the policies decided.

use std::time::Duration;

use syfthub_client::space::policies::Decision;

use super::{Scene, show};
use crate::args::LogsArgs;
use crate::printer::Printer;
use crate::table::Table;

/// How often a log that is followed is asked for more.
const PAUSE: Duration = Duration::from_secs(1);

/// Decisions in one answer.
const PAGE: u32 = 500;

/// Shows the last decisions, oldest first, and with `--follow` those that come.
pub(super) async fn run(scene: &Scene<'_>, args: &LogsArgs) -> anyhow::Result<()> {
    let endpoint = args.endpoint.as_ref().map(syfthub_core::Slug::as_str);
    let mut last = last(scene, endpoint, args.lines).await?;
    last.reverse();
    let printer = scene.printer();
    if !args.follow {
        if printer.is_json() {
            return show::json(printer, "decisions", &last);
        }
        table(printer, &last)?;
        if last.is_empty() {
            printer.say("nobody has asked yet");
        }
        return Ok(());
    }
    let mut seen = last.last().map_or(0, |decision| decision.id);
    lines(printer, &last)?;
    loop {
        tokio::time::sleep(PAUSE).await;
        let mut new = scene.space.policies().decisions(endpoint, None, PAGE).await?;
        new.retain(|decision| decision.id > seen);
        new.reverse();
        lines(printer, &new)?;
        seen = new.last().map_or(seen, |decision| decision.id);
    }
}

/// The latest decisions, latest first.
async fn last(
    scene: &Scene<'_>,
    endpoint: Option<&str>,
    count: u32,
) -> Result<Vec<Decision>, syfthub_client::Error> {
    let mut last: Vec<Decision> = Vec::new();
    loop {
        let missing = count.saturating_sub(u32::try_from(last.len()).unwrap_or(u32::MAX));
        if missing == 0 {
            return Ok(last);
        }
        let before = last.last().map(|decision| decision.id);
        let wanted = missing.min(PAGE);
        let page = scene.space.policies().decisions(endpoint, before, wanted).await?;
        let is_end = page.len() < wanted as usize;
        last.extend(page);
        if is_end {
            return Ok(last);
        }
    }
}

fn who(decision: &Decision) -> String {
    decision.email.clone().unwrap_or_else(|| decision.subject.clone())
}

fn why(decision: &Decision) -> String {
    let code = decision.reason_code.as_deref().unwrap_or_default();
    [code, decision.detail.as_str()].join(" ").trim().to_owned()
}

fn table(printer: &Printer, decisions: &[Decision]) -> anyhow::Result<()> {
    let mut table = Table::new(&["AT", "ENDPOINT", "WHO", "OUTCOME", "COST", "WHY"]);
    for decision in decisions {
        table.row([
            show::moment(decision.at),
            decision.endpoint_slug.clone(),
            who(decision),
            decision.outcome.clone(),
            decision.cost.to_string(),
            why(decision),
        ]);
    }
    Ok(printer.table(&table)?)
}

/// A line for each, since nobody knows how wide those are that come.
fn lines(printer: &Printer, decisions: &[Decision]) -> anyhow::Result<()> {
    for decision in decisions {
        if printer.is_json() {
            printer.json_line(&serde_json::to_value(decision)?)?;
            continue;
        }
        let line = format!(
            "{}  {}  {}  {}  {}",
            show::moment(decision.at),
            decision.endpoint_slug,
            who(decision),
            decision.outcome,
            why(decision)
        );
        printer.line(line.trim_end())?;
    }
    Ok(())
}
