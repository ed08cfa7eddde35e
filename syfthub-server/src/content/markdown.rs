//! Markdown as HTML that is fit for a page of ours.
//!
//! `CommonMark` with GitHub's tables, strike-through, task lists and footnotes. Pictures become links to themselves: a
//! page that loads none tells nobody who reads it. Whatever HTML comes out of that passes an allow-list at the end, so
//! that no rule of Markdown, and no mistake in reading it, decides what a browser gets to see.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::LazyLock;
use std::time::Instant;

use ammonia::{Builder, UrlRelative};
use pulldown_cmark::{CodeBlockKind, CowStr, Event, LinkType, Options, Parser, Tag, TagEnd, html};

use super::{escaped, highlight};

/// What the ids of headings begin with on the page, so that a README cannot name a part of the page.
const ANCHOR: &str = "readme-";

/// Elements within elements that are laid out. What is deeper stays as it was written: nobody writes so for readers, and
/// the time to parse it grows with the square of the depth.
const DEEPEST: usize = 200;

/// `markdown` as safe HTML. Code that is not highlighted by `deadline` stays plain.
pub(super) fn to_html(markdown: &str, deadline: Instant) -> String {
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_FOOTNOTES;
    let events = anchored(rewritten(Parser::new_ext(markdown, options), deadline));
    let mut unsafe_html = String::with_capacity(markdown.len() * 2);
    html::push_html(&mut unsafe_html, events.into_iter());
    if depth(&unsafe_html) > DEEPEST {
        return format!("<pre>{}</pre>", escaped(markdown));
    }
    SANITISER.clean(&unsafe_html).to_string()
}

/// At least how deep the elements of `html` lie within each other, by the tags that are not closed.
fn depth(html: &str) -> usize {
    const ALONE: [&str; 5] = ["br", "hr", "img", "input", "wbr"];
    let (mut open, mut deepest) = (0_usize, 0);
    for tag in html.split('<').skip(1) {
        let name = tag.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
        if tag.starts_with('/') {
            open = open.saturating_sub(1);
        } else if !name.is_empty() && !ALONE.contains(&name.to_ascii_lowercase().as_str()) {
            open += 1;
            deepest = deepest.max(open);
        }
    }
    deepest
}

/// Code highlighted, pictures as links, and boxes of task lists as characters.
fn rewritten(parser: Parser<'_>, deadline: Instant) -> Vec<Event<'_>> {
    let mut events = Vec::new();
    let mut code: Option<(String, String)> = None;
    let mut links = 0_usize;
    for event in parser {
        match event {
            Event::Start(Tag::CodeBlock(kind)) => code = Some((language(&kind), String::new())),
            Event::End(TagEnd::CodeBlock) => {
                let (language, text) = code.take().unwrap_or_default();
                let marked = highlight::html(&language, &text, deadline);
                events.push(Event::Html(format!("<pre><code>{marked}</code></pre>\n").into()));
            }
            Event::Text(text) if code.is_some() => {
                if let Some((_, whole)) = &mut code {
                    whole.push_str(&text);
                }
            }
            // A link cannot hold another: of a picture inside one, its text remains.
            Event::Start(Tag::Image { dest_url, title, .. }) => {
                links += 1;
                if links == 1 {
                    events.push(Event::Start(link(dest_url, title)));
                }
            }
            Event::End(TagEnd::Image) => {
                links -= 1;
                if links == 0 {
                    events.push(Event::End(TagEnd::Link));
                }
            }
            Event::TaskListMarker(done) => {
                events.push(Event::Text(if done { "☑ " } else { "☐ " }.into()));
            }
            event => {
                links += usize::from(matches!(event, Event::Start(Tag::Link { .. })));
                links -= usize::from(matches!(event, Event::End(TagEnd::Link)));
                events.push(event);
            }
        }
    }
    events
}

fn link<'a>(dest_url: CowStr<'a>, title: CowStr<'a>) -> Tag<'a> {
    Tag::Link { link_type: LinkType::Inline, dest_url, title, id: "".into() }
}

/// The first word after the fence.
fn language(kind: &CodeBlockKind<'_>) -> String {
    let CodeBlockKind::Fenced(info) = kind else { return String::new() };
    let word = |c: char| c.is_whitespace() || matches!(c, ',' | '{');
    info.split(word).next().unwrap_or_default().to_lowercase()
}

/// Gives headings the ids that links within a README expect, as GitHub makes them.
fn anchored(mut events: Vec<Event<'_>>) -> Vec<Event<'_>> {
    let mut taken: HashMap<String, usize> = HashMap::new();
    for start in 0..events.len() {
        if !matches!(events[start], Event::Start(Tag::Heading { .. })) {
            continue;
        }
        let inside = events[start + 1..]
            .iter()
            .take_while(|event| !matches!(event, Event::End(TagEnd::Heading(_))));
        let name = anchor(inside);
        let count = taken.entry(name.clone()).or_default();
        let unique = if *count == 0 { name } else { format!("{name}-{count}") };
        *count += 1;
        if let Event::Start(Tag::Heading { id, .. }) = &mut events[start] {
            *id = Some(unique.into());
        }
    }
    events
}

/// `## What it *does*!` is at `#what-it-does`.
fn anchor<'e>(heading: impl Iterator<Item = &'e Event<'e>>) -> String {
    let mut name = String::new();
    for event in heading {
        if let Event::Text(text) | Event::Code(text) = event {
            let kept = text.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
            name.extend(kept.flat_map(char::to_lowercase).map(|c| if c == ' ' { '-' } else { c }));
        }
    }
    name
}

static SANITISER: LazyLock<Builder<'static>> = LazyLock::new(sanitiser);

/// The allow-list of contract hub 6.1.
fn sanitiser() -> Builder<'static> {
    #[rustfmt::skip]
    let tags = [
        "a", "abbr", "b", "blockquote", "br", "caption", "cite", "code", "dd", "del", "details", "div", "dl", "dt", "em",
        "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "ins", "kbd", "li", "mark", "ol", "p", "pre", "q", "s", "samp",
        "small", "span", "strong", "sub", "summary", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul", "var",
    ];
    let mut sanitiser = Builder::empty();
    sanitiser
        .tags(tags.into())
        .clean_content_tags(["script", "style", "title", "template", "textarea"].into())
        .generic_attributes(["class", "id"].into())
        .tag_attributes([("a", ["href", "title"].into())].into())
        .url_schemes(["http", "https", "mailto", "ftp"].into())
        .url_relative(UrlRelative::Custom(Box::new(within_the_readme)))
        .link_rel(Some("nofollow noopener noreferrer"))
        .id_prefix(Some(ANCHOR))
        .attribute_filter(|_, attribute, value| match attribute {
            "class" => own_classes(value),
            _ => Some(value.into()),
        });
    sanitiser
}

