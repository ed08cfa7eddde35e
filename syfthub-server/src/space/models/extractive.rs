//! The model without a model: answers with the sentences of the documents that fit the question best, each with its citation.
//!
//! A sentence scores by the share of the question's words it holds, or stands below, each weighed by its rarity. Up to
//! three are taken, best first; a further one has to add words that the ones before it lack. The same messages always give the same
//! answer.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use futures_util::future::BoxFuture;
use futures_util::{FutureExt as _, StreamExt as _, stream};
use serde_json::{Map, Value, json};
use syfthub_core::input::{Fields, Input, Place};
use syfthub_core::rag::cite::cite;
use syfthub_core::rag::prompt::{self, PromptDocument};
use syfthub_core::wire::chat::Usage;

use super::{Chat, Model, ModelError, ModelType, Piece, Pieces};
use crate::space::kind::{BadConfiguration, TypeInfo, schema};
use crate::space::text;

/// Sentences of an answer at most.
const MOST_SENTENCES: usize = 3;

/// A further sentence has to score this part of the best one's score with the words it adds.
const WORTH: f32 = 0.2;

/// A line without a full stop (a heading, code, a table's row) counts for less than a sentence.
const FRAGMENT: f32 = 0.35;

/// A sentence also speaks of what the line above it names, such as its heading, for this part of those words' weight.
const NAMED_ABOVE: f32 = 0.5;

/// Fewer words than this make no statement.
const SHORTEST: usize = 4;

/// By how much a sentence of the next document counts for less: the documents come best first.
const LATER_DOCUMENT: f32 = 0.06;

const NO_DOCUMENTS: &str = "There are no documents to answer from.";
const NO_ANSWER: &str = "The documents do not answer this question.";

/// The type `extractive`.
pub(super) struct Extractive;

impl ModelType for Extractive {
    fn info(&self) -> TypeInfo {
        TypeInfo {
            name: "extractive",
            description: "Answers with the best matching sentences of the documents and their citations; needs no network.",
            config_schema: schema(&[], json!({})),
            icon: "✂️",
            enabled: true,
        }
    }

    fn open(&self, configuration: &Map<String, Value>) -> Result<Arc<dyn Model>, BadConfiguration> {
        let Nothing = self.info().read(configuration)?;
        Ok(Arc::new(Sentences))
    }
}

/// The configuration of a type without settings.
struct Nothing;

impl Input for Nothing {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        Fields::of(value, place).map(|_| Self)
    }
}

struct Sentences;

impl Model for Sentences {
    fn name(&self) -> &'static str {
        "extractive"
    }

    fn stream(&self, chat: Chat) -> BoxFuture<'_, Result<Pieces, ModelError>> {
        async move {
            let written = tokio::task::spawn_blocking(move || write(&chat));
            let pieces = written.await.map_err(|_| ModelError::Unreadable)?;
            Ok(stream::iter(pieces).map(Ok).boxed())
        }
        .boxed()
    }

    fn check(&self) -> BoxFuture<'_, Result<(), ModelError>> {
        std::future::ready(Ok(())).boxed()
    }
}

/// The pieces of the answer: one per sentence, then how it ended.
fn write(chat: &Chat) -> Vec<Piece> {
    let asked = prompt::parse(&chat.messages);
    let sentences = match best_sentences(&asked.question, &asked.documents) {
        _ if asked.documents.is_empty() => vec![NO_DOCUMENTS.to_owned()],
        found if found.is_empty() => vec![NO_ANSWER.to_owned()],
        found => found,
    };
    let mut pieces = Vec::new();
    let (mut tokens, mut finish) = (0, "stop");
    for (n, sentence) in sentences.into_iter().enumerate() {
        let length = tokens_of(&sentence);
        if n > 0 && tokens + length > chat.max_tokens {
            finish = "length";
            break;
        }
        tokens += length;
        pieces.push(Piece::Text(if n == 0 { sentence } else { format!(" {sentence}") }));
    }
    if cut_at_stop(&mut pieces, &chat.stop) {
        finish = "stop";
    }
    let prompt_tokens = chat.messages.iter().map(|message| tokens_of(&message.content)).sum();
    let usage =
        Usage { prompt_tokens, completion_tokens: tokens, total_tokens: prompt_tokens + tokens };
    pieces.extend([Piece::Finish(finish.to_owned()), Piece::Usage(usage)]);
    pieces
}

/// Words stand for tokens: this model has no others.
fn tokens_of(text: &str) -> i64 {
    i64::try_from(text.split_whitespace().count()).unwrap_or(i64::MAX)
}

