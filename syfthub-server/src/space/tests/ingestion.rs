//! What the owner sees and does of the reading of files (contract space 1.5).

use eventsource_stream::Eventsource as _;
use futures_util::StreamExt as _;
use reqwest::Method;

use super::*;

impl Stage {
    /// A dataset over two good files and a broken one, read to its end; its id.
    async fn notes(&self) -> String {
        let documents = self.folder.path().join("notes");
        std::fs::create_dir(&documents).unwrap();
        std::fs::write(documents.join("a.md"), "Permit N-4 covers night work.").unwrap();
        std::fs::write(documents.join("b.md"), "Permit D-1 covers day work.").unwrap();
        std::fs::write(documents.join("torn.docx"), "PK\u{3}\u{4} torn").unwrap();
        for name in ["a.md", "b.md", "torn.docx"] {
            // Files that are written while they are read are read twice.
            let hour_ago = std::fs::metadata(documents.join(name)).unwrap().modified().unwrap()
                - Duration::from_hours(1);
            let file = std::fs::File::options().write(true).open(documents.join(name)).unwrap();
            file.set_modified(hour_ago).unwrap();
        }
        let new = json!({"name": "notes", "dtype": "local_file", "configuration": {"filePaths": [{"path": documents}]}});
        let (status, made) = self.owner(Method::POST, "datasets", Some(new)).await;
        assert_eq!(status, 201, "{made}");
        let mut progress = self.space.progress();
        progress.wait_for(super::super::Progress::is_ready).await.unwrap();
        made["id"].as_str().unwrap().to_owned()
    }

    async fn tell(&self, path: &str) -> (u16, Value) {
        self.owner(Method::POST, &format!("ingestion/datasets/{path}"), None).await
    }
}

#[tokio::test]
async fn reading_is_stopped_started_and_tried_again_by_its_owner() {
    let stage = Stage::set().await;
    let id = stage.notes().await;
    let status = stage.get(&format!("ingestion/datasets/{id}/status/")).await;
    let expected = json!({
        "dataset_id": id, "dataset_name": "notes", "is_watching": true, "total_jobs": 3, "pending": 0, "in_progress": 0,
        "completed": 2, "failed": 1, "cancelled": 0,
    });
    assert_eq!(status, expected);
    let running = stage.tell(&format!("{id}/start")).await.1;
    assert_eq!((&running["jobs_created"], &running["is_watching"]), (&json!(0), &json!(true)));
    let (code, stopped) = stage.tell(&format!("{id}/stop")).await;
    assert_eq!((code, &stopped["jobs_cancelled"]), (200, &json!(0)));
    assert_eq!(stage.get(&format!("ingestion/datasets/{id}/status")).await["is_watching"], false);
    let retried = stage.tell(&format!("{id}/retry")).await.1;
    assert_eq!(retried["jobs_reset"], 1);
    let waiting = stage.get(&format!("ingestion/datasets/{id}/jobs?status=pending")).await;
    let job = waiting["jobs"][0]["id"].as_str().unwrap();
    let cancelled = stage.tell(&format!("{id}/jobs/{job}/cancel")).await.1;
    assert_eq!(cancelled["jobs_cancelled"], 1);
    assert_eq!(stage.tell(&format!("{id}/jobs/{job}/cancel")).await.1["jobs_cancelled"], 0);
    std::fs::write(stage.folder.path().join("notes/c.md"), "new").unwrap();
    let started = stage.tell(&format!("{id}/start")).await.1;
    assert_eq!((&started["jobs_created"], &started["is_watching"]), (&json!(2), &json!(true)));
    let actions: Vec<String> = stage
        .get("audit")
        .await
        .as_array()
        .unwrap()
        .iter()
        .map(|event| event["action"].as_str().unwrap().to_owned())
        .filter(|action| action.starts_with("ingestion."))
        .collect();
    for action in ["ingestion.stop", "ingestion.retry", "ingestion.cancel", "ingestion.start"] {
        assert!(actions.iter().any(|found| found == action), "{action}: {actions:?}");
    }
    stage.close().await;
}

