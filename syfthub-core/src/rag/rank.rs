//! One order over the documents of all sources.

use std::cmp::Ordering;
use std::collections::HashSet;

use super::port::Retrieved;

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

/// The documents that count, best first (contract aggregator 1.9).
///
/// Scores fall; equal scores stand in the order of the request, then in the order of their source; documents without a
/// score come last. What scores below `threshold` or not finitely is left out, and so is a text that a better document
/// already has. At most `cap` documents remain. The result depends on the arguments alone.
pub fn rank(found: Vec<Ranked>, threshold: f64, cap: usize) -> Vec<Ranked> {
    let counts = |document: &Retrieved| {
        document.score.is_none_or(|score| score.is_finite() && score >= threshold)
    };
    let mut order: Vec<(usize, &Ranked)> =
        found.iter().enumerate().filter(|(_, ranked)| counts(&ranked.document)).collect();
    order.sort_by(|(m, a), (n, b)| {
        by_score(&a.document, &b.document).then(a.source.cmp(&b.source)).then(m.cmp(n))
    });
    let mut seen = HashSet::new();
    order.retain(|(_, ranked)| seen.insert(ranked.document.content.trim()));
    let kept: Vec<usize> = order.into_iter().take(cap).map(|(n, _)| n).collect();
    let mut found: Vec<Option<Ranked>> = found.into_iter().map(Some).collect();
    kept.into_iter().filter_map(|n| found[n].take()).collect()
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
            ranked(1, "late tie", Some(0.7)),
            ranked(0, "first tie", Some(0.7)),
            ranked(0, "second tie", Some(0.7)),
            ranked(1, "best", Some(0.9)),
            ranked(0, "unscored", None),
        ];
        assert_eq!(
            texts(&rank(found, 0.5, 100)),
            ["best", "first tie", "second tie", "late tie", "unscored"]
        );
    }

    #[test]
    fn what_scores_too_low_or_not_finitely_is_left_out() {
        let found = vec![
            ranked(0, "low", Some(0.49)),
            ranked(0, "nan", Some(f64::NAN)),
            ranked(0, "infinite", Some(f64::INFINITY)),
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
            prop_assert!(straight.windows(2).all(|w| by_score(&w[0].document, &w[1].document).is_le()));
        }
    }
}
