-- A case as the decision sees it: hot columns, and the rest as one document.
CREATE TABLE cases (
    case_id uuid PRIMARY KEY,
    tracking_id text COLLATE "C" NOT NULL UNIQUE,
    state text NOT NULL,
    version integer NOT NULL,
    owner text NOT NULL CHECK (owner <> ''),
    triage boolean NOT NULL,
    document bytea NOT NULL
) WITH (fillfactor = 80);
CREATE INDEX cases_in_triage ON cases (case_id) WHERE triage AND state = 'verification';

-- The versions of the directory that were announced on salur.reference.
CREATE TABLE directory (
    version text PRIMARY KEY,
    announced_at timestamptz NOT NULL
);