/// Of addresses without a scheme, those of the README's own headings; others would lead into the hub's routes.
fn within_the_readme(address: &str) -> Option<Cow<'_, str>> {
    address.strip_prefix('#').map(|name| format!("#{ANCHOR}{name}").into())
}

/// Classes that mark words of code; any other could borrow the page's looks.
fn own_classes(value: &str) -> Option<Cow<'_, str>> {
    let classes = value.split_ascii_whitespace();
    let own: Vec<&str> = classes.filter(|class| class.starts_with(highlight::PREFIX)).collect();
    (!own.is_empty()).then(|| own.join(" ").into())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn html(markdown: &str) -> String {
        to_html(markdown, Instant::now() + Duration::from_mins(1))
    }

    #[test]
    fn markdown_is_laid_out() {
        let page = html("# A *b*\n\n| x |\n|---|\n| 1 |\n\n- [x] done\n\n~~no~~ `code`");
        for part in [
            "<h1 id=\"readme-a-b\">A <em>b</em></h1>",
            "<td>1</td>",
            "☑ done",
            "<del>no</del>",
            "<code>code</code>",
        ] {
            assert!(page.contains(part), "{part} in {page}");
        }
    }

    #[test]
    fn fenced_code_is_highlighted() {
        let page = html("```python title=x\nimport os  # <b>\n```");
        assert!(page.contains("<pre><code>") && page.contains("class=\"hl-"), "{page}");
        assert!(page.contains("&lt;b&gt;"), "{page}");
    }

    #[test]
    fn links_keep_their_address_when_its_scheme_is_listed() {
        for (address, is_kept) in [
            ("https://a.org/x?y=1", true),
            ("mailto:a@b.org", true),
            ("ftp://a.org", true),
            ("javascript:alert(1)", false),
            ("data:text/html,x", false),
            ("/api/v1/auth/logout", false),
            ("//evil.org", false),
        ] {
            let page = html(&format!("[x]({address})"));
            assert_eq!(page.contains("href="), is_kept, "{address}: {page}");
        }
        assert!(html("[x](https://a.org)").contains("rel=\"nofollow noopener noreferrer\""));
    }

    #[test]
    fn a_table_of_contents_leads_to_its_headings() {
        let page = html("[to](#what-it-does)\n\n## What it *does*!\n\n## What it does");
        assert!(page.contains("href=\"#readme-what-it-does\""), "{page}");
        assert!(page.contains("id=\"readme-what-it-does\""), "{page}");
        assert!(page.contains("id=\"readme-what-it-does-1\""), "{page}");
    }

    #[test]
    fn pictures_are_links_to_themselves_and_nothing_is_loaded() {
        let page =
            html("![a cat](https://a.org/cat.png) [![badge](https://b.org/x.svg)](https://c.org)");
        assert!(!page.contains("<img"), "{page}");
        assert!(page.contains("href=\"https://a.org/cat.png\"") && page.contains(">a cat</a>"));
        assert!(page.contains("href=\"https://c.org\"") && page.contains(">badge</a>"), "{page}");
        assert!(!page.contains("https://b.org"), "{page}");
    }

    #[test]
    fn what_lies_too_deep_stays_as_it_was_written() {
        for deep in
            [">".repeat(1000), "<div>".repeat(1000), "*a **b ".repeat(1000), "- ".repeat(1000)]
        {
            let page = html(&deep);
            assert!(depth(&page) <= DEEPEST, "{} at {}", depth(&page), &deep[..20]);
        }
        assert_eq!(html(&"<div>".repeat(300)), format!("<pre>{}</pre>", "&lt;div&gt;".repeat(300)));
        let wide = "a<br>\n\n- b\n\n".repeat(500);
        assert!(html(&wide).contains("<li>"), "a long text is not a deep one");
    }

    #[test]
    fn classes_of_the_page_cannot_be_borrowed() {
        let page = html("<span class=\"badge hl-string public\">x</span>");
        assert!(page.contains("class=\"hl-string\""), "{page}");
        assert!(!html("<span class=\"badge\">x</span>").contains("class"));
    }
}
