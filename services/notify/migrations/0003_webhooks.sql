-- Where an office's system is told, beside its mailbox; its own secret is sealed.
ALTER TABLE address ADD COLUMN webhook text, ADD COLUMN webhook_secret bytea;

-- A webhook carries `body` (until it has ended) to `host`. With a `turn` it is one of its case's status events to the publisher: it has
-- no `next_at` until those before it have ended.
ALTER TABLE notice ADD COLUMN body bytea, ADD COLUMN host text COLLATE "C", ADD COLUMN turn integer;
DROP INDEX notice_due;
CREATE INDEX notice_due ON notice (next_at) WHERE next_at IS NOT NULL AND host IS NULL;
CREATE INDEX notice_due_at_host ON notice (host, next_at) WHERE next_at IS NOT NULL AND host IS NOT NULL;

-- Where the publisher wants status events, and how far it was told. Cases that were routed before have no such place.
ALTER TABLE case_facts ADD COLUMN restricted boolean NOT NULL DEFAULT false, ADD COLUMN publisher text, ADD COLUMN reply_to text,
    ADD COLUMN stream bytea;
UPDATE case_facts SET restricted = kind = 'whistleblowing', publisher = '' WHERE kind IS NOT NULL;
