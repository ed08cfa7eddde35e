//! The folders of the space's machine, to choose what to share (contract space 1.1).

use serde::{Deserialize, Serialize};
use syfthub_core::Timestamp;

use super::Space;
use crate::error::Error;

/// A folder of the space's machine, seen through the space.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Folder {
    /// Where it is.
    pub path: String,
    /// The folder above, when that may be looked at.
    #[serde(default)]
    pub parent: Option<String>,
    /// What is in it: folders first, then by name.
    #[serde(default)]
    pub items: Vec<FolderItem>,
}

/// A file or folder in a [`Folder`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct FolderItem {
    /// Its name.
    pub name: String,
    /// Where it is.
    pub path: String,
    /// Whether it is a folder.
    pub is_dir: bool,
    /// Bytes of a file.
    #[serde(default)]
    pub size: Option<u64>,
    /// When it was changed last.
    #[serde(default)]
    pub modified: Option<Timestamp>,
    /// Of a file, with its dot.
    #[serde(default)]
    pub extension: Option<String>,
}

/// What is done with names that begin with a dot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Hidden {
    /// They are left out.
    #[default]
    Skip,
    /// They are shown too.
    Show,
}

impl Space {
    /// What is in a folder of the space's machine; `~` is where one may begin.
    ///
    /// # Errors
    /// [`ErrorKind::Refused`](crate::ErrorKind::Refused) when the folder is elsewhere or none,
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) when it does not exist.
    ///
    /// ```no_run
    /// # async fn example(space: syfthub_client::space::Space) -> Result<(), syfthub_client::Error> {
    /// use syfthub_client::space::browse::Hidden;
    ///
    /// for item in space.browse("~", Hidden::Skip).await?.items {
    ///     println!("{}", item.name);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn browse(&self, path: &str, hidden: Hidden) -> Result<Folder, Error> {
        let call = self.get(&["datasets", "browse"]).query("path", path);
        let shown = (hidden == Hidden::Show).then_some(true);
        self.json(call.query_if("show_hidden", shown)).await
    }
}
