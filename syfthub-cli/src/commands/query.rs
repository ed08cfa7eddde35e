//! `syfthub query`

use futures_util::TryStreamExt as _;
use serde_json::{Map, Value};
use syfthub_client::{ChatDone, ChatEvent, Client};

use super::answer;
use super::asking::{self, Question};
use crate::args::QueryArgs;
use crate::cite::CiteMarks;
use crate::context::Context;
use crate::failure::{self, Told};
use crate::printer::Printer;

/// Asks a model, with documents from data sources. The answer streams to standard output, its sources follow.
pub(crate) async fn run(context: &Context, args: QueryArgs) -> anyhow::Result<()> {
    let client = context.client_with_aggregator(args.ask.aggregator.as_ref())?;
    let printer = &context.printer;
    if args.json_stream {
        return in_json_lines(printer, &client, &args).await;
    }
    let question = asking::question(&client, &args.ask).await?;
    let retrieve_only = args.ask.retrieve_only;
    if printer.is_json() {
        let answer = Box::pin(question.send()).await?;
        printer.success(answer::as_json(&answer, retrieve_only))?;
        return Ok(());
    }
    let done = stream(printer, question, &args).await?;
    answer::print_end(printer, &done, retrieve_only)?;
    Ok(())
}

/// Prints each event as a line of JSON. What goes wrong, whenever that is, is the last of them.
async fn in_json_lines(printer: &Printer, client: &Client, args: &QueryArgs) -> anyhow::Result<()> {
    let told = async {
        let mut events = asking::question(client, &args.ask).await?.events();
        while let Some(event) = events.try_next().await? {
            printer.json_line(&serde_json::to_value(&event)?)?;
        }
        anyhow::Ok(())
    };
    let Err(error) = told.await else { return Ok(()) };
    let mut line = Map::from_iter([("event".to_owned(), Value::from("error"))]);
    line.extend(failure::as_json(&error));
    printer.json_line(&Value::Object(line))?;
    Err(Told(error).into())
}

async fn stream(
    printer: &Printer,
    question: Question<'_>,
    args: &QueryArgs,
) -> anyhow::Result<ChatDone> {
    let mut events = question.events();
    let mut marks = CiteMarks::default();
    while let Some(event) = events.try_next().await? {
        match event {
            ChatEvent::Token { content } => printer.piece(&marks.push(&content))?,
            ChatEvent::Done(done) => {
                if !args.ask.retrieve_only {
                    printer.line(marks.finish())?;
                }
                return Ok(done);
            }
            other if args.verbose => say(printer, &other),
            _ => {}
        }
    }
    Err(anyhow::anyhow!("the answer ended without its last event"))
}

fn say(printer: &Printer, event: &ChatEvent) {
    match event {
        ChatEvent::RetrievalStarted { sources } => {
            printer.say(format_args!("asking {sources} sources"));
        }
        ChatEvent::SourceCompleted(source) => {
            let time = source.time_ms.map(|ms| format!(" in {ms} ms")).unwrap_or_default();
            let (path, status, documents) = (&source.path, &source.status, source.documents);
            printer.say(format_args!("  {path}: {status}, {documents} documents{time}"));
        }
        ChatEvent::RetrievalCompleted { total_documents, time_ms } => {
            printer.say(format_args!("found {total_documents} documents in {time_ms} ms"));
        }
        ChatEvent::GenerationStarted => printer.say("answering"),
        ChatEvent::GenerationHeartbeat { elapsed_ms } => {
            printer.say(format_args!("  still nothing after {} s", elapsed_ms / 1000));
        }
        _ => {}
    }
}
