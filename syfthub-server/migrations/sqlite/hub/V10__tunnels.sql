-- At which instance of the hub the tunnel of an owner ends. `tunnel` tells one connection from the next; a row that was
-- not seen for a while is that of an instance which has died.
CREATE TABLE tunnels (
    owner    TEXT   PRIMARY KEY,
    tunnel   TEXT   NOT NULL,
    instance TEXT   NOT NULL,
    seen_at  BIGINT NOT NULL
);
