//! Publishing what may be published already.

use syfthub_core::ids::EndpointPath;
use syfthub_core::wire::endpoint::{Endpoint, EndpointDraft, EndpointPatch};
use syfthub_core::{Slug, Username};

use crate::endpoints::Endpoints;
use crate::error::{Error, ErrorKind};

/// What publishing did.
#[derive(Debug, Clone, PartialEq)]
pub enum Publication {
    /// The endpoint is new.
    Created(Endpoint),
    /// The endpoint existed and is now as described.
    Updated(Endpoint),
}

impl Publication {
    /// The endpoint as it is now.
    pub fn endpoint(&self) -> &Endpoint {
        match self {
            Self::Created(endpoint) | Self::Updated(endpoint) => endpoint,
        }
    }
}

pub(crate) async fn create_or_update(
    endpoints: Endpoints<'_>,
    draft: &EndpointDraft,
    patch: &EndpointPatch,
) -> Result<Publication, Error> {
    let slug = match &draft.slug {
        Some(slug) => slug.clone(),
        None => slug_of(&draft.name)?,
    };
    let draft = EndpointDraft { slug: Some(slug.clone()), ..draft.clone() };
    let refusal = match endpoints.create(&draft).await {
        Ok(endpoint) => return Ok(Publication::Created(endpoint)),
        // 400 is how a hub says that the slug is taken (contract hub 2.6).
        Err(error) if matches!(error.status(), Some(400 | 409)) => error,
        Err(error) => return Err(error),
    };
    check_type(endpoints, &slug, &draft).await?;
    match endpoints.update_slug(&slug, patch).await {
        Ok(endpoint) => Ok(Publication::Updated(endpoint)),
        Err(error) if error.kind() == ErrorKind::NotFound => Err(refusal),
        Err(error) => Err(error),
    }
}

fn slug_of(name: &str) -> Result<Slug, Error> {
    let usable = name.chars().any(|c| c.is_ascii_alphanumeric());
    let slug = if usable { Slug::candidates(name, "").next() } else { None };
    slug.ok_or_else(|| {
        let message = format!("no slug follows from the name `{name}`; give one");
        Error::new(ErrorKind::Usage, message)
    })
}

/// A hub ignores a new type silently, so it is compared beforehand.
async fn check_type(
    endpoints: Endpoints<'_>,
    slug: &Slug,
    draft: &EndpointDraft,
) -> Result<(), Error> {
    let me = endpoints.client.auth().me().await?;
    let Ok(owner) = Username::parse(&me.username) else { return Ok(()) };
    let path = EndpointPath { owner, slug: slug.clone() };
    match endpoints.get_path(&path).await? {
        Some(existing) if existing.kind != draft.kind => {
            let message = format!(
                "{path} exists as a {}, and a type cannot be changed to {}; choose another slug or delete it first",
                existing.kind, draft.kind
            );
            Err(Error::new(ErrorKind::Conflict, message))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slug_follows_from_a_name_with_letters_only() {
        assert_eq!(slug_of("Field Notes!").unwrap().as_str(), "field-notes");
        assert_eq!(slug_of("\u{91ce}\u{5e33}").unwrap_err().kind(), ErrorKind::Usage);
    }
}
