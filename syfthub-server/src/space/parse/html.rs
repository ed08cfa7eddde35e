//! HTML: what a reader reads. Navigation, scripts and styles are dropped; headings and defined terms cut the text; code keeps its lines.

use scraper::{ElementRef, Html, Node, Selector, node::Element};

use super::{Outline, Parsed};

/// A definition (`<dt id=…>`) opens a section below every heading; nested definition lists open deeper ones.
const DEFINITION: u8 = 7;

/// A longer heading is a paragraph that someone marked as a heading, and is cut.
const LONGEST_HEADING: usize = 200;

/// What a page says of itself in `<meta name=… content=…>`, as far as it is kept.
const PROPERTIES: [&str; 4] = ["author", "description", "keywords", "date"];

/// Cuts an HTML page along its headings and definitions. The title is its first `<h1>`, else its `<title>`.
pub(super) fn parse(text: &str) -> Parsed {
    let page = Html::parse_document(text);
    let mut reader = Reader::default();
    walk(content_root(&page), &mut reader);
    reader.flush();
    let mut outline = reader.outline;
    outline.title = outline.title.or_else(|| {
        first(&page, "title").map(|title| collapsed(&title.text().collect::<String>()))
    });
    for name in PROPERTIES {
        let content = first(&page, &format!("meta[name={name}]"));
        let content = content.and_then(|meta| meta.value().attr("content"));
        outline.property(name, content.unwrap_or_default());
    }
    let language = first(&page, "html[lang]").and_then(|root| root.value().attr("lang"));
    outline.property("language", language.unwrap_or_default());
    outline.finish()
}

/// Visits every node below `root` in reading order, without recursion: pages nest as deep as their authors like.
fn walk(root: ElementRef<'_>, reader: &mut Reader) {
    let mut node = *root;
    loop {
        let entered = reader.enter(node.value());
        if let (true, Some(child)) = (entered, node.first_child()) {
            node = child;
            continue;
        }
        if entered {
            reader.leave(node.value());
        }
        loop {
            if node == *root {
                return;
            }
            if let Some(next) = node.next_sibling() {
                node = next;
                break;
            }
            let Some(parent) = node.parent() else { return };
            reader.leave(parent.value());
            node = parent;
        }
    }
}

/// The part of the page that holds its content: `<main>`, `role=main`, a single `<article>`, else all of it.
fn content_root(page: &Html) -> ElementRef<'_> {
    let article = || {
        let selector = Selector::parse("article").expect("a tag name is a selector");
        let mut found = page.select(&selector);
        found.next().filter(|_| found.next().is_none())
    };
    first(page, "main, [role=main]").or_else(article).unwrap_or_else(|| page.root_element())
}

fn first<'a>(page: &'a Html, selector: &str) -> Option<ElementRef<'a>> {
    let selector = Selector::parse(selector).expect("the selectors here are constant and valid");
    page.select(&selector).next()
}

fn is_dropped(element: &Element) -> bool {
    let by_name = matches!(
        element.name(),
        "head"
            | "script"
            | "style"
            | "nav"
            | "noscript"
            | "template"
            | "svg"
            | "math"
            | "iframe"
            | "object"
            | "button"
            | "select"
            | "form"
            | "dialog"
            | "canvas"
    );
    let by_role = matches!(
        element.attr("role"),
        Some("navigation" | "search" | "menu" | "banner" | "contentinfo")
    );
    let hidden = element.attr("hidden").is_some() || element.attr("aria-hidden") == Some("true");
    let permalink = element.attr("class").is_some_and(|classes| {
        classes
            .split_whitespace()
            .any(|class| matches!(class, "headerlink" | "anchor" | "permalink"))
    });
    by_name || by_role || hidden || (permalink && element.name() == "a")
}

fn is_block(name: &str) -> bool {
    matches!(
        name,
        "address"
            | "article"
            | "aside"
            | "blockquote"
            | "body"
            | "caption"
            | "dd"
            | "details"
            | "div"
            | "dl"
            | "dt"
            | "figcaption"
            | "figure"
            | "footer"
            | "header"
            | "hr"
            | "html"
            | "li"
            | "main"
            | "ol"
            | "p"
            | "pre"
            | "section"
            | "summary"
            | "table"
            | "tbody"
            | "tfoot"
            | "thead"
            | "tr"
            | "ul"
    )
}

fn heading_level(name: &str) -> Option<u8> {
    match name.as_bytes() {
        [b'h', digit @ b'1'..=b'6'] => Some(digit - b'0'),
        _ => None,
    }
}

#[derive(Default)]
struct Reader {
    outline: Outline,
    block: String,
    heading: Option<u8>,
    preformatted: usize,
    definition_lists: u8,
}

impl Reader {
    /// Whether what is below the node should be read too.
    fn enter(&mut self, node: &Node) -> bool {
        match node {
            Node::Element(element) if is_dropped(element) => return false,
            Node::Element(element) => self.open(element),
            Node::Text(text) => self.text(text),
            _ => {}
        }
        true
    }

    fn leave(&mut self, node: &Node) {
        if let Node::Element(element) = node {
            self.close(element.name());
        }
    }

