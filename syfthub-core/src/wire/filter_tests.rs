use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::input::parse;

#[expect(clippy::needless_pass_by_value, reason = "the cases read better without references")]
fn accepted(filter: Value, metadata: Value) -> bool {
    let filter: Filter = parse(&filter, "body").unwrap();
    filter.accepts(metadata.as_object().unwrap())
}

#[expect(clippy::needless_pass_by_value, reason = "the cases read better without references")]
fn condition(op: &str, value: Value) -> Value {
    json!({"type": "condition", "property": "p", "op": op, "value": value})
}

#[test]
fn every_comparison_does_what_it_is_called() {
    let cases = [
        ("eq", json!("a"), json!("a"), json!("b")),
        ("ne", json!("a"), json!("b"), json!("a")),
        ("gt", json!(3), json!(4), json!(3)),
        ("gte", json!(3), json!(3.0), json!(2)),
        ("lt", json!("2025-01-01"), json!("2024-12-31"), json!("2025-01-01")),
        ("lte", json!(3), json!(3), json!(4)),
        ("like", json!("guide/*.m?"), json!("guide/a/b.md"), json!("guide/b.html")),
        ("is_none", json!(true), Value::Null, json!("x")),
        ("is_none", json!(false), json!("x"), Value::Null),
        ("contains_any", json!(["a", "b"]), json!(["b", "c"]), json!(["c"])),
        ("contains_all", json!([1, 2]), json!([2, 1, 0]), json!([1])),
    ];
    for (op, value, yes, no) in cases {
        assert!(accepted(condition(op, value.clone()), json!({"p": yes})), "{op} {value} {yes}");
        assert!(!accepted(condition(op, value.clone()), json!({"p": no})), "{op} {value} {no}");
    }
}

#[test]
fn a_missing_property_fulfils_ne_and_is_none_alone() {
    for (op, value) in
        [("eq", json!("a")), ("gt", json!(1)), ("like", json!("*")), ("contains_any", json!(["a"]))]
    {
        assert!(!accepted(condition(op, value), json!({})), "{op}");
    }
    assert!(accepted(condition("ne", json!("a")), json!({})));
}

#[test]
fn a_property_of_several_values_needs_one_that_fits() {
    assert!(accepted(condition("eq", json!(2)), json!({"p": [1, 2]})));
    assert!(!accepted(condition("ne", json!(2)), json!({"p": [1, 2]})));
}

#[test]
fn groups_join_and_nest_once() {
    let (a, b) = (condition("eq", json!("a")), condition("eq", json!("b")));
    let group =
        |op: &str, operands: Value| json!({"type": "group", "op": op, "operands": operands});
    assert!(accepted(group("or", json!([a, b])), json!({"p": "b"})));
    assert!(!accepted(group("and", json!([a, b])), json!({"p": "b"})));
    assert!(accepted(group("not", json!([a, b])), json!({"p": "c"})));
    let nested = group("not", json!([group("or", json!([a, b]))]));
    assert!(accepted(nested.clone(), json!({"p": "c"})));
    let refused = parse::<Filter>(&group("and", json!([nested])), "body").unwrap_err();
    assert!(refused[0].msg.contains("nested at most once"), "{refused:?}");
}

#[test]
fn what_makes_no_sense_is_refused_where_it_stands() {
    let refused = |value: Value| {
        let issues = parse::<Filter>(&value, "body").unwrap_err();
        serde_json::to_value(&issues[0].loc).unwrap()
    };
    assert_eq!(refused(condition("near", json!(1))), json!(["body", "op"]));
    assert_eq!(refused(condition("like", json!(1))), json!(["body", "value"]));
    assert_eq!(refused(condition("contains_any", json!([]))), json!(["body", "value"]));
    assert_eq!(refused(json!({"type": "other"})), json!(["body", "type"]));
    let group = json!({"type": "group", "op": "and", "operands": [condition("eq", json!([]))]});
    assert_eq!(refused(group), json!(["body", "operands", 0, "value"]));
}

proptest! {
    #[test]
    fn a_filter_reads_back_as_it_was_written(number in -1e6_f64..1e6, text in "[a-z*?]{0,8}") {
        let conditions = [condition("gt", json!(number)), condition("like", json!(text))];
        let filter: Filter =
            parse(&json!({"type": "group", "op": "and", "operands": conditions}), "b").unwrap();
        let written = serde_json::to_value(&filter).unwrap();
        prop_assert_eq!(parse::<Filter>(&written, "b").unwrap(), filter);
    }

    #[test]
    fn a_pattern_of_stars_between_its_letters_fits_what_holds_them_in_order(text in "[ab]{0,12}") {
        let pattern: String = text.chars().flat_map(|letter| ['*', letter]).chain(['*']).collect();
        prop_assert!(is_like(&text, &pattern));
        prop_assert!(is_like(&text, &"?".repeat(text.len())));
        let more = format!("{pattern}c");
        prop_assert!(!is_like(&text, &more));
    }
}
