-- The state of the benchmark's service: one row a case.
CREATE TABLE ledger (
    case_id uuid PRIMARY KEY,
    serial integer NOT NULL,
    total bigint NOT NULL,
    level smallint NOT NULL,
    owner text NOT NULL
);
