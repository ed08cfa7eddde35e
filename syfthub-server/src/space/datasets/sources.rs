//! The part of a dataset's configuration that names files of this machine, for every type that reads them.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};
use syfthub_core::Invalid;
use syfthub_core::input::{Fields, Input, Place};

use crate::space::chunk::{self, Cut};
use crate::space::ingest::Selection;
use crate::space::kind::{BadConfiguration, joined};
use crate::space::parse::EXTENSIONS;

/// Folders that hold a site's or a build's own parts, or copies of what is indexed anyway.
const IGNORED: [&str; 7] =
    ["_static", "_sources", "_images", "_downloads", "node_modules", "target", "__pycache__"];

const SMALLEST_CHUNK: i64 = 32;
const LARGEST_CHUNK: i64 = 4096;
const LARGEST_OVERLAP: i64 = 1024;

/// Files and folders, and how they are read.
pub(super) struct Sources {
    roots: Vec<Root>,
    extensions: Vec<String>,
    ignored: Vec<String>,
    cut: Cut,
}

/// The schema of the properties that [`Sources`] reads, of which `filePaths` is required.
pub(super) fn properties() -> Value {
    let files = json!({
        "filePaths": {
            "type": "array", "minItems": 1, "maxItems": 100, "title": "Files and folders",
            "items": {
                "type": "object",
                "required": ["path"],
                "properties": {
                    "path": {"type": "string", "description": "Absolute path of a file or folder."},
                    "description": {"type": "string", "default": ""},
                },
                "additionalProperties": false,
            },
        },
        "ingestFileTypeOptions": {
            "type": "array", "title": "File types", "default": EXTENSIONS,
            "items": {"type": "string", "enum": EXTENSIONS},
        },
        "ignoreFolders": {
            "type": "array", "title": "Folders to leave out", "default": IGNORED,
            "description": "By name, wherever they are. Hidden files and folders are always left out.",
            "items": {"type": "string"},
        },
    });
    joined([files, cutting()])
}

/// The schema of how texts are cut: the properties `chunkTokens` and `chunkOverlap`.
pub(super) fn cutting() -> Value {
    json!({
        "chunkTokens": {
            "type": "integer", "title": "Tokens of a passage",
            "description": "The most tokens of a passage, by an estimate that fits common models.",
            "minimum": SMALLEST_CHUNK, "maximum": LARGEST_CHUNK, "default": chunk::DEFAULT_TOKENS,
        },
        "chunkOverlap": {
            "type": "integer", "title": "Tokens that passages share",
            "description": "What a passage repeats of the one before it; less than half of a passage.",
            "minimum": 0, "maximum": LARGEST_OVERLAP, "default": chunk::DEFAULT_OVERLAP,
        },
    })
}

/// Reads the properties of [`cutting`].
pub(super) fn read_cut(fields: &mut Fields<'_, '_, '_>) -> Option<Cut> {
    let mut number = |name, least, most, usual: usize| {
        let usual = i64::try_from(usual).unwrap_or(most);
        usize::try_from(fields.number(name, least, most, usual)?).ok()
    };
    let tokens = number("chunkTokens", SMALLEST_CHUNK, LARGEST_CHUNK, chunk::DEFAULT_TOKENS)?;
    let overlap = number("chunkOverlap", 0, LARGEST_OVERLAP, chunk::DEFAULT_OVERLAP)?;
    if 2 * overlap >= tokens {
        let message = "passages must share less than half of their tokens";
        return fields.refuse("chunkOverlap", Invalid::value(message));
    }
    Some(Cut { tokens, overlap })
}

/// Properties that existing clients send for what needs no setting here (contract space 3.3). They are taken and mean nothing.
pub(super) fn without_effect() -> Value {
    json!({
        "collectionName": {"type": "string", "title": "Collection", "deprecated": true},
        "httpPort": {"type": "integer", "title": "Port", "deprecated": true},
        "grpcPort": {"type": "integer", "title": "gRPC port", "deprecated": true},
        "useTLS": {"type": "boolean", "title": "TLS", "deprecated": true},
        "queryLimit": {"type": "integer", "title": "Results", "deprecated": true},
    })
}

impl Sources {
    /// Reads the properties.
    pub(super) fn read(fields: &mut Fields<'_, '_, '_>) -> Option<Self> {
        let roots: Vec<Root> = fields.list("filePaths", 100)?;
        if roots.is_empty() {
            return fields.refuse("filePaths", Invalid::value("name at least one file or folder"));
        }
        let extensions: Vec<String> = fields.list("ingestFileTypeOptions", 50)?;
        let ignored = match fields.raw("ignoreFolders") {
            None => IGNORED.map(str::to_owned).to_vec(),
            Some(_) => fields.list("ignoreFolders", 200)?,
        };
        let cut = read_cut(fields)?;
        let mut extensions: Vec<String> =
            extensions.iter().map(|extension| extension.to_lowercase()).collect();
        if let Some(unknown) =
            extensions.iter().find(|extension| !EXTENSIONS.contains(&extension.as_str()))
        {
            let message = format!("there is no parser for {unknown}");
            return fields.refuse("ingestFileTypeOptions", Invalid::value(&message));
        }
        if extensions.is_empty() {
            extensions = EXTENSIONS.map(str::to_owned).to_vec();
        }
        Some(Self { roots, extensions, ignored, cut })
    }

    /// The properties written out in full, as they are stored: paths are canonical, and can be read. Blocks.
    pub(super) fn settled(&self) -> Result<Map<String, Value>, BadConfiguration> {
        let mut paths = Vec::new();
        for Root { path, description } in &self.roots {
            let canonical = existing(path).map_err(|reason| {
                BadConfiguration(format!("configuration.filePaths: {}: {reason}", path.display()))
            })?;
            paths.push(json!({"path": canonical, "description": description}));
        }
        let settled = json!({
            "filePaths": paths,
            "ingestFileTypeOptions": self.extensions,
            "ignoreFolders": self.ignored,
            "chunkTokens": self.cut.tokens,
            "chunkOverlap": self.cut.overlap,
        });
        Ok(settled.as_object().cloned().unwrap_or_default())
    }

    /// What of the file system that is.
    pub(super) fn selection(self) -> Selection {
        Selection {
            roots: self.roots.into_iter().map(|root| root.path).collect(),
            extensions: self.extensions,
            ignored: self.ignored,
            cut: self.cut,
        }
    }
}

/// The canonical path, if one can read what is there. A path that is no text could not be shown or stored.
fn existing(path: &Path) -> Result<String, String> {
    let canonical = path.canonicalize().map_err(|error| error.to_string())?;
    if canonical.is_dir() {
        std::fs::read_dir(&canonical).map_err(|error| error.to_string())?;
    } else {
        std::fs::File::open(&canonical).map_err(|error| error.to_string())?;
    }
    canonical.into_os_string().into_string().map_err(|_| "its name is not UTF-8".to_owned())
}

struct Root {
    path: PathBuf,
    description: String,
}

impl Input for Root {
    /// An object, or just the path.
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        if value.is_string() {
            return String::read(value, place)
                .map(|path| Self { path: path.into(), description: String::new() });
        }
        let mut fields = Fields::of(value, place)?;
        let path = fields.text("path", 1, 4096);
        let description = fields.text_or("description", 0, 1000, "");
        Some(Self { path: path?.into(), description: description? })
    }
}
