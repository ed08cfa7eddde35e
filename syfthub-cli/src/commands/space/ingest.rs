//! `syfthub space ingest`: files on their way into an index, with a bar on standard error.

use std::pin::pin;

use futures_util::TryStreamExt as _;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;
use syfthub_client::space::ingestion::{Job, JobFilter, Progress};
use syfthub_client::space::parts::Part;

use super::{Scene, show};
use crate::args::IngestArgs;
use crate::failure::advise;
use crate::printer::Printer;

/// Failed files that are named; the others are counted.
const NAMED: u32 = 10;

/// Tells the dataset to look for files, and waits until they are indexed.
pub(super) async fn run(scene: &Scene<'_>, args: IngestArgs) -> anyhow::Result<()> {
    let dataset = scene.space.datasets().get(&args.dataset).await?;
    let (ingestion, printer) = (scene.space.ingestion(), scene.printer());
    let (jobs, message) = if args.stop {
        let told = ingestion.stop(dataset.id).await?;
        (told.jobs_cancelled, told.message)
    } else if args.retry {
        let told = ingestion.retry(dataset.id).await?;
        (told.jobs_reset, told.message)
    } else {
        let told = ingestion.start(dataset.id).await?;
        (told.jobs_created, told.message)
    };
    if args.stop || args.no_wait {
        if printer.is_json() {
            return Ok(printer.success(json!({"dataset": dataset.name, "jobs": jobs}))?);
        }
        printer.line(format_args!("{}: {}", dataset.name, message))?;
        return Ok(());
    }
    let last = follow(scene, &dataset, args.json_lines).await?;
    end(scene, &dataset, &last, args.json_lines).await
}

/// Shows every step until nothing waits. Answers the last one.
async fn follow(scene: &Scene<'_>, dataset: &Part, as_lines: bool) -> anyhow::Result<Progress> {
    let printer = scene.printer();
    let bar = bar(printer);
    let mut steps = pin!(scene.space.ingestion().follow(dataset.id).await?);
    while let Some(step) = steps.try_next().await? {
        if as_lines {
            printer.json_line(&serde_json::to_value(&step)?)?;
        }
        bar.set_length(step.total);
        bar.set_position(step.done + step.failed);
        bar.set_message(message(&step));
        if step.ready {
            bar.finish_and_clear();
            return Ok(step);
        }
    }
    bar.finish_and_clear();
    let stopped = anyhow::anyhow!("the space stopped before {} was read", dataset.name);
    Err(advise(stopped, "syfthub space run, which goes on where it stopped"))
}

fn bar(printer: &Printer) -> ProgressBar {
    let bar = if printer.is_watched() { ProgressBar::new(0) } else { ProgressBar::hidden() };
    let style = "indexing {wide_bar} {pos}/{len} {msg:40!}";
    bar.with_style(ProgressStyle::with_template(style).expect("the template is well-formed"))
}

fn message(step: &Progress) -> String {
    if let Some(error) = &step.error {
        return error.clone();
    }
    let file = step.current_file.as_deref().unwrap_or_default();
    if step.files_per_second > 0.0 {
        format!("{:.0}/s {file}", step.files_per_second)
    } else {
        file.to_owned()
    }
}

/// Says how it ended, and why files could not be read. Such files make it a failure.
async fn end(
    scene: &Scene<'_>,
    dataset: &Part,
    last: &Progress,
    as_lines: bool,
) -> anyhow::Result<()> {
    let printer = scene.printer();
    let failed = if last.failed == 0 {
        Vec::new()
    } else {
        let failed = JobFilter { status: Some("failed"), limit: Some(NAMED), offset: None };
        scene.space.ingestion().jobs(dataset.id, failed).await?.jobs
    };
    if printer.is_json() {
        printer.success(json!({
            "dataset": dataset.name, "total": last.total, "done": last.done, "failed": last.failed,
            "failures": failed.iter().map(|job| json!({
                "file_name": job.file_name, "error_message": job.error_message,
            })).collect::<Vec<_>>(),
        }))?;
    } else if !as_lines {
        let indexed = show::count(last.done, "file");
        printer.line(format_args!("{}: {indexed} indexed.", dataset.name))?;
    }
    complain(printer, &failed, last.failed);
    Ok(())
}

fn complain(printer: &Printer, failed: &[Job], all: u64) {
    for job in failed {
        let reason = job.error_message.as_deref().unwrap_or("it does not say why");
        printer.say(format_args!("warning: {}: {reason}", job.file_name));
    }
    let named = failed.len() as u64;
    if all > named {
        printer.say(format_args!("warning: {} more could not be read", all - named));
    }
}
