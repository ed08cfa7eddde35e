-- Teams. A slug is a name like a username, and is never changed. One that was deleted is not active and keeps its slug.
CREATE TABLE organizations (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    slug        TEXT    NOT NULL UNIQUE,
    name        TEXT    NOT NULL,
    description TEXT    NOT NULL,
    avatar_url  TEXT,
    domain      TEXT,
    is_active   BOOLEAN NOT NULL,
    created_at  BIGINT  NOT NULL,
    updated_at  BIGINT  NOT NULL
);

-- Who belongs to a team, and as what. A membership that was switched off counts for nothing.
CREATE TABLE members (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    organization_id BIGINT  NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    user_id         BIGINT  NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    role            TEXT    NOT NULL,
    is_active       BOOLEAN NOT NULL,
    joined_at       BIGINT  NOT NULL,
    UNIQUE (organization_id, user_id)
);
CREATE INDEX members_listed ON members (organization_id, joined_at DESC, id DESC) WHERE is_active;
CREATE INDEX members_user ON members (user_id);

-- A name belongs to a user or to an organization, or to one that is no more.
ALTER TABLE names ADD COLUMN organization_id BIGINT REFERENCES organizations (id) ON DELETE SET NULL;
CREATE INDEX names_organization ON names (organization_id) WHERE organization_id IS NOT NULL;

-- What users and organizations publish. `tags`, `contributors`, `policies` and `connect` are JSON; `search_text` is what
-- a search looks into, in lower case. An endpoint is off when an administrator disabled it, or while it does not answer.
CREATE TABLE endpoints_of_owners (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id         BIGINT  REFERENCES users (id) ON DELETE CASCADE,
    organization_id BIGINT  REFERENCES organizations (id) ON DELETE CASCADE,
    slug            TEXT    NOT NULL,
    name            TEXT    NOT NULL,
    description     TEXT    NOT NULL,
    type            TEXT    NOT NULL,
    visibility      TEXT    NOT NULL,
    is_disabled     BOOLEAN NOT NULL DEFAULT FALSE,
    is_down         BOOLEAN NOT NULL DEFAULT FALSE,
    is_active       BOOLEAN NOT NULL GENERATED ALWAYS AS (NOT is_disabled AND NOT is_down) STORED,
    version         TEXT    NOT NULL,
    readme          TEXT    NOT NULL,
    tags            TEXT    NOT NULL,
    contributors    TEXT    NOT NULL,
    policies        TEXT    NOT NULL,
    connect         TEXT    NOT NULL,
    stars_count     BIGINT  NOT NULL DEFAULT 0,
    search_text     TEXT    NOT NULL,
    created_at      BIGINT  NOT NULL,
    updated_at      BIGINT  NOT NULL,
    UNIQUE (user_id, slug),
    UNIQUE (organization_id, slug),
    CHECK ((user_id IS NULL) <> (organization_id IS NULL))
);
-- Numbers that were given out are not given out again.
INSERT INTO sqlite_sequence (name, seq)
    SELECT 'endpoints_of_owners', seq FROM sqlite_sequence WHERE name = 'endpoints';
INSERT INTO endpoints_of_owners (id, user_id, slug, name, description, type, visibility, is_disabled, version, readme,
        tags, contributors, policies, connect, stars_count, search_text, created_at, updated_at)
    SELECT id, user_id, slug, name, description, type, visibility, NOT is_active, version, readme,
        tags, contributors, policies, connect, stars_count, search_text, created_at, updated_at FROM endpoints;
DROP TABLE endpoints;
ALTER TABLE endpoints_of_owners RENAME TO endpoints;
CREATE INDEX endpoints_owned ON endpoints (user_id, updated_at DESC, id DESC) WHERE user_id IS NOT NULL;
CREATE INDEX endpoints_shared ON endpoints (organization_id, updated_at DESC, id DESC) WHERE organization_id IS NOT NULL;
CREATE INDEX endpoints_listed ON endpoints (updated_at DESC, id DESC) WHERE visibility = 'public' AND is_active;
