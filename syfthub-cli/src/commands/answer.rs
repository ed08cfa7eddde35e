//! What is told once an answer is complete: what it rests on, what failed, and what it cost.

use std::io;

use serde_json::{Map, Value, json};
use syfthub_client::ChatDone;
use syfthub_core::wire::billing::Billing;
use syfthub_core::wire::chat::{ChatResponse, RetrievalInfo, SourceEntry, Sources, Usage};
use syfthub_core::wire::citation::CitedSpan;

use crate::printer::Printer;

/// The most characters of a quoted sentence or of an excerpt.
const QUOTE_CHARS: usize = 240;

/// Prints what a complete answer rests on and what it cost; failures go to standard error.
pub(crate) fn print_end(printer: &Printer, done: &ChatDone, retrieve_only: bool) -> io::Result<()> {
    for line in source_lines(&done.sources, &done.citations, retrieve_only) {
        printer.line(line)?;
    }
    if let Some(paid) = done.billing.as_ref().and_then(paid) {
        printer.line(format_args!("\nPaid {paid}"))?;
    }
    report_failures(printer, &done.retrieval_info);
    Ok(())
}

/// The sources under their numbers. Below each stands what the answer took from it: the sentences it cites, or, where
/// documents alone were asked for, its beginning.
fn source_lines(
    Sources(sources): &Sources,
    citations: &[CitedSpan],
    retrieve_only: bool,
) -> Vec<String> {
    let mut lines = Vec::new();
    for (n, (title, entry)) in sources.iter().enumerate() {
        if n == 0 {
            lines.push(if retrieve_only { "Documents" } else { "\nSources" }.to_owned());
        }
        let document = entry.document.as_deref().unwrap_or(title);
        let score = entry.score.map(|score| format!("  {score:.2}")).unwrap_or_default();
        lines.push(format!("  [{}] {document}  ({}){score}", n + 1, entry.slug));
        if retrieve_only {
            lines.push(format!("      {}", shortened(&entry.content)));
        }
        let quotes = quotes(n + 1, entry, citations);
        lines.extend(quotes.into_iter().map(|quote| format!("      “{quote}”")));
    }
    lines
}

/// The sentences of document `number` that support the answer, each once.
fn quotes(number: usize, entry: &SourceEntry, citations: &[CitedSpan]) -> Vec<String> {
    let mut quotes = Vec::new();
    let spans = citations.iter().filter(|cited| cited.document == number);
    for span in spans.filter_map(|cited| cited.support) {
        let length = span.end.saturating_sub(span.start);
        let text: String = entry.content.chars().skip(span.start).take(length).collect();
        let quote = shortened(&text);
        // A document that was cut on its way may end before the sentence does.
        if text.chars().count() == length && !quote.is_empty() && !quotes.contains(&quote) {
            quotes.push(quote);
        }
    }
    quotes
}

/// `text` on one line of bounded length.
fn shortened(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(QUOTE_CHARS) {
        Some((end, _)) => format!("{}…", line[..end].trim_end()),
        None => line,
    }
}

/// What was paid and to whom, if anything was.
pub(crate) fn paid(billing: &Billing) -> Option<String> {
    let money = |amount: f64, currency: Option<&String>| match currency {
        Some(currency) => format!("{amount} {currency}"),
        None => amount.to_string(),
    };
    let charged = billing.entries.iter().filter(|named| named.entry.status == "charged");
    let parts: Vec<String> = charged
        .filter_map(|named| {
            let amount = named.entry.amount.filter(|amount| *amount > 0.0)?;
            let money = money(amount, named.entry.currency.as_ref());
            Some(format!("{money} to {}", named.source))
        })
        .collect();
    let listed = parts.join(", ");
    match billing.total_cost {
        _ if parts.is_empty() => None,
        Some(total) if parts.len() > 1 => {
            Some(format!("{}: {listed}", money(total, billing.currency.as_ref())))
        }
        _ => Some(listed),
    }
}

fn report_failures(printer: &Printer, infos: &[RetrievalInfo]) {
    for info in infos.iter().filter(|info| info.status != "success") {
        let reason = info.error_message.as_deref().unwrap_or(&info.status);
        printer.say(format_args!("warning: {} gave nothing: {reason}", info.path));
    }
}

/// A complete answer as one object.
pub(crate) fn as_json(answer: &ChatResponse, retrieve_only: bool) -> Value {
    let usage: Usage = answer.usage.unwrap_or_default();
    let mut object = json!({
        "response": answer.response,
        "sources": sources_json(&answer.sources, retrieve_only),
        "retrieval_info": infos_json(&answer.retrieval_info),
        "usage": usage,
    });
    let known = object.as_object_mut().expect("it was made as one");
    extend(known, &answer.citations, answer.profit_share.as_ref(), answer.billing.as_ref());
    object
}

