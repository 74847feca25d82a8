-- Runs about kept states: tables made of them, and tables brought back to them.
ALTER TABLE run DROP CONSTRAINT run_mode_check;
ALTER TABLE run ADD CONSTRAINT run_mode_check
  CHECK (mode IN ('incremental', 'full', 'asof', 'drop', 'restore'));
-- Which state, and what becomes of it; NULL in the other modes.
ALTER TABLE run ADD COLUMN past jsonb;

-- Tables that were brought back to a former state and do not go on before somebody says so.
CREATE TABLE hold (
  dataset text        NOT NULL,
  -- The run that restores it.
  run     text        NOT NULL,
  instant text        NOT NULL,
  by_whom text        NOT NULL,
  since   timestamptz NOT NULL,
  PRIMARY KEY (dataset, run)
);
