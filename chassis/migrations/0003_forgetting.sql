-- When an inbound event was taken, in real time: how long its id is remembered (docs/adr/0011).
ALTER TABLE inbox ADD COLUMN at timestamptz NOT NULL DEFAULT now();
