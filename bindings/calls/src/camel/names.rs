//! One name in the other spelling.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{LazyLock, RwLock};

/// `correlation_id` as `correlationId`. An underscore counts where a small letter or a digit follows it and something
/// stands before it, so that names which are no `snake_case` stay as they are.
pub(crate) fn camel(name: &str) -> Cow<'_, str> {
    if !name.contains('_') {
        return Cow::Borrowed(name);
    }
    let mut spelled = String::with_capacity(name.len());
    let mut letters = name.chars().peekable();
    while let Some(letter) = letters.next() {
        let joined = letter == '_' && !spelled.is_empty();
        match letters.peek() {
            Some(next) if joined && (next.is_ascii_lowercase() || next.is_ascii_digit()) => {
                spelled.push(next.to_ascii_uppercase());
                letters.next();
            }
            _ => spelled.push(letter),
        }
    }
    Cow::Owned(spelled)
}

/// `correlationId` as `correlation_id`, for objects whose fields nobody lists. A digit begins no word here: which ones did
/// cannot be told without the list.
pub(super) fn snake(name: &str) -> Cow<'_, str> {
    if !name.contains(|letter: char| letter.is_ascii_uppercase()) {
        return Cow::Borrowed(name);
    }
    let mut spelled = String::with_capacity(name.len() + 4);
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && !spelled.is_empty() {
            spelled.push('_');
        }
        spelled.push(letter.to_ascii_lowercase());
    }
    Cow::Owned(spelled)
}

/// [`camel`] for the names of fields in our own types, of which there are a few hundred: each is spelled once and kept.
pub(super) fn camel_field(name: &'static str) -> &'static str {
    static SPELLED: LazyLock<RwLock<HashMap<&'static str, &'static str>>> =
        LazyLock::new(RwLock::default);
    if !name.contains('_') {
        return name;
    }
    let known = SPELLED.read().expect("nothing panics while it is held").get(name).copied();
    known.unwrap_or_else(|| {
        let mut all = SPELLED.write().expect("nothing panics while it is held");
        all.entry(name).or_insert_with(|| camel(name).into_owned().leak())
    })
}
