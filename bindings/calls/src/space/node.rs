//! The process itself, the folders of its machine, and what was changed in it.

use syfthub_client::space::browse::Hidden;
use syfthub_client::space::{Change, Space};

use super::pages::{USUAL, pages};
use crate::operation::operations;

operations! {
    /// The process itself, the folders of its machine, and what was changed in it.
    OPERATIONS on Space;

    /// What listens at the address of the space, for people.
    call "index" ["GET /"], () |space| {
        Ok(space.index().await?)
    }

    /// Whether the process answers, at the address where it answers callers.
    call "health" ["GET /health"], () |space| {
        Ok(space.health().await?)
    }

    /// Whether the space can do its work, at the address where it answers callers.
    call "ready" ["GET /readyz"], () |space| {
        Ok(space.ready().await?)
    }

    /// What is in a folder of the space's machine; where one may begin, unless a path is named.
    call "browse" ["GET /api/v1/datasets/browse"], (path: Option<String>, show_hidden: Option<bool>) |space| {
        let hidden = if show_hidden == Some(true) { Hidden::Show } else { Hidden::Skip };
        Ok(space.browse(path.as_deref().unwrap_or("~"), hidden).await?)
    }

    /// What was changed in the space, newest first; pages of `limit` changes, 1 to 1000.
    stream "changes" ["GET /api/v1/audit"], (before: Option<i64>, limit: Option<u32>) |space| {
        let size = limit.unwrap_or(USUAL);
        pages(before, size, |change: &Change| change.id, move |before| {
            let space = space.clone();
            async move { space.changes(before, size).await }
        })
    }
}
