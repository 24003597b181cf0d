-- Browsers in which an account has signed in before: their tries are counted apart, so that whoever guesses elsewhere shuts nobody out. Only the
-- hash of what the browser keeps is here. A new password forgets them.
CREATE TABLE devices (
    secret_hash TEXT NOT NULL PRIMARY KEY,
    account TEXT NOT NULL REFERENCES accounts (id),
    seen_at BIGINT NOT NULL
);
CREATE INDEX devices_account ON devices (account, seen_at);
