//! Names and numbers by which things are known. Each is parsed once, at the door.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::invalid::{Invalid, check_length};

macro_rules! numeric_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

numeric_id! {
    /// A user's number. On the wire a JSON integer; in a token's `sub` its decimal text.
    UserId
}
numeric_id! {
    /// An endpoint's number. On the wire a JSON integer.
    EndpointId
}

macro_rules! text_name {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = String))]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The name as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl TryFrom<String> for $name {
            type Error = Invalid;

            fn try_from(text: String) -> Result<Self, Invalid> {
                Self::parse(&text)
            }
        }

        impl std::str::FromStr for $name {
            type Err = Invalid;

            fn from_str(text: &str) -> Result<Self, Invalid> {
                Self::parse(text)
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> Self {
                name.0
            }
        }
    };
}

text_name! {
    /// A user's name: lower case, 3 to 50 of `a-z 0-9 _ -`, a letter or digit at both ends (contract hub 2.4).
    Username
}

impl Username {
    /// Reads a name in any case.
    ///
    /// # Errors
    /// When its length or its characters break the rule. Reserved names pass; see [`Username::is_reserved`].
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        check_length(text, 3, 50)?;
        let name = text.to_lowercase();
        let inner = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-';
        if name.bytes().all(inner) && has_alphanumeric_ends(&name) {
            Ok(Self(name))
        } else {
            Err(Invalid::pattern("^[a-z0-9]([a-z0-9_-]*[a-z0-9])?$"))
        }
    }

    /// Whether the name is one that routes or the hub itself need, so that nobody may register it (contract hub 2.5).
    pub fn is_reserved(&self) -> bool {
        let name = self.as_str();
        RESERVED.contains(&name) || RESERVED_OWNERS.contains(&name)
    }
}

text_name! {
    /// An endpoint's name within its owner's namespace, such as `weather-model`: lower case, 3 to 63 of
    /// `a-z 0-9 -`, single hyphens, a letter or digit at both ends (contract hub 2.4).
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

    /// Whether the slug is the name of a page of the hub (contract hub 2.5).
    pub fn is_reserved(&self) -> bool {
        RESERVED.contains(&self.as_str())
    }

    /// The slugs to try for an endpoint called `name`, best first: the name itself in kebab case, then with `-1` to
    /// `-999` behind it, at last its first 50 characters with `-{fallback}`. A name without usable characters is called
    /// `endpoint-{fallback}` (contract hub 2.6).
    pub fn candidates(name: &str, fallback: &str) -> impl Iterator<Item = Self> + use<> {
        let stem = Self::stem(name, fallback);
        let start: String = stem.chars().take(50).collect();
        let last = format!("{}-{fallback}", start.trim_end_matches('-'));
        let numbered = stem.clone();
        std::iter::once(stem)
            .chain((1..1000).map(move |n| format!("{numbered}-{n}")))
            .chain(std::iter::once(last))
            .filter_map(|text| Self::parse(&text).ok())
            .filter(|slug| !slug.is_reserved())
    }

    /// What the slugs of [`Slug::candidates`] begin with; the last one may begin with a part of it.
    pub fn stem(name: &str, fallback: &str) -> String {
        base_slug(name, fallback)
    }
}

fn base_slug(name: &str, fallback: &str) -> String {
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
        0 => format!("endpoint-{fallback}"),
        1 | 2 => format!("endpoint-{base}"),
        _ => base.to_owned(),
    }
}

text_name! {
    /// A label on an endpoint: lower case, 1 to 30 of `a-z 0-9 -`, single hyphens (contract hub 2.4).
    Tag
}

impl Tag {
    /// Reads a tag in any case, with space around it.
    ///
    /// # Errors
    /// When its length or its characters break the rule.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let tag = text.trim().to_lowercase();
        check_length(&tag, 1, 30)?;
        if is_kebab(&tag) { Ok(Self(tag)) } else { Err(Invalid::pattern(KEBAB)) }
    }
}

text_name! {
    /// A version of three numbers, such as `0.1.0`; at most 20 characters.
    Version
}

impl Version {
    /// Reads a version.
    ///
    /// # Errors
    /// When it is not three numbers with dots between them, or too long.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        check_length(text, 1, 20)?;
        let parts: Vec<&str> = text.split('.').collect();
        let numeric = |part: &&str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        if parts.len() == 3 && parts.iter().all(numeric) {
            Ok(Self(text.to_owned()))
        } else {
            Err(Invalid::pattern(r"^\d+\.\d+\.\d+$"))
        }
    }
}

