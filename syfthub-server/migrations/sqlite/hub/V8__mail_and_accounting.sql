-- Whether a user's address is theirs: a code that was mailed there came back.
ALTER TABLE users ADD COLUMN is_email_verified BOOLEAN NOT NULL DEFAULT FALSE;

-- The accounting service that a user linked. The password there is sealed with the hub's key for secrets at rest.
ALTER TABLE users ADD COLUMN accounting_service_url TEXT;
ALTER TABLE users ADD COLUMN accounting_password TEXT;

-- The last code for each address and purpose, as a keyed hash, and how often it was tried. An address that nobody has
-- gets its row too, with a hash that no code has, so that asking and guessing look the same for every address.
CREATE TABLE one_time_codes (
    email      TEXT   NOT NULL,
    purpose    TEXT   NOT NULL,
    digest     TEXT   NOT NULL,
    tries      BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (email, purpose)
);
CREATE INDEX one_time_codes_expiry ON one_time_codes (expires_at);
