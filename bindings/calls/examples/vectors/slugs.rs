//! Names of every kind, and their slugs.

use serde_json::{Value, json};

use crate::case::{self, Case};

/// What a name is, the name, and its slug; `null` when it has none.
const ENDPOINTS: &[(&str, &str, Option<&str>)] = &[
    ("a name in words", "My Model v2!", Some("my-model-v2")),
    ("a slug already", "field-notes", Some("field-notes")),
    ("hyphens and spaces in a row", "--a  -- b_c--", Some("a-b-c")),
    ("one letter", "A", Some("endpoint-a")),
    ("two letters", "ab", Some("endpoint-ab")),
    ("three letters", "abc", Some("abc")),
    ("digits alone", "2026", Some("2026")),
    ("nothing", "", None),
    ("hyphens alone", "---", None),
    ("a page of the hub", "api", Some("api-1")),
    ("a page of the hub in capitals", "API", Some("api-1")),
    ("letters with marks of their own", "Ünïcödé models", Some("n-c-d-models")),
    ("letters with combining marks", "cafe\u{301} menu", Some("cafe-menu")),
    ("another script", "日本語", None),
    ("another script among ours", "データ set 7", Some("set-7")),
    ("right to left", "שלום world", Some("world")),
    (
        "the Kelvin sign, whose small letter is a plain k",
        "\u{212a}elvin scale",
        Some("kelvin-scale"),
    ),
    (
        "a dotted capital I, whose small form has a combining dot",
        "\u{130}stanbul",
        Some("i-stanbul"),
    ),
    ("a sharp s in capitals", "STRA\u{1e9e}E", Some("stra-e")),
    ("full-width letters, which are other letters", "\u{ff21}\u{ff22}\u{ff23} abc", Some("abc")),
    ("digits of another script", "\u{663}\u{664} notes", Some("notes")),
    ("a family of one emoji", "\u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467} album", Some("album")),
    ("a flag", "\u{1f1eb}\u{1f1f7}-wine", Some("wine")),
    (
        "separators of lines and paragraphs",
        "one\u{2028}two\u{2029}three\u{85}four",
        Some("one-two-three-four"),
    ),
    ("CR LF and tabs", "one\r\ntwo\tthree", Some("one-two-three")),
    ("a null character", "one\u{0}two", Some("one-two")),
    ("spaces of no width", "zero\u{200b}width\u{feff}space", Some("zero-width-space")),
    ("an override of direction", "safe\u{202e}gnp.exe", Some("safe-gnp-exe")),
    ("a path that climbs", "../../etc/passwd", Some("etc-passwd")),
    ("a script for a page", "<script>alert(1)</script>", Some("script-alert-1-script")),
    ("a statement for a database", "x'; DROP TABLE endpoints; --", Some("x-drop-table-endpoints")),
    ("percent signs", "100%25 sure", Some("100-25-sure")),
];

/// What a name is, the name, what stands in for it, and the slug.
const STANDING_IN: &[(&str, &str, &str, Option<&str>)] = &[
    ("nothing, with a fallback", "", "x7f3", Some("endpoint-x7f3")),
    ("another script, with a fallback", "日本語", "x7f3", Some("endpoint-x7f3")),
    ("usable characters, with a fallback", "Notes", "x7f3", Some("notes")),
    ("nothing, with a fallback that no slug may hold", "!", "A B", None),
];

const ORGANIZATIONS: &[(&str, &str, Option<&str>)] = &[
    ("an organization in words", "Acme & Sons", Some("acme-sons")),
    ("an organization of one letter", "A", Some("org-a")),
    ("an organization named like a part of the hub", "Organizations", Some("organizations-1")),
    ("an organization named like nobody", "guest", Some("guest-1")),
    ("an organization without usable characters", "株式会社", None),
];

/// The cases of slugs.
pub(crate) fn file() -> String {
    let mut cases = Vec::new();
    for (name, given, slug) in ENDPOINTS {
        cases.push(case(name, &json!({"name": given}), *slug));
    }
    for (name, given, fallback, slug) in STANDING_IN {
        cases.push(case(name, &json!({"name": given, "fallback": fallback}), *slug));
    }
    for (name, given, slug) in ORGANIZATIONS {
        cases.push(case(name, &json!({"name": given, "organization": true}), *slug));
    }
    cases.extend(long());
    case::file(
        "Names, and the slug that is tried first for each; null where a name gives none.",
        &cases,
    )
}

/// Names around the longest slug there is.
fn long() -> Vec<Case> {
    let n = |count: usize| "n".repeat(count);
    vec![
        case("as long as a slug may be", &json!({"name": n(63)}), Some(&n(63))),
        case("one longer than a slug may be", &json!({"name": n(64)}), Some(&n(63))),
        case(
            "cut where a hyphen stands",
            &json!({"name": format!("{} more", n(62))}),
            Some(&n(62)),
        ),
        case("long in characters of four bytes", &json!({"name": "\u{1f600}".repeat(500)}), None),
        case(
            "the last letter after many others",
            &json!({"name": format!("{}z", "é".repeat(300))}),
            Some("endpoint-z"),
        ),
    ]
}

fn case(name: &str, arguments: &Value, slug: Option<&str>) -> Case {
    let case = Case::new(name, "slug.of_name", arguments);
    assert_eq!(case.answer().as_str(), slug, "{name}");
    case
}
