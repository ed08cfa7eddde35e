//! Why a value was refused, in the vocabulary that existing clients know (contract hub 1.4).

use std::borrow::Cow;

/// A refusal: `kind` is the wire's `type` (such as `string_too_short`), `message` its `msg`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Invalid {
    /// Machine-readable kind, such as `string_pattern_mismatch`.
    pub kind: &'static str,
    /// Sentence for people.
    pub message: Cow<'static, str>,
}

impl Invalid {
    /// A refusal of any kind.
    pub fn new(kind: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self { kind, message: message.into() }
    }

    /// A custom rule was broken; `reason` completes the sentence "Value error, …".
    pub fn value(reason: &str) -> Self {
        Self::new("value_error", format!("Value error, {reason}"))
    }

    /// The text has fewer than `min` characters.
    pub fn too_short(min: usize) -> Self {
        Self::new("string_too_short", format!("String should have at least {}", characters(min)))
    }

    /// The text has more than `max` characters.
    pub fn too_long(max: usize) -> Self {
        Self::new("string_too_long", format!("String should have at most {}", characters(max)))
    }

    /// The text does not match `pattern`.
    pub fn pattern(pattern: &str) -> Self {
        Self::new("string_pattern_mismatch", format!("String should match pattern '{pattern}'"))
    }

    /// The value is none of `names`.
    pub fn not_one_of(names: &[&str]) -> Self {
        let quoted: Vec<String> = names.iter().map(|name| format!("'{name}'")).collect();
        let list = match quoted.split_last() {
            Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
            _ => quoted.concat(),
        };
        Self::new("enum", format!("Input should be {list}"))
    }

    /// The number lies below `min`.
    pub fn below(min: impl std::fmt::Display) -> Self {
        Self::new("greater_than_equal", format!("Input should be greater than or equal to {min}"))
    }

    /// The number lies above `max`.
    pub fn above(max: impl std::fmt::Display) -> Self {
        Self::new("less_than_equal", format!("Input should be less than or equal to {max}"))
    }
}

fn characters(count: usize) -> String {
    if count == 1 { "1 character".to_owned() } else { format!("{count} characters") }
}

/// Checks a length in Unicode code points.
pub(crate) fn check_length(text: &str, min: usize, max: usize) -> Result<(), Invalid> {
    let length = text.chars().count();
    if length < min {
        return Err(Invalid::too_short(min));
    }
    if length > max {
        return Err(Invalid::too_long(max));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_speak_the_words_of_the_wire() {
        assert_eq!(Invalid::too_short(1).message, "String should have at least 1 character");
        assert_eq!(Invalid::too_long(50).message, "String should have at most 50 characters");
        assert_eq!(
            Invalid::not_one_of(&["a", "b", "c"]).message,
            "Input should be 'a', 'b' or 'c'"
        );
        assert_eq!(Invalid::not_one_of(&["a"]).message, "Input should be 'a'");
    }
}
