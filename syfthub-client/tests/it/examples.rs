//! Every operation shows how it is called: an example that the compiler has seen.

use std::path::{Path, PathBuf};

#[test]
fn every_operation_has_an_example() {
    let mut sources = Vec::new();
    collect(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut sources);
    let bare: Vec<String> = sources.iter().flat_map(|source| without_example(source)).collect();
    assert!(sources.len() > 30, "the sources are somewhere else now");
    assert_eq!(bare, Vec::<String>::new(), "these have no example in their documentation");
}

fn collect(folder: &Path, sources: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, sources);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            sources.push(path);
        }
    }
}

/// The public methods of a file that wait for somebody, and whose documentation has no code.
fn without_example(source: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(source).unwrap();
    let mut bare = Vec::new();
    let mut has_example = false;
    for line in text.lines() {
        let line = line.trim_start();
        if let Some(told) = line.strip_prefix("///") {
            has_example |= told.trim_start().starts_with("```");
            continue;
        }
        if line.starts_with("pub async fn ") && !has_example {
            bare.push(format!("{}: {line}", source.display()));
        }
        has_example &= line.starts_with("#[");
    }
    bare
}
