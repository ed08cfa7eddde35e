//! One order over the documents of all sources.
//!
//! Scores of different sources are not of one scale, and some sources give none; so the order rests on two things, on
//! equal terms: where a document stands at its source, and its score (contract aggregator 1.9, 7.3 P4). For a text that
//! the documents `d` of one or more sources have,
//!
//! ```text
//! fused = sum over owners of (K + 1) / (K + place)  +  calibrated score        K = 60
//! ```
//!
//! - `place` counts from 1 over the documents of a source that count, in the source's own order. This is reciprocal rank
//!   fusion (Cormack, Clarke and Büttcher, 2009), scaled so that a first place is worth 1, as much as a full score.
//! - An owner whose endpoints give the same text has one voice, that of its best place: nobody outvotes others by
//!   publishing a text twice.
//! - `calibrated score` is the score over the highest score of its source, or over 1 when none is higher: a source that
//!   counts beyond 1 does not thereby stand above the others. A document without a score has the least that was asked for.
//!
//! The text is attributed to the source that scores it highest. Ties stand in the order of the request, then of the source.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use super::port::Retrieved;

/// Damps the difference between neighbouring places.
const K: f64 = 60.0;

/// A document with where it came from.
#[derive(Debug, Clone, PartialEq)]
pub struct Ranked {
    /// The source's place in the request, from 0.
    pub source: usize,
    /// The source's path: `owner/slug`.
    pub path: String,
    /// The document.
    pub document: Retrieved,
}

impl Ranked {
    fn owner(&self) -> &str {
        self.path.split_once('/').map_or(self.path.as_str(), |(owner, _)| owner)
    }
}

/// The documents that count, best first, in the order that the module describes.
///
/// Documents of one source stand in `found` in the source's own order. What scores below `threshold` or not finitely is
/// left out, and so is what has no text; a text that several have counts once. At most `cap` documents remain. The result
/// depends on the arguments alone, and not on the order of the sources in `found`.
pub fn rank(found: Vec<Ranked>, threshold: f64, cap: usize) -> Vec<Ranked> {
    let mut texts = distinct(&found, threshold);
    texts.sort_by(|a, b| b.fused().total_cmp(&a.fused()).then(a.first.cmp(&b.first)));
    let kept: Vec<usize> = texts.into_iter().take(cap).map(|text| text.index).collect();
    let mut found: Vec<Option<Ranked>> = found.into_iter().map(Some).collect();
    kept.into_iter().filter_map(|n| found[n].take()).collect()
}

/// A text, and what speaks for it.
struct Text<'a> {
    /// Which of the found documents stands for it.
    index: usize,
    /// The calibrated score of that one.
    score: f64,
    /// Where it was first found: place of the source in the request, and at the source.
    first: (usize, usize),
    /// Who has it, and the reciprocal of the best place it has there.
    voices: Vec<(&'a str, f64)>,
}

impl Text<'_> {
    fn fused(&self) -> f64 {
        self.voices.iter().map(|(_, voice)| voice).sum::<f64>() + self.score
    }
}

/// The texts that count, each once, in the order of the request.
fn distinct(found: &[Ranked], threshold: f64) -> Vec<Text<'_>> {
    let counts = |document: &Retrieved| {
        !document.content.trim().is_empty()
            && document.score.is_none_or(|score| score.is_finite() && score >= threshold)
    };
    let mut order: Vec<usize> = (0..found.len()).filter(|&n| counts(&found[n].document)).collect();
    order.sort_by_key(|&n| found[n].source);
    let mut texts: Vec<Text<'_>> = Vec::with_capacity(order.len());
    // By length first: texts are told apart without reading them.
    let mut known: BTreeMap<(usize, &str), usize> = BTreeMap::new();
    for documents in order.chunk_by(|&a, &b| found[a].source == found[b].source) {
        let scores = documents.iter().filter_map(|&n| found[n].document.score);
        let scale = scores.fold(1.0, f64::max);
        for (place, &index) in (1_u32..).zip(documents) {
            let ranked = &found[index];
            let score = ranked.document.score.unwrap_or(threshold) / scale;
            let voice = (K + 1.0) / (K + f64::from(place));
            let content = ranked.document.content.trim();
            let text = *known.entry((content.len(), content)).or_insert_with(|| {
                let first = (ranked.source, index);
                texts.push(Text { index, score, first, voices: Vec::new() });
                texts.len() - 1
            });
            texts[text].join(ranked.owner(), voice, index, score);
        }
    }
    texts
}

impl<'a> Text<'a> {
    /// One more document with this text.
    fn join(&mut self, owner: &'a str, voice: f64, index: usize, score: f64) {
        match self.voices.iter_mut().find(|(known, _)| *known == owner) {
            Some((_, known)) => *known = known.max(voice),
            None => self.voices.push((owner, voice)),
        }
        if score > self.score {
            (self.index, self.score) = (index, score);
        }
    }
}