impl Default for Version {
    fn default() -> Self {
        Self("0.1.0".to_owned())
    }
}

/// The address of an endpoint on its hub: `owner/slug`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EndpointPath {
    /// Who publishes it.
    pub owner: Username,
    /// Its name there.
    pub slug: Slug,
}

impl EndpointPath {
    /// Reads `owner/slug`.
    ///
    /// # Errors
    /// When the text has no single slash, or a part breaks its own rule.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let (owner, slug) = text
            .split_once('/')
            .ok_or_else(|| Invalid::value("an endpoint is written owner/slug"))?;
        Ok(Self { owner: Username::parse(owner)?, slug: Slug::parse(slug)? })
    }
}

impl fmt::Display for EndpointPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.owner, self.slug)
    }
}

impl std::str::FromStr for EndpointPath {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        Self::parse(text)
    }
}

impl TryFrom<String> for EndpointPath {
    type Error = Invalid;

    fn try_from(text: String) -> Result<Self, Invalid> {
        Self::parse(&text)
    }
}

impl From<EndpointPath> for String {
    fn from(path: EndpointPath) -> Self {
        path.to_string()
    }
}

const KEBAB: &str = "^[a-z0-9]([a-z0-9-]*[a-z0-9])?$";

fn is_kebab(text: &str) -> bool {
    let inner = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    text.bytes().all(inner) && has_alphanumeric_ends(text) && !text.contains("--")
}

fn has_alphanumeric_ends(text: &str) -> bool {
    let edge = |b: Option<u8>| b.is_some_and(|b| b.is_ascii_alphanumeric());
    edge(text.bytes().next()) && edge(text.bytes().next_back())
}

/// Names of pages: no endpoint and no owner may take them (contract hub 2.5).
const RESERVED: &[&str] = &[
    "api",
    "auth",
    "docs",
    "redoc",
    "openapi.json",
    "health",
    "admin",
    "www",
    "mail",
    "ftp",
    "blog",
    "help",
    "support",
    "about",
    "contact",
    "terms",
    "privacy",
    "login",
    "register",
    "dashboard",
    "settings",
    "profile",
    "search",
    "explore",
];

/// Names that no user may take besides: first path segments of the hub, and words that would mislead (contract hub 2.5).
const RESERVED_OWNERS: &[&str] = &[
    "organizations",
    "org",
    "orgs",
    "organization",
    "user",
    "users",
    "account",
    "accounts",
    "ready",
    "readyz",
    "healthz",
    "metrics",
    "aggregator",
    "mcp",
    "nats",
    "oauth",
    "static",
    "assets",
    "collective",
    "collectives",
    "guest",
    ".well-known",
];

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_username_is_kept_in_lower_case() {
        assert_eq!(Username::parse("Ada_L-1").unwrap().as_str(), "ada_l-1");
    }

    #[test]
    fn usernames_that_break_the_rule_are_refused() {
        for bad in ["ab", "___", "-ada", "ada-", "a b c", "éèê", &"a".repeat(51)] {
            assert!(Username::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn pages_of_the_hub_are_reserved_for_both_and_guest_for_users() {
        assert!(Username::parse("docs").unwrap().is_reserved());
        assert!(Username::parse("guest").unwrap().is_reserved());
        assert!(Slug::parse("api").unwrap().is_reserved());
        assert!(!Slug::parse("guest").unwrap().is_reserved());
    }

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
    fn a_path_is_an_owner_and_a_slug() {
        let path = EndpointPath::parse("ada/notes").unwrap();
        assert_eq!(path.to_string(), "ada/notes");
        for bad in ["ada", "ada/", "/notes", "ada/notes/more"] {
            assert!(EndpointPath::parse(bad).is_err(), "{bad}");
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
        fn parsing_what_was_printed_changes_nothing(text in "[a-z0-9][a-z0-9_-]{1,48}[a-z0-9]") {
            let name = Username::parse(&text).unwrap();
            prop_assert_eq!(Username::parse(name.as_str()).unwrap(), name);
        }

        #[test]
        fn no_text_makes_a_parser_panic(text in ".*") {
            let _ = (Username::parse(&text), Slug::parse(&text), Tag::parse(&text), Version::parse(&text));
            let _ = EndpointPath::parse(&text);
        }
    }
}
