-- What a space serves: documents, models, and the endpoints in front of them.
CREATE TABLE datasets (
    id            TEXT   PRIMARY KEY,
    name          TEXT   NOT NULL,
    dtype         TEXT   NOT NULL,
    configuration TEXT   NOT NULL,
    summary       TEXT   NOT NULL,
    tags          TEXT   NOT NULL,
    created_at    BIGINT NOT NULL,
    updated_at    BIGINT NOT NULL
);
CREATE UNIQUE INDEX datasets_name_key ON datasets (name);

-- `secrets` holds the sealed values of the configuration's write-only properties.
CREATE TABLE models (
    id            TEXT   PRIMARY KEY,
    name          TEXT   NOT NULL,
    dtype         TEXT   NOT NULL,
    configuration TEXT   NOT NULL,
    secrets       TEXT   NOT NULL,
    summary       TEXT   NOT NULL,
    tags          TEXT   NOT NULL,
    created_at    BIGINT NOT NULL,
    updated_at    BIGINT NOT NULL
);
CREATE UNIQUE INDEX models_name_key ON models (name);

CREATE TABLE endpoints (
    id            TEXT    PRIMARY KEY,
    slug          TEXT    NOT NULL,
    name          TEXT    NOT NULL,
    description   TEXT    NOT NULL,
    summary       TEXT    NOT NULL,
    dataset_id    TEXT    REFERENCES datasets (id),
    model_id      TEXT    REFERENCES models (id),
    response_type TEXT    NOT NULL,
    published     BOOLEAN NOT NULL,
    published_to  TEXT    NOT NULL,
    tags          TEXT    NOT NULL,
    created_at    BIGINT  NOT NULL,
    updated_at    BIGINT  NOT NULL
);
CREATE UNIQUE INDEX endpoints_slug_key ON endpoints (slug);
CREATE INDEX endpoints_dataset_id ON endpoints (dataset_id);
CREATE INDEX endpoints_model_id ON endpoints (model_id);

-- One row per file of a dataset. `generation` grows with every change that is seen, so that work on an older state of the
-- file cannot count as done; `gone` marks a file whose chunks have yet to leave the index; `content_hash` is what the index
-- holds, and NULL when that is not certain.
CREATE TABLE ingestion_jobs (
    id           TEXT    PRIMARY KEY,
    dataset_id   TEXT    NOT NULL REFERENCES datasets (id) ON DELETE CASCADE,
    file_path    TEXT    NOT NULL,
    shown_path   TEXT    NOT NULL,
    file_size    BIGINT  NOT NULL,
    mtime_ns     BIGINT  NOT NULL,
    content_hash TEXT,
    generation   BIGINT  NOT NULL,
    gone         BOOLEAN NOT NULL,
    status       TEXT    NOT NULL,
    error        TEXT,
    retry_count  BIGINT  NOT NULL,
    chunks       BIGINT  NOT NULL,
    created_at   BIGINT  NOT NULL,
    started_at   BIGINT,
    completed_at BIGINT
);
CREATE UNIQUE INDEX ingestion_jobs_dataset_id_file_path_key ON ingestion_jobs (dataset_id, file_path);
CREATE INDEX ingestion_jobs_status ON ingestion_jobs (dataset_id, status, created_at);

CREATE TABLE marketplaces (
    id         TEXT    PRIMARY KEY,
    name       TEXT    NOT NULL,
    url        TEXT    NOT NULL,
    username   TEXT    NOT NULL,
    email      TEXT    NOT NULL,
    password   TEXT    NOT NULL,
    issuer     TEXT    NOT NULL,
    is_default BOOLEAN NOT NULL,
    is_active  BOOLEAN NOT NULL,
    created_at BIGINT  NOT NULL,
    updated_at BIGINT  NOT NULL
);
CREATE UNIQUE INDEX marketplaces_url_key ON marketplaces (url);

CREATE TABLE settings (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
);
