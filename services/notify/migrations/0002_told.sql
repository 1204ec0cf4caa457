-- Mails that nobody has acknowledged yet, so that an acknowledgement can name them: JSON, a list each of the notice's own words.
ALTER TABLE case_facts ADD COLUMN told bytea NOT NULL DEFAULT '[]';
