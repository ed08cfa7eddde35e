//! Code with its words marked by classes; which colour a class has is the style sheet's business.

use std::sync::LazyLock;
use std::time::Instant;

use syntect::html::{ClassStyle, ClassedHTMLGenerator};
use syntect::parsing::{SyntaxReference, SyntaxSet};
use syntect::util::LinesWithEndings;

use super::escaped;

/// What every class begins with, so that none means anything else on the page.
pub(super) const PREFIX: &str = "hl-";

/// Longest line in bytes that is taken apart: the grammars' expressions may take time quadratic in it.
const LONGEST_LINE: usize = 1000;

/// The grammars that come with syntect; unpacking them takes some milliseconds, once.
static GRAMMARS: LazyLock<SyntaxSet> = LazyLock::new(SyntaxSet::load_defaults_newlines);

/// `code` as HTML, its words marked when `language` names a grammar. What is left at `deadline` is not marked.
pub(super) fn html(language: &str, code: &str, deadline: Instant) -> String {
    let known = Some(language).filter(|language| !language.is_empty());
    match known.and_then(|language| GRAMMARS.find_syntax_by_token(language)) {
        Some(grammar) => marked(grammar, code, deadline),
        None => escaped(code),
    }
}

fn marked(grammar: &SyntaxReference, code: &str, deadline: Instant) -> String {
    let style = ClassStyle::SpacedPrefixed { prefix: PREFIX };
    let mut marking = ClassedHTMLGenerator::new_with_class_style(grammar, &GRAMMARS, style);
    let mut done = 0;
    for line in LinesWithEndings::from(code) {
        if line.len() > LONGEST_LINE || Instant::now() >= deadline {
            break;
        }
        if marking.parse_html_for_line_which_includes_newline(line).is_err() {
            return escaped(code);
        }
        done += line.len();
    }
    marking.finalize() + &escaped(&code[done..])
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn later() -> Instant {
        Instant::now() + Duration::from_mins(1)
    }

    #[test]
    fn words_of_a_known_language_get_classes() {
        let html = html("rust", "fn main() { /* <b> */ }\n", later());
        assert!(html.contains("hl-comment") && html.contains("&lt;b&gt;"), "{html}");
        assert!(!html.contains("<b>"), "{html}");
    }

    #[test]
    fn an_unknown_language_is_only_escaped() {
        for language in ["", "klingon", "\"><script>"] {
            assert_eq!(html(language, "a < b & c\n", later()), "a &lt; b &amp; c\n");
        }
    }

    #[test]
    fn what_is_left_at_the_deadline_is_there_without_marks() {
        assert_eq!(html("rust", "fn a() {}\n<\n", Instant::now()), "fn a() {}\n&lt;\n");
    }

    #[test]
    fn a_line_that_is_too_long_ends_the_marking_and_loses_nothing() {
        let code = format!("let a = 1;\n{}\nlet b = 2;\n", "(".repeat(5000));
        let html = html("rust", &code, later());
        assert!(html.contains(&"(".repeat(5000)) && html.ends_with("let b = 2;\n"), "{html}");
    }
}
