//! Markdown: headings of both kinds cut it; code fences and front matter are respected; the text keeps its marks.

use super::{Outline, Parsed};

/// Cuts Markdown at its headings. The title is the front matter's, else the first heading of level 1.
pub(super) fn parse(text: &str) -> Parsed {
    let unified = text.replace("\r\n", "\n");
    let mut outline = Outline::default();
    let body = front_matter(&unified, &mut outline);
    let mut fence: Option<&str> = None;
    let mut paragraph: Vec<&str> = Vec::new();
    for line in body.lines() {
        let trimmed = line.trim_start();
        if let Some(open) = fence {
            paragraph.push(line);
            if trimmed.starts_with(open) {
                fence = None;
            }
        } else if let Some(open) = opening_fence(trimmed) {
            fence = Some(open);
            paragraph.push(line);
        } else if let Some((level, heading)) = atx(line) {
            flush(&mut paragraph, &mut outline);
            open_heading(&mut outline, level, heading);
        } else if let (Some(level), [above]) = (underline(line), paragraph.as_slice()) {
            let heading = above.trim().to_owned();
            paragraph.clear();
            open_heading(&mut outline, level, &heading);
        } else if trimmed.is_empty() {
            flush(&mut paragraph, &mut outline);
        } else {
            paragraph.push(line);
        }
    }
    flush(&mut paragraph, &mut outline);
    outline.finish()
}

fn open_heading(outline: &mut Outline, level: u8, heading: &str) {
    if heading.is_empty() {
        return;
    }
    if level == 1 && outline.title.is_none() {
        outline.title = Some(heading.to_owned());
    }
    outline.heading(level, heading);
}

fn flush(paragraph: &mut Vec<&str>, outline: &mut Outline) {
    outline.block(&paragraph.join("\n"));
    paragraph.clear();
}

/// The mark that opens a code fence, and later closes it.
fn opening_fence(line: &str) -> Option<&'static str> {
    ["```", "~~~"].into_iter().find(|mark| line.starts_with(mark))
}

/// `## Heading ##` as (2, "Heading").
fn atx(line: &str) -> Option<(u8, &str)> {
    let rest = line.trim_start_matches('#');
    let level =
        u8::try_from(line.len() - rest.len()).ok().filter(|level| (1..=6).contains(level))?;
    let spaced = rest.is_empty() || rest.starts_with([' ', '\t']);
    spaced.then(|| (level, rest.trim().trim_end_matches('#').trim_end()))
}

/// The level that a line of `===` or `---` gives to the line above it.
fn underline(line: &str) -> Option<u8> {
    let line = line.trim_end();
    let only = |mark: char| line.len() >= 2 && line.chars().all(|c| c == mark);
    if only('=') {
        Some(1)
    } else if only('-') {
        Some(2)
    } else {
        None
    }
}

/// Takes the title and the other plain `name: value` lines from a YAML block at the very beginning; answers the text after
/// that block.
fn front_matter<'a>(text: &'a str, outline: &mut Outline) -> &'a str {
    let inside = text.strip_prefix("---\n").and_then(|rest| rest.split_once("\n---\n"));
    let Some((block, body)) = inside else { return text };
    for line in block.lines().filter(|line| !line.starts_with([' ', '\t', '-', '#'])) {
        let Some((name, value)) = line.split_once(':') else { continue };
        let value = value.trim().trim_matches(['"', '\'']);
        if name == "title" {
            outline.title = Some(value.to_owned());
        } else {
            outline.property(name, value);
        }
    }
    body
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trails(text: &str) -> Vec<(Vec<String>, String)> {
        parse(text).sections.into_iter().map(|section| (section.headings, section.text)).collect()
    }

    #[test]
    fn headings_nest_and_a_sibling_closes_its_neighbour() {
        let found = trails("# A\nintro\n## B\nb\n### C\nc\n## D ##\nd\n");
        let headings: Vec<String> = found.iter().map(|(trail, _)| trail.join(">")).collect();
        assert_eq!(headings, ["A", "A>B", "A>B>C", "A>D"]);
        assert_eq!(found[3].1, "D\n\nd");
    }

    #[test]
    fn underlined_headings_count_and_rules_do_not() {
        let found = trails("Title\n=====\n\ntext\nmore\n---\n\nlast\n");
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].1, "Title\n\ntext\nmore\n---\n\nlast");
    }

    #[test]
    fn a_hash_in_a_code_fence_is_not_a_heading() {
        let found = trails("# A\n```sh\n# comment\n\nls\n```\nafter #tag\n");
        assert_eq!(found.len(), 1);
        assert!(found[0].1.contains("# comment\n\nls"), "{found:?}");
    }

    #[test]
    fn the_title_is_the_front_matters_then_the_first_heading() {
        assert_eq!(
            parse("---\ntitle: \"Night work\"\n---\n# Other\nx").title.as_deref(),
            Some("Night work")
        );
        let front = "---\ntitle: T\nauthor: Ada\ntags:\n  - a\nstatus: 'draft'\n---\nx";
        let kept = parse(front).metadata;
        assert_eq!(
            kept.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(),
            ["author", "status"]
        );
        assert_eq!(parse("## Sub\nx\n# Main\ny").title.as_deref(), Some("Main"));
        assert_eq!(parse("---\nno end").title, None);
    }
}
