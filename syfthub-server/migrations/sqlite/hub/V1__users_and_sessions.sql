-- People with an account. Usernames and addresses are kept in lower case.
CREATE TABLE users (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    username       TEXT    NOT NULL UNIQUE,
    email          TEXT    NOT NULL UNIQUE,
    full_name      TEXT    NOT NULL,
    password_hash  TEXT    NOT NULL,
    role           TEXT    NOT NULL,
    is_active      BOOLEAN NOT NULL,
    avatar_url     TEXT,
    domain         TEXT,
    aggregator_url TEXT,
    created_at     BIGINT  NOT NULL,
    updated_at     BIGINT  NOT NULL
);

-- Every name an owner has ever had. A name that was given up stays with its last owner, so that nobody can take over
-- the tokens and links that still carry it.
CREATE TABLE names (
    name       TEXT   PRIMARY KEY,
    user_id    BIGINT REFERENCES users (id) ON DELETE SET NULL,
    claimed_at BIGINT NOT NULL
);
CREATE INDEX names_user ON names (user_id);

-- One row per sign-in. Deleting it ends the session: its tokens name it and count only while it is there.
CREATE TABLE sessions (
    id         TEXT   PRIMARY KEY,
    user_id    BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX sessions_user ON sessions (user_id, expires_at);

-- The refresh tokens of a session that may still be presented: the current one, and those that were replaced a moment
-- ago. Any other one that carries our signature has been used before.
CREATE TABLE refresh_tokens (
    session_id  TEXT   NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    rotation    BIGINT NOT NULL,
    issued_at   BIGINT NOT NULL,
    expires_at  BIGINT NOT NULL,
    replaced_at BIGINT,
    PRIMARY KEY (session_id, rotation)
);
