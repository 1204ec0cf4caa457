-- What intake owns: submissions, the identity vault, the tracking view.

-- One row a case, without anything that tells who filed it.
CREATE TABLE submission (
    case_id uuid PRIMARY KEY,
    tracking_id text COLLATE "C" NOT NULL,
    kind text NOT NULL,
    category text NOT NULL,
    anonymous boolean NOT NULL,
    confidential boolean NOT NULL,
    publisher text NOT NULL,
    external_ref text,
    accepted_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX submission_tracking ON submission (tracking_id);

-- Who filed and what they wrote, each field sealed under the case's key; the key is sealed under the master key. A person is
-- erased by setting wrapped_key to null: nobody can open the fields afterwards.
CREATE TABLE vault (
    case_id uuid PRIMARY KEY,
    wrapped_key bytea,
    text bytea NOT NULL,
    title bytea,
    reporter bytea,
    location bytea,
    attachments bytea,
    reply_to bytea
);
-- Sealed bytes do not compress: trying costs time.
ALTER TABLE vault ALTER COLUMN text SET STORAGE EXTERNAL, ALTER COLUMN reporter SET STORAGE EXTERNAL;

-- What other speakers said of a case, mirrored once each, never changed.
CREATE TABLE step (
    case_id uuid NOT NULL,
    speaker text COLLATE "C" NOT NULL,
    sequence integer NOT NULL,
    at timestamptz NOT NULL,
    what text COLLATE "C" NOT NULL,
    who text NOT NULL,
    state text,
    owner text,
    clock text,
    agency text,
    due_at timestamptz,
    PRIMARY KEY (case_id, speaker, sequence)
);
