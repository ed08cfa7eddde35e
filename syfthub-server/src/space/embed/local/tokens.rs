//! Text as the numbers that a BERT model reads: cleaned, cut at white space and punctuation, then into the longest pieces
//! that the vocabulary has (`WordPiece`).

use std::collections::HashMap;

use serde_json::Value;
use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

use super::BadModel;

/// Punctuation outside ASCII: Latin, general, CJK, vertical and full-width forms.
const PUNCTUATION: [(char, char); 9] = [
    ('\u{a1}', '\u{a1}'),
    ('\u{a7}', '\u{a7}'),
    ('\u{ab}', '\u{ab}'),
    ('\u{b6}', '\u{b7}'),
    ('\u{bb}', '\u{bb}'),
    ('\u{2010}', '\u{205e}'),
    ('\u{3001}', '\u{303d}'),
    ('\u{fe10}', '\u{fe6b}'),
    ('\u{ff01}', '\u{ff0f}'),
];

/// Ideographs, each a word of its own.
const IDEOGRAPHS: [(char, char); 8] = [
    ('\u{3400}', '\u{4dbf}'),
    ('\u{4e00}', '\u{9fff}'),
    ('\u{f900}', '\u{faff}'),
    ('\u{20000}', '\u{2a6df}'),
    ('\u{2a700}', '\u{2b73f}'),
    ('\u{2b740}', '\u{2b81f}'),
    ('\u{2b820}', '\u{2ceaf}'),
    ('\u{2f800}', '\u{2fa1f}'),
];

/// A vocabulary and how text is prepared for it.
pub(super) struct Tokens {
    vocabulary: HashMap<String, u32>,
    /// What marks a piece that continues a word.
    continuing: String,
    longest_word: usize,
    lowercase: bool,
    strip_accents: bool,
    unknown: u32,
    first: u32,
    last: u32,
}

impl Tokens {
    /// Reads `tokenizer.json`. Only what BERT models use is understood; anything else is refused rather than misread.
    pub(super) fn read(tokenizer: &Value) -> Result<Self, BadModel> {
        let bad = |what: &str| BadModel(format!("tokenizer.json: {what}"));
        let (model, normalizer) = (&tokenizer["model"], &tokenizer["normalizer"]);
        // Old files do not name the kind of their model.
        if !matches!(model["type"].as_str(), None | Some("WordPiece")) {
            return Err(bad("only WordPiece vocabularies are understood"));
        }
        if normalizer["type"] != "BertNormalizer" {
            return Err(bad("only BertNormalizer is understood"));
        }
        let vocabulary: HashMap<String, u32> = serde_json::from_value(model["vocab"].clone())
            .map_err(|_| bad("the vocabulary cannot be read"))?;
        let id = |token: &str| {
            vocabulary
                .get(token)
                .copied()
                .ok_or_else(|| bad(&format!("the vocabulary has no {token}")))
        };
        let lowercase = normalizer["lowercase"].as_bool().unwrap_or(true);
        Ok(Self {
            unknown: id(model["unk_token"].as_str().unwrap_or("[UNK]"))?,
            first: id("[CLS]")?,
            last: id("[SEP]")?,
            continuing: model["continuing_subword_prefix"].as_str().unwrap_or("##").to_owned(),
            longest_word: model["max_input_chars_per_word"]
                .as_u64()
                .and_then(|most| usize::try_from(most).ok())
                .unwrap_or(100),
            lowercase,
            strip_accents: normalizer["strip_accents"].as_bool().unwrap_or(lowercase),
            vocabulary,
        })
    }

    /// The largest number of the vocabulary, and one more.
    pub(super) fn size(&self) -> usize {
        self.vocabulary.values().max().map_or(0, |id| *id as usize + 1)
    }

    /// The numbers of `text` between the marks for its beginning and end; at most `most` altogether.
    pub(super) fn of(&self, text: &str, most: usize) -> Vec<u32> {
        let most = most.saturating_sub(1).max(1);
        let mut ids = vec![self.first];
        for word in words(&self.normalised(text)) {
            if ids.len() >= most {
                break;
            }
            self.pieces(word, &mut ids);
        }
        ids.truncate(most);
        ids.push(self.last);
        ids
    }

