//! Words and sentences: one analysis shared by the index and by the extractive model, so that both agree on what matches.

use std::collections::HashSet;
use std::sync::LazyLock;

use tantivy::tokenizer::{
    AsciiFoldingFilter, Language, LowerCaser, RemoveLongFilter, SimpleTokenizer, Stemmer,
    TextAnalyzer,
};

/// Longer words are noise (encoded data, hashes) and would only swell the dictionary.
const LONGEST_WORD: usize = 64;

/// A sentence longer than this is cut at a word: tables and code without punctuation have no end of their own.
const LONGEST_SENTENCE: usize = 420;

/// Words of a question that say how it is asked, not what it is about; they do not count for ranking.
const STOP_WORDS: &str = "a about after all also am an and any are as at be been before being between both but by can could did \
    do does doing during each explain for from get give had has have having he her his how i if in into is it its itself \
    may me might mine more most must my no nor of off on once one only or other our out over own please same shall she \
    should so some such tell than that the their them then there these they this those through to too under until up us \
    use used using very was we were what when where whether which while who whom whose why will with would you your";

/// Abbreviations whose full stop does not end a sentence.
const ABBREVIATIONS: [&str; 16] = [
    "e.g", "i.e", "etc", "vs", "cf", "mr", "mrs", "ms", "dr", "prof", "no", "fig", "sec", "al",
    "approx", "resp",
];

static STOPPED: LazyLock<HashSet<String>> = LazyLock::new(|| {
    let mut analyzer = analyzer();
    STOP_WORDS.split_whitespace().flat_map(|word| words(&mut analyzer, word)).collect()
});

/// Splits text into lower-case, unaccented, stemmed words.
pub(crate) fn analyzer() -> TextAnalyzer {
    TextAnalyzer::builder(SimpleTokenizer::default())
        .filter(RemoveLongFilter::limit(LONGEST_WORD))
        .filter(LowerCaser)
        .filter(AsciiFoldingFilter)
        .filter(Stemmer::new(Language::English))
        .build()
}

/// The words of `text` in order, repeated ones included.
pub(crate) fn words(analyzer: &mut TextAnalyzer, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    analyzer.token_stream(text).process(&mut |token| found.push(token.text.clone()));
    found
}

/// The words of a question that carry its meaning, each once, in order. When every word is a stop word, all of them.
pub(crate) fn question_words(analyzer: &mut TextAnalyzer, question: &str) -> Vec<String> {
    let mut seen = HashSet::new();
    let all: Vec<String> =
        words(analyzer, question).into_iter().filter(|word| seen.insert(word.clone())).collect();
    let telling: Vec<String> =
        all.iter().filter(|word| !STOPPED.contains(*word)).cloned().collect();
    if telling.is_empty() { all } else { telling }
}

/// The identifiers of a question, such as `functools.lru_cache`: words joined by `.`, `_`, `-`, `/` or `::`, each as its parts.
pub(crate) fn identifiers(analyzer: &mut TextAnalyzer, question: &str) -> Vec<Vec<String>> {
    let joined = |text: &&str| text.contains(['.', '_', '-', '/', ':']);
    question
        .split_whitespace()
        .filter(joined)
        .map(|text| words(analyzer, text))
        .filter(|parts| parts.len() > 1)
        .collect()
}

/// The sentences of `text`. Blank lines end a sentence, and so does the next item of a list, whose mark is left out; so does
/// `.`, `!` or `?` before white space and a capital or a digit.
pub(crate) fn sentences(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut block = String::new();
    for line in text.lines().map(str::trim) {
        let item = list_item(line);
        if item.is_some() || line.is_empty() {
            split_block(&block, &mut found);
            block.clear();
        }
        block.push_str(item.unwrap_or(line));
        block.push('\n');
    }
    split_block(&block, &mut found);
    found
}

/// The text of a list's item, in Markdown and in what others make of it.
fn list_item(line: &str) -> Option<&str> {
    ["- ", "* ", "+ ", "• "].iter().find_map(|mark| line.strip_prefix(mark))
}

fn split_block(block: &str, found: &mut Vec<String>) {
    let joined = block.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut start = 0;
    for (at, stop) in joined.char_indices().filter(|(_, c)| matches!(c, '.' | '!' | '?')) {
        let end = at + stop.len_utf8();
        if ends_sentence(&joined[start..at], &joined[end..]) {
            push_sentence(&joined[start..end], found);
            start = end;
        }
    }
    push_sentence(&joined[start..], found);
}

fn ends_sentence(before: &str, after: &str) -> bool {
    let mut rest = after.chars();
    if rest.next().is_some_and(|c| c != ' ') {
        return false;
    }
    let opens =
        rest.next().is_none_or(|c| c.is_uppercase() || c.is_numeric() || !c.is_alphanumeric());
    let last = before.rsplit(' ').next().unwrap_or_default();
    let abbreviated =
        ABBREVIATIONS.iter().any(|known| last.trim_start_matches('(').eq_ignore_ascii_case(known));
    opens && !abbreviated
}

fn push_sentence(sentence: &str, found: &mut Vec<String>) {
    let sentence = sentence.trim();
    if sentence.chars().any(char::is_alphanumeric) {
        found.push(shortened(sentence, LONGEST_SENTENCE));
    }
}

/// `text`, or its beginning up to a word's end within `limit` bytes and an ellipsis.
pub(crate) fn shortened(text: &str, limit: usize) -> String {
    if text.len() <= limit {
        return text.to_owned();
    }
    let end = text.floor_char_boundary(limit);
    let end = text[..end].rfind(' ').unwrap_or(end);
    format!("{}…", text[..end].trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_keeps_the_words_that_carry_its_meaning() {
        let asked = "What does functools.lru_cache do when maxsize is None?";
        assert_eq!(
            question_words(&mut analyzer(), asked),
            ["functool", "lru", "cach", "maxsiz", "none"]
        );
    }

    #[test]
    fn a_question_of_stop_words_alone_keeps_them() {
        assert_eq!(question_words(&mut analyzer(), "Who is who?"), ["who", "is"]);
    }

    #[test]
    fn identifiers_are_found_as_their_parts() {
        let parts = identifiers(&mut analyzer(), "does functools.lru_cache work?");
        assert_eq!(parts, [["functool", "lru", "cach"]]);
    }

    #[test]
    fn a_full_stop_in_an_abbreviation_or_a_number_does_not_end_a_sentence() {
        let found =
            sentences("Use it, e.g. Python 3.11 code. It costs 1.5 units!\n\nHeading\n\nDone?");
        assert_eq!(
            found,
            ["Use it, e.g. Python 3.11 code.", "It costs 1.5 units!", "Heading", "Done?"]
        );
    }

    #[test]
    fn each_item_of_a_list_is_its_own_sentence_without_its_mark() {
        let found =
            sentences("Rules:\n- Errors become a status\n  in one place.\n- Limits are settings.");
        assert_eq!(
            found,
            ["Rules:", "Errors become a status in one place.", "Limits are settings."]
        );
    }

    #[test]
    fn a_sentence_without_end_is_cut_at_a_word() {
        let found = sentences(&"wörd ".repeat(400));
        assert_eq!(found.len(), 1);
        assert!(found[0].len() <= LONGEST_SENTENCE + '…'.len_utf8() && found[0].ends_with("wörd…"));
    }
}
