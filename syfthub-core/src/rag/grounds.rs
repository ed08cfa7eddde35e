//! What the text of an answer rests on: its markers, followed to the documents and the sources that gave them.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;

use super::cite::{Citation, Cited, cite};
use super::prompt;
use super::support::Sentences;
use crate::wire::chat::{SourceEntry, Sources};
use crate::wire::citation::CitedSpan;

/// The longest text that is looked at; no answer that people read is longer.
const MAX_TEXT: usize = 1 << 20;

/// The most claims for which the documents are searched.
const MAX_SUPPORTED: usize = 200;

/// What an answer rests on.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Grounds {
    /// One a claim and document, in the order of the text.
    pub(super) citations: Vec<CitedSpan>,
    /// The text with its markers in the form `[cite:N-start:end]`.
    pub(super) annotated: Option<String>,
    /// Path of each cited source to its share.
    pub(super) profit_share: Option<BTreeMap<String, f64>>,
}

/// What `answer` rests on, whose prompt held as many of `sources` as fit into `document_chars` characters.
///
/// A marker that names no document of the prompt says nothing, and is left out everywhere. Every other marker has one
/// share of the answer, which its documents divide equally.
pub(super) fn grounds(answer: &str, sources: &Sources, document_chars: usize) -> Grounds {
    if answer.len() > MAX_TEXT || !answer.contains("cite") {
        return Grounds::default();
    }
    let Cited { text, mut citations } = cite(answer);
    let shown =
        prompt::shown(sources.0.iter().map(|(_, entry)| entry.content.as_str()), document_chars);
    for citation in &mut citations {
        let mut known = Vec::new();
        citation.documents.retain(|&n| {
            n <= shown && !known.contains(&n) && {
                known.push(n);
                true
            }
        });
    }
    citations.retain(|citation| !citation.documents.is_empty());
    if citations.is_empty() {
        return Grounds::default();
    }
    Grounds {
        citations: spans(&text, &citations, sources, document_chars),
        annotated: Some(annotated(&text, &citations)),
        profit_share: Some(shares(&citations, sources)),
    }
}

fn spans(
    text: &str,
    citations: &[Citation],
    sources: &Sources,
    document_chars: usize,
) -> Vec<CitedSpan> {
    let text: Vec<char> = text.chars().collect();
    let mut documents: HashMap<usize, Sentences> = HashMap::new();
    let pairs =
        citations.iter().flat_map(|c| c.documents.iter().map(move |&document| (c, document)));
    let spans = pairs.enumerate().map(|(n, (citation, document))| {
        let (title, entry) = &sources.0[document - 1];
        let sentences = || Sentences::of(&entry.content, document_chars);
        let support =
            (n < MAX_SUPPORTED).then(|| documents.entry(document).or_insert_with(sentences));
        let claim = &text[citation.start..citation.end];
        CitedSpan {
            start: citation.start,
            end: citation.end,
            document,
            title: title.clone(),
            source: entry.slug.clone(),
            path: entry.document.clone(),
            support: support.and_then(|sentences| sentences.support(claim.iter().copied())),
        }
    });
    spans.collect()
}

/// `text` with one marker a document where the markers stood.
fn annotated(text: &str, citations: &[Citation]) -> String {
    let mut told = String::with_capacity(text.len() + 20 * citations.len());
    let mut rest = text.chars();
    let mut at = 0;
    for citation in citations {
        told.extend(rest.by_ref().take(citation.place - at));
        at = citation.place;
        for document in &citation.documents {
            let Citation { start, end, .. } = citation;
            write!(told, "[cite:{document}-{start}:{end}]").expect("a String takes all text");
        }
    }
    told.extend(rest);
    told
}

#[expect(clippy::cast_precision_loss, reason = "counts of markers are small")]
fn shares(citations: &[Citation], sources: &Sources) -> BTreeMap<String, f64> {
    let mut shares = BTreeMap::new();
    for citation in citations {
        let part = 1.0 / (citations.len() * citation.documents.len()) as f64;
        for document in &citation.documents {
            let SourceEntry { slug, .. } = &sources.0[document - 1].1;
            *shares.entry(slug.clone()).or_insert(0.0) += part;
        }
    }
    shares
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sources(documents: &[(&str, &str)]) -> Sources {
        let entry = |&(slug, content): &(&str, &str)| SourceEntry {
            slug: slug.to_owned(),
            content: content.to_owned(),
            document: Some("w.md".to_owned()),
            score: None,
        };
        let titled = |(n, document)| (format!("T{}", n + 1), entry(document));
        Sources(documents.iter().enumerate().map(titled).collect())
    }

    #[test]
    fn a_claim_names_its_document_its_source_and_the_sentence_that_supports_it() {
        let sources =
            sources(&[("ada/notes", "Dry here. It rains in é May."), ("bob/maps", "Hills.")]);
        let told = grounds("In é May it rains. [cite:1, 2, 2] So.", &sources, 48_000);
        let json = serde_json::to_string(&told.citations).unwrap();
        insta::assert_snapshot!(json, @r#"[{"start":0,"end":18,"document":1,"title":"T1","source":"ada/notes","path":"w.md","support":{"start":10,"end":28}},{"start":0,"end":18,"document":2,"title":"T2","source":"bob/maps","path":"w.md"}]"#);
        assert_eq!(
            told.annotated.as_deref(),
            Some("In é May it rains. [cite:1-0:18][cite:2-0:18] So.")
        );
        let shares = [("ada/notes".to_owned(), 0.5), ("bob/maps".to_owned(), 0.5)];
        assert_eq!(told.profit_share, Some(shares.into_iter().collect()));
    }

    #[test]
    fn markers_of_documents_that_the_model_was_not_shown_count_for_nothing() {
        let sources = sources(&[("ada/notes", "12345"), ("bob/maps", "67890")]);
        let told = grounds("One [cite:3]. Two [cite:2]. Three [cite:1,2].", &sources, 5);
        assert_eq!(told.annotated.as_deref(), Some("One . Two . Three [cite:1-12:17]."));
        assert_eq!(told.profit_share, Some([("ada/notes".to_owned(), 1.0)].into_iter().collect()));
        assert_eq!(grounds("One [cite:3].", &sources, 100), Grounds::default());
        assert_eq!(grounds("No cite: here.", &sources, 100), Grounds::default());
    }

    proptest! {
        #[test]
        fn every_citation_names_the_source_of_its_document(
            answer in r"([a-zé .!?\n\[\]]|\[cite: ?[0-9],? ?[0-9]?\]){0,40}",
            contents in prop::collection::vec(r"[a-z .\[\]:0-9]{0,20}", 0..6),
        ) {
            let documents: Vec<(String, &str)> =
                contents.iter().enumerate().map(|(n, content)| (format!("owner{n}/notes"), content.as_str())).collect();
            let documents: Vec<(&str, &str)> = documents.iter().map(|(slug, content)| (slug.as_str(), *content)).collect();
            let told = grounds(&answer, &sources(&documents), 48_000);
            for span in &told.citations {
                prop_assert_eq!(&span.source, &format!("owner{}/notes", span.document - 1));
                prop_assert_eq!(&span.title, &format!("T{}", span.document));
            }
            if let Some(shares) = &told.profit_share {
                prop_assert!((shares.values().sum::<f64>() - 1.0).abs() < 1e-9);
                let annotated = told.annotated.as_deref().unwrap_or_default();
                prop_assert_eq!(cite(annotated).text, cite(&answer).text);
            }
            prop_assert_eq!(told.citations.is_empty(), told.profit_share.is_none());
        }
    }
}
