//! JSON as text: laid out over lines, so that it can be cut between values.

use super::{Outline, Parsed, plain};

/// The value laid out over lines; text that is not JSON stays as it is.
pub(super) fn parse(text: &str) -> Parsed {
    let laid_out = serde_json::from_str::<serde_json::Value>(text)
        .and_then(|value| serde_json::to_string_pretty(&value));
    match laid_out {
        Ok(pretty) => {
            let mut outline = Outline::default();
            outline.block(&pretty);
            outline.finish()
        }
        Err(_) => plain::parse(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_laid_out_and_anything_else_is_kept() {
        assert_eq!(
            parse(r#"{"b":1,"a":[2]}"#).sections[0].text,
            "{\n  \"b\": 1,\n  \"a\": [\n    2\n  ]\n}"
        );
        assert_eq!(parse("{\"a\":1}\n{\"a\":2}").sections[0].text, "{\"a\":1}\n{\"a\":2}");
    }
}
