//! Making, listing and removing endpoints.

use super::datasets::taken;
use super::{Endpoint, NewEndpoint};
use crate::db::StoreError;
use crate::space::error::SpaceError;
use crate::space::ids::EndpointKey;
use crate::space::node::Space;
use crate::space::store::endpoints::{self as store, EndpointRow};
use crate::space::store::{datasets, models};

impl Space {
    /// Makes an endpoint.
    ///
    /// # Errors
    /// When it has neither a dataset nor a model, one of them does not exist, or the slug is taken.
    pub async fn new_endpoint(&self, new: NewEndpoint) -> Result<Endpoint, SpaceError> {
        if new.dataset_id.is_none() && new.model_id.is_none() {
            return Err(SpaceError::refused("an endpoint needs a dataset or a model"));
        }
        if new.slug.is_reserved() {
            return Err(SpaceError::refused(format!("the slug {} is reserved", new.slug)));
        }
        let now = self.clock.now();
        let row = EndpointRow {
            id: EndpointKey::new(),
            slug: new.slug,
            name: new.name,
            description: new.description,
            summary: new.summary,
            dataset_id: new.dataset_id,
            model_id: new.model_id,
            response_type: new.response_type,
            published: new.published,
            published_to: Vec::new(),
            tags: new.tags,
            created_at: now,
            updated_at: now,
        };
        let stored = row.clone();
        let slug = row.slug.to_string();
        self.db
            .write(move |tx| {
                Box::pin(async move {
                    if let Some(id) = stored.dataset_id {
                        datasets::find(tx, id).await?.ok_or(SpaceError::NotFound("dataset"))?;
                    }
                    if let Some(id) = stored.model_id {
                        models::find(tx, id).await?.ok_or(SpaceError::NotFound("model"))?;
                    }
                    store::insert(tx, &stored)
                        .await
                        .map_err(|error| taken(error, "endpoint", &slug))
                })
            })
            .await?;
        Ok(to_wire(row))
    }

    /// The endpoint at this slug over the same parts; it is made unless it exists. Its texts become those given.
    ///
    /// # Errors
    /// As [`Space::new_endpoint`], or when the slug belongs to an endpoint over other parts.
    pub async fn add_endpoint(&self, new: NewEndpoint) -> Result<Endpoint, SpaceError> {
        let Some(existing) = self.endpoint_row(new.slug.as_str()).await? else {
            return self.new_endpoint(new).await;
        };
        if (existing.dataset_id, existing.model_id, existing.response_type)
            != (new.dataset_id, new.model_id, new.response_type)
        {
            return Err(SpaceError::Conflict(format!(
                "the endpoint {} exists over other parts",
                new.slug
            )));
        }
        let row = EndpointRow {
            name: new.name,
            description: new.description,
            summary: new.summary,
            tags: new.tags,
            updated_at: self.clock.now(),
            ..existing
        };
        let described = row.clone();
        self.db
            .write(move |tx| Box::pin(async move { store::describe(tx, &described).await }))
            .await?;
        Ok(to_wire(row))
    }

    /// All endpoints, oldest first.
    ///
    /// # Errors
    /// When the tables cannot be read.
    pub async fn endpoints(&self) -> Result<Vec<Endpoint>, SpaceError> {
        let rows = self.db.read(|tx| Box::pin(async move { store::list(tx).await })).await?;
        Ok(rows.into_iter().map(to_wire).collect())
    }

    /// The endpoint at `slug`.
    pub(crate) async fn find_endpoint(&self, slug: &str) -> Result<Option<Endpoint>, SpaceError> {
        Ok(self.endpoint_row(slug).await?.map(to_wire))
    }

    /// Removes an endpoint. One that a hub lists has to be taken off there first.
    pub(crate) async fn remove_endpoint(&self, slug: &str) -> Result<(), SpaceError> {
        let row = self.endpoint_row(slug).await?.ok_or(SpaceError::NotFound("endpoint"))?;
        if !row.published_to.is_empty() {
            return Err(SpaceError::Conflict("a hub lists it; unpublish it first".to_owned()));
        }
        self.db.write(move |tx| Box::pin(async move { store::delete(tx, row.id).await })).await?;
        Ok(())
    }

    /// The endpoint at `slug` as it is stored.
    pub(crate) async fn endpoint_row(&self, slug: &str) -> Result<Option<EndpointRow>, StoreError> {
        let slug = slug.to_owned();
        self.db.read(move |tx| Box::pin(async move { store::find(tx, &slug).await })).await
    }
}

fn to_wire(row: EndpointRow) -> Endpoint {
    Endpoint {
        id: row.id,
        slug: row.slug.to_string(),
        name: row.name,
        description: row.description,
        summary: row.summary,
        dataset_id: row.dataset_id,
        model_id: row.model_id,
        response_type: row.response_type,
        published: row.published,
        listed: row.published_to.len(),
        tags: row.tags,
        created_at: row.created_at,
        updated_at: row.updated_at,
    }
}
