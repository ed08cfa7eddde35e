-- Work that the hub does by itself again and again, and when each is due next. Whoever moves `due_at` forward does it, so
-- that of several instances on one database one at a time does.
CREATE TABLE jobs (
    name   TEXT   PRIMARY KEY,
    holder TEXT   NOT NULL,
    due_at BIGINT NOT NULL
);

-- Where owners serve their endpoints: until when a heartbeat vouches for all of it, and when it is to be probed next, after
-- how many probes in a row that failed. A row is also what changes of an owner's health wait for.
CREATE TABLE nodes (
    user_id         BIGINT UNIQUE REFERENCES users (id) ON DELETE CASCADE,
    organization_id BIGINT UNIQUE REFERENCES organizations (id) ON DELETE CASCADE,
    alive_until     BIGINT NOT NULL DEFAULT 0,
    probe_at        BIGINT NOT NULL DEFAULT 0,
    misses          BIGINT NOT NULL DEFAULT 0,
    CHECK ((user_id IS NULL) <> (organization_id IS NULL))
);

-- How an endpoint is. `status` is NULL while nobody knows; `misses` counts failures in a row; `is_report` tells what its space
-- says about this endpoint from what was found out about the whole node. What is visible of it is `endpoints.is_down`.
CREATE TABLE endpoint_health (
    endpoint_id BIGINT  PRIMARY KEY REFERENCES endpoints (id) ON DELETE CASCADE,
    status      TEXT,
    misses      BIGINT  NOT NULL,
    checked_at  BIGINT  NOT NULL,
    expires_at  BIGINT  NOT NULL,
    is_report   BOOLEAN NOT NULL
);
CREATE INDEX endpoint_health_expiring ON endpoint_health (expires_at) WHERE status IS NOT NULL;

-- When the status changed, to the minute: of several changes within one minute the last is kept.
CREATE TABLE health_changes (
    endpoint_id BIGINT NOT NULL REFERENCES endpoints (id) ON DELETE CASCADE,
    at          BIGINT NOT NULL,
    status      TEXT,
    PRIMARY KEY (endpoint_id, at)
);
CREATE INDEX health_changes_at ON health_changes (at);
