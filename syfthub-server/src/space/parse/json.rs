//! JSON by its structure: objects become headings, values stand beside their names, entries of lists are paragraphs.

use serde_json::{Map, Value};

use super::{Outline, Parsed, plain};

/// Deeper objects no longer open headings; their values carry the whole way to them.
const HEADINGS: u8 = 4;

/// One value, or one value per line; text that is neither stays as it is.
pub(super) fn parse(text: &str) -> Parsed {
    let mut outline = Outline::default();
    if let Ok(value) = serde_json::from_str::<Value>(text) {
        outline.title = value.get("title").and_then(Value::as_str).map(str::to_owned);
        write(&mut outline, 1, "", &value);
        return outline.finish();
    }
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    for line in lines {
        match serde_json::from_str::<Value>(line) {
            Ok(value) => outline.block(&flat("", &value)),
            Err(_) => return plain::parse(text),
        }
    }
    outline.finish()
}

fn write(outline: &mut Outline, level: u8, name: &str, value: &Value) {
    match value {
        Value::Object(fields) if level <= HEADINGS => write_object(outline, level, fields),
        Value::Array(entries) if entries.iter().any(is_nested) => {
            for entry in entries {
                outline.block(&flat("", entry));
            }
        }
        value => outline.block(&flat(name, value)),
    }
}

/// Plain values first, so that they stay together; then a section for each nested one.
fn write_object(outline: &mut Outline, level: u8, fields: &Map<String, Value>) {
    let (nested, plain): (Vec<_>, Vec<_>) =
        fields.iter().partition(|(_, value)| is_nested(value) && !is_list_of_plain(value));
    let lines: Vec<String> = plain.iter().map(|(name, value)| flat(name, value)).collect();
    outline.block(&lines.join("\n"));
    for (name, value) in nested {
        outline.heading(level, name);
        write(outline, level + 1, name, value);
        outline.close_headings(level);
    }
}

fn is_nested(value: &Value) -> bool {
    matches!(value, Value::Object(_) | Value::Array(_))
}

fn is_list_of_plain(value: &Value) -> bool {
    value.as_array().is_some_and(|entries| !entries.iter().any(is_nested))
}

/// Every value below on a line of its own, beside the way to it.
fn flat(name: &str, value: &Value) -> String {
    let mut lines = Vec::new();
    flatten(name, value, &mut lines);
    lines.join("\n")
}

/// Recurses as deep as the value nests, which the JSON reader bounds.
fn flatten(name: &str, value: &Value, lines: &mut Vec<String>) {
    let way = |part: &str| if name.is_empty() { part.to_owned() } else { format!("{name}.{part}") };
    match value {
        Value::Object(fields) => {
            fields.iter().for_each(|(field, value)| flatten(&way(field), value, lines));
        }
        Value::Array(entries) if is_list_of_plain(value) => {
            let entries: Vec<String> = entries.iter().map(shown).collect();
            lines.push(named(name, &entries.join(", ")));
        }
        Value::Array(entries) => entries.iter().for_each(|entry| flatten(name, entry, lines)),
        value => lines.push(named(name, &shown(value))),
    }
}

fn named(name: &str, text: &str) -> String {
    if name.is_empty() { text.to_owned() } else { format!("{name}: {text}") }
}

fn shown(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(json: &str) -> Vec<(String, String)> {
        let sections = parse(json).sections;
        sections.into_iter().map(|section| (section.headings.join(">"), section.text)).collect()
    }

    #[test]
    fn objects_become_headings_and_values_stand_beside_their_names() {
        let json = r#"{"title":"Permits","fees":{"night":{"N-4":40,"paid":["cash","card"]}},"valid":true,
            "offices":[{"city":"Bern","open":[8,17]},{"city":"Zug"}]}"#;
        let expected = [
            ("", "title: Permits\nvalid: true"),
            ("fees", "fees"),
            ("fees>night", "night\n\nN-4: 40\npaid: cash, card"),
            ("offices", "offices\n\ncity: Bern\nopen: 8, 17\n\ncity: Zug"),
        ];
        assert_eq!(texts(json), expected.map(|(a, b)| (a.to_owned(), b.to_owned())));
        assert_eq!(parse(json).title.as_deref(), Some("Permits"));
    }

    #[test]
    fn a_value_per_line_is_a_paragraph_per_line() {
        let expected = "a: 1\n\na.b: x";
        assert_eq!(texts("{\"a\":1}\n\n{\"a\":{\"b\":\"x\"}}")[0].1, expected);
    }

    #[test]
    fn what_is_no_json_stays_as_it_is_and_nesting_has_an_end() {
        assert_eq!(texts("{\"a\": oops")[0].1, "{\"a\": oops");
        let deep = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
        assert_eq!(texts(&deep)[0].1, deep);
        let wide = format!("{}1{}", "{\"a\":".repeat(100), "}".repeat(100));
        assert!(texts(&wide).last().unwrap().1.ends_with(": 1"));
    }
}
