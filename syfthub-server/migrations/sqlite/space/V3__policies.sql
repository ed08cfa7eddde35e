-- Who may ask an endpoint, how often, and for how much. `configuration` is written out in full.
CREATE TABLE policies (
    id            TEXT   PRIMARY KEY,
    tenant_id     TEXT   NOT NULL,
    endpoint_id   TEXT   NOT NULL REFERENCES endpoints (id) ON DELETE CASCADE,
    name          TEXT   NOT NULL,
    policy_type   TEXT   NOT NULL,
    configuration TEXT   NOT NULL,
    created_at    BIGINT NOT NULL,
    updated_at    BIGINT NOT NULL
);
CREATE UNIQUE INDEX policies_endpoint_id_name_key ON policies (endpoint_id, name);
CREATE INDEX policies_tenant_id ON policies (tenant_id, created_at);

-- The end of each rate window that is in use, by policy and by what shares it, as it was a moment ago.
CREATE TABLE rate_windows (
    policy_id TEXT   NOT NULL,
    holder    TEXT   NOT NULL,
    ends_at   BIGINT NOT NULL,
    PRIMARY KEY (policy_id, holder)
) WITHOUT ROWID;

-- What became of every question, in the order in which they ended.
CREATE TABLE decisions (
    id             INTEGER PRIMARY KEY,
    tenant_id      TEXT    NOT NULL,
    at             BIGINT  NOT NULL,
    correlation_id TEXT    NOT NULL,
    endpoint_id    TEXT    NOT NULL,
    endpoint_slug  TEXT    NOT NULL,
    issuer         TEXT    NOT NULL,
    subject        TEXT    NOT NULL,
    email          TEXT,
    client         TEXT    NOT NULL,
    outcome        TEXT    NOT NULL,
    status         BIGINT  NOT NULL,
    policy_id      TEXT,
    policy_type    TEXT,
    reason_code    TEXT,
    detail         TEXT    NOT NULL,
    cost_micros    BIGINT  NOT NULL,
    duration_us    BIGINT  NOT NULL
);
CREATE INDEX decisions_tenant_id ON decisions (tenant_id, id);
CREATE INDEX decisions_at ON decisions (at);

-- Money that was reserved for an answer, and what became of it. A row is written before the accounting service is asked, so
-- that whatever happens afterwards, its transaction (which carries the id) is found again and settled or released once.
CREATE TABLE charges (
    id             TEXT   PRIMARY KEY,
    tenant_id      TEXT   NOT NULL,
    endpoint_slug  TEXT   NOT NULL,
    marketplace_id TEXT   NOT NULL,
    correlation_id TEXT   NOT NULL,
    payer          TEXT   NOT NULL,
    amount_micros  BIGINT NOT NULL,
    service        TEXT   NOT NULL,
    dialect        TEXT,
    transaction_id TEXT,
    state          TEXT   NOT NULL,
    attempts       BIGINT NOT NULL,
    error          TEXT,
    created_at     BIGINT NOT NULL,
    updated_at     BIGINT NOT NULL
);
CREATE INDEX charges_open ON charges (created_at) WHERE state IN ('reserving', 'reserved', 'settling', 'releasing');