    fn normalised(&self, text: &str) -> String {
        let mut clean = String::with_capacity(text.len());
        for letter in text.chars() {
            match letter {
                '\t' | '\n' | '\r' => clean.push(' '),
                '\0' | '\u{fffd}' => {}
                letter if letter.is_whitespace() => clean.push(' '),
                letter if is_control(letter) => {}
                letter if is_in(letter, &IDEOGRAPHS) => clean.extend([' ', letter, ' ']),
                letter => clean.push(letter),
            }
        }
        if self.strip_accents {
            clean = clean.nfd().filter(|letter| !is_combining_mark(*letter)).collect();
        }
        if self.lowercase { clean.to_lowercase() } else { clean }
    }

    /// The longest known pieces of a word from its beginning; the unknown token when a piece is not known.
    fn pieces(&self, word: &str, ids: &mut Vec<u32>) {
        let before = ids.len();
        if word.chars().count() > self.longest_word {
            ids.push(self.unknown);
            return;
        }
        let mut rest = word;
        while !rest.is_empty() {
            let Some((length, id)) = self.longest(rest, rest.len() < word.len()) else {
                ids.truncate(before);
                ids.push(self.unknown);
                return;
            };
            ids.push(id);
            rest = &rest[length..];
        }
    }

    fn longest(&self, rest: &str, continues: bool) -> Option<(usize, u32)> {
        let mut piece = if continues { self.continuing.clone() } else { String::new() };
        let marked = piece.len();
        piece.push_str(rest);
        while piece.len() > marked {
            if let Some(id) = self.vocabulary.get(&piece) {
                return Some((piece.len() - marked, *id));
            }
            piece.pop();
        }
        None
    }
}

/// Runs of letters, and each mark of punctuation by itself.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split_whitespace().flat_map(|run| {
        let mut rest = run;
        std::iter::from_fn(move || {
            let first = rest.chars().next()?;
            let end = if is_punctuation(first) {
                first.len_utf8()
            } else {
                rest.find(is_punctuation).unwrap_or(rest.len())
            };
            let (word, after) = rest.split_at(end);
            rest = after;
            Some(word)
        })
    })
}

fn is_punctuation(letter: char) -> bool {
    letter.is_ascii_punctuation() || is_in(letter, &PUNCTUATION)
}

/// Control and format characters, which nobody sees.
fn is_control(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{feff}')
}

fn is_in(letter: char, ranges: &[(char, char)]) -> bool {
    ranges.iter().any(|(from, to)| (*from..=*to).contains(&letter))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn tokens() -> Tokens {
        let vocabulary =
            ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "cafe", "un", "##aff", "##able", "!", "東", "a"];
        let vocabulary: HashMap<&str, usize> =
            vocabulary.iter().enumerate().map(|(id, token)| (*token, id)).collect();
        Tokens::read(&json!({
            "model": {"type": "WordPiece", "vocab": vocabulary, "max_input_chars_per_word": 12},
            "normalizer": {"type": "BertNormalizer", "lowercase": true, "strip_accents": null},
        }))
        .unwrap()
    }

    #[test]
    fn a_word_becomes_its_longest_known_pieces() {
        assert_eq!(tokens().of("unaffable", 16), [2, 5, 6, 7, 3]);
        assert_eq!(tokens().of("Café!! \u{200b}東a", 16), [2, 4, 8, 8, 9, 10, 3]);
        assert_eq!(tokens().of("unknown abcdefghijklm", 16), [2, 1, 1, 3]);
        assert_eq!(tokens().of(" \n ", 16), [2, 3]);
    }

    #[test]
    fn a_long_text_is_cut_and_keeps_its_end_mark() {
        assert_eq!(tokens().of("a a a a a a", 4), [2, 10, 10, 3]);
        assert_eq!(tokens().of("unaffable unaffable", 6), [2, 5, 6, 7, 5, 3]);
    }

    #[test]
    fn another_kind_of_tokenizer_is_refused() {
        for odd in [
            json!({"model": {"type": "BPE", "vocab": {}}, "normalizer": {"type": "BertNormalizer"}}),
            json!({"model": {"type": "WordPiece", "vocab": {}}, "normalizer": {"type": "NFC"}}),
            json!({"model": {"type": "WordPiece", "vocab": {}}, "normalizer": {"type": "BertNormalizer"}}),
        ] {
            assert!(Tokens::read(&odd).err().unwrap().0.starts_with("tokenizer.json: "));
        }
    }
}
