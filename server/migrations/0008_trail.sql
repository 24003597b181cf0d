-- The audit trail of this database: server/TRAIL.md has the format. Triggers that refuse UPDATE and DELETE are made when the database is
-- opened, for the two kinds of database write them differently.
CREATE TABLE trail (
    position BIGINT NOT NULL PRIMARY KEY,
    object TEXT NOT NULL,
    body TEXT NOT NULL,
    hash TEXT NOT NULL
);
CREATE INDEX trail_object ON trail (object, position);

-- One row. `checkpointed` is how far the checkpoints in the store reach, `lease_until` who writes the next one, `restoring` 1 while the
-- index is being made anew.
CREATE TABLE trail_head (
    id BIGINT NOT NULL PRIMARY KEY,
    origin TEXT NOT NULL,
    position BIGINT NOT NULL,
    hash TEXT NOT NULL,
    checkpointed BIGINT NOT NULL,
    lease_until BIGINT NOT NULL,
    restoring BIGINT NOT NULL
);

CREATE TABLE checkpoints (
    position BIGINT NOT NULL PRIMARY KEY,
    note TEXT NOT NULL,
    at BIGINT NOT NULL
);
