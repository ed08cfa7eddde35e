//! A sentence model in a directory of this machine: `config.json`, `tokenizer.json` and `model.safetensors` of the BERT
//! family, such as all-MiniLM-L6-v2, bge or e5, as the sentence-transformers project lays them out. Nothing is loaded from
//! anywhere else, and nothing leaves the machine.
//!
//! The encoder is small enough to be written out here; a framework for it would multiply the program's size.

mod bert;
mod matrix;
mod tokens;
mod weights;

use std::path::Path;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use futures_util::{FutureExt as _, StreamExt as _, TryStreamExt as _};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use tokio::sync::Semaphore;

use super::settings::Local;
use super::{EmbedError, Embedder, Purpose, unit};
use crate::space::kind::BadConfiguration;
use bert::{Bert, Config};
use tokens::Tokens;
use weights::Tensors;

/// Passages that one thread embeds before another may have its turn.
const TURN: usize = 4;

/// What is wrong with the files, in one sentence.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
struct BadModel(String);

/// A loaded model.
pub(super) struct Model {
    sentences: Arc<Sentences>,
    settings: Local,
    identity: String,
    /// Threads that embed passages, and those that embed questions: a question waits for no passage.
    passages: Semaphore,
    questions: Semaphore,
}

impl Model {
    /// Loads the model of the directory; it stays in memory.
    pub(super) async fn open(settings: &Local) -> Result<Self, BadConfiguration> {
        let directory = settings.directory.clone();
        let loaded = tokio::task::spawn_blocking(move || load(&directory)).await;
        let (sentences, digest) = loaded
            .map_err(|error| BadModel(error.to_string()))
            .flatten()
            .map_err(|bad| BadConfiguration(format!("configuration.embedding.directory: {bad}")))?;
        let identity = serde_json::json!(["local", digest, settings.prefixes.passage]).to_string();
        let threads = std::thread::available_parallelism().map_or(1, usize::from).div_ceil(2);
        Ok(Self {
            sentences: Arc::new(sentences),
            settings: settings.clone(),
            identity,
            passages: Semaphore::new(threads),
            questions: Semaphore::new(1),
        })
    }

    /// Embeds a few texts on a thread for blocking work.
    async fn turn(
        &self,
        texts: Vec<String>,
        purpose: Purpose,
    ) -> Result<Vec<Vec<f32>>, EmbedError> {
        let (places, prefix) = match purpose {
            Purpose::Passage => (&self.passages, self.settings.prefixes.passage.clone()),
            Purpose::Question => (&self.questions, self.settings.prefixes.question.clone()),
        };
        let _place = places.acquire().await.map_err(|_| EmbedError::Unreachable)?;
        let sentences = Arc::clone(&self.sentences);
        let work = move || {
            let embed = |text: String| sentences.embed(&format!("{prefix}{text}"));
            texts.into_iter().map(embed).collect::<Option<Vec<_>>>()
        };
        let vectors =
            tokio::task::spawn_blocking(work).await.map_err(|_| EmbedError::Unreadable)?;
        vectors.ok_or(EmbedError::Unreadable)
    }
}

impl Embedder for Model {
    fn embed(
        &self,
        texts: Vec<String>,
        purpose: Purpose,
    ) -> BoxFuture<'_, Result<Vec<Vec<f32>>, EmbedError>> {
        async move {
            let turns: Vec<Vec<String>> = texts.chunks(TURN).map(<[String]>::to_vec).collect();
            let side_by_side = self.passages.available_permits().max(1);
            let vectors: Vec<Vec<Vec<f32>>> = futures_util::stream::iter(turns)
                .map(|turn| self.turn(turn, purpose))
                .buffered(side_by_side)
                .try_collect()
                .await?;
            Ok(vectors.into_iter().flatten().collect())
        }
        .boxed()
    }

    fn identity(&self) -> &str {
        &self.identity
    }
}

/// From a text to its vector.
struct Sentences {
    tokens: Tokens,
    bert: Bert,
    /// The most tokens of a text.
    longest: usize,
    /// Whether the first token stands for the text, or all of them do on average.
    first_token: bool,
}

impl Sentences {
    fn embed(&self, text: &str) -> Option<Vec<f32>> {
        let tokens = self.tokens.of(text, self.longest);
        let state = self.bert.run(&tokens);
        let rows = state.chunks_exact(self.bert.dimensions());
        let rows = rows.take(if self.first_token { 1 } else { tokens.len() });
        let mut sum = vec![0.0; self.bert.dimensions()];
        for row in rows {
            sum.iter_mut().zip(row).for_each(|(sum, x)| *sum += x);
        }
        unit(sum)
    }
}

/// Reads a model's files; answers also a digest of them, which tells this model from every other. Blocks.
fn load(directory: &Path) -> Result<(Sentences, String), BadModel> {
    let file = |name: &str| {
        std::fs::read(directory.join(name)).map_err(|error| BadModel(format!("{name}: {error}")))
    };
    let json = |name: &str, bytes: &[u8]| -> Result<Value, BadModel> {
        serde_json::from_slice(bytes).map_err(|error| BadModel(format!("{name}: {error}")))
    };
    let optional =
        |name: &str| file(name).ok().and_then(|bytes| json(name, &bytes).ok()).unwrap_or_default();
    let (config, tokenizer) = (file("config.json")?, file("tokenizer.json")?);
    let weights = file("model.safetensors")?;
    let pooling = optional("1_Pooling/config.json");
    let first_token = pooling["pooling_mode_cls_token"] == true;
    if !first_token && pooling["pooling_mode_mean_tokens"] == false {
        return Err(BadModel(
            "1_Pooling/config.json: only the mean and the first token are understood".to_owned(),
        ));
    }
    let mut digest = Sha256::new();
    for part in [&config, &tokenizer, &weights] {
        digest.update(part);
    }
    digest.update([u8::from(first_token)]);
    let config: Config = serde_json::from_value(json("config.json", &config)?)
        .map_err(|error| BadModel(format!("config.json: {error}")))?;
    let longest = optional("sentence_bert_config.json")["max_seq_length"].as_u64();
    let longest = longest.and_then(|most| usize::try_from(most).ok()).unwrap_or(usize::MAX);
    let longest = longest.min(config.max_position_embeddings);
    let tokens = Tokens::read(&json("tokenizer.json", &tokenizer)?)?;
    let bert = Bert::load(config, &Tensors::read(&weights)?)?;
    if tokens.size() > bert.vocabulary() {
        return Err(BadModel("tokenizer.json has tokens that the model does not know".to_owned()));
    }
    let digest = digest.finalize()[..16]
        .iter()
        .fold(String::new(), |text, byte| text + &format!("{byte:02x}"));
    Ok((Sentences { tokens, bert, longest, first_token }, digest))
}

#[cfg(test)]
mod tests;
