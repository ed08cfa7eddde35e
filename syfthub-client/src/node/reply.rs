//! A complete answer of a space, in any of the shapes that spaces give (contract aggregator 2.5, 2.6).
//!
//! What is absent or null counts as nothing; one odd document does not spoil the others.

use serde_json::{Map, Value};
use syfthub_core::rag::{Chunk, Found, Retrieved};
use syfthub_core::wire::chat::Usage;
use syfthub_core::wire::space::PolicyEntry;

use super::failure::Failure;

/// The documents: `references.documents`, else the flat `documents` of older shapes. What a model of the endpoint wrote
/// becomes one document before them (contract aggregator 1.8).
pub(super) fn found(mut reply: Value) -> Result<Found, Failure> {
    let entries = entries(&mut reply);
    let written = written(&reply);
    let reply = reply.as_object_mut().ok_or_else(unexpected)?;
    let nested = reply
        .get_mut("references")
        .and_then(|references| references.get_mut("documents"))
        .map(Value::take);
    let listed = nested
        .filter(|found| !found.is_null())
        .or_else(|| reply.get_mut("documents").map(Value::take));
    let listed = match listed {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(listed)) => listed,
        Some(_) => return Err(unexpected()),
    };
    let listed = listed.into_iter().filter_map(document);
    Ok(Found { documents: written.into_iter().chain(listed).collect(), entries })
}

/// What the endpoint's model wrote about the question, as a document that says so.
fn written(reply: &Value) -> Option<Retrieved> {
    let summary = reply.get("summary").filter(|summary| !summary.is_null())?;
    let places = [&summary["message"]["content"], &summary["message"], summary];
    let content = places.into_iter().find_map(Value::as_str).unwrap_or_default();
    let kind = if content.trim().is_empty() { "generated_empty" } else { "generated" };
    Some(Retrieved {
        document_id: String::new(),
        content: content.to_owned(),
        metadata: [(Retrieved::SOURCE_TYPE.to_owned(), kind.into())].into_iter().collect(),
        score: Some(1.0),
    })
}

/// Takes what the endpoint's policies did out of a reply or an error body. What is null counts as absent, and an entry
/// that cannot be read counts as none.
pub(super) fn entries(reply: &mut Value) -> Vec<PolicyEntry> {
    let listed = reply.get_mut("policy_metadata").and_then(|said| said.get_mut("entries"));
    let Some(Value::Array(listed)) = listed.map(Value::take) else { return Vec::new() };
    listed.into_iter().filter_map(entry).collect()
}

