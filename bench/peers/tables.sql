-- The same durable effect as ours, as lean as it can be: what was taken, the case's state, what was said.
CREATE TABLE inbox (event_id uuid PRIMARY KEY);
CREATE TABLE ledger (case_id uuid PRIMARY KEY, serial integer NOT NULL, total bigint NOT NULL);
CREATE TABLE event (case_id uuid NOT NULL, serial integer NOT NULL, data bytea NOT NULL, PRIMARY KEY (case_id, serial));
