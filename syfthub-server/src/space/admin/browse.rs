//! Looking through the owner's files, to choose what to share (contract space 1.1).

use std::path::{Path as FilePath, PathBuf};
use std::time::SystemTime;

use axum::extract::State;
use serde::Serialize;
use serde_json::Value;
use syfthub_core::Timestamp;
use syfthub_core::input::{Fields, Input, Place};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::http::{ApiError, Json, Query};
use crate::space::access::Actor;
use crate::space::catalog::Files;
use crate::space::error::SpaceError;
use crate::space::node::Space;

/// The most entries of one folder that are shown.
const MOST: usize = 5_000;

/// The routes of this file.
pub(super) fn routes() -> OpenApiRouter<Space> {
    OpenApiRouter::new().routes(routes!(browse))
}

/// Which folder to show.
#[derive(Debug)]
struct Question {
    path: String,
    show_hidden: bool,
}

impl Input for Question {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        let mut fields = Fields::of(value, place)?;
        let path = fields.text_or("path", 1, 4096, "~");
        let show_hidden = fields.or("show_hidden", false);
        Some(Self { path: path?, show_hidden: show_hidden? })
    }
}

/// A folder and what is in it.
#[derive(Debug, Serialize, ToSchema)]
struct Folder {
    path: String,
    /// The folder around it, while that may be shown too.
    parent: Option<String>,
    /// Folders first, then by name.
    items: Vec<Item>,
}

/// A file or folder.
#[derive(Debug, Serialize, ToSchema)]
struct Item {
    name: String,
    path: String,
    is_dir: bool,
    /// Bytes, of a file.
    size: Option<u64>,
    /// RFC 3339, UTC.
    #[schema(value_type = Option<String>, format = DateTime)]
    modified: Option<Timestamp>,
    /// Of a file, with its dot.
    extension: Option<String>,
}

/// Lists a folder of the space's machine, below `SPACE_BROWSE_ROOT`; of a tenant, below its own folder.
#[utoipa::path(get, path = "/datasets/browse", tag = "datasets", security(("bearer" = [])),
    params(
        ("path" = Option<String>, Query, description = "`~` stands for the folder where one may begin, and is the default"),
        ("show_hidden" = Option<bool>, Query, description = "Names that begin with a dot too"),
    ),
    responses(
        (status = 200, body = Folder),
        (status = 400, description = "Outside of what may be shown, or no folder"),
        (status = 401, description = "Neither the admin key nor a session"),
        (status = 403, description = "The space may not read it, or an account of another tenant"),
        (status = 404, description = "There is no such folder"),
        (status = 422, description = "A parameter does not fit"),
))]
async fn browse(
    State(space): State<Space>,
    actor: Actor,
    Query(question): Query<Question>,
) -> Result<Json<Folder>, ApiError> {
    let root = match space.files_of(actor.tenant) {
        Files::All => home(&space.config.access.browse_root),
        Files::Below(folder) => Some(folder),
        Files::None => None,
    };
    let root = root.ok_or_else(|| ApiError::bad_request("There are no files to look through"))?;
    let found = tokio::task::spawn_blocking(move || look(&root, &question)).await;
    found.map_err(SpaceError::from)?.map(Json)
}

/// `~` is the home folder of whoever runs the space.
fn home(path: &FilePath) -> Option<PathBuf> {
    match path.strip_prefix("~") {
        Ok(rest) => std::env::home_dir().map(|home| home.join(rest)),
        Err(_) => Some(path.to_owned()),
    }
}

fn look(root: &FilePath, question: &Question) -> Result<Folder, ApiError> {
    let root = root.canonicalize().map_err(|error| unreadable(&error))?;
    let asked = match question.path.strip_prefix('~') {
        Some(rest) => root.join(rest.trim_start_matches('/')),
        None => PathBuf::from(&question.path),
    };
    // What is outside is not told apart from what is not there.
    let outside = || ApiError::bad_request("This folder may not be looked through");
    let asked = match asked.canonicalize() {
        Ok(asked) if asked.starts_with(&root) => asked,
        Ok(_) => return Err(outside()),
        Err(_) if !asked.starts_with(&root) => return Err(outside()),
        Err(error) => return Err(unreadable(&error)),
    };
    if !asked.is_dir() {
        return Err(ApiError::bad_request("This is no folder"));
    }
    let entries = std::fs::read_dir(&asked).map_err(|error| unreadable(&error))?;
    let mut items: Vec<Item> = entries
        .filter_map(Result::ok)
        .filter_map(|entry| item(&entry))
        .filter(|item| question.show_hidden || !item.name.starts_with('.'))
        .take(MOST)
        .collect();
    items.sort_by(|a, b| (!a.is_dir, &a.name).cmp(&(!b.is_dir, &b.name)));
    let parent = asked.parent().filter(|parent| parent.starts_with(&root));
    Ok(Folder {
        path: asked.to_string_lossy().into_owned(),
        parent: parent.map(|parent| parent.to_string_lossy().into_owned()),
        items,
    })
}

/// An entry whose name is text.
fn item(entry: &std::fs::DirEntry) -> Option<Item> {
    let name = entry.file_name().into_string().ok()?;
    let path = entry.path();
    let about = entry.metadata().ok()?;
    let is_dir = about.is_dir();
    let extension = path.extension().and_then(|extension| extension.to_str());
    Some(Item {
        name,
        is_dir,
        size: (!is_dir).then_some(about.len()),
        modified: about.modified().ok().and_then(timestamp),
        extension: extension.filter(|_| !is_dir).map(|extension| format!(".{extension}")),
        path: path.into_os_string().into_string().ok()?,
    })
}

fn timestamp(time: SystemTime) -> Option<Timestamp> {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).ok()?;
    i64::try_from(since.as_micros()).ok().map(Timestamp::from_micros)
}

fn unreadable(error: &std::io::Error) -> ApiError {
    match error.kind() {
        std::io::ErrorKind::NotFound => ApiError::not_found("There is no such folder"),
        std::io::ErrorKind::PermissionDenied => ApiError::forbidden("The space may not read it"),
        _ => ApiError::bad_request("This folder cannot be read"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(root: &FilePath, path: &str) -> Result<Vec<String>, u16> {
        let question = Question { path: path.to_owned(), show_hidden: false };
        let status = |error: ApiError| axum::response::IntoResponse::into_response(error).status();
        let folder = look(root, &question).map_err(|error| status(error).as_u16())?;
        Ok(folder.items.into_iter().map(|item| item.name).collect())
    }

    #[test]
    fn a_folder_shows_folders_first_and_nothing_outside() {
        let outside = tempfile::tempdir().unwrap();
        let root = outside.path().join("home");
        std::fs::create_dir_all(root.join("z-folder/inner")).unwrap();
        for file in ["b.md", "a.txt", ".hidden"] {
            std::fs::write(root.join(file), "x").unwrap();
        }
        std::os::unix::fs::symlink(outside.path(), root.join("way-out")).unwrap();
        assert_eq!(ask(&root, "~").unwrap(), ["z-folder", "a.txt", "b.md", "way-out"]);
        assert_eq!(ask(&root, "~/z-folder").unwrap(), ["inner"]);
        for (path, status) in [
            ("/", 400),
            ("/does/not/exist", 400),
            ("~/..", 400),
            ("~/way-out", 400),
            ("~/none", 404),
            ("~/a.txt", 400),
        ] {
            assert_eq!(ask(&root, path).err(), Some(status), "{path}");
        }
    }
}
