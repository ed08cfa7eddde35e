//! An event as a line, where nothing can be drawn.

use std::time::Duration;

use syfthub_client::{ChatEvent, SourceCompleted};

use super::render::span;
use super::state::Trace;

/// What `event` says at the moment `at`, after what `trace` knows; none when it says nothing new.
pub(super) fn line(trace: &Trace, at: Duration, event: &ChatEvent) -> Option<String> {
    let said = match event {
        ChatEvent::RetrievalStarted { sources } => {
            format!("the hub gave addresses and tokens; asking {sources} sources")
        }
        ChatEvent::SourceCompleted(fate) => source(fate),
        ChatEvent::RerankingCompleted { documents, .. } => {
            let given = trace.ranking.map_or(*documents, |ranking| ranking.given);
            format!("ranked the documents: {documents} of {given} count")
        }
        ChatEvent::GenerationStarted => {
            format!("asking {}", trace.model.as_deref().unwrap_or("the model"))
        }
        ChatEvent::GenerationHeartbeat { elapsed_ms } => {
            format!("no word yet after {}", span(Duration::from_millis(*elapsed_ms)))
        }
        ChatEvent::Token { .. } if trace.generation.is_some_and(|it| it.first.is_none()) => {
            "the first word".to_owned()
        }
        ChatEvent::Done(_) => "the answer is complete\n".to_owned(),
        _ => return None,
    };
    Some(format!("{:>9}  {said}", span(at)))
}

fn source(fate: &SourceCompleted) -> String {
    let time = fate.time_ms.map(|ms| format!(" in {ms} ms")).unwrap_or_default();
    let why = fate.error_message.as_ref().map(|why| format!(": {why}")).unwrap_or_default();
    format!("{}: {}, {} documents{time}{why}", fate.path, fate.status, fate.documents)
}
