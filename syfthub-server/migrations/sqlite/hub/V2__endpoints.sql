-- What users publish. `tags`, `contributors`, `policies` and `connect` are JSON; `search_text` is what a search looks
-- into, in lower case.
CREATE TABLE endpoints (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id      BIGINT  NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    slug         TEXT    NOT NULL,
    name         TEXT    NOT NULL,
    description  TEXT    NOT NULL,
    type         TEXT    NOT NULL,
    visibility   TEXT    NOT NULL,
    is_active    BOOLEAN NOT NULL,
    version      TEXT    NOT NULL,
    readme       TEXT    NOT NULL,
    tags         TEXT    NOT NULL,
    contributors TEXT    NOT NULL,
    policies     TEXT    NOT NULL,
    connect      TEXT    NOT NULL,
    stars_count  BIGINT  NOT NULL DEFAULT 0,
    search_text  TEXT    NOT NULL,
    created_at   BIGINT  NOT NULL,
    updated_at   BIGINT  NOT NULL,
    UNIQUE (user_id, slug)
);
CREATE INDEX endpoints_owned ON endpoints (user_id, updated_at DESC, id DESC);
CREATE INDEX endpoints_listed ON endpoints (updated_at DESC, id DESC) WHERE visibility = 'public' AND is_active;
