//! Reading what a stranger sent: every field is checked, and all refusals are reported together.
//!
//! JSON bodies, forms and query strings all arrive as a [`serde_json::Value`]. A request type implements [`Input`];
//! [`parse`] gives either the type or the list of [`Issue`]s of contract hub 1.4, in the order the fields are read.
//! The coercions are those of contract hub 1.5: `"7"` and `7.0` pass as integers, `"yes"` as a boolean, and a number
//! never passes as text.

mod fields;
mod issue;
mod values;

pub use fields::{Fields, Patch};
pub use issue::{Issue, Part, Place};
pub use values::Input;

use serde_json::Value;

/// Reads `value`, whose place in the request is named by `root` (`body`, `query`, `path`).
///
/// # Errors
/// Every refusal, in reading order.
pub fn parse<T: Input>(value: &Value, root: &'static str) -> Result<T, Vec<Issue>> {
    let mut issues = Vec::new();
    let read = T::read(value, &mut Place::root(root, &mut issues));
    match read {
        Some(read) if issues.is_empty() => Ok(read),
        _ => Err(issues),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::ids::Slug;

    #[derive(Debug)]
    struct Sample {
        name: String,
        count: i64,
        slug: Option<Slug>,
        tags: Vec<String>,
    }

    impl Input for Sample {
        fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
            let mut fields = Fields::of(value, place)?;
            let name = fields.text("name", 1, 5);
            let count = fields.number("count", 1, 20, 5);
            let slug = fields.optional("slug");
            let tags = fields.list("tags", 2);
            Some(Self { name: name?, count: count?, slug, tags: tags? })
        }
    }

    #[test]
    fn what_is_well_formed_is_read_with_its_defaults() {
        let sample: Sample =
            parse(&json!({"name": "ada", "count": "7", "extra": 1}), "body").unwrap();
        assert_eq!((sample.name.as_str(), sample.count), ("ada", 7));
        assert!(sample.slug.is_none() && sample.tags.is_empty());
    }

    #[test]
    fn all_refusals_are_reported_in_reading_order() {
        let value = json!({"count": 21, "slug": "-", "tags": ["a", 1, "c"]});
        let issues = parse::<Sample>(&value, "body").unwrap_err();
        let brief: Vec<(&str, String)> =
            issues.iter().map(|i| (i.kind, serde_json::to_string(&i.loc).unwrap())).collect();
        assert_eq!(
            brief,
            [
                ("missing", r#"["body","name"]"#.to_owned()),
                ("less_than_equal", r#"["body","count"]"#.to_owned()),
                ("string_too_short", r#"["body","slug"]"#.to_owned()),
                ("too_long", r#"["body","tags"]"#.to_owned()),
            ]
        );
    }

    #[test]
    fn an_element_is_named_by_its_index() {
        let issues = parse::<Sample>(&json!({"name": "a", "tags": ["a", 1]}), "body").unwrap_err();
        assert_eq!(serde_json::to_value(&issues[0].loc).unwrap(), json!(["body", "tags", 1]));
        assert_eq!(issues[0].kind, "string_type");
    }

    #[test]
    fn a_body_that_is_no_object_is_refused_as_such() {
        let issues = parse::<Sample>(&json!([1]), "body").unwrap_err();
        assert_eq!(issues[0].kind, "model_attributes_type");
    }
}
