//! Which sentence of an answer rests on which document.
//!
//! A model marks its claims with `[cite:N]` or `[cite:N,M]`, where the numbers are those of the documents in its
//! prompt, from 1. A marker speaks for the sentence it stands in, or, after a full stop, for the one just ended
//! (contract aggregator 1.12, 7.2 R19).

/// An answer without its markers, and what they said.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Cited {
    /// The answer's text without markers, otherwise unchanged.
    pub text: String,
    /// The markers, in the order of the text.
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
}

/// Takes the markers out of `answer`.
pub fn cite(answer: &str) -> Cited {
    let mut text: Vec<char> = Vec::with_capacity(answer.len());
    let mut markers: Vec<(usize, Vec<usize>)> = Vec::new();
    let mut rest = answer;
    while let Some(next) = rest.chars().next() {
        if let Some((documents, after)) = marker(rest) {
            markers.push((text.len(), documents));
            rest = after;
        } else {
            text.push(next);
            rest = &rest[next.len_utf8()..];
        }
    }
    let places: Vec<usize> = markers.iter().map(|(place, _)| *place).collect();
    let citations = markers.into_iter().map(|(place, documents)| {
        let (start, end) = sentence_before(&text, place, &places);
        Citation { documents, start, end }
    });
    let citations = citations.collect();
    Cited { text: text.into_iter().collect(), citations }
}

/// The documents of the marker that `text` begins with, and what follows it.
fn marker(text: &str) -> Option<(Vec<usize>, &str)> {
    let inner = text.strip_prefix('[')?.trim_start();
    let list = inner.strip_prefix("cite")?.trim_start().strip_prefix(':')?;
    let (list, after) = list.split_once(']')?;
    let number = |part: &str| part.trim().parse::<usize>().ok().filter(|&n| n > 0);
    let documents = list.split(',').map(number).collect::<Option<Vec<_>>>()?;
    Some((documents, after))
}

/// The sentence that ends at or just before `place`, without white space around it.
fn sentence_before(text: &[char], place: usize, markers: &[usize]) -> (usize, usize) {
    let mut end = place;
    while end > 0 && text[end - 1].is_whitespace() {
        end -= 1;
    }
    let mut start = end;
    while start > 0 && (is_stop(text[start - 1]) || is_closing(text[start - 1])) {
        start -= 1;
    }
    while start > 0 && !ends_sentence(text, start - 1, markers) {
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

fn is_stop(c: char) -> bool {
    matches!(c, '.' | '!' | '?' | '…' | '。' | '！' | '？')
}

fn is_closing(c: char) -> bool {
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
            "[cite:1-2:3]",
            "[cite:99999999999999999999]",
        ] {
            assert_eq!(cite(text), Cited { text: text.to_owned(), citations: vec![] });
        }
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
