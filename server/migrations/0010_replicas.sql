-- A mark that each writing transaction leaves: when its connection breaks during COMMIT, whether it became true is looked up here
-- (index/doubt.rs). Kept for some minutes.
CREATE TABLE commits (
    id TEXT NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL
);
CREATE INDEX commits_at ON commits (at);

-- Whose rights or sign-ins changed, in order: replicas read on from where they were, several times a second, whatever streams are open.
-- Kept for some minutes.
CREATE TABLE account_changes (
    position BIGINT NOT NULL PRIMARY KEY,
    account TEXT NOT NULL,
    at BIGINT NOT NULL
);
CREATE INDEX account_changes_at ON account_changes (at);

-- Work that one of the replicas does for all, and until when it has it in hand.
CREATE TABLE turns (
    name TEXT NOT NULL PRIMARY KEY,
    until BIGINT NOT NULL
);
