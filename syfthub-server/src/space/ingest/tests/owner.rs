//! What the owner of a dataset can do, and what happens to single files.

use super::*;

#[tokio::test]
async fn a_single_file_is_read_without_its_siblings_also_when_an_editor_replaces_it() {
    let bench = Bench::new().await;
    bench.write("picked.md", "zebra one");
    bench.write("private.md", "zebra of somebody else");
    let run = bench.run_on(&bench.at("picked.md"), None, |store| store).await;
    run.ready().await;
    assert_eq!(run.found("zebra"), ["picked.md"]);
    bench.write("secret.md", "zebra of somebody else");
    bench.write("picked.md.txt", "okapi two");
    std::fs::rename(bench.at("picked.md.txt"), bench.at("picked.md")).unwrap();
    run.finds("okapi", &["picked.md"]).await;
    assert_eq!(run.found("zebra"), [""; 0]);
    std::fs::remove_file(bench.at("picked.md")).unwrap();
    run.finds("okapi", &[]).await;
    assert!(bench.jobs().await.is_empty());
    run.stop().await;
}

#[tokio::test]
async fn a_stopped_dataset_stays_stopped_until_its_owner_starts_it() {
    let bench = Bench::new().await;
    bench.write("a.md", "alpha");
    let run = bench.run().await;
    run.ready().await;
    let owner = Actor::program();
    assert_eq!(run.ingestion.start(&owner).await.unwrap(), 0, "it runs already");
    assert_eq!(run.ingestion.stop(&owner).await.unwrap(), 0);
    assert!(!run.ingestion.is_watching());
    bench.write("a.md", "beta, later");
    run.stop().await;
    let run = bench.run().await;
    assert!(!run.ingestion.is_watching() && run.board.watch().borrow().datasets.is_empty());
    bench.write("b.md", "beta as well");
    assert_eq!(run.found("alpha"), ["a.md"], "what was indexed stays searchable");
    assert_eq!(run.ingestion.start(&owner).await.unwrap(), 2);
    run.ready().await;
    assert!(run.ingestion.is_watching());
    assert_eq!(run.found("beta"), ["a.md", "b.md"]);
    run.stop().await;
}

#[tokio::test]
async fn a_failure_that_may_pass_is_tried_again_by_itself_and_not_for_ever() {
    let bench = Bench::new().await;
    bench.write("a.md", "alpha");
    let missing = || Some(PathBuf::from("/does/not/exist"));
    let run = bench.run_on(bench.documents.path(), missing(), |store| store).await;
    let waiting = bench.only_job(|job| job.retry_count == 1).await;
    assert_eq!(waiting.status, "pending");
    assert!(waiting.next_attempt_at.is_some() && waiting.error_message.is_some(), "{waiting:?}");
    run.stop().await;
    bench.clock.advance(Duration::from_secs(1));
    let run = bench.run_on(bench.documents.path(), missing(), |store| store).await;
    assert_eq!(bench.only_job(|job| job.retry_count == 2).await.status, "failed");
    run.stop().await;
    let run = bench.run().await;
    run.ready().await;
    assert_eq!(run.found("alpha"), ["a.md"]);
    run.stop().await;
}

#[tokio::test]
async fn a_file_that_waits_can_be_taken_off_the_queue_and_comes_back_when_it_changes() {
    let bench = Bench::new().await;
    bench.write("a.md", "alpha");
    let missing = Some(PathBuf::from("/does/not/exist"));
    let run = bench.run_on(bench.documents.path(), missing, |store| store).await;
    let job = bench.only_job(|job| job.retry_count == 1).await;
    let owner = Actor::program();
    assert!(run.ingestion.cancel(job.id, &owner).await.unwrap());
    assert!(!run.ingestion.cancel(job.id, &owner).await.unwrap(), "it does not wait any more");
    assert_eq!(bench.only_job(|_| true).await.status, "cancelled");
    bench.write("a.md", "alpha and more");
    bench.only_job(|job| job.retry_count == 2).await;
    run.stop().await;
}

#[tokio::test]
async fn a_preview_counts_what_would_be_shared_without_reading_it() {
    let bench = Bench::new().await;
    bench.write("a.md", "12345");
    bench.write("sub/b.md", "1");
    bench.write("c.pdf", b"%PDF torn");
    bench.write("no.exe", "x");
    let selection = Selection {
        roots: vec![bench.documents.path().to_owned()],
        extensions: vec![".md".to_owned(), ".pdf".to_owned()],
        ignored: Vec::new(),
        cut: Cut::default(),
    };
    let work = tokio::task::spawn_blocking(move || selection.preview());
    let mut shown = serde_json::to_value(work.await.unwrap()).unwrap();
    shown["first"].as_array_mut().unwrap().sort_by_key(|file| file["file_name"].to_string());
    let expected = serde_json::json!({
        "files": 3, "bytes": 15,
        "types": {".md": {"files": 2, "bytes": 6}, ".pdf": {"files": 1, "bytes": 9}},
        "first": [
            {"file_name": "a.md", "file_size": 5}, {"file_name": "c.pdf", "file_size": 9},
            {"file_name": "sub/b.md", "file_size": 1},
        ],
    });
    assert_eq!(shown, expected);
}
