//! A complete answer of a space, in any of the shapes that spaces give (contract aggregator 2.5, 2.6).
//!
//! What is absent or null counts as nothing; one odd document does not spoil the others.

use serde_json::{Map, Value};
use syfthub_core::rag::{Chunk, Retrieved};
use syfthub_core::wire::chat::Usage;

use super::failure::Failure;

/// The documents: `references.documents`, else the flat `documents` of older shapes.
pub(super) fn documents(mut reply: Value) -> Result<Vec<Retrieved>, Failure> {
    let reply = reply.as_object_mut().ok_or_else(unexpected)?;
    let nested = reply
        .get_mut("references")
        .and_then(|references| references.get_mut("documents"))
        .map(Value::take);
    let found = nested
        .filter(|found| !found.is_null())
        .or_else(|| reply.get_mut("documents").map(Value::take));
    match found {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::Array(found)) => Ok(found.into_iter().filter_map(document).collect()),
        Some(_) => Err(unexpected()),
    }
}

fn document(value: Value) -> Option<Retrieved> {
    let Value::Object(mut document) = value else { return None };
    let Some(Value::String(content)) = document.remove("content") else { return None };
    let score = ["similarity_score", "score"].iter().find_map(|key| number(document.get(*key)?));
    let metadata = match document.remove("metadata") {
        Some(Value::Object(metadata)) => metadata,
        _ => Map::new(),
    };
    let document_id = match document.remove("document_id") {
        Some(Value::String(id)) => id,
        Some(Value::Number(id)) => id.to_string(),
        _ => String::new(),
    };
    Some(Retrieved { document_id, content, metadata, score })
}

fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// The model's text and count: `summary.message.content`, `summary.message` or `summary` as text, else the flat
/// `message.content`.
pub(super) fn answer(reply: &Value) -> Result<Vec<Chunk>, Failure> {
    if !reply.is_object() {
        return Err(unexpected());
    }
    let text = text(reply).unwrap_or_default().to_owned();
    let counted = usage(reply).map(Chunk::Usage);
    Ok([Chunk::Text(text)].into_iter().chain(counted).collect())
}

/// The text of a complete reply, if it has one.
pub(super) fn text(reply: &Value) -> Option<&str> {
    let summary = &reply["summary"];
    let places = [
        &summary["message"]["content"],
        &summary["message"],
        summary,
        &reply["message"]["content"],
    ];
    places.into_iter().find_map(Value::as_str)
}

/// What the model counted: `summary.usage`, else `usage`.
pub(super) fn usage(reply: &Value) -> Option<Usage> {
    let counted = [&reply["summary"]["usage"], &reply["usage"]]
        .into_iter()
        .find(|usage| usage.is_object())?;
    let count = |key: &str| counted[key].as_i64();
    if count("prompt_tokens").is_none()
        && count("completion_tokens").is_none()
        && count("total_tokens").is_none()
    {
        return None;
    }
    let (prompt, completion) =
        (count("prompt_tokens").unwrap_or(0), count("completion_tokens").unwrap_or(0));
    let total = count("total_tokens").unwrap_or_else(|| prompt.saturating_add(completion));
    Some(Usage { prompt_tokens: prompt, completion_tokens: completion, total_tokens: total })
}

fn unexpected() -> Failure {
    Failure::unreadable("the endpoint answered JSON of an unknown shape")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn both_shapes_of_documents_are_read() {
        let nested = json!({"references": {"documents": [
            {"document_id": "a_1", "content": "one", "metadata": {"title": "T"}, "similarity_score": 0.8},
        ]}, "documents": [{"content": "flat", "score": 0.1}]});
        let found = documents(nested).unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!(
            (found[0].document_id.as_str(), found[0].title(), found[0].score),
            ("a_1", Some("T"), Some(0.8))
        );
        let flat = documents(
            json!({"references": null, "documents": [{"content": "flat", "score": 0.1}]}),
        )
        .unwrap();
        assert_eq!((flat[0].content.as_str(), flat[0].score), ("flat", Some(0.1)));
    }

    #[test]
    fn one_odd_document_does_not_spoil_the_others() {
        let found = documents(json!({"references": {"documents": [
            {"content": "no score", "similarity_score": null, "metadata": null},
            {"content": null, "similarity_score": 0.9},
            "text",
            {"content": "text score", "similarity_score": "0.5", "document_id": 7, "metadata": []},
        ]}}));
        let found = found.unwrap();
        let brief: Vec<_> =
            found.iter().map(|d| (d.content.as_str(), d.score, d.document_id.as_str())).collect();
        assert_eq!(brief, [("no score", None, ""), ("text score", Some(0.5), "7")]);
    }

    #[test]
    fn no_references_are_no_documents_and_another_shape_is_a_failure() {
        for none in
            [json!({}), json!({"references": null}), json!({"references": {"documents": null}})]
        {
            assert_eq!(documents(none), Ok(vec![]));
        }
        for odd in [json!([]), json!("x"), json!({"references": {"documents": "x"}})] {
            assert!(documents(odd).is_err());
        }
    }

    #[test]
    fn the_text_is_found_in_every_shape_and_null_is_empty() {
        let said = |reply| match answer(&reply).unwrap().swap_remove(0) {
            Chunk::Text(text) => text,
            Chunk::Usage(_) => panic!("text comes first"),
        };
        assert_eq!(said(json!({"summary": {"message": {"content": "a"}}})), "a");
        assert_eq!(said(json!({"summary": {"message": "a"}})), "a");
        assert_eq!(said(json!({"summary": "a"})), "a");
        assert_eq!(said(json!({"message": {"content": "a"}})), "a");
        assert_eq!(said(json!({"summary": {"message": {"content": null}}})), "");
        assert_eq!(said(json!({"summary": null})), "");
        assert!(answer(&json!(["a"])).is_err());
    }

    #[test]
    fn usage_is_passed_on_as_counted() {
        let counted = answer(
            &json!({"summary": {"message": "a", "usage": {"prompt_tokens": 3, "completion_tokens": 4}}}),
        );
        assert_eq!(
            counted.unwrap()[1],
            Chunk::Usage(Usage { prompt_tokens: 3, completion_tokens: 4, total_tokens: 7 })
        );
        assert_eq!(usage(&json!({"usage": {"total_tokens": "many"}})), None);
    }
}
