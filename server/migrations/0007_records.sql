-- What lies in the store beside the documents' own files, so that the index can be made anew from the store alone: endings that make no
-- PDF, accounts, certificates, types, seals; and the audit trail's segments and checkpoints.
CREATE TABLE records (
    store_path TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    object TEXT NOT NULL,
    version BIGINT NOT NULL,
    sha256 TEXT NOT NULL,
    size BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);
-- Each change of an object is written down once; of two at the same moment one begins again.
CREATE UNIQUE INDEX records_version ON records (kind, object, version);
