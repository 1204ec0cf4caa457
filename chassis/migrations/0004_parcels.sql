-- What waits to be published, a row for each batch, topic and shard (docs/adr/0013); `mark` tells a relay which of the parcels it has
-- in memory this is. `content` refers to events (16 bytes of case, 4 of sequence each), or, where `whole`, holds the records
-- themselves: key, then value, each after its length in 4 bytes, -1 for none.
ALTER TABLE outbox RENAME TO outbox_of_records;
ALTER TABLE outbox_of_records RENAME CONSTRAINT outbox_pkey TO outbox_of_records_pkey;
CREATE TABLE outbox (
    position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    mark bigint NOT NULL,
    shard integer NOT NULL,
    number integer NOT NULL,
    topic text NOT NULL,
    whole boolean NOT NULL,
    content bytea NOT NULL
) WITH (
    autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_cost_delay = 0,
    toast.autovacuum_vacuum_scale_factor = 0, toast.autovacuum_vacuum_threshold = 10000, toast.autovacuum_vacuum_cost_delay = 0
);
ALTER TABLE outbox ALTER COLUMN content SET STORAGE EXTERNAL; -- it lives for a moment: compressing it is not worth the time
INSERT INTO outbox (mark, shard, number, topic, whole, content)
SELECT (random() * 9e18)::bigint, hash % 8, 1, topic, case_id IS NULL,
       CASE WHEN case_id IS NOT NULL THEN uuid_send(case_id) || int4send(sequence)
            ELSE int4send(length(key)) || key || int4send(coalesce(length(value), -1)) || coalesce(value, '') END
FROM outbox_of_records ORDER BY position;
DROP TABLE outbox_of_records;
