-- What people say of themselves, and when they last signed in.
ALTER TABLE users ADD COLUMN bio TEXT;
ALTER TABLE users ADD COLUMN is_email_public BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE users ADD COLUMN last_login_at BIGINT;

-- Personal access tokens. Only the SHA-256 of a token is kept; `prefix`, its first characters, is what it is found by.
CREATE TABLE access_tokens (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id      BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name         TEXT   NOT NULL,
    prefix       TEXT   NOT NULL,
    digest       TEXT   NOT NULL UNIQUE,
    scopes       TEXT   NOT NULL,
    expires_at   BIGINT,
    last_used_at BIGINT,
    last_used_ip TEXT,
    revoked_at   BIGINT,
    created_at   BIGINT NOT NULL,
    updated_at   BIGINT NOT NULL
);
CREATE INDEX access_tokens_prefix ON access_tokens (prefix) WHERE revoked_at IS NULL;
CREATE INDEX access_tokens_user ON access_tokens (user_id, id);

-- The aggregators each user keeps; one of them is the default.
CREATE TABLE aggregators (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id    BIGINT  NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name       TEXT    NOT NULL,
    url        TEXT    NOT NULL,
    is_default BOOLEAN NOT NULL,
    created_at BIGINT  NOT NULL,
    updated_at BIGINT  NOT NULL
);
CREATE INDEX aggregators_user ON aggregators (user_id, id);
CREATE UNIQUE INDEX aggregators_one_default ON aggregators (user_id) WHERE is_default;

-- The RSA keys behind satellite tokens, oldest first. A key signs from `signs_from` until its successor does; it is
-- published from the moment it is here. `sealed` is the private half, encrypted.
CREATE TABLE signing_keys (
    generation BIGINT PRIMARY KEY,
    kid        TEXT   NOT NULL UNIQUE,
    public     TEXT   NOT NULL,
    sealed     TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    signs_from BIGINT NOT NULL
);

-- A change that depends on a whole set of rows takes a row here first, so that two of them never overlap. `accounts` is
-- for changes of roles, and of who is active.
CREATE TABLE guards (
    name TEXT PRIMARY KEY
);
INSERT INTO guards (name) VALUES ('accounts');

-- What the clean-up of ended sessions goes by.
CREATE INDEX sessions_expiry ON sessions (expires_at);
CREATE INDEX refresh_tokens_replaced ON refresh_tokens (replaced_at) WHERE replaced_at IS NOT NULL;
