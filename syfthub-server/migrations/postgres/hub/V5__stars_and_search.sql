-- Who starred what. The endpoint's counter moves with the rows, whoever removes them.
CREATE TABLE stars (
    user_id     BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    endpoint_id BIGINT NOT NULL REFERENCES endpoints (id) ON DELETE CASCADE,
    created_at  BIGINT NOT NULL,
    PRIMARY KEY (user_id, endpoint_id)
);
CREATE INDEX stars_endpoint ON stars (endpoint_id);
CREATE FUNCTION count_stars() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        UPDATE endpoints SET stars_count = stars_count + 1 WHERE id = NEW.endpoint_id;
    ELSE
        UPDATE endpoints SET stars_count = stars_count - 1 WHERE id = OLD.endpoint_id AND stars_count > 0;
    END IF;
    RETURN NULL;
END;
$$;
CREATE TRIGGER stars_counted AFTER INSERT OR DELETE ON stars FOR EACH ROW EXECUTE FUNCTION count_stars();
CREATE INDEX endpoints_trending ON endpoints (stars_count DESC, updated_at DESC, id DESC)
    WHERE visibility = 'public' AND is_active;
CREATE INDEX endpoints_open ON endpoints (updated_at DESC, id DESC)
    WHERE visibility = 'public' AND is_active AND policies = '[]';
-- Has all that is counted per owner.
CREATE INDEX endpoints_counted ON endpoints (user_id, organization_id, type, stars_count)
    WHERE visibility = 'public' AND is_active;

-- The words of public endpoints, made by the program: `head` has those of the type (after a slash), the name, the slug
-- and the tags, `anywhere` these and those of the description and the readme. What is missing at start is added then.
CREATE TABLE endpoint_words (
    endpoint_id BIGINT   PRIMARY KEY REFERENCES endpoints (id) ON DELETE CASCADE,
    head        TSVECTOR NOT NULL,
    anywhere    TSVECTOR NOT NULL
);
-- Without a pending list, which every search would have to read.
CREATE INDEX endpoint_words_head ON endpoint_words USING gin (head) WITH (fastupdate = off);
CREATE INDEX endpoint_words_anywhere ON endpoint_words USING gin (anywhere) WITH (fastupdate = off);

-- The words of names that were ever public, and what each is without one of its letters, to find what was mistyped.
CREATE TABLE name_words (
    word TEXT COLLATE "C" PRIMARY KEY
);
CREATE TABLE name_forms (
    form TEXT COLLATE "C" NOT NULL,
    word TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (form, word)
);
