//! The address of an endpoint.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Slug, Username, has_alphanumeric_ends, is_name_byte};
use crate::invalid::{Invalid, check_length};

text_name! {
    /// The name of an owner, a user or an organization, whose names are one namespace: lower case, 3 to 63 of
    /// `a-z 0-9 _ -`, a letter or digit at both ends (contract hub 2.6, 5.3).
    OwnerName
}

impl OwnerName {
    /// Reads a name in any case.
    ///
    /// # Errors
    /// When neither a user nor an organization could be called so.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        check_length(text, 3, Slug::MAX)?;
        let name = text.to_lowercase();
        if name.bytes().all(is_name_byte) && has_alphanumeric_ends(&name) {
            Ok(Self(name))
        } else {
            Err(Invalid::pattern("^[a-z0-9]([a-z0-9_-]*[a-z0-9])?$"))
        }
    }
}

impl From<Username> for OwnerName {
    fn from(name: Username) -> Self {
        Self(name.into())
    }
}

impl From<Slug> for OwnerName {
    fn from(slug: Slug) -> Self {
        Self(slug.into())
    }
}

/// The address of an endpoint on its hub: `owner/slug`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EndpointPath {
    /// Who publishes it.
    pub owner: OwnerName,
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
        Ok(Self { owner: OwnerName::parse(owner)?, slug: Slug::parse(slug)? })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_an_owner_and_a_slug() {
        let path = EndpointPath::parse("ada/notes").unwrap();
        assert_eq!(path.to_string(), "ada/notes");
        for bad in ["ada", "ada/", "/notes", "ada/notes/more"] {
            assert!(EndpointPath::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn an_owner_is_called_as_a_user_or_as_an_organization_may_be() {
        let longest = "n".repeat(63);
        for good in ["ada_l", "Acme-Sons", &longest] {
            assert_eq!(OwnerName::parse(good).unwrap().as_str(), good.to_lowercase());
        }
        for bad in ["ab", "_ada", "ada.l", "éèê", &"n".repeat(64)] {
            assert!(OwnerName::parse(bad).is_err(), "{bad}");
        }
        let user = OwnerName::from(Username::parse("ada").unwrap());
        assert_eq!(user, OwnerName::from(Slug::parse("ada").unwrap()));
    }
}
