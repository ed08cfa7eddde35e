//! Which sentence of an answer rests on which document.
//!
//! A model marks its claims with `[cite:N]` or `[cite:N,M]`, where the numbers are those of the documents in its
//! prompt, from 1. A marker speaks for the sentence it stands in, or, after a full stop, for the one just ended
//! (contract aggregator 1.12, 7.2 R19). The annotated form `[cite:N-start:end]`, which a model may have seen in an earlier
//! turn, is read as `[cite:N]`.

/// The most markers of a text that are told of; of more, nobody reads any.
const MAX_MARKERS: usize = 1000;

/// The most characters of a sentence, counted back from its marker.
const MAX_SENTENCE: usize = 2000;

/// An answer without its markers, and what they said.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Cited {
    /// The answer's text without markers, otherwise unchanged.
    pub text: String,
    /// The markers, in the order of the text; the first thousand.
    pub citations: Vec<Citation>,
}

/// One marker: which documents a stretch of the text rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Citation {
    /// Numbers of documents, from 1, as the model wrote them; they may name documents that do not exist.
    pub documents: Vec<usize>,
    /// First character of the sentence in [`Cited::text`], counted in Unicode code points.
    pub start: usize,
    /// One past its last character.
    pub end: usize,
    /// The character of [`Cited::text`] before which the marker stood.
    pub place: usize,
}

/// Takes the markers out of `answer`.
pub fn cite(answer: &str) -> Cited {
    let mut text: Vec<char> = Vec::with_capacity(answer.len());
    let mut markers: Vec<(usize, Vec<usize>)> = Vec::new();
    let mut rest = answer;
    while let Some(next) = rest.chars().next() {
        if let Some((documents, after)) = marker(rest) {
            if markers.len() < MAX_MARKERS {
                markers.push((text.len(), documents));
            }
            rest = after;
        } else {
            text.push(next);
            rest = &rest[next.len_utf8()..];
        }
    }
    let places: Vec<usize> = markers.iter().map(|(place, _)| *place).collect();
    let citations = markers.into_iter().map(|(place, documents)| {
        let (start, end) = sentence_before(&text, place, &places);
        Citation { documents, start, end, place }
    });
    let citations = citations.collect();
    Cited { text: text.into_iter().collect(), citations }
}

/// Where `text` has something like a marker, the opening bracket.
pub(super) fn opens_marker(text: &str) -> bool {
    text.strip_prefix('[').is_some_and(|inner| inner.trim_start().starts_with("cite"))
}

/// The documents of the marker that `text` begins with, and what follows it.
fn marker(text: &str) -> Option<(Vec<usize>, &str)> {
    let inner = text.strip_prefix('[')?.trim_start();
    let list = inner.strip_prefix("cite")?.trim_start().strip_prefix(':')?;
    let (list, after) = list.split_once(']')?;
    let documents = list.split(',').map(number).collect::<Option<Vec<_>>>()?;
    Some((documents, after))
}

/// `N` or `N-start:end`, of which only the number is to be believed.
fn number(part: &str) -> Option<usize> {
    let (number, span) = part.split_once('-').map_or((part, None), |(n, span)| (n, Some(span)));
    if let Some(span) = span {
        let (start, end) = span.split_once(':')?;
        start.trim().parse::<usize>().ok()?;
        end.trim().parse::<usize>().ok()?;
    }
    number.trim().parse().ok().filter(|&n| n > 0)
}

/// The sentence that ends at or just before `place`, without white space around it.
fn sentence_before(text: &[char], place: usize, markers: &[usize]) -> (usize, usize) {
    let floor = place.saturating_sub(MAX_SENTENCE);
    let mut end = place;
    while end > floor && text[end - 1].is_whitespace() {
        end -= 1;
    }
    let mut start = end;
    while start > floor && (is_stop(text[start - 1]) || is_closing(text[start - 1])) {
        start -= 1;
    }
    while start > floor && !ends_sentence(text, start - 1, markers) {
        start -= 1;
    }
    while start < end && (text[start].is_whitespace() || is_closing(text[start])) {
        start += 1;
    }
    (start, end)
}