/// The same of an answer that came as a stream and said `text`.
pub(crate) fn done_json(done: &ChatDone, text: &str) -> Value {
    let mut object = json!({
        "response": text,
        "sources": sources_json(&done.sources, false),
        "retrieval_info": infos_json(&done.retrieval_info),
        "usage": done.usage.unwrap_or_default(),
    });
    let known = object.as_object_mut().expect("it was made as one");
    extend(known, &done.citations, done.profit_share.as_ref(), done.billing.as_ref());
    object
}

fn sources_json(Sources(sources): &Sources, with_content: bool) -> Value {
    let source = |(title, entry): &(String, SourceEntry)| {
        let mut source = json!({
            "title": title, "slug": entry.slug, "document": entry.document, "score": entry.score,
        });
        if with_content {
            source["content"] = Value::from(entry.content.as_str());
        }
        source
    };
    sources.iter().map(source).collect()
}

fn infos_json(infos: &[RetrievalInfo]) -> Value {
    infos.iter().map(info_json).collect()
}

fn info_json(info: &RetrievalInfo) -> Value {
    json!({
        "path": info.path, "documents_retrieved": info.documents_retrieved, "status": info.status,
        "error_message": info.error_message,
    })
}

/// What only some answers have.
fn extend(
    object: &mut Map<String, Value>,
    citations: &[CitedSpan],
    profit_share: Option<&impl serde::Serialize>,
    billing: Option<&Billing>,
) {
    if !citations.is_empty() {
        object.insert("citations".to_owned(), json!(citations));
    }
    if let Some(shares) = profit_share {
        object.insert("profit_share".to_owned(), json!(shares));
    }
    if let Some(billing) = billing {
        object.insert("billing".to_owned(), json!(billing));
    }
}

#[cfg(test)]
mod tests {
    use syfthub_core::wire::billing::BillingEntry;
    use syfthub_core::wire::citation::Span;
    use syfthub_core::wire::space::PolicyEntry;

    use super::*;

    fn sources() -> Sources {
        let entry = |content: &str| SourceEntry {
            slug: "ada/notes".into(),
            content: content.into(),
            document: None,
            score: Some(0.5),
        };
        Sources(vec![
            ("River".into(), entry("Ümlaute first. Reeds\ngrow there. Last.")),
            ("Sedge".into(), entry("Cut sh")),
        ])
    }

    fn cited(document: usize, start: usize, end: usize) -> CitedSpan {
        CitedSpan { document, support: Some(Span { start, end }), ..CitedSpan::default() }
    }

    #[test]
    fn a_cited_source_shows_the_sentence_that_supports_the_answer_once() {
        let citations = [
            cited(1, 15, 32),
            cited(1, 15, 32),
            cited(2, 0, 40),
            cited(1, 33, 38),
            CitedSpan::default(),
        ];
        assert_eq!(
            source_lines(&sources(), &citations, false),
            [
                "\nSources",
                "  [1] River  (ada/notes)  0.50",
                "      “Reeds grow there.”",
                "      “Last.”",
                "  [2] Sedge  (ada/notes)  0.50",
            ]
        );
    }

    #[test]
    fn documents_that_were_asked_for_alone_show_how_they_begin() {
        let lines = source_lines(&sources(), &[], true);
        assert_eq!(lines[0], "Documents");
        assert_eq!(lines[2], "      Ümlaute first. Reeds grow there. Last.");
    }

    #[test]
    fn what_was_paid_is_told_with_its_receivers_and_what_was_not_is_not() {
        let entry = |source: &str, status: &str, amount: f64| BillingEntry {
            source: source.into(),
            entry: PolicyEntry {
                status: status.into(),
                amount: Some(amount),
                currency: Some("USD".into()),
                ..PolicyEntry::default()
            },
        };
        let mut billing = Billing {
            total_cost: Some(0.3),
            currency: Some("USD".into()),
            entries: vec![entry("ada/notes", "charged", 0.1), entry("bob/model", "charged", 0.2)],
        };
        assert_eq!(
            paid(&billing).as_deref(),
            Some("0.3 USD: 0.1 USD to ada/notes, 0.2 USD to bob/model")
        );
        billing.entries.pop();
        assert_eq!(paid(&billing).as_deref(), Some("0.1 USD to ada/notes"));
        billing.entries = vec![entry("ada/notes", "free", 0.0), entry("a/b", "rejected", 1.0)];
        assert_eq!(paid(&billing), None);
    }
}
