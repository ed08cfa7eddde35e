//! `syfthub trace`: an answer being made, drawn while it is made.
//!
//! - [`state`]: what is known so far, from the events of the answer and the moments they came;
//! - [`render`]: that as lines of a given width, as a waterfall of bars;
//! - [`told`]: one event as a line, where nothing can be drawn;
//! - [`timings`]: the same for programs;
//! - [`screen`]: lines on a terminal that replace each other.

mod render;
mod screen;
mod state;
mod timings;
mod told;

use std::pin::pin;
use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use syfthub_client::{ChatEvent, Error};
use tokio::time::MissedTickBehavior;

use self::render::Paint;
use self::screen::Screen;
use self::state::Trace;
use super::answer;
use super::asking::{self, Question};
use crate::args::{AskArgs, TraceArgs};
use crate::cite::CiteMarks;
use crate::context::Context;
use crate::failure::{self, Interrupted, Told};
use crate::printer::Printer;

/// How often the drawing is renewed.
const FRAME: Duration = Duration::from_millis(80);

/// Columns of a drawing that nobody watches.
const WIDTH: usize = 100;

/// Asks, shows what happens meanwhile, and then what came of it.
pub(crate) async fn run(context: &Context, args: TraceArgs) -> anyhow::Result<()> {
    let args = args.ask;
    let printer = &context.printer;
    let client = context.client_with_aggregator(args.aggregator.as_ref())?;
    let question = asking::question(&client, &args).await?;
    let mut trace = trace_of(&args);
    let failure = watch(printer, question, &mut trace).await?;
    if printer.is_json() {
        return print_json(printer, &trace, failure);
    }
    print(printer, &trace, args.retrieve_only)?;
    failure.map_or(Ok(()), |error| Err(error.into()))
}

fn trace_of(args: &AskArgs) -> Trace {
    let model = (!args.retrieve_only).then(|| args.model.to_string());
    let mut sources: Vec<String> = Vec::with_capacity(args.sources.len());
    for source in &args.sources {
        let path = source.path.to_string();
        // The client asks a source twice only when it is asked different things.
        if source.question.is_some() || !sources.contains(&path) {
            sources.push(path);
        }
    }
    Trace::new(model, sources)
}

/// Follows the answer to its end. Answers why there is none, if so.
///
/// # Errors
/// When it was interrupted, or nothing can be printed.
async fn watch(
    printer: &Printer,
    question: Question<'_>,
    trace: &mut Trace,
) -> anyhow::Result<Option<Error>> {
    let started = Instant::now();
    let mut screen = Screen::of(printer);
    let mut events = question.events();
    let mut interrupted = pin!(tokio::signal::ctrl_c());
    let mut frames = tokio::time::interval(FRAME);
    frames.set_missed_tick_behavior(MissedTickBehavior::Skip);
    loop {
        let next = tokio::select! {
            biased;
            _ = &mut interrupted => return Err(Interrupted.into()),
            next = events.next() => next,
            _ = frames.tick(), if screen.is_some() => {
                if let Some(screen) = &mut screen {
                    screen.draw(|width| {
                        render::lines(trace, started.elapsed(), width, Paint::Colors)
                    });
                }
                continue;
            }
        };
        let at = started.elapsed();
        match next {
            Some(Ok(event)) => {
                if screen.is_none() && !printer.is_json() {
                    tell(printer, trace, at, &event)?;
                }
                let is_last = matches!(event, ChatEvent::Done(_));
                trace.take(at, event);
                if is_last {
                    return Ok(None);
                }
            }
            Some(Err(error)) => {
                trace.failed(at, error.to_string());
                return Ok(Some(error));
            }
            None => return Ok(None),
        }
    }
}

fn tell(printer: &Printer, trace: &Trace, at: Duration, event: &ChatEvent) -> anyhow::Result<()> {
    if let Some(line) = told::line(trace, at, event) {
        printer.line(line)?;
    }
    Ok(())
}

fn print_json(printer: &Printer, trace: &Trace, failure: Option<Error>) -> anyhow::Result<()> {
    let timings = timings::object(trace);
    let Some(error) = failure else {
        printer.success(timings)?;
        return Ok(());
    };
    let error = anyhow::Error::from(error);
    let mut object = serde_json::Map::from_iter([("status".to_owned(), "error".into())]);
    object.extend(failure::as_json(&error));
    if let serde_json::Value::Object(timings) = timings {
        object.extend(timings);
    }
    printer.line(format_args!("{:#}", serde_json::Value::Object(object)))?;
    Err(Told(error).into())
}

/// The whole waterfall, and below it the answer and what it rests on.
fn print(printer: &Printer, trace: &Trace, retrieve_only: bool) -> anyhow::Result<()> {
    let width = printer.width();
    let paint = if width.is_some() && screen::has_colors() { Paint::Colors } else { Paint::Plain };
    for line in render::lines(trace, trace.ended_at(), width.unwrap_or(WIDTH), paint) {
        printer.line(line)?;
    }
    let Some(done) = trace.done() else { return Ok(()) };
    if !retrieve_only {
        let mut marks = CiteMarks::default();
        let text = marks.push(trace.text()) + &marks.finish();
        printer.line(format_args!("\n{text}"))?;
    } else if !done.sources.0.is_empty() {
        printer.line("")?;
    }
    answer::print_end(printer, done, retrieve_only)?;
    Ok(())
}
