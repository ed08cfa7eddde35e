//! Slugs: the names of endpoints and organizations, and how one follows from a name that people chose.

use super::{KEBAB, is_kebab, reserved};
use crate::invalid::{Invalid, check_length};

text_name! {
    /// An endpoint's name within its owner's namespace, such as `weather-model`, or an organization's among all owners:
    /// lower case, 3 to 63 of `a-z 0-9 -`, single hyphens, a letter or digit at both ends (contract hub 2.4).
    Slug
}

impl Slug {
    /// The most characters a slug has.
    pub const MAX: usize = 63;

    /// Reads a slug.
    ///
    /// # Errors
    /// When its length or its characters break the rule. Reserved slugs pass; see [`Slug::is_reserved`].
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        check_length(text, 3, Self::MAX)?;
        if is_kebab(text) { Ok(Self(text.to_owned())) } else { Err(Invalid::pattern(KEBAB)) }
    }

    /// Whether the slug is the name of a page of the hub, which no endpoint may have (contract hub 2.5).
    pub fn is_reserved(&self) -> bool {
        reserved::for_endpoints(self.as_str())
    }

    /// Whether the slug is one that no organization may have: as it is the first part of an address, all that is
    /// reserved for users is (contract hub 2.5).
    pub fn is_reserved_for_owners(&self) -> bool {
        reserved::for_owners(self.as_str())
    }

    /// The slugs to try for an endpoint called `name`, best first: the name itself in kebab case, then with `-1` to
    /// `-999` behind it, at last its first 50 characters with `-{fallback}`. A name without usable characters is called
    /// `endpoint-{fallback}` (contract hub 2.6).
    pub fn candidates(name: &str, fallback: &str) -> impl Iterator<Item = Self> + use<> {
        numbered(Self::stem(name, fallback), fallback).filter(|slug| !slug.is_reserved())
    }

    /// What the slugs of [`Slug::candidates`] begin with; the last one may begin with a part of it.
    pub fn stem(name: &str, fallback: &str) -> String {
        stem("endpoint", name, fallback)
    }

    /// The slugs to try for an organization called `name`, as [`Slug::candidates`] gives them for an endpoint; one
    /// without usable characters is called `org-{fallback}`.
    pub fn organization_candidates(
        name: &str,
        fallback: &str,
    ) -> impl Iterator<Item = Self> + use<> {
        numbered(Self::organization_stem(name, fallback), fallback)
            .filter(|slug| !slug.is_reserved_for_owners())
    }

    /// What the slugs of [`Slug::organization_candidates`] begin with; the last one may begin with a part of it.
    pub fn organization_stem(name: &str, fallback: &str) -> String {
        stem("org", name, fallback)
    }
}

fn numbered(stem: String, fallback: &str) -> impl Iterator<Item = Slug> + use<> {
    let start: String = stem.chars().take(50).collect();
    let last = format!("{}-{fallback}", start.trim_end_matches('-'));
    let numbered = stem.clone();
    std::iter::once(stem)
        .chain((1..1000).map(move |n| format!("{numbered}-{n}")))
        .chain(std::iter::once(last))
        .filter_map(|text| Slug::parse(&text).ok())
}

fn stem(prefix: &str, name: &str, fallback: &str) -> String {
    let mut base = String::with_capacity(name.len());
    for c in name.to_lowercase().chars() {
        if c.is_ascii_lowercase() || c.is_ascii_digit() {
            base.push(c);
        } else if !base.is_empty() && !base.ends_with('-') {
            base.push('-');
        }
    }
    base.truncate(Slug::MAX);
    let base = base.trim_end_matches('-');
    match base.len() {
        0 => format!("{prefix}-{fallback}"),
        1 | 2 => format!("{prefix}-{base}"),
        _ => base.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn slugs_that_break_the_rule_are_refused() {
        for bad in ["ab", "A-model", "a--b", "-ab", "ab-", "a_b", &"a".repeat(64)] {
            assert!(Slug::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn candidates_follow_the_name_then_count_up() {
        let first = |name: &str| Slug::candidates(name, "x7f3").next().unwrap().0;
        assert_eq!(first("My Model v2!"), "my-model-v2");
        assert_eq!(first("A"), "endpoint-a");
        assert_eq!(first("日本"), "endpoint-x7f3");
        assert_eq!(first("api"), "api-1");
        let second = Slug::candidates("My Model", "x").nth(1).unwrap();
        assert_eq!(second.as_str(), "my-model-1");
        let long = Slug::candidates(&"n".repeat(63), "x7f3").last().unwrap();
        assert_eq!(long.as_str(), format!("{}-x7f3", "n".repeat(50)));
    }

    #[test]
    fn an_organization_takes_no_name_that_users_may_not_have() {
        let first = |name: &str| Slug::organization_candidates(name, "x7f3").next().unwrap().0;
        assert_eq!(first("Acme & Sons"), "acme-sons");
        assert_eq!(first("A"), "org-a");
        assert_eq!(first("日本"), "org-x7f3");
        for reserved in ["users", "api", "guest", "Organizations"] {
            assert_eq!(first(reserved), format!("{}-1", reserved.to_lowercase()));
        }
    }

    proptest! {
        #[test]
        fn every_candidate_is_a_slug_that_nobody_reserved(name in ".{0,200}") {
            for slug in Slug::candidates(&name, "x7f3").take(3) {
                prop_assert_eq!(&Slug::parse(slug.as_str()).unwrap(), &slug);
                prop_assert!(!slug.is_reserved());
            }
        }

        #[test]
        fn every_candidate_of_an_organization_is_good_for_an_owner(name in ".{0,200}") {
            for slug in Slug::organization_candidates(&name, "x7f3").take(3) {
                prop_assert_eq!(&Slug::parse(slug.as_str()).unwrap(), &slug);
                prop_assert!(!slug.is_reserved_for_owners());
            }
        }
    }
}
