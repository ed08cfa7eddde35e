-- Work that the hub does by itself again and again, and when each is due next. Whoever moves `due_at` forward does it, so
-- that of several instances on one database one at a time does.
CREATE TABLE jobs (
    name   TEXT   PRIMARY KEY,
    holder TEXT   NOT NULL,
    due_at BIGINT NOT NULL
);
