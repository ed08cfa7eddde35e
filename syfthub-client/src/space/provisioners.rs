//! The databases that a space runs itself (contract space 5).

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use syfthub_core::Timestamp;
use uuid::Uuid;

use super::{Notice, Space};
use crate::error::Error;

/// A database that the space runs for the datasets of one type.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Provisioner {
    /// Stays the same for a type.
    pub id: Uuid,
    /// The type of its datasets.
    pub dtype: String,
    /// What it is meant to be, such as `running` or `stopped`.
    pub status: String,
    /// What it is.
    pub actual_status: Option<String>,
    /// How many datasets need it.
    pub dataset_count: u64,
    /// What is known of the process, such as its port.
    pub state: Map<String, Value>,
    /// When it began to answer.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub stopped_at: Option<Timestamp>,
    /// Why it failed.
    pub error: Option<String>,
}

/// The operations on provisioners; from [`Space::provisioners`].
#[derive(Debug, Clone, Copy)]
pub struct Provisioners<'a> {
    pub(super) space: &'a Space,
}

impl Provisioners<'_> {
    /// All of them.
    ///
    /// # Errors
    /// When the space refuses, or cannot be asked.
    ///
    /// ```no_run
    /// # async fn example(space: syfthub_client::space::Space) -> Result<(), syfthub_client::Error> {
    /// for one in space.provisioners().list().await? {
    ///     println!("{}: {}", one.dtype, one.status);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn list(&self) -> Result<Vec<Provisioner>, Error> {
        self.space.json(self.space.get(&["datasets", "provisioners", ""])).await
    }

    /// The one of this type.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) when there is none.
    ///
    /// ```no_run
    /// # async fn example(space: syfthub_client::space::Space) -> Result<(), syfthub_client::Error> {
    /// println!("{:?}", space.provisioners().status("chroma").await?.actual_status);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn status(&self, dtype: &str) -> Result<Provisioner, Error> {
        self.space.json(self.space.get(&["datasets", "provisioners", dtype, "status"])).await
    }

    /// Starts it, and waits until it answers. `wish` says how, such as `httpPort`, which is taken when it is free.
    ///
    /// # Errors
    /// [`ErrorKind::Refused`](crate::ErrorKind::Refused) when the type needs none,
    /// [`ErrorKind::Server`](crate::ErrorKind::Server) when it does not come up.
    ///
    /// ```no_run
    /// # async fn example(space: syfthub_client::space::Space) -> Result<(), syfthub_client::Error> {
    /// space.provisioners().start("chroma", &serde_json::Map::new()).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn start(&self, dtype: &str, wish: &Map<String, Value>) -> Result<Notice, Error> {
        let call = self.space.post(&["datasets", "provisioners", dtype, "start"]).json(wish);
        self.space.json(self.space.patient(call)).await
    }

    /// Stops it; what it keeps stays.
    ///
    /// # Errors
    /// [`ErrorKind::Refused`](crate::ErrorKind::Refused) when the type needs none.
    ///
    /// ```no_run
    /// # async fn example(space: syfthub_client::space::Space) -> Result<(), syfthub_client::Error> {
    /// space.provisioners().stop("chroma").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn stop(&self, dtype: &str) -> Result<Notice, Error> {
        self.space.json(self.space.post(&["datasets", "provisioners", dtype, "stop"])).await
    }

    /// Removes it with everything it keeps.
    ///
    /// # Errors
    /// [`ErrorKind::Conflict`](crate::ErrorKind::Conflict) when datasets need it.
    ///
    /// ```no_run
    /// # async fn example(space: syfthub_client::space::Space) -> Result<(), syfthub_client::Error> {
    /// space.provisioners().remove("chroma").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn remove(&self, dtype: &str) -> Result<Notice, Error> {
        self.space.json(self.space.delete(&["datasets", "provisioners", dtype])).await
    }
}
