//! A trace for programs: one object of whole milliseconds since the question was asked.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::state::{Row, Trace};
use crate::commands::answer;

/// Everything that is known of `trace`. Phases that never began are absent.
pub(super) fn object(trace: &Trace) -> Value {
    let mut object = Map::new();
    let mut put = |key: &str, value: Value| object.insert(key.to_owned(), value);
    put("total_ms", ms(trace.ended_at()));
    if let Some(opened) = trace.opened {
        put("opened_ms", ms(opened));
        put("sources", trace.sources.iter().map(|row| source(row, opened)).collect());
    }
    if let Some(ranking) = trace.ranking {
        put(
            "ranking",
            json!({
                "start_ms": ms(ranking.started), "end_ms": ranking.ended.map(ms),
                "given": ranking.given, "kept": ranking.kept,
            }),
        );
    }
    if let Some((at, documents)) = trace.retrieved {
        put("retrieval", json!({"end_ms": ms(at), "documents": documents}));
    }
    if let Some(generation) = trace.generation {
        let (tokens, pace) = trace.tokens().map_or((None, None), |(n, pace)| (Some(n), pace));
        put(
            "generation",
            json!({
                "model": trace.model, "start_ms": ms(generation.started),
                "first_word_ms": generation.first.map(ms), "pieces": generation.pieces,
                "tokens": tokens, "tokens_per_second": pace.map(|pace| (pace * 10.0).round() / 10.0),
            }),
        );
    }
    if let Some(done) = trace.done() {
        put("answer", answer::done_json(done, trace.text()));
    }
    Value::Object(object)
}

fn source(row: &Row, opened: Duration) -> Value {
    let mut source = json!({"path": row.path, "start_ms": ms(opened)});
    let Some((at, fate)) = &row.fate else { return source };
    source["end_ms"] = ms(*at);
    let told = serde_json::to_value(fate).expect("its keys are text");
    if let (Some(source), Value::Object(told)) = (source.as_object_mut(), told) {
        source.extend(told.into_iter().filter(|(key, _)| key != "source"));
    }
    source
}

fn ms(span: Duration) -> Value {
    Value::from(u64::try_from(span.as_millis()).unwrap_or(u64::MAX))
}
