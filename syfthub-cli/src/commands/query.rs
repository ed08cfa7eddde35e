//! `syfthub query`

use std::io::{self, Read as _};
use std::pin::pin;

use anyhow::Context as _;
use futures_util::TryStreamExt as _;
use serde_json::{Value, json};
use syfthub_client::chat::Chat;
use syfthub_client::{ChatDone, ChatEvent};
use syfthub_core::wire::chat::{ChatResponse, RetrievalInfo, Sources, Usage};

use crate::args::QueryArgs;
use crate::cite::CiteMarks;
use crate::context::Context;
use crate::failure::Misuse;
use crate::printer::Printer;

/// Asks a model, with documents from data sources. The answer streams to standard output, its sources follow.
pub(crate) async fn run(context: &Context, args: QueryArgs) -> anyhow::Result<()> {
    let client = context.client_with_aggregator(args.aggregator.as_ref())?;
    let prompt = prompt(args.prompt).await?;
    let mut chat = client
        .chat(args.model, prompt)
        .top_k(args.top_k)
        .max_tokens(args.max_tokens)
        .temperature(args.temperature)
        .similarity_threshold(args.threshold);
    for source in args.sources {
        chat = chat.source(source);
    }
    if context.printer.is_json() {
        let answer = chat.send().await?;
        context.printer.success(as_json(&answer))?;
        return Ok(());
    }
    let done = stream(&context.printer, chat, args.verbose).await?;
    print_sources(&context.printer, &done.sources)?;
    report_failures(&context.printer, &done.retrieval_info);
    Ok(())
}

/// The question that an argument gives; `-` is read from standard input.
pub(crate) async fn prompt(given: String) -> anyhow::Result<String> {
    if given != "-" {
        return Ok(given);
    }
    let read = || {
        let mut text = String::new();
        io::stdin().read_to_string(&mut text).map(|_| text)
    };
    let text = tokio::task::spawn_blocking(read).await?.context("standard input cannot be read")?;
    let text = text.trim();
    if text.is_empty() {
        return Err(Misuse("standard input holds no question".to_owned()).into());
    }
    Ok(text.to_owned())
}

async fn stream(printer: &Printer, chat: Chat<'_>, verbose: bool) -> anyhow::Result<ChatDone> {
    let mut events = pin!(chat.stream().await?);
    let mut marks = CiteMarks::default();
    while let Some(event) = events.try_next().await? {
        match event {
            ChatEvent::Token { content } => printer.piece(&marks.push(&content))?,
            ChatEvent::Done(done) => {
                printer.line(marks.finish())?;
                return Ok(done);
            }
            other if verbose => say(printer, &other),
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
            let (path, status, documents) = (&source.path, &source.status, source.documents);
            printer.say(format_args!("  {path}: {status}, {documents} documents"));
        }
        ChatEvent::RetrievalCompleted { total_documents, time_ms } => {
            printer.say(format_args!("found {total_documents} documents in {time_ms} ms"));
        }
        ChatEvent::GenerationStarted => printer.say("answering"),
        _ => {}
    }
}

fn print_sources(printer: &Printer, sources: &Sources) -> io::Result<()> {
    if sources.0.is_empty() {
        return Ok(());
    }
    printer.line("\nSources")?;
    for (n, (title, entry)) in sources.0.iter().enumerate() {
        let document = entry.document.as_deref().unwrap_or(title);
        let score = entry.score.map(|score| format!("  {score:.2}")).unwrap_or_default();
        printer.line(format_args!("  [{}] {document}  ({}){score}", n + 1, entry.slug))?;
    }
    Ok(())
}

fn report_failures(printer: &Printer, infos: &[RetrievalInfo]) {
    for info in infos.iter().filter(|info| info.status != "success") {
        let reason = info.error_message.as_deref().unwrap_or(&info.status);
        printer.say(format_args!("warning: {} gave nothing: {reason}", info.path));
    }
}

fn as_json(answer: &ChatResponse) -> Value {
    let sources: Vec<Value> = answer
        .sources
        .0
        .iter()
        .map(|(title, entry)| {
            json!({"title": title, "slug": entry.slug, "document": entry.document, "score": entry.score})
        })
        .collect();
    let infos: Vec<Value> = answer
        .retrieval_info
        .iter()
        .map(|info| {
            json!({
                "path": info.path, "documents_retrieved": info.documents_retrieved, "status": info.status,
                "error_message": info.error_message,
            })
        })
        .collect();
    let usage: Usage = answer.usage.unwrap_or_default();
    json!({"response": answer.response, "sources": sources, "retrieval_info": infos, "usage": usage})
}
