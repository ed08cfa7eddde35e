//! Files on their way into an index.

use futures_util::TryStreamExt as _;
use futures_util::stream::once;
use serde_json::{Map, Value};
use syfthub_client::space::Space;
use syfthub_client::space::ingestion::JobFilter;
use uuid::Uuid;

use crate::operation::operations;

operations! {
    /// Files on their way into an index.
    OPERATIONS on Space;

    /// How far a dataset is: its files by how far each is.
    call "ingestion.status" ["GET /api/v1/ingestion/datasets/{id}/status"], (dataset: Uuid) |space| {
        Ok(space.ingestion().status(dataset).await?)
    }

    /// A page of a dataset's files, newest first, with how many there are; 100 unless `limit` says otherwise, 1 to 1000.
    call "ingestion.jobs" ["GET /api/v1/ingestion/datasets/{id}/jobs"],
    (dataset: Uuid, status: Option<String>, limit: Option<u32>, offset: Option<u32>) |space| {
        let filter = JobFilter { status: status.as_deref(), limit, offset };
        Ok(space.ingestion().jobs(dataset, filter).await?)
    }

    /// Takes one file off the queue.
    call "ingestion.cancel" ["POST /api/v1/ingestion/datasets/{id}/jobs/{job}/cancel"], (dataset: Uuid, job: Uuid) |space| {
        Ok(space.ingestion().cancel(dataset, job).await?)
    }

    /// Watches the files of a dataset, and reads what has changed.
    call "ingestion.start" ["POST /api/v1/ingestion/datasets/{id}/start"], (dataset: Uuid) |space| {
        Ok(space.ingestion().start(dataset).await?)
    }

    /// Stops watching the files, and takes those that wait off the queue.
    call "ingestion.stop" ["POST /api/v1/ingestion/datasets/{id}/stop"], (dataset: Uuid) |space| {
        Ok(space.ingestion().stop(dataset).await?)
    }

    /// Reads the files again that could not be read.
    call "ingestion.retry" ["POST /api/v1/ingestion/datasets/{id}/retry"], (dataset: Uuid) |space| {
        Ok(space.ingestion().retry(dataset).await?)
    }

    /// Which files a dataset of this type and configuration would share. Nothing is read but the folders.
    call "ingestion.preview" ["POST /api/v1/ingestion/preview"], (dtype: String, configuration: Map<String, Value>) |space| {
        Ok(space.ingestion().preview(&dtype, &configuration).await?)
    }

    /// How far a dataset is now, and every change of that; every dataset's, unless one is named.
    stream "ingestion.follow" ["GET /api/v1/ingestion/datasets/{id}/events", "GET /api/v1/ingestion/events"],
    (dataset: Option<Uuid>) |space| {
        once(async move {
            Ok(match dataset {
                Some(dataset) => space.ingestion().follow(dataset).await?.left_stream(),
                None => space.ingestion().follow_all().await?.right_stream(),
            })
        })
        .try_flatten()
    }
}
