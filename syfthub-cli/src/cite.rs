//! Citation markers for people: `[cite:2]` in a stream of text becomes `[2]`.

/// Rewrites markers in text that arrives in pieces; a marker may be cut anywhere.
#[derive(Debug, Default)]
pub(crate) struct CiteMarks {
    held: String,
}

impl CiteMarks {
    /// The text that is certain after `piece`.
    pub(crate) fn push(&mut self, piece: &str) -> String {
        let mut shown = String::with_capacity(piece.len());
        for c in piece.chars() {
            if c == '[' {
                shown.push_str(&std::mem::take(&mut self.held));
                self.held.push(c);
            } else if self.held.is_empty() {
                shown.push(c);
            } else {
                self.held.push(c);
                shown.push_str(&self.settle());
            }
        }
        shown
    }

    /// What was held back when the text has ended.
    pub(crate) fn finish(&mut self) -> String {
        std::mem::take(&mut self.held)
    }

    /// Lets go of what is held once it is a marker, or can no longer become one.
    fn settle(&mut self) -> String {
        const OPENING: &str = "[cite:";
        if OPENING.starts_with(self.held.as_str()) {
            return String::new();
        }
        let numbers = self.held.strip_prefix(OPENING);
        if let Some(list) = numbers.and_then(|rest| rest.strip_suffix(']')) {
            let shown = format!("[{list}]");
            self.held.clear();
            return shown;
        }
        let open = numbers
            .is_some_and(|rest| rest.chars().all(|c| c.is_ascii_digit() || c == ',' || c == ' '));
        if open { String::new() } else { std::mem::take(&mut self.held) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(pieces: &[&str]) -> String {
        let mut marks = CiteMarks::default();
        let mut text: String = pieces.iter().map(|piece| marks.push(piece)).collect();
        text.push_str(&marks.finish());
        text
    }

    #[test]
    fn a_marker_is_rewritten_wherever_it_is_cut() {
        let text = "It grows [cite:1]. Then [cite:2, 3] it stops.";
        let expected = "It grows [1]. Then [2, 3] it stops.";
        for at in 0..text.len() {
            assert_eq!(shown(&[&text[..at], &text[at..]]), expected, "cut at {at}");
        }
        let single: Vec<String> = text.chars().map(String::from).collect();
        assert_eq!(shown(&single.iter().map(String::as_str).collect::<Vec<_>>()), expected);
    }

    #[test]
    fn other_brackets_stay_as_they_are() {
        for text in ["a[0] = b[[1]", "[cite", "[cite:x]", "[citation]", "[", "[cite:1"] {
            assert_eq!(shown(&[text]), text);
        }
    }
}
