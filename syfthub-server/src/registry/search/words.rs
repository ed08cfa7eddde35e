//! Text as words: what the index holds and what a query asks for are made by the same rule, on both engines.
//!
//! A word is a run of letters and digits in lower case, without accents and without a plural's `s`. Scripts that put no
//! space between words are taken two characters at a time.

use std::collections::BTreeSet;

use unicode_normalization::UnicodeNormalization as _;

/// Characters of a word that count; what is longer is no word of a language.
const LONGEST: usize = 40;

/// Words of a query that count.
const MOST_ASKED: usize = 10;

/// Words that say nothing about an endpoint. They count only in a query that has no others.
const FILLERS: &[&str] = &[
    "a", "an", "and", "are", "as", "at", "be", "by", "can", "do", "does", "for", "from", "how",
    "i", "in", "is", "it", "me", "my", "of", "on", "or", "that", "the", "there", "this", "to",
    "was", "what", "when", "where", "which", "who", "why", "will", "with", "you", "your",
];

/// The words of `text`, in their order.
pub(super) fn words(text: &str) -> Vec<String> {
    let folded = text.nfkd().filter(|c| !is_accent(*c)).flat_map(char::to_lowercase);
    let characters: Vec<char> = folded.filter(|c| !is_accent(*c)).collect();
    let mut words = Vec::new();
    for run in characters.chunk_by(|a, b| Script::of(*a) == Script::of(*b)) {
        match Script::of(run[0]) {
            Script::None => {}
            Script::Spaced => words.push(singular(run.iter().take(LONGEST).collect())),
            Script::Unspaced if run.len() == 1 => words.push(run[0].to_string()),
            Script::Unspaced => {
                words.extend(run.windows(2).map(|pair| pair.iter().collect::<String>()));
            }
        }
    }
    words
}

/// The words that a query asks for: each once, fillers only when there is nothing else, the first ten.
pub(super) fn asked(query: &str) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let all: Vec<String> =
        words(query).into_iter().filter(|word| seen.insert(word.clone())).collect();
    let telling: Vec<String> =
        all.iter().filter(|word| !FILLERS.contains(&word.as_str())).cloned().collect();
    let mut asked = if telling.is_empty() { all } else { telling };
    asked.truncate(MOST_ASKED);
    asked
}

/// How characters form words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Script {
    /// No part of a word.
    None,
    /// Words have something else between them.
    Spaced,
    /// Words follow one another.
    Unspaced,
}

impl Script {
    fn of(c: char) -> Self {
        match c {
            c if !c.is_alphanumeric() => Self::None,
            '\u{3040}'..='\u{30ff}'
            | '\u{3400}'..='\u{4dbf}'
            | '\u{4e00}'..='\u{9fff}'
            | '\u{20000}'..='\u{323af}' => Self::Unspaced,
            _ => Self::Spaced,
        }
    }
}

fn is_accent(c: char) -> bool {
    ('\u{300}'..='\u{36f}').contains(&c)
}

fn singular(mut word: String) -> String {
    let keeps = ["ss", "us", "is"].iter().any(|end| word.ends_with(end));
    if word.len() >= 4 && word.ends_with('s') && !keeps && word.is_ascii() {
        word.pop();
    }
    word
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn words_are_folded_and_plurals_are_singular() {
        assert_eq!(words("Field-Notes: ÉTÉ, Straße_2!"), ["field", "note", "ete", "straße", "2"]);
        assert_eq!(words("class virus this gas buses"), ["class", "virus", "this", "gas", "buse"]);
        assert_eq!(words("ｆｕｌｌ"), ["full"]);
        assert!(words("\0 🦀 \"' -*^()").is_empty());
    }

    #[test]
    fn scripts_without_spaces_are_read_in_pairs() {
        assert_eq!(words("東京都2020 図"), ["東京", "京都", "2020", "図"]);
    }

    #[test]
    fn fillers_count_only_alone() {
        assert_eq!(asked("What is the weather in Berlin? The weather!"), ["weather", "berlin"]);
        assert_eq!(asked("who is it"), ["who", "is", "it"]);
        assert_eq!(asked(&"a1 b2 c3 d4 e5 f6 g7 h8 i9 j10 k11 l12".repeat(20)).len(), 10);
    }

    proptest! {
        /// The engines are given words without quoting: none has a character that means something to them.
        #[test]
        fn words_are_letters_and_digits_only(text in ".{0,200}") {
            for word in words(&text) {
                prop_assert!(!word.is_empty() && word.chars().count() <= LONGEST);
                prop_assert!(word.chars().all(char::is_alphanumeric), "{word:?}");
            }
        }

        #[test]
        fn the_words_of_words_are_the_same_words(text in "[a-zA-Z0-9äöüéß _-]{0,100}") {
            let once = words(&text);
            let kept: Vec<String> = once.iter().filter(|word| !word.ends_with('s')).cloned().collect();
            let again: Vec<String> = kept.iter().flat_map(|word| words(word)).collect();
            prop_assert_eq!(again, kept);
        }
    }
}
