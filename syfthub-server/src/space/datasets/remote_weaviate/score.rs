//! Scores of Weaviate's three ways to search, on one scale from 0 to 1.

use serde_json::Value;

use super::query::Mode;

/// Half of the scale in BM25.
const HALF: f64 = 3.0;

/// What the numbers beside an object are worth.
pub(super) fn of(told: &Value, mode: Mode) -> f64 {
    let score = match mode {
        // A certainty is half of one plus the cosine. Collections with another metric have distances only.
        Mode::NearText | Mode::Auto => {
            match (number(&told["certainty"]), number(&told["distance"])) {
                (Some(certainty), _) => 2.0 * certainty - 1.0,
                (None, Some(distance)) => 1.0 / (1.0 + distance.max(0.0)),
                (None, None) => 0.0,
            }
        }
        Mode::Bm25 => {
            number(&told["score"]).map_or(0.0, |score| score.max(0.0) / (score.max(0.0) + HALF))
        }
        Mode::Hybrid => number(&told["score"]).unwrap_or_default(),
    };
    score.clamp(0.0, 1.0)
}

/// Weaviate tells some numbers as text.
fn number(value: &Value) -> Option<f64> {
    value.as_f64().or_else(|| value.as_str()?.parse().ok()).filter(|number| number.is_finite())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_way_to_search_scores_between_0_and_1() {
        assert!((of(&json!({"certainty": 0.9}), Mode::NearText) - 0.8).abs() < 1e-9);
        assert!(of(&json!({"certainty": 0.4}), Mode::NearText).abs() < 1e-9);
        assert!(
            (of(&json!({"certainty": null, "distance": 1.0}), Mode::NearText) - 0.5).abs() < 1e-9
        );
        assert!((of(&json!({"score": "3"}), Mode::Bm25) - 0.5).abs() < 1e-9);
        assert!((of(&json!({"score": "0.75"}), Mode::Hybrid) - 0.75).abs() < 1e-9);
        assert!(of(&json!({"score": "NaN"}), Mode::Bm25).abs() < 1e-9);
    }
}
