//! How well an endpoint answers a query: a number from 0 to 1 that means the same on both engines.
//!
//! Every word of the query counts as much as it is rare, for the best place in which the endpoint has it: all of it in
//! the name, most of it among the tags and in the owner's name, half in the description, a part in the readme. A word
//! that was meant as another one counts less. What is found is the share of all that was asked. At most a seventh of it
//! is lost where the name says more than was asked, so that 1 means: every word, and nothing else, is the name.

use super::words::words;

const IN_NAME: f64 = 1.0;
const IN_TAGS: f64 = 0.8;
const IN_OWNER: f64 = 0.8;
const IN_DESCRIPTION: f64 = 0.5;
/// What a word counts that is somewhere in the text, and in no other place that is looked at.
pub(super) const IN_README: f64 = 0.3;

/// What part of its worth an endpoint keeps whose name says much else.
const WHATEVER_THE_NAME: f64 = 0.85;

/// A word of the query.
#[derive(Debug, Clone)]
pub(super) struct Word {
    /// From 0.3 for one that is everywhere, to 1.
    pub(super) rarity: f64,
    /// What it may have been meant as, itself first.
    pub(super) readings: Vec<Reading>,
}

/// A word of the index that a word of the query may stand for.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Reading {
    pub(super) word: String,
    /// How sure that is, up to 1.
    pub(super) trust: f64,
}

impl Reading {
    /// The word as it was written.
    pub(super) fn exact(word: &str) -> Self {
        Self { word: word.to_owned(), trust: 1.0 }
    }

    /// A longer word that begins with the one that was written.
    pub(super) fn begun(word: String) -> Self {
        Self { word, trust: 0.75 }
    }

    /// A word from which one slip leads to the one that was written.
    pub(super) fn slipped(word: String) -> Self {
        Self { word, trust: 0.6 }
    }
}

impl Word {
    /// A word that `found` endpoints have, counted up to `most`.
    pub(super) fn new(readings: Vec<Reading>, found: usize, most: usize) -> Self {
        #[expect(clippy::cast_precision_loss, reason = "both are counts of at most some thousands")]
        let commonness = ((1 + found.min(most)) as f64).ln() / ((1 + most) as f64).ln();
        Self { rarity: 1.0 - 0.7 * commonness, readings }
    }

    /// How much of the word is among `words`, from 0 to 1.
    fn trust_in(&self, words: &[String]) -> f64 {
        let found = self.readings.iter().filter(|reading| words.contains(&reading.word));
        found.map(|reading| reading.trust).fold(0.0, f64::max)
    }
}

/// What is looked at of an endpoint, word by word.
#[derive(Debug, Default)]
pub(super) struct Text {
    name: Vec<String>,
    /// The slug's words, and all of them in one.
    slug: Vec<String>,
    tags: Vec<String>,
    owner: Vec<String>,
    description: Vec<String>,
}

impl Text {
    /// The words of an endpoint's fields.
    pub(super) fn new(
        name: &str,
        slug: &str,
        tags: &[String],
        owner: &str,
        description: &str,
    ) -> Self {
        Self {
            name: words(name),
            slug: with_joined(words(slug)),
            tags: tags.iter().flat_map(|tag| words(tag)).collect(),
            owner: with_joined(words(owner)),
            description: words(description),
        }
    }

    fn worth(&self, word: &Word) -> f64 {
        [
            (IN_NAME, &self.name),
            (IN_NAME, &self.slug),
            (IN_TAGS, &self.tags),
            (IN_OWNER, &self.owner),
            (IN_DESCRIPTION, &self.description),
        ]
        .into_iter()
        .map(|(worth, words)| worth * word.trust_in(words))
        .fold(0.0, f64::max)
    }

    /// Whether every word of the query is in one of the fields.
    pub(super) fn has_all(&self, query: &[Word]) -> bool {
        query.iter().all(|word| self.worth(word) > 0.0)
    }

    /// The relevance for `query`, of which the index found the words with a set bit somewhere in the endpoint. 0 when it
    /// has none of them.
    pub(super) fn relevance(&self, query: &[Word], somewhere: u16) -> f64 {
        let asked: f64 = query.iter().map(|word| word.rarity).sum();
        let found: f64 = query
            .iter()
            .enumerate()
            .map(|(n, word)| {
                let read = if somewhere & (1 << n) == 0 { 0.0 } else { IN_README };
                word.rarity * self.worth(word).max(read)
            })
            .sum();
        if asked <= 0.0 {
            return 0.0;
        }
        let name = WHATEVER_THE_NAME + (1.0 - WHATEVER_THE_NAME) * self.share_of_name(query);
        (found / asked * name).clamp(0.0, 1.0)
    }

