//! The documents behind an answer, by title (contract aggregator 1.9).

use std::collections::HashSet;

use super::rank::Ranked;
use crate::wire::chat::{SourceEntry, Sources};

/// Titles and documents, best first. A title that was given already gets ` (2)`, ` (3)` and so on.
pub fn sources(ranked: Vec<Ranked>) -> Sources {
    let mut taken = HashSet::new();
    let entries = ranked.into_iter().map(|ranked| {
        let wanted = ranked
            .document
            .title()
            .map_or_else(|| format!("Document from {}", ranked.path), str::to_owned);
        let title = free(wanted, &taken);
        taken.insert(title.clone());
        (title, entry(ranked))
    });
    Sources(entries.collect())
}

fn free(wanted: String, taken: &HashSet<String>) -> String {
    if !taken.contains(&wanted) {
        return wanted;
    }
    let numbered = (2..).map(|n| format!("{wanted} ({n})"));
    numbered.into_iter().find(|title| !taken.contains(title)).unwrap_or(wanted)
}

fn entry(ranked: Ranked) -> SourceEntry {
    SourceEntry {
        document: ranked.document.path().map(str::to_owned),
        slug: ranked.path,
        content: ranked.document.content,
        score: ranked.document.score,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::port::Retrieved;
    use super::*;

    fn ranked(metadata: &serde_json::Value) -> Ranked {
        let metadata = metadata.as_object().cloned().unwrap_or_default();
        let document = Retrieved {
            content: "text".into(),
            metadata,
            score: Some(0.5),
            ..Retrieved::default()
        };
        Ranked { source: 0, path: "ada/notes".into(), document }
    }

    #[test]
    fn a_repeated_title_is_numbered_and_never_overwrites_another() {
        let given = vec![
            ranked(&json!({"title": "A (2)"})),
            ranked(&json!({"title": "A", "file_path": "a/b.md"})),
            ranked(&json!({"document_title": "A"})),
            ranked(&json!({"title": " "})),
            ranked(&json!({"title": 7})),
            ranked(&json!({"title": "é".repeat(5000)})),
        ];
        let Sources(entries) = sources(given);
        let mut titles: Vec<&str> = entries.iter().map(|(title, _)| title.as_str()).collect();
        let long = titles.pop().unwrap();
        assert_eq!(
            titles,
            ["A (2)", "A", "A (3)", "Document from ada/notes", "Document from ada/notes (2)"]
        );
        assert_eq!(long, "é".repeat(300));
        assert_eq!(entries[1].1.document.as_deref(), Some("a/b.md"));
        assert_eq!(entries[2].1.document, None);
        assert_eq!(entries[0].1.slug, "ada/notes");
    }
}
