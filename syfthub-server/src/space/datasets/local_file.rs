//! Files and folders of this machine, watched and indexed.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use serde_json::{Map, Value, json};
use syfthub_core::Invalid;
use syfthub_core::input::{Fields, Input, Place};

use super::indexed::{Indexed, SearchBy};
use super::{Dataset, DatasetType, OpenError, Wanted};
use crate::space::chunk::{self, Cut};
use crate::space::embed::{self, Provider};
use crate::space::ingest::Selection;
use crate::space::kind::{BadConfiguration, TypeInfo, read};
use crate::space::parse::EXTENSIONS;

/// Folders that hold a site's or a build's own parts, or copies of what is indexed anyway.
const IGNORED: [&str; 7] =
    ["_static", "_sources", "_images", "_downloads", "node_modules", "target", "__pycache__"];

const SMALLEST_CHUNK: i64 = 32;
const LARGEST_CHUNK: i64 = 4096;
const LARGEST_OVERLAP: i64 = 1024;

const NAME: &str = "local_file";

/// The type `local_file`.
pub(super) struct LocalFile;

impl DatasetType for LocalFile {
    fn info(&self) -> TypeInfo {
        let mut embedding = embed::schema();
        embedding["x-order"] = 6.into();
        TypeInfo {
            name: NAME,
            description: "Files and folders of this machine. Changes are indexed as they happen. A passage is scored by its \
                words and, with embeddings, by its meaning, whichever says more: 1 says it all, 0.5 about half, and 0 nothing.",
            config_schema: json!({
                "$schema": "https://json-schema.org/draft/2020-12/schema",
                "type": "object",
                "required": ["filePaths"],
                "properties": {
                    "filePaths": {
                        "type": "array", "minItems": 1, "maxItems": 100, "title": "Files and folders", "x-order": 1,
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
                        "type": "array", "title": "File types", "x-order": 2, "default": EXTENSIONS,
                        "items": {"type": "string", "enum": EXTENSIONS},
                    },
                    "ignoreFolders": {
                        "type": "array", "title": "Folders to leave out", "x-order": 3, "default": IGNORED,
                        "description": "By name, wherever they are. Hidden files and folders are always left out.",
                        "items": {"type": "string"},
                    },
                    "chunkTokens": {
                        "type": "integer", "title": "Tokens of a passage", "x-order": 4,
                        "description": "The most tokens of a passage, by an estimate that fits common models.",
                        "minimum": SMALLEST_CHUNK, "maximum": LARGEST_CHUNK, "default": chunk::DEFAULT_TOKENS,
                    },
                    "chunkOverlap": {
                        "type": "integer", "title": "Tokens that passages share", "x-order": 5,
                        "description": "What a passage repeats of the one before it; less than half of a passage.",
                        "minimum": 0, "maximum": LARGEST_OVERLAP, "default": chunk::DEFAULT_OVERLAP,
                    },
                    "embedding": embedding,
                    "searchBy": {
                        "type": "string", "title": "Search by", "x-order": 7, "enum": SearchBy::NAMES, "default": "both",
                        "description": "What passages are found by where they are embedded: words and meaning, or one of them.",
                    },
                },
                "additionalProperties": false,
            }),
            icon: "📁",
            enabled: true,
        }
    }

    fn settle(
        &self,
        configuration: &Map<String, Value>,
    ) -> Result<Map<String, Value>, BadConfiguration> {
        let settings: Settings = self.info().read(configuration)?;
        let mut paths = Vec::new();
        for Root { path, description } in settings.roots {
            let canonical = existing(&path).map_err(|reason| {
                BadConfiguration(format!("configuration.filePaths: {}: {reason}", path.display()))
            })?;
            paths.push(json!({"path": canonical, "description": description}));
        }
        let mut settled = json!({
            "filePaths": paths,
            "ingestFileTypeOptions": settings.extensions,
            "ignoreFolders": settings.ignored,
            "chunkTokens": settings.cut.tokens,
            "chunkOverlap": settings.cut.overlap,
            "searchBy": settings.search_by.name(),
        });
        if let Some(provider) = &settings.embedding {
            settled["embedding"] = provider.settled();
        }
        Ok(settled.as_object().cloned().unwrap_or_default())
    }

    fn selection(
        &self,
        configuration: &Map<String, Value>,
    ) -> Result<Option<Selection>, BadConfiguration> {
        read::<Settings>(configuration).map(|settings| Some(settings.selection()))
    }

