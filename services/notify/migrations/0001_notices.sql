-- What notices need to know of a case; `left` is JSON: who handed it over, and when.
CREATE TABLE case_facts (
    case_id uuid PRIMARY KEY,
    tracking_id text NOT NULL,
    owner text,
    kind text,
    category text,
    region text,
    left_by bytea NOT NULL
) WITH (fillfactor = 80);

-- Where an office is reached; people come and go, the office stays.
CREATE TABLE address (
    agency text COLLATE "C" NOT NULL,
    role text COLLATE "C" NOT NULL,
    mailbox text NOT NULL,
    deputies text[] NOT NULL DEFAULT '{}',
    language text NOT NULL DEFAULT 'id',
    PRIMARY KEY (agency, role)
);

-- Every intended notice and what became of it: the delivery log. Times of sending are real times, `at` and `ended_at` Salur's.
-- `next_at` is when it may be taken (again): at once, after its lease, at its retry; null when it has come to its end.
-- `unsaid`: it has ended, and the event that says so is still to be said.
CREATE TABLE notice (
    notice_id uuid PRIMARY KEY,
    case_id uuid NOT NULL,
    cause text NOT NULL,
    rule text NOT NULL,
    channel text NOT NULL,
    agency text COLLATE "C" NOT NULL,
    role text COLLATE "C" NOT NULL,
    meant_for text,
    matter bytea NOT NULL,
    correlationid text NOT NULL,
    state text NOT NULL CHECK (state IN ('queued', 'sending', 'retry', 'delivered', 'undeliverable', 'suppressed', 'without_recipient')),
    reason text,
    at timestamptz NOT NULL,
    queued_at timestamptz NOT NULL DEFAULT now(),
    epoch integer NOT NULL DEFAULT 0,
    next_at timestamptz,
    message_id text,
    unsaid boolean NOT NULL DEFAULT false,
    ended_at timestamptz
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 5000);
CREATE INDEX notice_case ON notice (case_id);
CREATE INDEX notice_due ON notice (next_at) WHERE next_at IS NOT NULL;
CREATE INDEX notice_unsaid ON notice (notice_id) WHERE unsaid;
CREATE INDEX notice_missing ON notice (agency, role) WHERE state = 'without_recipient';