fn entry(mut value: Value) -> Option<PolicyEntry> {
    value.as_object_mut()?.retain(|_, said| !said.is_null());
    serde_json::from_value(value).ok()
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
pub(super) fn answer(mut reply: Value) -> Result<Vec<Chunk>, Failure> {
    if !reply.is_object() {
        return Err(unexpected());
    }
    let charged = charged(&mut reply);
    let text = text(&reply).unwrap_or_default().to_owned();
    let counted = usage(&reply).map(Chunk::Usage);
    Ok([Chunk::Text(text)].into_iter().chain(counted).chain(charged).collect())
}

/// What the policies of the model's endpoint did, if they did anything.
pub(super) fn charged(reply: &mut Value) -> Option<Chunk> {
    Some(entries(reply)).filter(|entries| !entries.is_empty()).map(Chunk::Entries)
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
        let found = found(nested).unwrap().documents;
        assert_eq!(found.len(), 1);
        assert_eq!(
            (found[0].document_id.as_str(), found[0].title(), found[0].score),
            ("a_1", Some("T"), Some(0.8))
        );
        let flat = super::found(
            json!({"references": null, "documents": [{"content": "flat", "score": 0.1}]}),
        );
        let flat = flat.unwrap().documents;
        assert_eq!((flat[0].content.as_str(), flat[0].score), ("flat", Some(0.1)));
    }

    #[test]
    fn one_odd_document_does_not_spoil_the_others() {
        let found = found(json!({"references": {"documents": [
            {"content": "no score", "similarity_score": null, "metadata": null},
            {"content": null, "similarity_score": 0.9},
            "text",
            {"content": "text score", "similarity_score": "0.5", "document_id": 7, "metadata": []},
        ]}}));
        let found = found.unwrap().documents;
        let brief: Vec<_> =
            found.iter().map(|d| (d.content.as_str(), d.score, d.document_id.as_str())).collect();
        assert_eq!(brief, [("no score", None, ""), ("text score", Some(0.5), "7")]);
    }

    #[test]
    fn no_references_are_no_documents_and_another_shape_is_a_failure() {
        for none in
            [json!({}), json!({"references": null}), json!({"references": {"documents": null}})]
        {
            assert_eq!(found(none), Ok(Found::default()));
        }
        for odd in [json!([]), json!("x"), json!({"references": {"documents": "x"}})] {
            assert!(found(odd).is_err());
        }
    }

    #[test]
    fn the_text_is_found_in_every_shape_and_null_is_empty() {
        let said = |reply| match answer(reply).unwrap().swap_remove(0) {
            Chunk::Text(text) => text,
            other => panic!("text comes first, not {other:?}"),
        };
        assert_eq!(said(json!({"summary": {"message": {"content": "a"}}})), "a");
        assert_eq!(said(json!({"summary": {"message": "a"}})), "a");
        assert_eq!(said(json!({"summary": "a"})), "a");
        assert_eq!(said(json!({"message": {"content": "a"}})), "a");
        assert_eq!(said(json!({"summary": {"message": {"content": null}}})), "");
        assert_eq!(said(json!({"summary": null})), "");
        assert!(answer(json!(["a"])).is_err());
    }

    #[test]
    fn usage_is_passed_on_as_counted() {
        let counted = answer(
            json!({"summary": {"message": "a", "usage": {"prompt_tokens": 3, "completion_tokens": 4}}}),
        );
        assert_eq!(
            counted.unwrap()[1],
            Chunk::Usage(Usage { prompt_tokens: 3, completion_tokens: 4, total_tokens: 7 })
        );
        assert_eq!(usage(&json!({"usage": {"total_tokens": "many"}})), None);
    }

    #[test]
    fn what_a_model_of_the_source_wrote_is_one_document_that_says_so() {
        let reply = json!({"summary": {"message": {"content": "It rains."}},
            "references": {"documents": [{"content": "one", "similarity_score": 0.8}]}});
        let documents = found(reply).unwrap().documents;
        assert_eq!((documents[0].content.as_str(), documents[0].score), ("It rains.", Some(1.0)));
        assert_eq!(documents[0].metadata["source_type"], "generated");
        assert_eq!(documents[1].content, "one");
        for empty in [json!({"summary": {"message": {"content": null}}}), json!({"summary": ""})] {
            let documents = found(empty).unwrap().documents;
            assert_eq!(documents[0].metadata["source_type"], "generated_empty");
        }
        assert_eq!(found(json!({"summary": null})).unwrap().documents, []);
    }

    #[test]
    fn what_policies_did_is_read_and_nulls_count_as_absent() {
        let said = json!({"policy_metadata": {"outcome": "success", "entries": [
            {"policy_type": "accounting", "kind": "payment", "status": "charged", "amount": 0.5, "currency": null,
             "transaction": null, "details": null, "recipient": {"username": "ada"}},
            {"policy_type": "accounting"},
            "odd",
        ]}});
        let found = found(said.clone()).unwrap();
        assert_eq!(found.entries.len(), 1);
        assert_eq!((found.entries[0].amount, &found.entries[0].currency), (Some(0.5), &None));
        let chunks = answer(said).unwrap();
        assert_eq!(chunks.last(), Some(&Chunk::Entries(found.entries)));
        for odd in [json!({"policy_metadata": null}), json!({"policy_metadata": {"entries": 7}})] {
            assert_eq!(found_entries(odd), []);
        }
    }

    fn found_entries(reply: Value) -> Vec<PolicyEntry> {
        found(reply).unwrap().entries
    }
}