    fn open<'a>(
        &'a self,
        wanted: Wanted<'a>,
    ) -> BoxFuture<'a, Result<Arc<dyn Dataset>, OpenError>> {
        async move {
            let settings: Settings = read(wanted.configuration)?;
            let (provider, by) = (settings.embedding.clone(), settings.search_by);
            let selection = settings.selection();
            let opened = Indexed::open(NAME, &wanted, selection, provider.as_ref(), by).await?;
            Ok(Arc::new(opened) as Arc<dyn Dataset>)
        }
        .boxed()
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

struct Settings {
    roots: Vec<Root>,
    extensions: Vec<String>,
    ignored: Vec<String>,
    cut: Cut,
    embedding: Option<Provider>,
    search_by: SearchBy,
}

impl Input for Settings {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        let mut fields = Fields::of(value, place)?;
        let roots: Vec<Root> = fields.list("filePaths", 100)?;
        if roots.is_empty() {
            return fields.refuse("filePaths", Invalid::value("name at least one file or folder"));
        }
        let absent = |name| fields_absent(value, name);
        let extensions: Vec<String> = fields.list("ingestFileTypeOptions", 50)?;
        let ignored: Vec<String> = fields.list("ignoreFolders", 200)?;
        let cut = cut(&mut fields)?;
        let embedding = embed::provider(&mut fields)?;
        let Some(search_by) = SearchBy::named(&fields.text_or("searchBy", 1, 20, "both")?) else {
            return fields.refuse("searchBy", Invalid::not_one_of(&SearchBy::NAMES));
        };
        let extensions: Vec<String> =
            extensions.iter().map(|extension| extension.to_lowercase()).collect();
        if let Some(unknown) =
            extensions.iter().find(|extension| !EXTENSIONS.contains(&extension.as_str()))
        {
            let message = format!("there is no parser for {unknown}");
            return fields.refuse("ingestFileTypeOptions", Invalid::value(&message));
        }
        Some(Self {
            roots,
            extensions: if extensions.is_empty() {
                EXTENSIONS.map(str::to_owned).to_vec()
            } else {
                extensions
            },
            ignored: if absent("ignoreFolders") {
                IGNORED.map(str::to_owned).to_vec()
            } else {
                ignored
            },
            cut,
            embedding,
            search_by,
        })
    }
}

fn cut(fields: &mut Fields<'_, '_, '_>) -> Option<Cut> {
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

fn fields_absent(value: &Value, name: &str) -> bool {
    value.get(name).is_none()
}

impl Settings {
    fn selection(self) -> Selection {
        Selection {
            roots: self.roots.into_iter().map(|root| root.path).collect(),
            extensions: self.extensions,
            ignored: self.ignored,
            cut: self.cut,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settled(value: &Value) -> Result<Map<String, Value>, String> {
        LocalFile.settle(value.as_object().unwrap()).map_err(|error| error.0)
    }

    #[test]
    fn a_configuration_is_written_out_in_full() {
        let folder = tempfile::tempdir().unwrap();
        let full = settled(&json!({"filePaths": [folder.path()]})).unwrap();
        assert_eq!((&full["chunkTokens"], &full["chunkOverlap"]), (&json!(256), &json!(0)));
        assert_eq!(full["filePaths"][0]["path"], json!(folder.path().canonicalize().unwrap()));
        assert_eq!(full["ingestFileTypeOptions"].as_array().unwrap().len(), EXTENSIONS.len());
        assert_eq!(settled(&Value::Object(full.clone())).unwrap(), full);
        let none = settled(&json!({"filePaths": [folder.path()], "ignoreFolders": []})).unwrap();
        assert_eq!(none["ignoreFolders"], json!([]));
    }

    #[test]
    fn what_cannot_be_used_is_named() {
        assert!(settled(&json!({})).unwrap_err().starts_with("configuration.filePaths: "));
        assert!(
            settled(&json!({"filePaths": ["/does/not/exist"]}))
                .unwrap_err()
                .contains("/does/not/exist")
        );
        let odd = settled(&json!({"filePaths": ["/tmp"], "ingestFileTypeOptions": [".exe"]}))
            .unwrap_err();
        assert!(odd.contains("no parser for .exe"), "{odd}");
        assert!(
            settled(&json!({"filePaths": ["/tmp"], "chunkTokens": 5}))
                .unwrap_err()
                .contains("chunkTokens")
        );
    }
}
