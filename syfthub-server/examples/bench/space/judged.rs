//! How good a ranking is, by what people judged of its documents.

use std::collections::BTreeMap;

/// Documents of a ranking that count.
pub(super) const DEPTH: usize = 10;

/// What people say of a question's documents: 2 answers it, 1 helps; the others do not matter.
pub(super) type Judgements = BTreeMap<String, u32>;

/// Normalised discounted cumulative gain of the first ten (Järvelin and Kekäläinen 2002): 1 when no other order would be
/// better. The gain of a grade is `2^grade - 1`. A document counts once.
pub(super) fn ndcg(ranking: &[String], judged: &Judgements) -> f64 {
    let found = distinct(ranking).map(|name| judged.get(name).copied().unwrap_or_default());
    let mut best: Vec<u32> = judged.values().copied().collect();
    best.sort_unstable_by(|a, b| b.cmp(a));
    let ideal = gain(best.into_iter());
    if ideal > 0.0 { gain(found) / ideal } else { 0.0 }
}

/// The part of the documents that answer or help which is among the first ten.
#[expect(clippy::cast_precision_loss, reason = "a handful of documents")]
pub(super) fn recall(ranking: &[String], judged: &Judgements) -> f64 {
    let wanted = judged.values().filter(|grade| **grade > 0).count();
    let found = distinct(ranking)
        .take(DEPTH)
        .filter(|name| judged.get(*name).is_some_and(|grade| *grade > 0))
        .count();
    if wanted == 0 { 0.0 } else { found as f64 / wanted.min(DEPTH) as f64 }
}

fn distinct(ranking: &[String]) -> impl Iterator<Item = &String> {
    ranking
        .iter()
        .enumerate()
        .filter(|(n, name)| !ranking[..*n].contains(name))
        .map(|(_, name)| name)
}

fn gain(grades: impl Iterator<Item = u32>) -> f64 {
    let discounted = |(rank, grade): (u32, u32)| {
        f64::from(2_u32.saturating_pow(grade) - 1) / f64::from(rank + 2).log2()
    };
    (0..).zip(grades.take(DEPTH)).map(discounted).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged() -> Judgements {
        [("a", 2), ("b", 1), ("c", 0)].map(|(name, grade)| (name.to_owned(), grade)).into()
    }

    fn ranking(names: &str) -> Vec<String> {
        names.chars().map(String::from).collect()
    }

    #[test]
    fn the_best_order_has_a_gain_of_1_and_nothing_relevant_of_0() {
        assert!((ndcg(&ranking("abc"), &judged()) - 1.0).abs() < 1e-12);
        assert!(ndcg(&ranking("cxy"), &judged()).abs() < 1e-12);
        assert!(ndcg(&[], &judged()).abs() < 1e-12);
        assert!(ndcg(&ranking("a"), &Judgements::new()).abs() < 1e-12);
    }

    #[test]
    fn a_later_place_counts_less() {
        // b first: (1 + 3 / log2(3)) / (3 + 1 / log2(3)).
        let expected = (1.0 + 3.0 / 3_f64.log2()) / (3.0 + 1.0 / 3_f64.log2());
        assert!((ndcg(&ranking("ba"), &judged()) - expected).abs() < 1e-12);
        let far: String = "cdefghijkl".chars().chain("a".chars()).collect();
        assert!(ndcg(&ranking(&far), &judged()).abs() < 1e-12, "the eleventh place does not count");
    }

    #[test]
    fn recall_is_the_part_that_was_found_and_a_document_counts_once() {
        assert!((recall(&ranking("xab"), &judged()) - 1.0).abs() < 1e-12);
        assert!((recall(&ranking("aaa"), &judged()) - 0.5).abs() < 1e-12);
        assert!(recall(&ranking("xyz"), &judged()).abs() < 1e-12);
        assert!((ndcg(&ranking("aab"), &judged()) - 1.0).abs() < 1e-12);
    }
}
