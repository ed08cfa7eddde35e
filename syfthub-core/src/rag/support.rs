//! Which sentence of a document supports a claim: the one that shares most with it.
//!
//! Only words are compared, so the result is the same everywhere and at any time. A shared word counts the more, the
//! fewer sentences of the document have it; of equals the shorter sentence wins, then the earlier one.

use super::cite::{is_closing, is_stop};
use crate::wire::citation::Span;

/// The most different words of a claim that are looked for.
const CLAIM_WORDS: usize = 64;

/// A claim that shares less than one in so many words with a sentence is not supported by it.
const SHARE: usize = 5;

/// A document, ready to be asked for what supports a claim.
#[derive(Debug)]
pub(super) struct Sentences {
    spans: Vec<Span>,
    /// Every word as a number, with the sentence it stands in; sentences ascend.
    words: Vec<(u64, usize)>,
}

impl Sentences {
    /// The sentences of the first `chars` characters of `text`.
    pub(super) fn of(text: &str, chars: usize) -> Self {
        let text: Vec<char> = text.chars().take(chars).collect();
        let mut sentences = Self { spans: Vec::new(), words: Vec::new() };
        let mut start = 0;
        let mut stopped = false;
        for (at, &c) in text.iter().enumerate() {
            let ends = if c == '\n' {
                stopped || ends_line(&text[at + 1..])
            } else {
                stopped && c.is_whitespace()
            };
            if ends {
                sentences.add(&text, start, at);
                start = at + 1;
            }
            stopped = is_stop(c) || stopped && is_closing(c);
        }
        sentences.add(&text, start, text.len());
        sentences
    }

    fn add(&mut self, text: &[char], mut start: usize, mut end: usize) {
        while start < end && text[start].is_whitespace() {
            start += 1;
        }
        while start < end && text[end - 1].is_whitespace() {
            end -= 1;
        }
        if start < end {
            let sentence = self.spans.len();
            self.spans.push(Span { start, end });
            words(text[start..end].iter().copied(), |word| self.words.push((word, sentence)));
        }
    }

    /// The sentence that shares most with `claim`; none when no sentence shares enough.
    pub(super) fn support(&self, claim: impl Iterator<Item = char>) -> Option<Span> {
        let mut wanted = Vec::new();
        words(claim, |word| wanted.push(word));
        wanted.sort_unstable();
        wanted.dedup();
        wanted.truncate(CLAIM_WORDS);
        let mut shared = vec![0_u64; self.spans.len()];
        for (word, sentence) in &self.words {
            if let Ok(n) = wanted.binary_search(word) {
                shared[*sentence] |= 1 << n;
            }
        }
        let bits = |mask: u64| (0..wanted.len()).filter(move |n| mask & (1 << n) != 0);
        let mut having = vec![0_u32; wanted.len()];
        shared.iter().flat_map(|&mask| bits(mask)).for_each(|n| having[n] += 1);
        let weight = |mask: u64| bits(mask).map(|n| 1.0 / f64::from(having[n])).sum::<f64>();
        let enough = |mask: u64| mask != 0 && bits(mask).count() * SHARE >= wanted.len();
        let length = |n: usize| self.spans[n].end - self.spans[n].start;
        let best = (0..shared.len()).filter(|&n| enough(shared[n])).max_by(|&m, &n| {
            let by_weight = weight(shared[m]).total_cmp(&weight(shared[n]));
            by_weight.then(length(n).cmp(&length(m))).then(n.cmp(&m))
        });
        best.map(|n| self.spans[n])
    }
}

/// Whether a line break before `rest` ends a sentence: before an empty line or what begins an item of a list.
fn ends_line(rest: &[char]) -> bool {
    let next = rest.iter().find(|&&c| c == '\n' || !c.is_whitespace());
    next.is_none_or(|&c| {
        matches!(c, '\n' | '-' | '*' | '#' | '|' | '>' | '•') || c.is_ascii_digit()
    })
}

/// Gives every word of `text` that tells something as a number: runs of letters and digits in lower case, without those
/// of one or two letters; and every character of a script that writes without spaces.
fn words(text: impl Iterator<Item = char>, mut give: impl FnMut(u64)) {
    let (mut word, mut length, mut has_digit) = (FNV, 0_usize, false);
    for c in text.chain([' ']) {
        if is_ideograph(c) {
            give(hashed(FNV, c));
        } else if c.is_alphanumeric() {
            word = c.to_lowercase().fold(word, hashed);
            has_digit |= c.is_numeric();
            length += 1;
            continue;
        }
        if length > 2 || has_digit {
            give(word);
        }
        (word, length, has_digit) = (FNV, 0, false);
    }
}

/// Chinese and Japanese: ideographs and syllables.
fn is_ideograph(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{20000}'..='\u{323af}')
}

/// Where FNV-1a begins (<http://www.isthe.com/chongo/tech/comp/fnv/>): fast on short words, and the same everywhere.
const FNV: u64 = 0xcbf2_9ce4_8422_2325;

fn hashed(hash: u64, c: char) -> u64 {
    (hash ^ u64::from(u32::from(c))).wrapping_mul(0x0100_0000_01b3)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn support(claim: &str, document: &str) -> Option<String> {
        let span = Sentences::of(document, 10_000).support(claim.chars())?;
        Some(document.chars().skip(span.start).take(span.end - span.start).collect())
    }

    const NOTES: &str = "# Rivers\n\nThe Ökonomie of the river is old. Willow and alder\ngrow near the river, \
                         they say. \"It floods in May.\" The fee is 3.14 units.\n- moss\n- fern";

    #[test]
    fn the_sentence_that_shares_the_rarest_words_supports_a_claim() {
        let told = |claim| support(claim, NOTES);
        assert_eq!(
            told("Near the river grow alder and willow.").as_deref(),
            Some("Willow and alder\ngrow near the river, they say.")
        );
        assert_eq!(told("ÖKONOMIE!").as_deref(), Some("The Ökonomie of the river is old."));
        assert_eq!(told("There are floods in May").as_deref(), Some("\"It floods in May.\""));
        assert_eq!(told("It costs 3.14").as_deref(), Some("The fee is 3.14 units."));
        assert_eq!(told("fern").as_deref(), Some("- fern"));
    }

    #[test]
    fn nothing_supports_what_shares_too_little() {
        for claim in
            ["", "A completely different matter.", "the quick brown fox jumps over lazy dogs today"]
        {
            assert_eq!(support(claim, NOTES), None, "{claim}");
        }
        assert_eq!(support("river", ""), None);
    }

    #[test]
    fn scripts_without_spaces_are_compared_by_character() {
        let document = "川の近くに柳が生える。山には松がある。";
        assert_eq!(support("柳は川の近く", document).as_deref(), Some(document));
        assert_eq!(
            support("柳は川の近く", "山には松がある。 川の近くに柳が生える。").as_deref(),
            Some("川の近くに柳が生える。")
        );
    }

    proptest! {
        #[test]
        fn what_supports_lies_in_the_document(claim in r"(ab|cd|[ .\n]|\PC){0,20}", document in r"(ab|cd|abc|[ .\n-]|\PC){0,60}", chars in 0_usize..60) {
            let sentences = Sentences::of(&document, chars);
            if let Some(Span { start, end }) = sentences.support(claim.chars()) {
                prop_assert!(start < end && end <= chars.min(document.chars().count()));
            }
            prop_assert!(sentences.spans.windows(2).all(|w| w[0].end <= w[1].start));
        }
    }
}
