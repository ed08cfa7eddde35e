//! The databases that the space runs itself.

use serde_json::{Map, Value};
use syfthub_client::space::Space;

use crate::operation::operations;

operations! {
    /// The databases that the space runs itself.
    OPERATIONS on Space;

    /// All of them.
    call "provisioners.list" ["GET /api/v1/datasets/provisioners"], () |space| {
        Ok(space.provisioners().list().await?)
    }

    /// The one of a type of dataset, with what it does in truth.
    call "provisioners.status" ["GET /api/v1/datasets/provisioners/{dtype}/status"], (dtype: String) |space| {
        Ok(space.provisioners().status(&dtype).await?)
    }

    /// Starts the one of a type and waits until it answers; the configuration says how, such as `httpPort`.
    call "provisioners.start" ["POST /api/v1/datasets/provisioners/{dtype}/start"],
    (dtype: String, configuration: Option<Map<String, Value>>) |space| {
        Ok(space.provisioners().start(&dtype, &configuration.unwrap_or_default()).await?)
    }

    /// Stops the one of a type; what it keeps stays.
    call "provisioners.stop" ["POST /api/v1/datasets/provisioners/{dtype}/stop"], (dtype: String) |space| {
        Ok(space.provisioners().stop(&dtype).await?)
    }

    /// Removes the one of a type with everything it keeps.
    call "provisioners.delete" ["DELETE /api/v1/datasets/provisioners/{dtype}"], (dtype: String) |space| {
        Ok(space.provisioners().remove(&dtype).await?)
    }
}
