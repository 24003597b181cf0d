-- The index: one schema for every configured database, on SQLite and on PostgreSQL.
-- People, types and keys are only used in `main`; documents in the database that their type names.
-- Only TEXT and BIGINT: times are unix milliseconds, truth is 0 or 1, bytes are hexadecimal, JSON is text.

CREATE TABLE accounts (
    id TEXT NOT NULL PRIMARY KEY,
    login TEXT NOT NULL,
    name TEXT NOT NULL,
    client_number TEXT NOT NULL,
    password_hash TEXT,
    admin BIGINT NOT NULL,
    active BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX accounts_login ON accounts (login);
CREATE UNIQUE INDEX accounts_client_number ON accounts (client_number);

CREATE TABLE account_roles (
    account TEXT NOT NULL REFERENCES accounts (id),
    role TEXT NOT NULL,
    PRIMARY KEY (account, role)
);
CREATE INDEX account_roles_role ON account_roles (role);

CREATE TABLE account_reads (
    account TEXT NOT NULL REFERENCES accounts (id),
    type_code TEXT NOT NULL,
    PRIMARY KEY (account, type_code)
);

CREATE TABLE sessions (
    secret_hash TEXT NOT NULL PRIMARY KEY,
    account TEXT NOT NULL REFERENCES accounts (id),
    created_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX sessions_account ON sessions (account);

CREATE TABLE tokens (
    id TEXT NOT NULL PRIMARY KEY,
    account TEXT NOT NULL REFERENCES accounts (id),
    label TEXT NOT NULL,
    secret_hash TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    used_at BIGINT
);
CREATE UNIQUE INDEX tokens_secret_hash ON tokens (secret_hash);
CREATE INDEX tokens_account ON tokens (account);

CREATE TABLE login_tries (
    who TEXT NOT NULL PRIMARY KEY,
    started_at BIGINT NOT NULL,
    tries BIGINT NOT NULL
);

CREATE TABLE types (
    code TEXT NOT NULL PRIMARY KEY,
    database_name TEXT NOT NULL,
    definition TEXT NOT NULL,
    template TEXT,
    imported_at BIGINT NOT NULL,
    imported_by TEXT NOT NULL
);

CREATE TABLE certificates (
    serial TEXT NOT NULL PRIMARY KEY,
    account TEXT NOT NULL REFERENCES accounts (id),
    subject TEXT NOT NULL,
    device TEXT NOT NULL,
    der TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    not_before BIGINT NOT NULL,
    not_after BIGINT NOT NULL,
    revoked_at BIGINT,
    revocation_reason TEXT
);
CREATE INDEX certificates_account ON certificates (account);

CREATE TABLE documents (
    number TEXT NOT NULL PRIMARY KEY,
    type_code TEXT NOT NULL,
    matter TEXT NOT NULL,
    live BIGINT NOT NULL,
    title TEXT NOT NULL,
    edition BIGINT NOT NULL,
    status TEXT NOT NULL,
    creator TEXT NOT NULL,
    creator_client_number TEXT NOT NULL,
    creator_name TEXT NOT NULL,
    revision BIGINT NOT NULL,
    sha256 TEXT NOT NULL,
    size BIGINT NOT NULL,
    store_path TEXT NOT NULL,
    fields TEXT NOT NULL,
    search TEXT NOT NULL,
    lang TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
-- One matter, one live document.
CREATE UNIQUE INDEX documents_live_matter ON documents (type_code, matter) WHERE live = 1;
CREATE INDEX documents_created_at ON documents (created_at, number);
CREATE INDEX documents_creator ON documents (creator, created_at);
CREATE INDEX documents_type ON documents (type_code, created_at);

CREATE TABLE editions (
    number TEXT NOT NULL REFERENCES documents (number),
    edition BIGINT NOT NULL,
    title TEXT NOT NULL,
    matter TEXT NOT NULL,
    fields TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (number, edition)
);

CREATE TABLE revisions (
    number TEXT NOT NULL REFERENCES documents (number),
    edition BIGINT NOT NULL,
    revision BIGINT NOT NULL,
    sha256 TEXT NOT NULL,
    size BIGINT NOT NULL,
    store_path TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (number, edition, revision)
);
CREATE UNIQUE INDEX revisions_store_path ON revisions (store_path);

CREATE TABLE steps (
    number TEXT NOT NULL REFERENCES documents (number),
    edition BIGINT NOT NULL,
    position BIGINT NOT NULL,
    step_key TEXT NOT NULL,
    name_en TEXT NOT NULL,
    name_zh TEXT NOT NULL,
    role TEXT NOT NULL,
    decide TEXT NOT NULL,
    status TEXT NOT NULL,
    opened_at BIGINT,
    PRIMARY KEY (number, edition, position)
);
CREATE INDEX steps_open ON steps (role, status);
-- One open step per document, whatever else goes wrong.
CREATE UNIQUE INDEX steps_one_open ON steps (number) WHERE status = 'open';

CREATE TABLE step_fields (
    number TEXT NOT NULL,
    edition BIGINT NOT NULL,
    position BIGINT NOT NULL,
    ordinal BIGINT NOT NULL,
    field TEXT NOT NULL,
    page BIGINT NOT NULL,
    rect TEXT,
    movable BIGINT NOT NULL,
    account TEXT,
    account_name TEXT,
    PRIMARY KEY (number, edition, position, ordinal),
    FOREIGN KEY (number, edition, position) REFERENCES steps (number, edition, position)
);
CREATE INDEX step_fields_account ON step_fields (account);

CREATE TABLE decisions (
    number TEXT NOT NULL,
    edition BIGINT NOT NULL,
    position BIGINT NOT NULL,
    account TEXT NOT NULL,
    decided_by TEXT NOT NULL,
    decision TEXT NOT NULL,
    decided_at BIGINT NOT NULL,
    ordinal BIGINT NOT NULL,
    revision BIGINT NOT NULL,
    serial TEXT,
    reason TEXT,
    PRIMARY KEY (number, edition, position, account),
    FOREIGN KEY (number, edition, position) REFERENCES steps (number, edition, position)
);
CREATE INDEX decisions_account ON decisions (account, decided_at);

CREATE TABLE events (
    number TEXT NOT NULL REFERENCES documents (number),
    position BIGINT NOT NULL,
    at BIGINT NOT NULL,
    kind TEXT NOT NULL,
    account TEXT NOT NULL,
    by_name TEXT NOT NULL,
    step_key TEXT,
    reason TEXT,
    edition BIGINT NOT NULL,
    revision BIGINT NOT NULL,
    sha256 TEXT,
    PRIMARY KEY (number, position)
);

CREATE TABLE mailbox_positions (
    creator TEXT NOT NULL PRIMARY KEY,
    position BIGINT NOT NULL
);

CREATE TABLE deliveries (
    creator TEXT NOT NULL,
    position BIGINT NOT NULL,
    number TEXT NOT NULL REFERENCES documents (number),
    edition BIGINT NOT NULL,
    revision BIGINT NOT NULL,
    decision TEXT NOT NULL,
    reason TEXT,
    title TEXT NOT NULL,
    by_name TEXT NOT NULL,
    at BIGINT NOT NULL,
    read_at BIGINT,
    PRIMARY KEY (creator, position)
);

CREATE TABLE intents (
    id TEXT NOT NULL PRIMARY KEY,
    store_path TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    size BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    lease_until BIGINT NOT NULL,
    given_up BIGINT NOT NULL
);
CREATE UNIQUE INDEX intents_store_path ON intents (store_path);
CREATE INDEX intents_lease ON intents (lease_until);

CREATE TABLE offers (
    id TEXT NOT NULL PRIMARY KEY,
    number TEXT NOT NULL REFERENCES documents (number),
    edition BIGINT NOT NULL,
    revision BIGINT NOT NULL,
    position BIGINT NOT NULL,
    account TEXT NOT NULL,
    serial TEXT NOT NULL,
    parameters TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX offers_number ON offers (number);
CREATE INDEX offers_expires_at ON offers (expires_at);

CREATE TABLE idempotency (
    account TEXT NOT NULL,
    request_key TEXT NOT NULL,
    body_sha256 TEXT NOT NULL,
    number TEXT NOT NULL,
    answer TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (account, request_key)
);

CREATE TABLE counters (
    name TEXT NOT NULL PRIMARY KEY,
    value BIGINT NOT NULL
);
