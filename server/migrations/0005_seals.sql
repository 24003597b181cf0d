-- A person's seal design, as JSON (app::model::SealDesign); nobody has to have one.
CREATE TABLE seal_designs (
    account TEXT NOT NULL PRIMARY KEY REFERENCES accounts (id),
    design TEXT NOT NULL,
    saved_at BIGINT NOT NULL
);

-- The design that a step asks for, as its type said when the document was created.
ALTER TABLE steps ADD COLUMN seal_design TEXT NOT NULL DEFAULT 'any';
-- How far the field's page is shown turned, degrees clockwise.
ALTER TABLE step_fields ADD COLUMN rotate BIGINT NOT NULL DEFAULT 0;
