//! One ranking out of two.
//!
//! **Order**: reciprocal rank fusion, each side's vote weighted by how relevant it finds the passage itself; so the best of a
//! side that found nothing to the point does not push away what the other side is sure of. A vote by words weighs the
//! square: passages share half of a question's words by chance far more often than they share half of its meaning.
//!
//! **Score**: relevance from 0 to 1 on one scale for words and meaning, the better of both. The scale does not depend on the
//! dataset or on how many passages compete, so scores of different datasets can be sorted together and a threshold means
//! the same everywhere. Where order and relevance disagree, neighbours share their mean (isotonic regression), so that a
//! list sorted by score is in the fused order.

use std::collections::HashMap;

use tantivy::DocAddress;

/// Damps the difference between the first ranks (Cormack, Clarke, Büttcher 2009).
const RANK_CONSTANT: f32 = 60.0;

/// A passage on its way into the answer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Fused {
    pub(super) address: DocAddress,
    pub(super) score: f32,
}

/// What both sides say of one passage.
#[derive(Debug, Clone, Copy, Default)]
struct Votes {
    reciprocal: f32,
    relevance: f32,
}

/// What a ranking goes by, with its passages and their relevance, best first.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Ranking {
    Words(Vec<(f32, DocAddress)>),
    Meaning(Vec<(f32, DocAddress)>),
}

impl Ranking {
    fn passages(&self) -> &[(f32, DocAddress)] {
        match self {
            Self::Words(passages) | Self::Meaning(passages) => passages,
        }
    }

    fn weight(&self, relevance: f32) -> f32 {
        match self {
            Self::Words(_) => relevance * relevance,
            Self::Meaning(_) => relevance,
        }
    }
}

/// Fuses rankings.
pub(super) fn fuse(rankings: &[Ranking]) -> Vec<Fused> {
    let mut votes: HashMap<DocAddress, Votes> = HashMap::new();
    for ranking in rankings {
        let mut rank = RANK_CONSTANT;
        for (relevance, address) in ranking.passages() {
            rank += 1.0;
            let vote = votes.entry(*address).or_default();
            vote.reciprocal += ranking.weight(*relevance) / rank;
            vote.relevance = vote.relevance.max(*relevance);
        }
    }
    let mut fused: Vec<(DocAddress, Votes)> = votes.into_iter().collect();
    fused.sort_by(|(left, a), (right, b)| {
        b.reciprocal.total_cmp(&a.reciprocal).then_with(|| left.cmp(right))
    });
    let scores = falling(&fused.iter().map(|(_, votes)| votes.relevance).collect::<Vec<_>>());
    fused
        .iter()
        .zip(scores)
        .map(|((address, _), score)| Fused { address: *address, score })
        .collect()
}

/// The falling sequence nearest to `values` in the sense of least squares: neighbours that rise share their mean.
fn falling(values: &[f32]) -> Vec<f32> {
    // Blocks of neighbours with their sum and count.
    let mut blocks: Vec<(f32, u16)> = Vec::with_capacity(values.len());
    for value in values {
        let mut block = (*value, 1_u16);
        while let Some(before) = blocks.last().copied() {
            if before.0 / f32::from(before.1) >= block.0 / f32::from(block.1) {
                break;
            }
            blocks.pop();
            block = (before.0 + block.0, before.1.saturating_add(block.1));
        }
        blocks.push(block);
    }
    blocks
        .into_iter()
        .flat_map(|(sum, count)| std::iter::repeat_n(sum / f32::from(count), usize::from(count)))
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn ranking(relevances: &[(f32, u32)]) -> Vec<(f32, DocAddress)> {
        relevances.iter().map(|(relevance, doc)| (*relevance, DocAddress::new(0, *doc))).collect()
    }

    fn docs(fused: &[Fused]) -> Vec<u32> {
        fused.iter().map(|hit| hit.address.doc_id).collect()
    }

    #[test]
    fn what_both_sides_find_comes_before_what_one_finds() {
        let words = Ranking::Words(ranking(&[(0.6, 1), (0.6, 2)]));
        let meaning = Ranking::Meaning(ranking(&[(0.6, 3), (0.6, 2)]));
        assert_eq!(docs(&fuse(&[words, meaning])), [2, 3, 1]);
    }

    #[test]
    fn a_side_without_a_good_answer_does_not_push_away_a_sure_one() {
        let words = Ranking::Words(ranking(&[(0.5, 1), (0.4, 2), (0.1, 3)]));
        let meaning = Ranking::Meaning(ranking(&[(0.5, 9), (0.1, 1)]));
        assert_eq!(docs(&fuse(&[words, meaning]))[0], 9);
    }

    #[test]
    fn one_ranking_alone_keeps_its_order_and_its_scores() {
        let words = ranking(&[(0.9, 4), (0.5, 2), (0.4, 7)]);
        let fused = fuse(&[Ranking::Words(words.clone())]);
        assert_eq!(fused.iter().map(|hit| (hit.score, hit.address)).collect::<Vec<_>>(), words);
    }

    proptest! {
        #[test]
        fn scores_fall_keep_their_mean_and_stay_within_bounds(values in prop::collection::vec(0.0_f32..1.0, 0..40)) {
            let smooth = falling(&values);
            prop_assert_eq!(smooth.len(), values.len());
            prop_assert!(smooth.windows(2).all(|pair| pair[0] >= pair[1] - 1e-5));
            let mean = |all: &[f32]| all.iter().sum::<f32>();
            prop_assert!((mean(&smooth) - mean(&values)).abs() < 1e-3);
            prop_assert!(smooth.iter().all(|score| (-1e-5..=1.0).contains(score)));
        }
    }
}
