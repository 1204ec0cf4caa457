-- The clocks of every case, one row a case: what is decided on is the document; what is counted stands in columns.
CREATE TABLE clocks (
    case_id uuid PRIMARY KEY,
    agency text COLLATE "C" NOT NULL,
    document bytea NOT NULL
) WITH (fillfactor = 70);

-- Open cases as they come and go: written beside each change, added up into open_count by the replica that leads.
CREATE TABLE tally (
    agency text COLLATE "C" NOT NULL,
    sla_state text COLLATE "C" NOT NULL,
    cases integer NOT NULL,
    clockless integer NOT NULL,
    timers integer NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 10000, autovacuum_vacuum_cost_delay = 0);

CREATE TABLE open_count (
    agency text COLLATE "C" NOT NULL,
    sla_state text COLLATE "C" NOT NULL,
    cases bigint NOT NULL,
    clockless bigint NOT NULL,
    timers bigint NOT NULL,
    PRIMARY KEY (agency, sla_state)
);
