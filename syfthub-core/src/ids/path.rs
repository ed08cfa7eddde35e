//! The address of an endpoint.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Slug, Username};
use crate::invalid::Invalid;

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
}
