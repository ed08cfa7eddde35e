-- A job whose failure may pass by itself goes back into the queue and is not taken before `next_attempt_at`. `attempts` counts
-- its tries since the file changed or the owner asked again; `retry_count` counts all of them.
ALTER TABLE ingestion_jobs ADD COLUMN attempts BIGINT NOT NULL DEFAULT 0;
ALTER TABLE ingestion_jobs ADD COLUMN next_attempt_at BIGINT NOT NULL DEFAULT 0;

-- `contents` names what the store of a dataset held when its jobs were last compared with it; a store of other contents makes
-- all files be indexed again. `stopped_at` is set while the owner has stopped the ingestion, also over restarts.
CREATE TABLE ingestion_states (
    dataset_id TEXT   PRIMARY KEY REFERENCES datasets (id) ON DELETE CASCADE,
    contents   TEXT,
    stopped_at BIGINT
);
