-- What a request with an idempotency key was answered, beside the documents that requests make (those are in `idempotency`).
-- `status` 0 means that the first request is still under way.
CREATE TABLE answers (
    account TEXT NOT NULL,
    request_key TEXT NOT NULL,
    body_sha256 TEXT NOT NULL,
    status BIGINT NOT NULL,
    location TEXT NOT NULL,
    body TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (account, request_key)
);
