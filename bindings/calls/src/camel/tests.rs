use std::collections::BTreeMap;

use proptest::prelude::*;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::*;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Inner {
    two_words: String,
    a_2: Option<i64>,
    free_form: Map<String, Value>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
enum Kind {
    #[serde(rename = "snake_case_unit")]
    Unit,
    Pair(i64, Inner),
    #[serde(rename = "with_fields")]
    Fields {
        some_field: Inner,
    },
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Flattened {
    own_field: bool,
    #[serde(flatten)]
    beside: Beside,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Beside {
    other_words: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Whole {
    by_user_name: BTreeMap<String, Inner>,
    many_of_them: Vec<Kind>,
    #[serde(rename = "type")]
    kind_of_it: (u8, String),
    flat_one: Flattened,
    nothing_here: (),
}

fn camel_text(value: &impl Serialize) -> String {
    serde_json::to_string(&written(value)).unwrap()
}

fn read_camel<T: DeserializeOwned>(text: &str) -> Result<T, serde_json::Error> {
    T::deserialize(reader(&mut serde_json::Deserializer::from_str(text)))
}

fn inner() -> impl Strategy<Value = Inner> {
    let entry = ("[a-z]{1,4}_[a-zA-Z]{1,4}", any::<i64>());
    let free = proptest::collection::btree_map(entry.0, entry.1, 0..3);
    ("[a-z_A-Z]{0,8}", any::<Option<i64>>(), free).prop_map(|(two_words, a_2, free)| Inner {
        two_words,
        a_2,
        free_form: free.into_iter().map(|(key, value)| (key, json!(value))).collect(),
    })
}

fn kind() -> impl Strategy<Value = Kind> {
    prop_oneof![
        Just(Kind::Unit),
        (any::<i64>(), inner()).prop_map(|(number, inner)| Kind::Pair(number, inner)),
        inner().prop_map(|some_field| Kind::Fields { some_field }),
    ]
}

fn whole() -> impl Strategy<Value = Whole> {
    let named = proptest::collection::btree_map("[a-z]{1,3}_[a-z]{1,3}", inner(), 0..3);
    let kinds = proptest::collection::vec(kind(), 0..4);
    let pair = (any::<u8>(), "[a-z_]{0,5}");
    let flat = (any::<bool>(), proptest::option::of("[a-z_]{0,5}"));
    (named, kinds, pair, flat).prop_map(
        |(by_user_name, many_of_them, kind_of_it, (own_field, other_words))| Whole {
            by_user_name,
            many_of_them,
            kind_of_it,
            flat_one: Flattened { own_field, beside: Beside { other_words } },
            nothing_here: (),
        },
    )
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(value in whole()) {
        let text = camel_text(&value);
        prop_assert_eq!(read_camel::<Whole>(&text).unwrap(), value, "{}", text);
    }

    #[test]
    fn nothing_but_names_of_fields_differs(value in whole()) {
        let fields = [
            "two_words", "a_2", "free_form", "some_field", "own_field", "by_user_name", "many_of_them", "flat_one",
            "nothing_here", "other_words",
        ];
        let mut plain = serde_json::to_string(&value).unwrap();
        for field in fields {
            plain = plain.replace(&format!("\"{field}\":"), &format!("\"{}\":", camel(field)));
        }
        prop_assert_eq!(camel_text(&value), plain);
    }
}

#[test]
fn a_name_that_is_no_snake_case_stays() {
    for (name, spelled) in [
        ("id", "id"),
        ("correlation_id", "correlationId"),
        ("a_2", "a2"),
        ("_private", "_private"),
        ("trailing_", "trailing_"),
        ("two__lines", "two_Lines"),
        ("camelCase", "camelCase"),
        ("", ""),
    ] {
        assert_eq!(camel(name), spelled);
    }
}

#[test]
fn the_keys_of_maps_are_data() {
    let map = BTreeMap::from([("snake_key", json!({"other_key": 1}))]);
    assert_eq!(camel_text(&map), r#"{"snake_key":{"other_key":1}}"#);
    let value: Value = read_camel(r#"{"camelKey":{"otherKey":1}}"#).unwrap();
    assert_eq!(value, json!({"camelKey": {"otherKey": 1}}));
}

#[test]
fn a_name_that_no_field_has_is_told_as_it_was_written() {
    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "it is only read")]
    struct Strict {
        top_k: i64,
    }
    let error = read_camel::<Strict>(r#"{"topQ": 1}"#).unwrap_err();
    assert!(error.to_string().starts_with("unknown field `topQ`"), "{error}");
}