/// Higher scores first; no score, and what is no number, last.
pub(super) fn by_score(a: &Retrieved, b: &Retrieved) -> Ordering {
    let score = |document: &Retrieved| document.score.filter(|score| !score.is_nan());
    match (score(a), score(b)) {
        (Some(a), Some(b)) => b.total_cmp(&a),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => Ordering::Equal,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn ranked(source: usize, content: &str, score: Option<f64>) -> Ranked {
        let document = Retrieved { content: content.to_owned(), score, ..Retrieved::default() };
        Ranked { source, path: format!("ada/s{source}"), document }
    }

    fn texts(ranked: &[Ranked]) -> Vec<&str> {
        ranked.iter().map(|ranked| ranked.document.content.as_str()).collect()
    }

    #[test]
    fn better_scores_come_first_and_ties_keep_the_order_of_the_request() {
        let found = vec![
            ranked(1, "best", Some(0.9)),
            ranked(0, "first tie", Some(0.7)),
            ranked(2, "late tie", Some(0.7)),
            ranked(3, "unscored", None),
        ];
        assert_eq!(texts(&rank(found, 0.5, 100)), ["best", "first tie", "late tie", "unscored"]);
    }

    #[test]
    fn a_source_that_counts_beyond_one_stands_among_the_others_in_its_own_order() {
        let found = vec![
            ranked(0, "seventeen", Some(17.0)),
            ranked(0, "eight", Some(8.0)),
            ranked(1, "good", Some(0.9)),
            ranked(1, "fair", Some(0.4)),
        ];
        assert_eq!(texts(&rank(found, 0.0, 100)), ["seventeen", "good", "eight", "fair"]);
    }

    #[test]
    fn documents_without_a_score_are_taken_by_their_place() {
        let unscored = |n| ranked(0, n, None);
        let found = vec![unscored("a"), unscored("b"), ranked(1, "x", Some(0.505))];
        assert_eq!(texts(&rank(found, 0.5, 100)), ["x", "a", "b"]);
    }

    #[test]
    fn what_two_owners_give_outweighs_a_better_score_but_an_owner_has_one_voice() {
        let by = |source, path: &str, content, score| Ranked {
            path: path.to_owned(),
            ..ranked(source, content, Some(score))
        };
        let found = vec![
            by(0, "ada/a", "lone", 0.95),
            by(1, "bob/b", "shared", 0.6),
            by(2, "cyd/c", "shared", 0.7),
            by(3, "eve/e", "twice", 0.9),
            by(4, "eve/f", "twice", 0.9),
        ];
        let ranked = rank(found, 0.5, 100);
        assert_eq!(texts(&ranked), ["shared", "lone", "twice"]);
        assert_eq!((ranked[0].source, ranked[0].path.as_str()), (2, "cyd/c"));
        assert_eq!(ranked[2].path, "eve/e");
    }

    #[test]
    fn what_scores_too_low_or_not_finitely_is_left_out() {
        let found = vec![
            ranked(0, "low", Some(0.49)),
            ranked(0, "nan", Some(f64::NAN)),
            ranked(0, "infinite", Some(f64::INFINITY)),
            ranked(0, " \n", Some(0.9)),
            ranked(0, "just enough", Some(0.5)),
        ];
        assert_eq!(texts(&rank(found, 0.5, 100)), ["just enough"]);
    }

    #[test]
    fn a_text_found_twice_counts_once_at_its_best_place() {
        let found = vec![
            ranked(0, "same", Some(0.6)),
            ranked(1, "same\n", Some(0.8)),
            ranked(0, "other", Some(0.7)),
        ];
        let ranked = rank(found, 0.0, 100);
        assert_eq!(texts(&ranked), ["same\n", "other"]);
        assert_eq!(ranked[0].path, "ada/s1");
    }

    fn any_score() -> impl Strategy<Value = Option<f64>> {
        prop_oneof![
            Just(None),
            prop::num::f64::ANY.prop_map(Some),
            (0_u8..=4).prop_map(|quarter| Some(f64::from(quarter) / 4.0)),
        ]
    }

    proptest! {
        #[test]
        fn ranking_is_the_same_in_whatever_order_the_sources_finished(
            scores in prop::collection::vec(prop::collection::vec(any_score(), 0..4), 0..5),
            threshold in 0.0..1.0_f64,
            cap in 0_usize..12,
            turn in 0_usize..5,
        ) {
            let mut by_source: Vec<Vec<Ranked>> = scores
                .iter()
                .enumerate()
                .map(|(s, scores)| {
                    scores.iter().enumerate().map(|(d, &score)| ranked(s, &format!("{}", (s + d) % 6), score)).collect()
                })
                .collect();
            let straight = rank(by_source.concat(), threshold, cap);
            if !by_source.is_empty() {
                let turn = turn % by_source.len();
                by_source.rotate_left(turn);
            }
            let turned = rank(by_source.concat(), threshold, cap);
            prop_assert_eq!(format!("{straight:?}"), format!("{turned:?}"));
            prop_assert!(straight.len() <= cap);
            prop_assert!(straight.iter().all(|r| r.document.score.is_none_or(|s| s.is_finite() && s >= threshold)));
            let mut told: Vec<&str> = straight.iter().map(|r| r.document.content.as_str()).collect();
            told.sort_unstable();
            told.dedup();
            prop_assert_eq!(told.len(), straight.len());
        }

        #[test]
        fn a_source_that_falls_in_its_own_order_keeps_it(
            mut one in prop::collection::vec(0.0..40.0_f64, 0..8),
            other in prop::collection::vec(any_score(), 0..8),
        ) {
            one.sort_by(|a, b| b.total_cmp(a));
            let found: Vec<Ranked> = other
                .iter()
                .enumerate()
                .map(|(n, &score)| ranked(0, &format!("other {n}"), score))
                .chain(one.iter().enumerate().map(|(n, &score)| ranked(1, &format!("one {n}"), Some(score))))
                .collect();
            let told: Vec<usize> = rank(found, 0.0, 100)
                .iter()
                .filter_map(|r| r.document.content.strip_prefix("one ")?.parse().ok())
                .collect();
            prop_assert_eq!(told, (0..one.len()).collect::<Vec<_>>());
        }
    }
}
