CREATE TABLE tally (case_id uuid PRIMARY KEY, total bigint NOT NULL, seen integer[] NOT NULL);
CREATE TABLE note (case_id uuid NOT NULL, number integer NOT NULL, text text NOT NULL, PRIMARY KEY (case_id, number));
