-- The ledger: money in millionths, in accounts that change by postings alone (docs/ledger.md).

-- Who has money. The one account of the ledger itself is what deposits come from; it owes what all others have. An account
-- that belongs to no user stands free. Balances end where a JSON number stops being exact.
CREATE TABLE ledger_accounts (
    id           TEXT    PRIMARY KEY,
    email        TEXT    UNIQUE,
    user_id      BIGINT  UNIQUE REFERENCES users (id) ON DELETE SET NULL,
    organization TEXT,
    available    BIGINT  NOT NULL DEFAULT 0,
    held         BIGINT  NOT NULL DEFAULT 0,
    is_system    BOOLEAN NOT NULL DEFAULT FALSE,
    created_at   BIGINT  NOT NULL,
    CHECK (is_system OR available BETWEEN 0 AND 9007199254740991),
    CHECK (held BETWEEN 0 AND 9007199254740991),
    CHECK (is_system OR email IS NOT NULL)
);
INSERT INTO ledger_accounts (id, is_system, created_at) VALUES ('00000000-0000-0000-0000-000000000000', TRUE, 0);

-- What opens an account over HTTP: a secret that was made for it, as a keyed hash and sealed, or a password that somebody
-- chose, hashed. Both may be there.
CREATE TABLE ledger_credentials (
    account_id    TEXT   PRIMARY KEY REFERENCES ledger_accounts (id) ON DELETE CASCADE,
    secret_digest TEXT,
    secret_sealed TEXT,
    password_hash TEXT,
    changed_at    BIGINT NOT NULL
);

-- Leave to charge somebody, up to a cap.
CREATE TABLE ledger_grants (
    id           TEXT   PRIMARY KEY,
    sender_id    TEXT   NOT NULL REFERENCES ledger_accounts (id),
    recipient_id TEXT   NOT NULL REFERENCES ledger_accounts (id),
    cap          BIGINT NOT NULL,
    spent        BIGINT NOT NULL DEFAULT 0,
    origin       TEXT   NOT NULL,
    created_at   BIGINT NOT NULL,
    expires_at   BIGINT NOT NULL,
    revoked_at   BIGINT,
    CHECK (spent BETWEEN 0 AND cap),
    CHECK (sender_id <> recipient_id)
);
CREATE INDEX ledger_grants_pair ON ledger_grants (sender_id, recipient_id, expires_at);

-- Transfers. One ends once, and stays as it is from then on.
CREATE TABLE ledger_transactions (
    id           TEXT   PRIMARY KEY,
    sender_id    TEXT   NOT NULL REFERENCES ledger_accounts (id),
    recipient_id TEXT   NOT NULL REFERENCES ledger_accounts (id),
    amount       BIGINT NOT NULL,
    status       TEXT   NOT NULL,
    created_by   TEXT   NOT NULL,
    resolved_by  TEXT,
    grant_id     TEXT   REFERENCES ledger_grants (id),
    app_name     TEXT,
    app_ep_path  TEXT,
    created_at   BIGINT NOT NULL,
    expires_at   BIGINT NOT NULL,
    resolved_at  BIGINT,
    CHECK (amount > 0),
    CHECK (sender_id <> recipient_id),
    CHECK (status IN ('pending', 'completed', 'cancelled')),
    CHECK ((status = 'pending') = (resolved_at IS NULL)),
    CHECK ((status = 'pending') = (resolved_by IS NULL))
) WITHOUT ROWID;
CREATE INDEX ledger_transactions_sender ON ledger_transactions (sender_id, id);
CREATE INDEX ledger_transactions_recipient ON ledger_transactions (recipient_id, id);
CREATE INDEX ledger_transactions_expiry ON ledger_transactions (expires_at) WHERE status = 'pending';

-- Every change of a bucket. The postings of one movement (a transaction's or a deposit's id, and what kind it is) sum to
-- zero, and no movement happens twice.
CREATE TABLE ledger_postings (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    reference  TEXT   NOT NULL,
    kind       TEXT   NOT NULL,
    account_id TEXT   NOT NULL REFERENCES ledger_accounts (id),
    bucket     TEXT   NOT NULL,
    micros     BIGINT NOT NULL,
    at         BIGINT NOT NULL,
    CHECK (kind IN ('deposit', 'reserve', 'settle', 'release')),
    CHECK (bucket IN ('available', 'held')),
    CHECK (micros <> 0)
);
CREATE UNIQUE INDEX ledger_postings_movement_key ON ledger_postings (reference, kind, account_id, bucket);
CREATE INDEX ledger_postings_account ON ledger_postings (account_id, id);

-- What was asked for under an idempotency key, and what it came to.
CREATE TABLE ledger_keys (
    scope       TEXT   NOT NULL,
    key         TEXT   NOT NULL,
    fingerprint TEXT   NOT NULL,
    reference   TEXT   NOT NULL,
    created_at  BIGINT NOT NULL,
    PRIMARY KEY (scope, key)
) WITHOUT ROWID;
CREATE INDEX ledger_keys_age ON ledger_keys (created_at);

-- What was posted stays, and what has ended stays ended, whatever a program or a person sends.
CREATE TRIGGER ledger_postings_stay BEFORE UPDATE ON ledger_postings
BEGIN SELECT RAISE(ABORT, 'postings are never changed'); END;
CREATE TRIGGER ledger_postings_remain BEFORE DELETE ON ledger_postings
BEGIN SELECT RAISE(ABORT, 'postings are never deleted'); END;
CREATE TRIGGER ledger_transactions_remain BEFORE DELETE ON ledger_transactions
BEGIN SELECT RAISE(ABORT, 'transactions are never deleted'); END;
CREATE TRIGGER ledger_transactions_stay BEFORE UPDATE ON ledger_transactions
WHEN old.status <> 'pending' OR new.id <> old.id OR new.amount <> old.amount
    OR new.sender_id <> old.sender_id OR new.recipient_id <> old.recipient_id
BEGIN SELECT RAISE(ABORT, 'a transaction ends once'); END;
