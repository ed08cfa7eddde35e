//! Files and folders of this machine, watched and indexed.

use std::sync::Arc;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use serde_json::{Map, Value, json};
use syfthub_core::Invalid;
use syfthub_core::input::{Fields, Input, Place};

use super::indexed::{Indexed, SearchBy};
use super::sources::{self, Sources};
use super::{Dataset, DatasetType, OpenError, Wanted};
use crate::space::embed::{self, Provider};
use crate::space::ingest::Selection;
use crate::space::kind::{BadConfiguration, TypeInfo, joined, schema};

const NAME: &str = "local_file";

/// The type `local_file`.
pub(super) struct LocalFile;

impl DatasetType for LocalFile {
    fn info(&self) -> TypeInfo {
        let search = json!({
            "embedding": embed::schema(),
            "searchBy": {
                "type": "string", "title": "Search by", "enum": SearchBy::NAMES, "default": "both",
                "description": "What passages are found by where they are embedded: words and meaning, or one of them.",
            },
        });
        let properties = joined([sources::properties(), search, sources::without_effect()]);
        TypeInfo {
            name: NAME,
            description: "Files and folders of this machine. Changes are indexed as they happen. A passage is scored by its \
                words and, with embeddings, by its meaning, whichever says more: 1 says it all, 0.5 about half, and 0 nothing.",
            config_schema: schema(&["filePaths"], properties),
            icon: "📁",
            enabled: true,
        }
    }

    fn is_embedded(&self) -> bool {
        true
    }

    fn settle(
        &self,
        configuration: &Map<String, Value>,
    ) -> Result<Map<String, Value>, BadConfiguration> {
        let Settings { sources, embedding, search_by } = self.info().read(configuration)?;
        let mut settled = sources.settled()?;
        settled.insert("searchBy".to_owned(), search_by.name().into());
        if let Some(provider) = &embedding {
            settled.insert("embedding".to_owned(), provider.settled());
        }
        Ok(settled)
    }

    fn selection(
        &self,
        configuration: &Map<String, Value>,
    ) -> Result<Option<Selection>, BadConfiguration> {
        let Settings { sources, .. } = self.info().read(configuration)?;
        Ok(Some(sources.selection()))
    }

    fn open<'a>(
        &'a self,
        wanted: Wanted<'a>,
    ) -> BoxFuture<'a, Result<Arc<dyn Dataset>, OpenError>> {
        async move {
            let Settings { sources, embedding, search_by } =
                self.info().read(wanted.configuration)?;
            let selection = sources.selection();
            let opened =
                Indexed::open(NAME, &wanted, selection, embedding.as_ref(), search_by).await?;
            Ok(Arc::new(opened) as Arc<dyn Dataset>)
        }
        .boxed()
    }
}

struct Settings {
    sources: Sources,
    embedding: Option<Provider>,
    search_by: SearchBy,
}

impl Input for Settings {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        let mut fields = Fields::of(value, place)?;
        let sources = Sources::read(&mut fields);
        let embedding = embed::provider(&mut fields);
        let Some(search_by) = SearchBy::named(&fields.text_or("searchBy", 1, 20, "both")?) else {
            return fields.refuse("searchBy", Invalid::not_one_of(&SearchBy::NAMES));
        };
        Some(Self { sources: sources?, embedding: embedding?, search_by })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::space::parse::EXTENSIONS;

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