#[tokio::test]
async fn jobs_are_listed_newest_first_in_pages_and_unknown_ones_are_not_found() {
    let stage = Stage::set().await;
    let id = stage.notes().await;
    let all = stage.get(&format!("ingestion/datasets/{id}/jobs")).await;
    assert_eq!((&all["total"], &all["limit"], &all["offset"]), (&json!(3), &json!(100), &json!(0)));
    let second = stage.get(&format!("ingestion/datasets/{id}/jobs?limit=1&offset=1")).await;
    assert_eq!(second["jobs"], json!([all["jobs"][1]]));
    let failed = stage.get(&format!("ingestion/datasets/{id}/jobs?status=failed")).await;
    let reason = "the DOCX cannot be read: it is truncated or no archive";
    assert_eq!(
        (&failed["total"], &failed["jobs"][0]["error_message"], &failed["jobs"][0]["retry_count"]),
        (&json!(1), &json!(reason), &json!(1))
    );
    let nobody = "01890000-0000-7000-8000-000000000000";
    for path in ["start", "stop", "retry"] {
        assert_eq!(stage.tell(&format!("{nobody}/{path}")).await.0, 404, "{path}");
    }
    assert_eq!(stage.tell(&format!("{id}/jobs/{nobody}/cancel")).await.0, 404);
    for path in ["status", "jobs", "events"] {
        let path = format!("ingestion/datasets/{nobody}/{path}");
        assert_eq!(stage.owner(Method::GET, &path, None).await.0, 404, "{path}");
    }
    let odd = format!("ingestion/datasets/{id}/jobs?status=odd");
    assert_eq!(stage.owner(Method::GET, &odd, None).await.0, 422);
    assert_eq!(stage.tell("not-an-id/stop").await.0, 422);
    stage.close().await;
}

#[tokio::test]
async fn progress_is_told_as_it_happens() {
    let stage = Stage::set().await;
    let id = stage.notes().await;
    let key = std::fs::read_to_string(stage.folder.path().join("space/admin.key")).unwrap();
    let url = stage.admin.join("ingestion/events").unwrap();
    let answer = http().get(url).bearer_auth(key.trim()).send().await.unwrap();
    assert_eq!(answer.headers()["content-type"], "text/event-stream; charset=utf-8");
    let mut events = answer.bytes_stream().eventsource();
    let first = events.next().await.unwrap().unwrap();
    let told: Value = serde_json::from_str(&first.data).unwrap();
    assert_eq!(first.event, "progress");
    assert_eq!(
        (&told["dataset_id"], &told["dataset_name"], &told["total"], &told["percent"]),
        (&json!(id), &json!("notes"), &json!(3), &json!(100.0))
    );
    std::fs::write(stage.folder.path().join("notes/c.md"), "new").unwrap();
    loop {
        let event = events.next().await.unwrap().unwrap();
        let told: Value = serde_json::from_str(&event.data).unwrap();
        if told["done"] == 3 && told["ready"] == true {
            break;
        }
    }
    stage.close().await;
}

#[tokio::test]
async fn the_owner_sees_what_would_be_shared_before_it_is() {
    let stage = Stage::set().await;
    stage.notes().await;
    let notes = stage.folder.path().join("notes");
    let preview =
        async |body: Value| stage.owner(Method::POST, "ingestion/preview", Some(body)).await;
    let (status, shown) =
        preview(json!({"configuration": {"filePaths": [{"path": notes.join("a.md")}]}})).await;
    assert_eq!((status, &shown["files"]), (200, &json!(1)), "{shown}");
    assert_eq!(shown["first"][0]["file_name"], "a.md");
    let (_, shown) = preview(json!({"configuration": {"filePaths": [{"path": notes}]}})).await;
    assert_eq!((&shown["files"], &shown["types"][".docx"]["files"]), (&json!(3), &json!(1)));
    assert_eq!(preview(json!({"configuration": {"filePaths": []}})).await.0, 400);
    assert_eq!(preview(json!({"dtype": "none", "configuration": {}})).await.0, 400);
    assert_eq!(preview(json!({})).await.0, 422);
    stage.close().await;
}
