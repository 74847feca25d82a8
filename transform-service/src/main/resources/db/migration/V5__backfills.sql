-- What somebody asked to compute again, and the runs that do it.
CREATE TABLE backfill (
  id         text        PRIMARY KEY,
  dataset    text        NOT NULL,
  range_from timestamptz NOT NULL,
  range_to   timestamptz NOT NULL,
  cascade    boolean     NOT NULL,
  rows_read  bigint      NOT NULL,
  by_whom    text        NOT NULL,
  asked_at   timestamptz NOT NULL
);

CREATE TABLE backfill_step (
  backfill text NOT NULL REFERENCES backfill (id) ON DELETE CASCADE,
  -- From 1, inputs before those that read them.
  ordinal  int  NOT NULL,
  dataset  text NOT NULL,
  run      text NOT NULL,
  PRIMARY KEY (backfill, ordinal)
);
CREATE INDEX backfill_step_run ON backfill_step (run);
