//! The aggregators a user keeps.

use syfthub_client::wire::aggregator::{AggregatorDraft, AggregatorPatch};
use syfthub_client::{AggregatorId, Client};

use crate::operation::operations;

operations! {
    /// The aggregators a user keeps.
    OPERATIONS on Client;

    /// All of them, in the order in which they were added.
    call "aggregators.list" ["GET /api/v1/users/me/aggregators"], () |hub| {
        Ok(hub.aggregators().list().await?)
    }

    /// Adds one. The first becomes the default.
    call "aggregators.create" ["POST /api/v1/users/me/aggregators"], (body: AggregatorDraft) |hub| {
        Ok(hub.aggregators().create(&body).await?)
    }

    /// The one with this number.
    call "aggregators.get" ["GET /api/v1/users/me/aggregators/{aggregator_id}"], (aggregator: AggregatorId) |hub| {
        Ok(hub.aggregators().get(aggregator).await?)
    }

    /// Changes it. What is absent stays.
    call "aggregators.update" ["PUT /api/v1/users/me/aggregators/{aggregator_id}"],
    (aggregator: AggregatorId, body: AggregatorPatch) |hub| {
        Ok(hub.aggregators().update(aggregator, &body).await?)
    }

    /// Removes it; when it was the default, the oldest of the rest becomes it.
    call "aggregators.delete" ["DELETE /api/v1/users/me/aggregators/{aggregator_id}"], (aggregator: AggregatorId) |hub| {
        Ok(hub.aggregators().delete(aggregator).await?)
    }

    /// Makes it the default instead of the one so far.
    call "aggregators.set_default" ["PATCH /api/v1/users/me/aggregators/{aggregator_id}/default"], (aggregator: AggregatorId) |hub| {
        Ok(hub.aggregators().set_default(aggregator).await?)
    }
}
