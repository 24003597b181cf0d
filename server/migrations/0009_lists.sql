-- Lists and search that cost the same at ten thousand documents and at a million: what every list shows is kept in its order, and every
-- page reads from its place on. `COLLATE BYTES` and the lines after `-- only on …:` are written as each database says it (index/migrations.rs).

-- Whom each step asks: `@login`, `r:` and a role, or `a:` and an account's id. The one place that says so in SQL.
CREATE VIEW asked AS
    SELECT number, edition, position, status, opened_at, role AS who FROM steps WHERE role LIKE '@%'
    UNION ALL
    SELECT number, edition, position, status, opened_at, 'r:' || role AS who FROM steps WHERE decide = 'any' AND role NOT LIKE '@%'
    UNION ALL
    SELECT s.number, s.edition, s.position, s.status, s.opened_at, 'a:' || f.account AS who
        FROM steps s JOIN step_fields f ON f.number = s.number AND f.edition = s.edition AND f.position = s.position
        WHERE s.decide = 'all' AND f.account IS NOT NULL;

-- Documents that wait for a decision, by whom they ask.
CREATE TABLE waiting (
    who TEXT NOT NULL,
    number TEXT NOT NULL REFERENCES documents (number),
    type_code TEXT NOT NULL,
    opened_at BIGINT NOT NULL,
    PRIMARY KEY (number, who)
);
CREATE INDEX waiting_list ON waiting (who, opened_at, number COLLATE BYTES);

-- Documents that someone may see because a step asked for him, or because he decided. Creators and readers see theirs by `documents` itself.
CREATE TABLE seen (
    who TEXT NOT NULL,
    number TEXT NOT NULL REFERENCES documents (number),
    type_code TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (number, who)
);
CREATE INDEX seen_list ON seen (who, created_at, number COLLATE BYTES);
CREATE INDEX seen_type ON seen (who, type_code, created_at, number COLLATE BYTES);

-- Documents that someone decided on, and when last.
CREATE TABLE decided (
    who TEXT NOT NULL,
    number TEXT NOT NULL REFERENCES documents (number),
    type_code TEXT NOT NULL,
    decided_at BIGINT NOT NULL,
    PRIMARY KEY (number, who)
);
CREATE INDEX decided_list ON decided (who, decided_at, number COLLATE BYTES);

INSERT INTO waiting (who, number, type_code, opened_at)
    SELECT DISTINCT a.who, a.number, d.type_code, a.opened_at FROM asked a JOIN documents d ON d.number = a.number AND d.edition = a.edition
    WHERE a.status = 'open' AND d.status = 'pending' AND NOT EXISTS (SELECT 1 FROM decisions x
        WHERE x.number = a.number AND x.edition = a.edition AND x.position = a.position AND 'a:' || x.account = a.who);
INSERT INTO seen (who, number, type_code, created_at)
    SELECT a.who, a.number, d.type_code, d.created_at FROM asked a JOIN documents d ON d.number = a.number WHERE a.opened_at IS NOT NULL
    UNION
    SELECT 'a:' || x.account, x.number, d.type_code, d.created_at FROM decisions x JOIN documents d ON d.number = x.number;
INSERT INTO decided (who, number, type_code, decided_at)
    SELECT 'a:' || x.account, x.number, d.type_code, MAX(x.decided_at) FROM decisions x JOIN documents d ON d.number = x.number
    GROUP BY x.account, x.number, d.type_code;

-- The same indexes as before, with the number as each page's last key.
DROP INDEX documents_created_at;
DROP INDEX documents_creator;
DROP INDEX documents_type;
CREATE INDEX documents_creator ON documents (creator, created_at, number COLLATE BYTES);
CREATE INDEX documents_type ON documents (type_code, created_at, number COLLATE BYTES);

-- Search: which documents hold which pieces of text, of one, two and four characters (index/search.rs).
-- only on sqlite:
CREATE TABLE search_places (place INTEGER PRIMARY KEY, number TEXT NOT NULL UNIQUE REFERENCES documents (number));
CREATE VIRTUAL TABLE search_pieces USING fts5(pieces, content='', contentless_delete=1, detail=none, tokenize='ascii');
CREATE VIEW search_texts AS
    SELECT d.number, (WITH RECURSIVE at(start) AS (SELECT 1 UNION ALL SELECT start + 1 FROM at WHERE start < length(d.search))
        SELECT group_concat(hex(substr(d.search, at.start, sizes.size)), ' ') FROM at, (SELECT 1 AS size UNION ALL SELECT 2 UNION ALL SELECT 4) sizes
        WHERE at.start + sizes.size - 1 <= length(d.search)) AS pieces FROM documents d;
INSERT INTO search_places (number) SELECT number FROM documents ORDER BY created_at;
INSERT INTO search_pieces (rowid, pieces) SELECT p.place, t.pieces FROM search_places p JOIN search_texts t ON t.number = p.number ORDER BY p.place;
-- only on postgres:
CREATE TABLE search_places (number TEXT NOT NULL PRIMARY KEY REFERENCES documents (number), words TEXT NOT NULL);
CREATE FUNCTION search_pieces(words TEXT) RETURNS TEXT[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 10000 AS
    'SELECT array_agg(substr(words, start, size)) FROM generate_series(1, length(words)) AS start, unnest(ARRAY[1, 2, 4]) AS size
        WHERE start + size - 1 <= length(words)';
INSERT INTO search_places (number, words) SELECT number, search FROM documents;
CREATE INDEX search_places_pieces ON search_places USING GIN (search_pieces(words) COLLATE "C");
-- everywhere:

-- What is asked for every minute or on every page, without reading what it is not about.
CREATE INDEX deliveries_unread ON deliveries (creator, position) WHERE read_at IS NULL;
CREATE INDEX sessions_expires_at ON sessions (expires_at);
CREATE INDEX login_tries_started_at ON login_tries (started_at);
CREATE INDEX idempotency_at ON idempotency (at);
CREATE INDEX answers_at ON answers (at);
