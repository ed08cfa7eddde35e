use std::path::PathBuf;

use super::super::Scale;
use super::super::settings::Prefixes;
use super::*;

/// all-MiniLM-L6-v2, where a test run brings it along.
fn directory() -> Option<PathBuf> {
    let path = std::env::var_os("SYFTHUB_TEST_EMBEDDING_MODEL");
    let optional = std::env::var_os("CI").is_none();
    assert!(path.is_some() || optional, "SYFTHUB_TEST_EMBEDDING_MODEL is not set");
    path.map(PathBuf::from)
}

async fn open(directory: PathBuf) -> Result<Model, BadConfiguration> {
    let prefixes = Prefixes { question: String::new(), passage: String::new() };
    Model::open(&Local { directory, prefixes }).await
}

fn cosine(left: &[f32], right: &[f32]) -> f32 {
    left.iter().zip(right).map(|(a, b)| a * b).sum()
}

#[tokio::test]
async fn a_real_model_knows_what_means_the_same() {
    let Some(directory) = directory() else { return };
    let model = open(directory).await.unwrap();
    let texts = [
        "How do I get a refund?",
        "Customers may have their money back within two weeks.",
        "The bridge was built of granite in 1831.",
    ];
    let vectors = model.embed(texts.map(str::to_owned).to_vec(), Purpose::Passage).await.unwrap();
    assert!(
        vectors
            .iter()
            .all(|vector| vector.len() == 384 && (cosine(vector, vector) - 1.0).abs() < 1e-4)
    );
    let (near, far) = (cosine(&vectors[0], &vectors[1]), cosine(&vectors[0], &vectors[2]));
    assert!(near > 0.4 && far < 0.15, "{near} {far}");
    let scale = Scale::measure(&model).await.unwrap();
    assert!(scale.relevance(near) > 0.5 && scale.relevance(far) < 0.2, "{scale:?}");
}

#[tokio::test]
async fn a_real_model_gives_the_vectors_that_its_makers_publish() {
    let Some(directory) = directory() else { return };
    let model = open(directory).await.unwrap();
    let text = vec!["This is an example sentence".to_owned()];
    let vector = model.embed(text, Purpose::Passage).await.unwrap().remove(0);
    // The first numbers of this sentence's embedding in the reference implementation.
    for (part, expected) in vector.iter().zip([0.0677, 0.0635, 0.0487, 0.0793, 0.0374]) {
        assert!((part - expected).abs() < 2e-3, "{:?}", &vector[..5]);
    }
}

#[tokio::test]
async fn a_directory_without_a_model_says_what_is_missing() {
    let empty = tempfile::tempdir().unwrap();
    let refused = async || open(empty.path().to_owned()).await.err().unwrap().0;
    assert!(refused().await.starts_with("configuration.embedding.directory: config.json: "));
    std::fs::write(empty.path().join("config.json"), "{}").unwrap();
    assert!(refused().await.contains("tokenizer.json: "));
    std::fs::write(empty.path().join("tokenizer.json"), "{}").unwrap();
    std::fs::write(empty.path().join("model.safetensors"), "").unwrap();
    assert!(refused().await.contains("config.json: missing field"));
}
