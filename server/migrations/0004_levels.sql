-- How long the signatures of a document can be proven (ETSI EN 319 142-1), and when the server next tries to raise that:
-- NULL where there is nothing to do. Documents signed before are raised once.
ALTER TABLE documents ADD COLUMN level TEXT NOT NULL DEFAULT 'none';
ALTER TABLE documents ADD COLUMN raise_at BIGINT;
UPDATE documents SET level = 'PAdES-B-B' WHERE revision > 0;
UPDATE documents SET raise_at = 0 WHERE status = 'signed';
CREATE INDEX documents_raise_at ON documents (raise_at) WHERE raise_at IS NOT NULL;
ALTER TABLE events ADD COLUMN level TEXT;
