-- Tenants, the people who administer them, and the trace of what they change. Everything there was belongs to the tenant
-- `root`, which always exists.
CREATE TABLE tenants (
    id           TEXT    PRIMARY KEY,
    name         TEXT    NOT NULL,
    display_name TEXT    NOT NULL,
    domain       TEXT,
    meta         TEXT    NOT NULL,
    is_active    BOOLEAN NOT NULL,
    created_at   BIGINT  NOT NULL,
    updated_at   BIGINT  NOT NULL
);
CREATE UNIQUE INDEX tenants_name_key ON tenants (name);
CREATE UNIQUE INDEX tenants_domain_key ON tenants (domain);
INSERT INTO tenants (id, name, display_name, meta, is_active, created_at, updated_at)
    VALUES ('00000000-0000-0000-0000-000000000000', 'root', 'Root tenant', '{}', TRUE, 0, 0);

-- `password_set_at` ends every session that began before it.
CREATE TABLE accounts (
    id              TEXT   PRIMARY KEY,
    tenant_id       TEXT   NOT NULL REFERENCES tenants (id),
    email           TEXT   NOT NULL,
    password_hash   TEXT   NOT NULL,
    password_set_at BIGINT NOT NULL,
    created_at      BIGINT NOT NULL
);
CREATE UNIQUE INDEX accounts_email_key ON accounts (email);
CREATE INDEX accounts_tenant_id ON accounts (tenant_id);

-- `actor` is `account:ID`, `admin-key`, or `program` for what the space or the program around it does.
CREATE TABLE audit_events (
    id             INTEGER PRIMARY KEY,
    tenant_id      TEXT    NOT NULL,
    at             BIGINT  NOT NULL,
    actor          TEXT    NOT NULL,
    action         TEXT    NOT NULL,
    subject        TEXT    NOT NULL,
    detail         TEXT    NOT NULL,
    correlation_id TEXT    NOT NULL
);
CREATE INDEX audit_events_tenant_id ON audit_events (tenant_id, id);

ALTER TABLE datasets ADD COLUMN tenant_id TEXT NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000';
ALTER TABLE datasets ADD COLUMN secrets TEXT NOT NULL DEFAULT '{}';
DROP INDEX datasets_name_key;
CREATE UNIQUE INDEX datasets_tenant_id_name_key ON datasets (tenant_id, name);

ALTER TABLE models ADD COLUMN tenant_id TEXT NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000';
DROP INDEX models_name_key;
CREATE UNIQUE INDEX models_tenant_id_name_key ON models (tenant_id, name);

ALTER TABLE endpoints ADD COLUMN tenant_id TEXT NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000';
ALTER TABLE endpoints ADD COLUMN system_prompt TEXT NOT NULL DEFAULT '';
ALTER TABLE endpoints ADD COLUMN is_archived BOOLEAN NOT NULL DEFAULT FALSE;
DROP INDEX endpoints_slug_key;
CREATE UNIQUE INDEX endpoints_tenant_id_slug_key ON endpoints (tenant_id, slug);

ALTER TABLE marketplaces ADD COLUMN tenant_id TEXT NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000';
DROP INDEX marketplaces_url_key;
CREATE UNIQUE INDEX marketplaces_tenant_id_url_key ON marketplaces (tenant_id, url);

CREATE TABLE tenant_settings (
    tenant_id TEXT NOT NULL,
    name      TEXT NOT NULL,
    value     TEXT NOT NULL,
    PRIMARY KEY (tenant_id, name)
);
INSERT INTO tenant_settings (tenant_id, name, value)
    SELECT '00000000-0000-0000-0000-000000000000', name, value FROM settings;
DROP TABLE settings;
ALTER TABLE tenant_settings RENAME TO settings;