    fn open(&mut self, element: &Element) {
        let name = element.name();
        let definition = name == "dt" && element.attr("id").is_some();
        if is_block(name) || heading_level(name).is_some() {
            self.flush();
        }
        match name {
            "pre" | "textarea" => self.preformatted += 1,
            "dl" => self.definition_lists = self.definition_lists.saturating_add(1),
            "br" => self.block.push('\n'),
            "td" | "th" if !self.block.is_empty() => self.block.push_str(" | "),
            _ => {}
        }
        if definition {
            self.heading = Some(self.definition_level());
        } else if let Some(level) = heading_level(name) {
            self.heading = Some(level);
        }
    }

    fn close(&mut self, name: &str) {
        if is_block(name) || heading_level(name).is_some() {
            self.flush();
        }
        match name {
            "pre" | "textarea" => self.preformatted = self.preformatted.saturating_sub(1),
            "dt" => self.heading = None,
            "dl" => {
                self.outline.close_headings(self.definition_level());
                self.definition_lists = self.definition_lists.saturating_sub(1);
            }
            name if heading_level(name).is_some() => self.heading = None,
            _ => {}
        }
    }

    fn definition_level(&self) -> u8 {
        DEFINITION.saturating_add(self.definition_lists)
    }

    fn text(&mut self, text: &str) {
        if self.preformatted > 0 {
            self.block.push_str(text);
            return;
        }
        for c in text.chars() {
            if !c.is_whitespace() || c == '\u{a0}' {
                self.block.push(if c == '\u{a0}' { ' ' } else { c });
            } else if !self.block.is_empty() && !self.block.ends_with(char::is_whitespace) {
                self.block.push(' ');
            }
        }
    }

    /// Ends the block: it becomes a heading inside one, else a paragraph.
    fn flush(&mut self) {
        let block = std::mem::take(&mut self.block);
        match self.heading {
            Some(level) if !block.trim().is_empty() => {
                let heading = crate::space::text::shortened(&collapsed(&block), LONGEST_HEADING);
                if level == 1 && self.outline.title.is_none() {
                    self.outline.title = Some(heading.clone());
                }
                self.outline.heading(level, &heading);
            }
            _ => self.outline.block(&block),
        }
    }
}

fn collapsed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_cut_at_its_headings_without_its_navigation() {
        let parsed = parse(
            "<html><head><title>T - Site</title><style>p{}</style></head><body><nav><h2>Menu</h2></nav>\
             <main><h1>Permits<a class=headerlink href=#>¶</a></h1><p>One  <b>two</b>\n three.</p>\
             <h2>Night</h2><ul><li>N-4</li><li>N-5</li></ul><script>x()</script></main><footer>Imprint</footer></body></html>",
        );
        assert_eq!(parsed.title.as_deref(), Some("Permits"));
        assert_eq!(parsed.sections.len(), 2);
        assert_eq!(parsed.sections[0].text, "Permits\n\nOne two three.");
        assert_eq!(parsed.sections[1].headings, ["Permits", "Night"]);
        assert_eq!(parsed.sections[1].text, "Night\n\nN-4\n\nN-5");
    }

    #[test]
    fn code_keeps_its_lines_and_tables_their_cells() {
        let parsed = parse(
            "<pre>a\n  b\n\nc</pre><table><tr><td>1</td><td>2</td></tr><tr><td>3</td></tr></table>",
        );
        assert_eq!(parsed.sections[0].text, "a\n  b\n\nc\n\n1 | 2\n\n3");
    }

    #[test]
    fn a_defined_term_opens_a_section_that_ends_with_its_list() {
        let parsed = parse(
            "<h1>M</h1><dl><dt id=f>f(x)</dt><dt>f(y)</dt><dd>Does f.<dl><dt id=g>g()</dt><dd>Does g.</dd></dl>\
             Still f.</dd><dt id=h>h()</dt><dd>Does h.</dd></dl><p>After.</p>",
        );
        let trails: Vec<_> = parsed
            .sections
            .iter()
            .map(|s| (s.headings.join(">"), s.text.replace("\n\n", "/")))
            .collect();
        let expected = [
            ("M", "M"),
            ("M>f(x)", "f(x)/f(y)/Does f."),
            ("M>f(x)>g()", "g()/Does g."),
            ("M>f(x)", "Still f."),
            ("M>h()", "h()/Does h."),
            ("M", "After."),
        ];
        assert_eq!(trails, expected.map(|(a, b)| (a.to_owned(), b.to_owned())));
    }

    #[test]
    fn a_page_without_structure_gives_its_text_and_its_title() {
        let parsed = parse("<title> Plain\n page </title>just <i>text</i>");
        assert_eq!(parsed.title.as_deref(), Some("Plain page"));
        assert_eq!(parsed.sections[0].text, "just text");
    }

    #[test]
    fn what_a_page_says_of_itself_is_kept() {
        let parsed =
            parse("<html lang=de><meta name=author content='Ada L'><meta name=x content=y><p>t");
        let kept: Vec<_> =
            parsed.metadata.iter().map(|(name, value)| (name.as_str(), value)).collect();
        assert_eq!(kept, [("author", &"Ada L".into()), ("language", &"de".into())]);
    }

    #[test]
    fn deep_nesting_and_broken_tags_are_read_without_recursion() {
        let deep = format!("{}x{}", "<div><b>".repeat(3000), "</i>".repeat(10));
        assert_eq!(parse(&deep).sections[0].text, "x");
    }
}
