//! Publishing what may be published already.

use syfthub_core::ids::EndpointPath;
use syfthub_core::model::EndpointType;
use syfthub_core::wire::endpoint::{Endpoint, EndpointDraft, EndpointPatch};
use syfthub_core::{OwnerName, Slug};

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
    change: &EndpointPatch,
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
    let Some(owner) = owner_of(endpoints, &draft).await? else { return Err(refusal) };
    let path = EndpointPath { owner, slug };
    check_type(endpoints, &path, draft.kind).await?;
    match update(endpoints, &path, &draft, change).await {
        Ok(endpoint) => Ok(Publication::Updated(endpoint)),
        Err(error) if error.kind() == ErrorKind::NotFound => Err(refusal),
        Err(error) => Err(error),
    }
}

/// For whom `draft` is published: the organization that it names, or else the signed-in user.
async fn owner_of(
    endpoints: Endpoints<'_>,
    draft: &EndpointDraft,
) -> Result<Option<OwnerName>, Error> {
    let client = endpoints.client;
    let name = match draft.organization_id {
        Some(id) => client.organizations().get(id).await?.slug,
        None => client.auth().me().await?.username,
    };
    Ok(OwnerName::parse(&name).ok())
}

/// Changes what is at `path`. A slug alone means an endpoint of the user's own; one of an organization goes by its number.
async fn update(
    endpoints: Endpoints<'_>,
    path: &EndpointPath,
    draft: &EndpointDraft,
    change: &EndpointPatch,
) -> Result<Endpoint, Error> {
    match draft.organization_id {
        Some(_) => endpoints.update(endpoints.number_of(path).await?, change).await,
        None => endpoints.update_slug(&path.slug, change).await,
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
    path: &EndpointPath,
    kind: EndpointType,
) -> Result<(), Error> {
    match endpoints.get_path(path).await? {
        Some(existing) if existing.kind != kind => {
            let message = format!(
                "{path} exists as a {}, and a type cannot be changed to {kind}; choose another slug or delete it first",
                existing.kind
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
