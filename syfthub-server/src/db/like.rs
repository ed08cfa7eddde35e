//! Patterns for `LIKE … ESCAPE '\'`.

/// The pattern of texts in lower case that contain `part`, whatever its case; nothing in it is a wildcard.
pub(crate) fn containing(part: &str) -> String {
    let mut pattern = String::from("%");
    for c in part.to_lowercase().chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}

#[cfg(test)]
mod tests {
    use super::containing;

    #[test]
    fn wildcards_stand_for_themselves() {
        assert_eq!(containing("50%_Off\\"), r"%50\%\_off\\%");
    }
}