/// Ends the text before the first stop sequence in it; tells whether there was one.
fn cut_at_stop(pieces: &mut Vec<Piece>, stop: &[String]) -> bool {
    let whole: String = pieces
        .iter()
        .filter_map(|piece| if let Piece::Text(text) = piece { Some(text.as_str()) } else { None })
        .collect();
    let at = stop
        .iter()
        .filter(|sequence| !sequence.is_empty())
        .filter_map(|sequence| whole.find(sequence.as_str()))
        .min();
    if let Some(at) = at {
        *pieces = vec![Piece::Text(whole[..at].to_owned())];
    }
    at.is_some()
}

struct Candidate {
    sentence: String,
    document: usize,
    /// Words of the question that it holds.
    words: HashSet<String>,
    /// Further ones that the line above it holds.
    above: HashSet<String>,
    weight: f32,
}

/// The sentences that answer best, each with its citation.
fn best_sentences(question: &str, documents: &[PromptDocument]) -> Vec<String> {
    let mut analyzer = text::analyzer();
    let asked: HashSet<String> =
        text::question_words(&mut analyzer, question).into_iter().collect();
    let mut candidates = candidates(documents, &asked);
    let weights = weights(&asked, &candidates);
    let mut chosen: Vec<String> = Vec::new();
    let (mut covered, mut best) = (HashSet::new(), 0.0_f32);
    while chosen.len() < MOST_SENTENCES {
        let scored = candidates
            .iter()
            .enumerate()
            .map(|(at, candidate)| (at, candidate.score(&weights, &covered)));
        // The first of equals wins: documents come best first, and sentences in reading order.
        let Some((at, score)) =
            scored.reduce(|best, next| if next.1 > best.1 { next } else { best })
        else {
            break;
        };
        if score <= 0.0 || score < best * WORTH {
            break;
        }
        best = best.max(score);
        let taken = candidates.remove(at);
        covered.extend(taken.words);
        covered.extend(taken.above);
        chosen.push(format!("{} [cite:{}]", taken.sentence, taken.document));
    }
    chosen
}

fn candidates(documents: &[PromptDocument], asked: &HashSet<String>) -> Vec<Candidate> {
    let mut analyzer = text::analyzer();
    let mut seen = HashSet::new();
    let mut found = Vec::new();
    for (place, document) in documents.iter().enumerate() {
        let mut line_above = HashSet::new();
        for sentence in text::sentences(&document.content) {
            // A marker inside a document is its own claim, and must not pose as ours.
            let sentence = cite(&sentence).text;
            let all: HashSet<String> = text::words(&mut analyzer, &sentence).into_iter().collect();
            let words: HashSet<String> = all.intersection(asked).cloned().collect();
            let is_whole = sentence.ends_with(['.', '!', '?', '…', ':']);
            let mut above: HashSet<String> = std::mem::take(&mut line_above);
            if is_whole {
                above.retain(|word| !words.contains(word));
            } else {
                line_above.clone_from(&words);
                above.clear();
            }
            let matches = !(words.is_empty() && above.is_empty());
            if all.len() >= SHORTEST && matches && seen.insert(sentence.clone()) {
                let weight = if is_whole { 1.0 } else { FRAGMENT } * later(place);
                found.push(Candidate { sentence, document: document.number, words, above, weight });
            }
        }
    }
    found
}

#[expect(clippy::cast_precision_loss, reason = "a prompt has few documents")]
fn later(place: usize) -> f32 {
    1.0 / (1.0 + LATER_DOCUMENT * place as f32)
}

/// The share of each word in the question's meaning; all shares together are 1.
#[expect(clippy::cast_precision_loss, reason = "a weight needs no more digits than a float has")]
fn weights(asked: &HashSet<String>, candidates: &[Candidate]) -> HashMap<String, f32> {
    let total = candidates.len() as f32;
    let rarity = |word: &String| {
        let holding =
            candidates.iter().filter(|candidate| candidate.words.contains(word)).count() as f32;
        (1.0 + (total - holding + 0.5) / (holding + 0.5)).ln()
    };
    let rarities: HashMap<String, f32> =
        asked.iter().map(|word| (word.clone(), rarity(word))).collect();
    // Summed in a fixed order, since floats do not add up the same in every order.
    let mut ordered: Vec<_> = rarities.iter().collect();
    ordered.sort_by_key(|(word, _)| *word);
    let sum: f32 = ordered.iter().map(|(_, rarity)| **rarity).sum();
    rarities.into_iter().map(|(word, rarity)| (word, rarity / sum)).collect()
}

impl Candidate {
    /// How much of the question it answers that is not `covered` yet.
    fn score(&self, weights: &HashMap<String, f32>, covered: &HashSet<String>) -> f32 {
        let weight_of = |words: &HashSet<String>| {
            // Summed in a fixed order, since floats do not add up the same in every order.
            let mut new: Vec<_> = words.difference(covered).collect();
            new.sort();
            new.iter().filter_map(|word| weights.get(*word)).sum::<f32>()
        };
        self.weight * (weight_of(&self.words) + NAMED_ABOVE * weight_of(&self.above))
    }
}