    /// The part of the name's words that were asked for; 1 when the slug in one word was.
    #[expect(clippy::cast_precision_loss, reason = "a name has at most a hundred characters")]
    fn share_of_name(&self, query: &[Word]) -> f64 {
        let asked = |word: &String| {
            query.iter().any(|wanted| wanted.trust_in(std::slice::from_ref(word)) > 0.0)
        };
        if self.slug.len() > 1 && self.slug.last().is_some_and(asked) {
            return 1.0;
        }
        let hits = self.name.iter().filter(|word| asked(word)).count();
        hits as f64 / self.name.len().max(1) as f64
    }
}

/// `words`, and all of them in one when there are several: who looks for `fieldnotes` means `field-notes`.
pub(super) fn with_joined(mut words: Vec<String>) -> Vec<String> {
    if words.len() > 1 {
        words.push(words.concat().chars().take(40).collect());
    }
    words
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::registry::search::words::asked;

    fn query(text: &str) -> Vec<Word> {
        asked(text).iter().map(|word| Word::new(vec![Reading::exact(word)], 1, 100)).collect()
    }

    fn relevance(text: &Text, asked: &str) -> f64 {
        text.relevance(&query(asked), 0)
    }

    fn notes() -> Text {
        Text::new(
            "Field Notes",
            "field-notes",
            &["plants".to_owned()],
            "ada-l",
            "What grows near the river",
        )
    }

    #[test]
    fn the_name_itself_is_worth_everything() {
        for same in ["Field Notes", "notes, field", "fieldnotes", "FIELD-NOTE"] {
            assert!((relevance(&notes(), same) - 1.0).abs() < 1e-9, "{same}");
        }
    }

    #[test]
    fn the_name_counts_more_than_tags_and_these_more_than_the_description() {
        let order =
            ["field note", "field", "plant", "river", "nothing"].map(|q| relevance(&notes(), q));
        assert!(order.is_sorted_by(|a, b| a > b), "{order:?}");
        assert!(relevance(&notes(), "ada") > relevance(&notes(), "river"));
        assert!(relevance(&notes(), "nothing").abs() < f64::EPSILON);
    }

    #[test]
    fn a_rare_word_counts_more_than_one_that_is_everywhere() {
        let word = |text: &str, found| Word::new(vec![Reading::exact(text)], found, 1000);
        let query = [word("berlin", 3), word("weather", 1000)];
        let of = |name: &str| Text::new(name, "x1", &[], "ada", "").relevance(&query, 0);
        assert!(of("Berlin") > of("Weather"));
    }

    #[test]
    fn what_was_meant_counts_less_than_what_was_written() {
        let meant = |reading| vec![Word::new(vec![Reading::exact("feild"), reading], 1, 100)];
        let exact = relevance(&notes(), "field");
        let slipped = notes().relevance(&meant(Reading::slipped("field".to_owned())), 0);
        let begun = notes().relevance(&meant(Reading::begun("field".to_owned())), 0);
        assert!(exact > begun && begun > slipped && slipped > 0.5);
    }

    proptest! {
        #[test]
        fn relevance_is_a_share(
            name in ".{0,40}", tags in proptest::collection::vec("[a-z]{1,5}", 0..3),
            description in "[a-z ]{0,60}", asked in "[a-z ]{0,60}", somewhere: u16,
        ) {
            let text = Text::new(&name, "slug-1", &tags, "ada", &description);
            let share = text.relevance(&query(&asked), somewhere);
            prop_assert!((0.0..=1.0).contains(&share), "{share}");
        }

        /// A further word of the query that the name has makes it no less relevant to be asked for.
        #[test]
        fn more_of_what_was_asked_is_never_less(first in "[a-z]{3,6}", second in "[a-z]{3,6}") {
            let both = query(&format!("{first} {second}"));
            let one = Text::new(&first, "x1", &[], "ada", "").relevance(&both, 0);
            let all = Text::new(&format!("{first} {second}"), "x1", &[], "ada", "").relevance(&both, 0);
            prop_assert!(all >= one - 1e-9);
        }
    }
}