/// Whether a sentence ends with the character at `index`. A stop inside a word or number, as in `3.14`, ends none.
fn ends_sentence(text: &[char], index: usize, markers: &[usize]) -> bool {
    let after = index + 1;
    text[index] == '\n'
        || is_stop(text[index])
            && (markers.binary_search(&after).is_ok()
                || text.get(after).is_none_or(|&next| next.is_whitespace() || is_closing(next)))
}

pub(super) fn is_stop(c: char) -> bool {
    matches!(c, '.' | '!' | '?' | '…' | '。' | '！' | '？')
}

pub(super) fn is_closing(c: char) -> bool {
    matches!(c, '"' | '\'' | ')' | ']' | '”' | '’' | '»')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn spans(answer: &str) -> Vec<(String, Vec<usize>)> {
        let cited = cite(answer);
        let text: Vec<char> = cited.text.chars().collect();
        let span = |c: Citation| (text[c.start..c.end].iter().collect(), c.documents);
        cited.citations.into_iter().map(span).collect()
    }

    fn said(text: &str, documents: &[usize]) -> (String, Vec<usize>) {
        (text.to_owned(), documents.to_vec())
    }

    #[test]
    fn a_marker_before_the_full_stop_speaks_for_its_sentence() {
        let answer = "First thing. Ökonomie is hard [cite:2]. More.";
        assert_eq!(spans(answer), [said("Ökonomie is hard", &[2])]);
        assert_eq!(cite(answer).text, "First thing. Ökonomie is hard . More.");
        assert_eq!(cite(answer).citations[0].start, 13);
    }

    #[test]
    fn a_marker_after_the_full_stop_speaks_for_the_sentence_just_ended() {
        assert_eq!(
            spans("One is 3.14 high. [cite:1] Two!\" [cite:1, 3][cite: 2 ]\nThree"),
            [said("One is 3.14 high.", &[1]), said("Two!\"", &[1, 3]), said("Two!\"", &[2])]
        );
        assert_eq!(spans("One.[cite:1]Two.[cite:2]"), [said("One.", &[1]), said("Two.", &[2])]);
    }

    #[test]
    fn a_new_line_ends_a_sentence() {
        assert_eq!(spans("- one\n- two [cite:1]\n"), [said("- two", &[1])]);
    }

    #[test]
    fn what_is_no_marker_stays_text() {
        for text in [
            "[cite:]",
            "[cite:0]",
            "[cite:x]",
            "[cite:1",
            "[site:1]",
            "[cite:1-2]",
            "[cite:1-2:x]",
            "[cite:99999999999999999999]",
        ] {
            assert_eq!(cite(text), Cited { text: text.to_owned(), citations: vec![] });
        }
    }

    #[test]
    fn a_marker_of_the_annotated_form_names_its_document() {
        assert_eq!(spans("One. [cite:2-90:99, 3]"), [said("One.", &[2, 3])]);
    }

    #[test]
    fn a_flood_of_markers_is_taken_out_and_told_of_within_bounds() {
        let cited = cite(&"x [cite:1]".repeat(5000));
        assert_eq!((cited.citations.len(), cited.text.len()), (MAX_MARKERS, 10_000));
        assert!(cited.citations.iter().all(|c| c.end - c.start <= MAX_SENTENCE));
    }

    proptest! {
        #[test]
        fn spans_always_lie_in_the_text(answer in r"([a-zé .!?\n\[\]]|\[cite:[0-9],? ?[0-9]?\]|3\.1){0,40}") {
            let cited = cite(&answer);
            let length = cited.text.chars().count();
            for citation in cited.citations {
                prop_assert!(citation.start <= citation.end && citation.end <= length);
                prop_assert!(!citation.documents.is_empty());
            }
        }
    }
}
