-- The servers of stores that the space runs itself, one for each type of dataset. `wanted` says whether it shall run: what
-- it does is found out anew at every start. `state` describes what was started, as JSON.
CREATE TABLE provisioners (
    dtype      TEXT    PRIMARY KEY,
    status     TEXT    NOT NULL,
    wanted     BOOLEAN NOT NULL,
    state      TEXT    NOT NULL,
    error      TEXT,
    started_at BIGINT,
    stopped_at BIGINT
);
