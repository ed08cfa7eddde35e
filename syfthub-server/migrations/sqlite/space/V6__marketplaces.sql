-- What each hub lists of this space, or shall list. A row is a task until the hub has what is wanted: an entry, or none. It
-- outlives its endpoint, so that the entry of a removed one is taken off by a hub that was away. `digest` is that of the
-- entry which the hub has taken, NULL while it has taken none.
CREATE TABLE listings (
    endpoint_id    TEXT    NOT NULL,
    marketplace_id TEXT    NOT NULL,
    tenant_id      TEXT    NOT NULL,
    slug           TEXT    NOT NULL,
    wanted         BOOLEAN NOT NULL,
    state          TEXT    NOT NULL,
    error          TEXT,
    digest         TEXT,
    attempts       BIGINT  NOT NULL,
    due_at         BIGINT  NOT NULL,
    updated_at     BIGINT  NOT NULL,
    PRIMARY KEY (endpoint_id, marketplace_id)
);
CREATE INDEX listings_marketplace_id ON listings (marketplace_id, due_at);

-- Entries from before there was this table are compared with their hubs' at the next start.
INSERT INTO listings (endpoint_id, marketplace_id, tenant_id, slug, wanted, state, digest, attempts, due_at, updated_at)
SELECT e.id, m.id, e.tenant_id, e.slug, TRUE, 'listed', '', 0, 0, e.updated_at
FROM endpoints e JOIN marketplaces m ON m.tenant_id = e.tenant_id
WHERE ',' || e.published_to || ',' LIKE '%,' || m.id || ',%';

-- The organization that the account publishes for there, by its name at the hub; NULL for itself.
ALTER TABLE marketplaces ADD COLUMN organization TEXT;
ALTER TABLE marketplaces ADD COLUMN organization_id BIGINT;
