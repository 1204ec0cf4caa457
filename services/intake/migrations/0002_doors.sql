-- What publishers say of their cases later, who read what came in, and the kind that a case was found to be.

-- What a reporter added, each sealed under a key of its own, which is sealed under the master key. A person is erased by setting
-- wrapped_key to null here too.
CREATE TABLE supplement (
    case_id uuid NOT NULL,
    place bigint GENERATED ALWAYS AS IDENTITY,
    at timestamptz NOT NULL,
    wrapped_key bytea,
    text bytea NOT NULL,
    PRIMARY KEY (case_id, place)
);
ALTER TABLE supplement ALTER COLUMN text SET STORAGE EXTERNAL;

-- Who read the content of which case, when, and by which link (the hash of its token; null where doors are open).
CREATE TABLE content_read (
    place bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    case_id uuid NOT NULL,
    at timestamptz NOT NULL,
    who text NOT NULL,
    link bytea
);
CREATE INDEX content_read_case ON content_read (case_id, place);

-- Publishers name their cases by their own numbers.
CREATE INDEX submission_number ON submission (external_ref COLLATE "C", publisher COLLATE "C") WHERE external_ref IS NOT NULL;

-- Routing's event (its sequence) that last said of which kind and category the case is; 0 while they are as it was filed.
ALTER TABLE submission ADD COLUMN classified integer NOT NULL DEFAULT 0;
