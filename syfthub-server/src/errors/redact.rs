//! What may be kept of a report: no secrets, and nothing without end (contract hub 8.3).

use serde_json::{Map, Value};

/// What stands in the place of a secret.
const BLANK: &str = "[REDACTED]";
/// What stands in the place of what lies too deep.
const DEEPER: &str = "[...]";

const DEEPEST: usize = 10;
const MOST_ITEMS: usize = 100;
const LONGEST_STRING: usize = 1000;
const LONGEST_KEY: usize = 100;

/// Parts of the names of secrets.
const SENSITIVE: [&str; 6] = ["password", "secret", "token", "key", "credential", "auth"];

/// Names after which prose has a secret: shorter a list, since a sentence says "key" of many things.
const SENSITIVE_IN_TEXT: [&str; 9] = [
    "password",
    "passwd",
    "secret",
    "token",
    "api_key",
    "apikey",
    "api-key",
    "authorization",
    "cookie",
];

/// The value without secrets, cut to a size that is fit to keep.
pub(super) fn value(value: &Value) -> Value {
    at_depth(value, 0)
}

fn at_depth(value: &Value, depth: usize) -> Value {
    match value {
        Value::Object(_) | Value::Array(_) if depth >= DEEPEST => Value::from(DEEPER),
        Value::Object(object) => object_at(object, depth),
        Value::Array(items) => {
            items.iter().take(MOST_ITEMS).map(|item| at_depth(item, depth + 1)).collect()
        }
        Value::String(string) => Value::from(text(string, LONGEST_STRING)),
        other => other.clone(),
    }
}

fn object_at(object: &Map<String, Value>, depth: usize) -> Value {
    let fields = object.iter().take(MOST_ITEMS).map(|(name, value)| {
        let lower = name.to_lowercase();
        let value = match value {
            _ if SENSITIVE.iter().any(|part| lower.contains(part)) => Value::from(BLANK),
            Value::String(address) if lower == "url" || lower.ends_with("_url") => {
                Value::from(text(without_query(address), LONGEST_STRING))
            }
            other => at_depth(other, depth + 1),
        };
        (name.chars().take(LONGEST_KEY).collect(), value)
    });
    Value::Object(fields.collect())
}

/// An address without what follows its path, where secrets travel.
pub(super) fn without_query(address: &str) -> &str {
    address.split(['?', '#']).next().unwrap_or_default()
}

/// At most `longest` characters of the text, in which what looks like a secret is blanked.
pub(super) fn text(text: &str, longest: usize) -> String {
    // Cut first: what is looked through must not be without end either.
    let end = text.char_indices().nth(longest).map_or(text.len(), |(at, _)| at);
    let is_cut = end < text.len();
    let mut kept = blanked(&text[..end]);
    if is_cut {
        kept.push('…');
    }
    kept
}

fn blanked(text: &str) -> String {
    let is_word = |c: char| c.is_ascii_alphanumeric() || "_-.+/~".contains(c);
    let mut kept = String::with_capacity(text.len());
    let mut announced = false;
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        let gap = after.find(is_word).unwrap_or(after.len());
        let (between, after) = after.split_at(gap);
        if !word.is_empty() {
            let is_scheme =
                word.eq_ignore_ascii_case("bearer") || word.eq_ignore_ascii_case("basic");
            let is_secret = looks_like_a_secret(word) || (announced && !is_scheme);
            kept.push_str(if is_secret { BLANK } else { word });
            announced = is_scheme || (announces(word) && between.contains(['=', ':']));
        }
        kept.push_str(between);
        rest = after;
    }
    kept
}

fn announces(word: &str) -> bool {
    let lower = word.to_lowercase();
    SENSITIVE_IN_TEXT.iter().any(|name| lower.ends_with(name))
}

/// A personal access token, a JSON web token, or something sealed.
fn looks_like_a_secret(word: &str) -> bool {
    let is_jwt = word.starts_with("eyJ") && word.matches('.').count() == 2;
    is_jwt || word.starts_with("syft_") || word.starts_with("sk-")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn values_under_the_names_of_secrets_are_blanked_at_any_depth() {
        let sent = json!({
            "user": {"password": "hunter22", "Api_Key": ["hunter22"], "name": "ada"},
            "headers": [{"Authorization": "Bearer hunter22"}],
            "page_url": "https://hub.example.org/x?code=hunter22#hunter22",
        });
        let kept = value(&sent);
        assert!(!kept.to_string().contains("hunter22"), "{kept}");
        assert_eq!(
            (&kept["user"]["name"], &kept["page_url"]),
            (&json!("ada"), &json!("https://hub.example.org/x"))
        );
        assert_eq!(kept["user"]["password"], "[REDACTED]");
    }

    #[test]
    fn secrets_in_prose_are_blanked_and_the_rest_stays() {
        for (sent, kept) in [
            ("GET /x?token=abc&page=2", "GET /x?token=[REDACTED]&page=2"),
            (
                "Authorization: Bearer abc.def was refused",
                "Authorization: Bearer [REDACTED] was refused",
            ),
            ("{\"password\": \"hunter22\"}", "{\"password\": \"[REDACTED]\"}"),
            ("used syft_pat_abcdefgh twice", "used [REDACTED] twice"),
            ("eyJhbGciOi.eyJzdWIi.c2ln expired", "[REDACTED] expired"),
            ("KeyError: 'name' at line 3", "KeyError: 'name' at line 3"),
            ("Über: ключ", "Über: ключ"),
        ] {
            assert_eq!(text(sent, 100), kept);
        }
    }

    #[test]
    fn nothing_is_kept_without_end() {
        let mut deep = json!("x");
        for _ in 0..50 {
            deep = json!([deep]);
        }
        assert!(value(&deep).to_string().contains("[...]"));
        let wide = value(&json!({"a": vec![1; 5000], "b": "é".repeat(5000), "k".repeat(500): 1}));
        assert_eq!(wide["a"].as_array().unwrap().len(), MOST_ITEMS);
        assert_eq!(wide["b"].as_str().unwrap().chars().count(), LONGEST_STRING + 1);
        assert!(wide.as_object().unwrap().keys().all(|key| key.len() <= LONGEST_KEY));
    }

    proptest! {
        #[test]
        fn any_text_is_kept_but_for_its_secrets(sent in "\\PC{0,200}") {
            let kept = text(&sent, 50);
            prop_assert!(kept.chars().count() <= 51 * BLANK.len());
            if !kept.contains(BLANK) && sent.chars().count() <= 50 {
                prop_assert_eq!(kept, sent);
            }
        }

        #[test]
        fn a_secret_after_its_name_is_never_kept(secret in "[a-zA-Z0-9]{12,30}", name in "(password|api_key|access_token)", mark in "(=|: |\": \")") {
            let kept = text(&format!("failed with {name}{mark}{secret} there"), 200);
            prop_assert!(!kept.contains(&secret), "{}", kept);
        }
    }
}
