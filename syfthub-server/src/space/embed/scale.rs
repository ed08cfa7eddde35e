//! What a cosine is worth. Models differ: with one, texts about different things have a cosine near 0, with another near 0.7.
//! So each model is asked a few questions whose answers are known, once, and its cosines are read on the scale between
//! "about something else" and "the answer".

use super::{EmbedError, Embedder, Purpose};

/// Relevance of a typical answer: what a passage gets by its words when it holds every word of the question.
const TYPICAL: f32 = 0.7;

/// The least distance between both marks: below it the model tells nothing apart.
const LEAST_SPAN: f32 = 0.02;

/// Questions and their answers, from fields far apart.
const PROBES: [(&str, &str); 12] = [
    (
        "How long does it take to boil an egg?",
        "A soft egg needs about four minutes in boiling water, a hard one nine.",
    ),
    (
        "Why is the sky blue?",
        "Air scatters short wavelengths of sunlight more than long ones, so blue light reaches us from everywhere above.",
    ),
    (
        "How do I reset my password?",
        "Choose \"Forgotten password\" on the sign-in page, and follow the link that is mailed to you.",
    ),
    (
        "When does the library close on Saturdays?",
        "Opening hours at the weekend: Saturday from ten to four, closed on Sunday.",
    ),
    (
        "What causes tides?",
        "The pull of the moon, and to a lesser degree of the sun, raises the water of the oceans twice a day.",
    ),
    (
        "How is the invoice paid?",
        "Please transfer the amount within thirty days to the account named at the foot of the bill.",
    ),
    (
        "What are the side effects of this medicine?",
        "Patients may feel dizzy or sick in the first days of the treatment; a rash is rare.",
    ),
    (
        "How do I make a copy of a list in Python?",
        "Call the method copy() or slice the whole sequence; both give a new object with the same elements.",
    ),
    (
        "Who won the match yesterday?",
        "The home team beat its rival by two goals to one after extra time.",
    ),
    (
        "May a tenant keep a dog in the flat?",
        "Pets are allowed in rented apartments with the landlord's written consent.",
    ),
    (
        "How warm will it be tomorrow?",
        "The forecast promises sunshine and up to twenty-four degrees in the afternoon.",
    ),
    (
        "When did the Roman Empire fall?",
        "The last emperor in the West was deposed in the year 476.",
    ),
];

/// The marks of a model, as cosines.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Scale {
    /// Between a question and a text about something else, on average.
    pub(crate) unrelated: f32,
    /// Between a question and its answer, on average.
    pub(crate) answer: f32,
}

impl Scale {
    /// Asks the model.
    pub(crate) async fn measure(embedder: &dyn Embedder) -> Result<Self, EmbedError> {
        let (questions, answers): (Vec<_>, Vec<_>) = PROBES
            .iter()
            .map(|(question, answer)| ((*question).to_owned(), (*answer).to_owned()))
            .unzip();
        let questions = embedder.embed(questions, Purpose::Question).await?;
        let answers = embedder.embed(answers, Purpose::Passage).await?;
        Ok(Self::between(&questions, &answers))
    }

    #[expect(clippy::cast_precision_loss, reason = "a dozen probes")]
    fn between(questions: &[Vec<f32>], answers: &[Vec<f32>]) -> Self {
        let (mut related, mut unrelated) = (Vec::new(), Vec::new());
        for (q, question) in questions.iter().enumerate() {
            for (a, answer) in answers.iter().enumerate() {
                let cosine: f32 = question.iter().zip(answer).map(|(x, y)| x * y).sum();
                if q == a { related.push(cosine) } else { unrelated.push(cosine) }
            }
        }
        let mean = |all: &[f32]| all.iter().sum::<f32>() / all.len().max(1) as f32;
        Self { unrelated: mean(&unrelated), answer: mean(&related) }
    }

    /// A cosine as a relevance: 0 where texts about different things are, 0.7 where a question and its answer are, at
    /// most 1.
    pub(crate) fn relevance(self, cosine: f32) -> f32 {
        let span = (self.answer - self.unrelated).max(LEAST_SPAN);
        (TYPICAL * (cosine - self.unrelated) / span).clamp(0.0, 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_marks_of_a_model_are_the_ends_of_its_scale() {
        let questions = [vec![1.0, 0.0], vec![0.0, 1.0]];
        let answers = [vec![0.8, 0.6], vec![0.6, 0.8]];
        let scale = Scale::between(&questions, &answers);
        assert_eq!(scale, Scale { unrelated: 0.6, answer: 0.8 });
        assert!((scale.relevance(0.8) - 0.7).abs() < 1e-6);
        assert!((scale.relevance(0.7) - 0.35).abs() < 1e-6);
        assert_eq!(
            (scale.relevance(0.6), scale.relevance(-1.0), scale.relevance(1.0)),
            (0.0, 0.0, 1.0)
        );
    }

    #[test]
    fn a_model_that_tells_nothing_apart_divides_by_no_zero() {
        let same = [vec![1.0, 0.0], vec![1.0, 0.0]];
        assert!(Scale::between(&same, &same).relevance(1.0).is_finite());
    }
}