#[cfg(test)]
mod tests {
    use syfthub_core::wire::space::Message;

    use super::*;
    use crate::space::models::{Reply, collect};

    fn chat(content: &str) -> Chat {
        Chat {
            messages: vec![Message::new("system", "Answer."), Message::new("user", content)],
            max_tokens: 500,
            temperature: 0.0,
            stop: Vec::new(),
            presence_penalty: 0.0,
            frequency_penalty: 0.0,
        }
    }

    fn prompt(documents: &[&str], question: &str) -> String {
        let lines: Vec<String> = documents
            .iter()
            .enumerate()
            .map(|(n, text)| {
                format!("<document index=\"{}\"><content>\n{text}\n</content></document>", n + 1)
            })
            .collect();
        format!(
            "<documents>\n{}\n</documents>\n---\nUSER QUESTION:\n{question}\n---",
            lines.join("\n")
        )
    }

    async fn answer(chat: Chat) -> Reply {
        collect(Sentences.stream(chat).await.unwrap()).await.unwrap()
    }

    #[tokio::test]
    async fn the_sentence_that_answers_comes_first_with_its_citation() {
        let cache = "lru_cache(maxsize=128)\n\nDecorator to wrap a function with a memoizing callable. If maxsize is set to None, \
                     the LRU feature is disabled and the cache can grow without bound. If typed is true, types count.";
        let other = "The deque has a maxsize too. None is a constant.";
        let reply = answer(chat(&prompt(
            &[other, cache],
            "What does functools.lru_cache do when maxsize is None?",
        )))
        .await;
        assert!(
            reply.text.starts_with(
                "If maxsize is set to None, the LRU feature is disabled and the cache can grow without bound. [cite:2]"
            ),
            "{}",
            reply.text
        );
        assert_eq!(reply.finish_reason, "stop");
        let usage = reply.usage.unwrap();
        assert_eq!(usage.completion_tokens, tokens_of(&reply.text));
    }

    #[tokio::test]
    async fn a_heading_speaks_through_the_sentence_below_it() {
        let documents = ["One scale for scores\n\nEvery source answers with numbers from 0 to 1."];
        let reply = answer(chat(&prompt(&documents, "Is there one scale for scores?"))).await;
        assert_eq!(reply.text, "Every source answers with numbers from 0 to 1. [cite:1]");
    }

    #[tokio::test]
    async fn a_further_sentence_has_to_add_something() {
        let documents = [
            "Permit N-4 covers night work.",
            "Permit N-4 covers night work too.",
            "The fee for it is forty units.",
        ];
        let reply = answer(chat(&prompt(
            &documents,
            "Which permit covers night work and what is the fee?",
        )))
        .await;
        assert_eq!(
            reply.text,
            "Permit N-4 covers night work. [cite:1] The fee for it is forty units. [cite:3]"
        );
    }

    #[tokio::test]
    async fn without_documents_or_without_an_answer_it_says_so() {
        assert_eq!(answer(chat("Why is the sky blue?")).await.text, NO_DOCUMENTS);
        assert_eq!(
            answer(chat(&prompt(&["Bread is baked in ovens."], "Why is the sky blue?"))).await.text,
            NO_ANSWER
        );
    }

    #[tokio::test]
    async fn a_marker_in_a_document_does_not_count() {
        let reply = answer(chat(&prompt(
            &["The sky is blue because of scattering [cite:7] of light."],
            "Why is the sky blue?",
        )))
        .await;
        assert!(
            reply.text.ends_with("[cite:1]") && !reply.text.contains("[cite:7]"),
            "{}",
            reply.text
        );
    }

    #[tokio::test]
    async fn the_callers_bounds_hold() {
        let documents = ["Permit N-4 covers night work.", "The fee for it is forty units."];
        let asked = prompt(&documents, "Which permit covers night work and what is the fee?");
        let short = answer(Chat { max_tokens: 8, ..chat(&asked) }).await;
        assert_eq!(
            (short.text.as_str(), short.finish_reason.as_str()),
            ("Permit N-4 covers night work. [cite:1]", "length")
        );
        let stopped = answer(Chat { stop: vec!["covers".to_owned()], ..chat(&asked) }).await;
        assert_eq!(stopped.text, "Permit N-4 ");
    }

    #[tokio::test]
    async fn the_same_messages_give_the_same_answer() {
        let documents = [
            "One two three four alpha.",
            "Alpha beta gamma delta one.",
            "Beta gamma two three alpha.",
        ];
        let asked = chat(&prompt(&documents, "alpha beta gamma one two"));
        let first = answer(asked.clone()).await;
        for _ in 0..20 {
            assert_eq!(answer(asked.clone()).await, first);
        }
    }
}
