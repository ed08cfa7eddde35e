//! Names and numbers by which things are known. Each is parsed once, at the door.
//!
//! Here: numbers, usernames, tags and versions; then `slug`, `path`, and the `reserved` words of contract hub 2.5.

use crate::invalid::{Invalid, check_length};

macro_rules! numeric_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
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
    /// An organization's number, counted apart from those of users. On the wire a JSON integer.
    OrganizationId
}
numeric_id! {
    /// An endpoint's number. On the wire a JSON integer.
    EndpointId
}
numeric_id! {
    /// A personal access token's number. On the wire a JSON integer.
    AccessTokenId
}
numeric_id! {
    /// The number of an aggregator in a user's list. On the wire a JSON integer.
    AggregatorId
}

/// Who owns an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OwnerId {
    /// A user.
    User(UserId),
    /// An organization, for its members.
    Organization(OrganizationId),
}

impl OwnerId {
    /// The user, when one owns it.
    pub const fn user(self) -> Option<UserId> {
        match self {
            Self::User(id) => Some(id),
            Self::Organization(_) => None,
        }
    }

    /// The organization, when one owns it.
    pub const fn organization(self) -> Option<OrganizationId> {
        match self {
            Self::User(_) => None,
            Self::Organization(id) => Some(id),
        }
    }
}

macro_rules! text_name {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = String))]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The name as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl TryFrom<String> for $name {
            type Error = $crate::invalid::Invalid;

            fn try_from(text: String) -> Result<Self, $crate::invalid::Invalid> {
                Self::parse(&text)
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::invalid::Invalid;

            fn from_str(text: &str) -> Result<Self, $crate::invalid::Invalid> {
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

mod path;
mod reserved;
mod slug;

pub use path::{EndpointPath, OwnerName};
pub use slug::Slug;

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
        if name.bytes().all(is_name_byte) && has_alphanumeric_ends(&name) {
            Ok(Self(name))
        } else {
            Err(Invalid::pattern("^[a-z0-9]([a-z0-9_-]*[a-z0-9])?$"))
        }
    }

    /// Whether the name is one that routes or the hub itself need, so that nobody may register it (contract hub 2.5).
    pub fn is_reserved(&self) -> bool {
        reserved::for_owners(self.as_str())
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

const KEBAB: &str = "^[a-z0-9]([a-z0-9-]*[a-z0-9])?$";

fn is_name_byte(b: u8) -> bool {
    b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-'
}

fn is_kebab(text: &str) -> bool {
    let inner = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    text.bytes().all(inner) && has_alphanumeric_ends(text) && !text.contains("--")
}

fn has_alphanumeric_ends(text: &str) -> bool {
    let edge = |b: Option<u8>| b.is_some_and(|b| b.is_ascii_alphanumeric());
    edge(text.bytes().next()) && edge(text.bytes().next_back())
}

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
    fn pages_of_the_hub_are_reserved_for_both_and_guest_for_owners() {
        assert!(Username::parse("docs").unwrap().is_reserved());
        assert!(Username::parse("guest").unwrap().is_reserved());
        assert!(Slug::parse("api").unwrap().is_reserved());
        assert!(!Slug::parse("guest").unwrap().is_reserved());
        assert!(Slug::parse("guest").unwrap().is_reserved_for_owners());
    }

    proptest! {
        #[test]
        fn parsing_what_was_printed_changes_nothing(text in "[a-z0-9][a-z0-9_-]{1,48}[a-z0-9]") {
            let name = Username::parse(&text).unwrap();
            prop_assert_eq!(Username::parse(name.as_str()).unwrap(), name);
        }

        #[test]
        fn no_text_makes_a_parser_panic(text in ".*") {
            let _ = (Username::parse(&text), Slug::parse(&text), Tag::parse(&text), Version::parse(&text));
            let _ = (EndpointPath::parse(&text), OwnerName::parse(&text));
        }
    }
}
