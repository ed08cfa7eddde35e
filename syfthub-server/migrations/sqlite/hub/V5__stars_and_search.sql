-- Who starred what. The endpoint's counter moves with the rows, whoever removes them.
CREATE TABLE stars (
    user_id     BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    endpoint_id BIGINT NOT NULL REFERENCES endpoints (id) ON DELETE CASCADE,
    created_at  BIGINT NOT NULL,
    PRIMARY KEY (user_id, endpoint_id)
) WITHOUT ROWID;
CREATE INDEX stars_endpoint ON stars (endpoint_id);
CREATE TRIGGER stars_given AFTER INSERT ON stars BEGIN
    UPDATE endpoints SET stars_count = stars_count + 1 WHERE id = NEW.endpoint_id;
END;
CREATE TRIGGER stars_taken_back AFTER DELETE ON stars BEGIN
    UPDATE endpoints SET stars_count = stars_count - 1 WHERE id = OLD.endpoint_id AND stars_count > 0;
END;
CREATE INDEX endpoints_trending ON endpoints (stars_count DESC, updated_at DESC, id DESC)
    WHERE visibility = 'public' AND is_active;
CREATE INDEX endpoints_open ON endpoints (updated_at DESC, id DESC)
    WHERE visibility = 'public' AND is_active AND policies = '[]';
-- Has all that is counted per owner.
CREATE INDEX endpoints_counted ON endpoints (user_id, organization_id, type, stars_count)
    WHERE visibility = 'public' AND is_active;

-- The words of public endpoints, made by the program: `kind` is the type, `head` the name, the slug and the tags, `body`
-- the description and the readme. What is missing at start is added then.
CREATE VIRTUAL TABLE endpoint_words USING fts5 (
    kind, head, body, content = '', contentless_delete = 1, detail = column, tokenize = 'ascii'
);
CREATE TRIGGER endpoint_words_removed AFTER DELETE ON endpoints BEGIN
    DELETE FROM endpoint_words WHERE rowid = OLD.id;
END;

-- The words of names that were ever public, and what each is without one of its letters, to find what was mistyped.
CREATE TABLE name_words (
    word TEXT PRIMARY KEY
) WITHOUT ROWID;
CREATE TABLE name_forms (
    form TEXT NOT NULL,
    word TEXT NOT NULL,
    PRIMARY KEY (form, word)
) WITHOUT ROWID;
