-- The tables that carry events; each service has its own set in its own schema (docs/adr/0002).

-- Events of our own topics that were taken. Ids are ordered by time, so inserts go to the index's right edge.
CREATE TABLE seen (
    event_id uuid PRIMARY KEY
);

-- Inbound events that were taken: one row for each (source, id), with the position of the first record that bore it.
CREATE TABLE inbox (
    source text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    case_id uuid,
    tracking text,
    digest bytea NOT NULL,
    topic text NOT NULL,
    partition integer NOT NULL,
    "offset" bigint NOT NULL,
    stamp bigint NOT NULL,
    PRIMARY KEY (source, id)
);

-- Inbound records that took no row of the inbox, and records that are parked: remembered by position, bytes sealed.
CREATE TABLE kept (
    id uuid NOT NULL,
    topic text NOT NULL,
    partition integer NOT NULL,
    "offset" bigint NOT NULL,
    stamp bigint NOT NULL,
    case_id uuid,
    tracking text,
    place bigint GENERATED ALWAYS AS IDENTITY,
    state text NOT NULL CHECK (state IN ('parked', 'rejected', 'duplicate', 'redriven', 'discarded')),
    reason text NOT NULL,
    detail text NOT NULL DEFAULT '',
    sealed bytea,
    claimed boolean NOT NULL DEFAULT false,
    at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (topic, partition, "offset", stamp)
);
CREATE UNIQUE INDEX kept_id ON kept (id);
CREATE INDEX kept_parked ON kept (case_id, place) WHERE state = 'parked';

-- One row a case: what every writer of the case locks first, in the order of case_id.
CREATE TABLE head (
    case_id uuid PRIMARY KEY,
    sequence integer NOT NULL DEFAULT 0,
    chain bytea NOT NULL DEFAULT '\x',
    blocked_by uuid,
    waiting boolean NOT NULL DEFAULT false
) WITH (fillfactor = 70);
CREATE INDEX head_blocked ON head (case_id) WHERE blocked_by IS NOT NULL;

-- Everything said, for ever. `proof` is the MAC of the data (32 bytes), then the link of the chain (32 bytes); `body` is the MAC's salt
-- (16 bytes), then the data, and goes when a person is erased: header and proof still verify.
CREATE TABLE event (
    case_id uuid NOT NULL,
    sequence integer NOT NULL,
    header bytea NOT NULL,
    proof bytea NOT NULL,
    body bytea,
    PRIMARY KEY (case_id, sequence)
);

-- What waits to be published: a reference to an event, or a record that belongs to no case, whole.
CREATE TABLE outbox (
    position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    hash integer NOT NULL,
    topic text NOT NULL,
    case_id uuid,
    sequence integer,
    key bytea,
    value bytea
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 10000, autovacuum_vacuum_cost_delay = 0);

-- Inbound events whose case is not known yet.
CREATE TABLE held (
    place bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    case_id uuid,
    until timestamptz NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    sealed bytea NOT NULL
);
CREATE INDEX held_case ON held (case_id, place);
CREATE INDEX held_until ON held (until);

-- Who publishes which shard of keys, and who lives (shard -1).
CREATE TABLE lease (
    shard integer NOT NULL,
    owner text NOT NULL,
    boot uuid NOT NULL,
    until timestamptz NOT NULL,
    PRIMARY KEY (shard, owner)
);
CREATE UNIQUE INDEX lease_shard ON lease (shard) WHERE shard >= 0;

CREATE TABLE master_key (
    one boolean PRIMARY KEY CHECK (one),
    fingerprint bytea NOT NULL
);

-- What falls due: one row for each running timer; `epoch` tells a timer from its own earlier settings.
CREATE TABLE timer (
    case_id uuid NOT NULL,
    clock text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    epoch integer NOT NULL,
    due_at timestamptz NOT NULL,
    PRIMARY KEY (case_id, clock, kind)
);
CREATE INDEX timer_due ON timer (due_at);
