-- The life of a certificate: which key issued it, how it follows from the one before, when it signed last, and why it ended.

-- Mark of the issuing key; empty for certificates from before there were issuing levels.
ALTER TABLE certificates ADD COLUMN issuer TEXT NOT NULL DEFAULT '';
-- SHA-256 of the certified key; empty where it was not written down yet.
ALTER TABLE certificates ADD COLUMN key_sha256 TEXT NOT NULL DEFAULT '';
ALTER TABLE certificates ADD COLUMN issued_at BIGINT NOT NULL DEFAULT 0;
-- first, renewed (the key of certificate `renews` signed the request) or new (nothing but the sign-in stands behind it).
ALTER TABLE certificates ADD COLUMN continuity TEXT NOT NULL DEFAULT 'first';
ALTER TABLE certificates ADD COLUMN renews TEXT;
-- When the certificate that renews this one signed first.
ALTER TABLE certificates ADD COLUMN replaced_at BIGINT;
ALTER TABLE certificates ADD COLUMN used_at BIGINT;
-- When its owner said of a new key that it is his.
ALTER TABLE certificates ADD COLUMN confirmed_at BIGINT;
ALTER TABLE certificates ADD COLUMN revocation_note TEXT;
ALTER TABLE certificates ADD COLUMN revoked_by TEXT;

-- What is there counts as known to its owner; only the first of an account was the first. Validity begins five minutes before issue.
UPDATE certificates SET issued_at = not_before + 300000;
UPDATE certificates SET continuity = 'new', confirmed_at = issued_at
    WHERE EXISTS (SELECT 1 FROM certificates earlier WHERE earlier.account = certificates.account AND earlier.not_before < certificates.not_before);

CREATE INDEX certificates_key ON certificates (key_sha256);
CREATE INDEX certificates_issued ON certificates (issued_at);
