//! What the measurements of search ask a space.

use std::path::Path;

use anyhow::Context;
use serde_json::{Value, json};

use crate::load::post;
use crate::node::Node;
use crate::stack::memory_of;

impl Node {
    /// Makes a dataset over `folder` and an endpoint of the same name that gives documents; returns when all its files
    /// are searchable.
    pub(super) async fn share(
        &self,
        name: &str,
        folder: &Path,
        more: &Value,
    ) -> anyhow::Result<()> {
        let dataset = self.ingest(name, folder, more).await?.dataset;
        let endpoint =
            json!({"name": name, "slug": name, "dataset_id": dataset, "response_type": "raw"});
        self.post("endpoints", &endpoint).await.map(drop)
    }

    /// The request for the best passages for `question`.
    pub(super) fn question(&self, name: &str, question: &str, limit: usize) -> Vec<u8> {
        let body = json!({"messages": question, "limit": limit, "similarity_threshold": 0.0});
        post(&format!("/api/v1/endpoints/{name}/query"), Some(&self.key), &body)
    }

    /// The file names of the best passages for `question`, best first.
    pub(super) async fn ask(
        &self,
        name: &str,
        question: &str,
        limit: usize,
    ) -> anyhow::Result<Vec<String>> {
        let body = json!({"messages": question, "limit": limit, "similarity_threshold": 0.0});
        let answer = self.post(&format!("endpoints/{name}/query"), &body).await?;
        let documents = answer["references"]["documents"].as_array().context("no documents")?;
        let names = documents.iter().filter_map(|found| found["metadata"]["file_name"].as_str());
        Ok(names.map(str::to_owned).collect())
    }

    /// The highest resident memory so far, in bytes.
    pub(super) fn peak(&self) -> anyhow::Result<u64> {
        Ok(memory_of(self.process())?.1)
    }
}
