-- What the columns of each dataset are made of, as the jobs last told it.
CREATE TABLE lineage (
  dataset    text  PRIMARY KEY,
  -- Fingerprint of the definition that it holds for.
  definition text  NOT NULL,
  body       jsonb NOT NULL
);

-- The ranges of its inputs that a run reads: [{"dataset", "from", "to"}].
ALTER TABLE run ADD COLUMN inputs jsonb;

-- Why more than the range is computed, as it was when the backfill was asked for.
ALTER TABLE backfill ADD COLUMN whole text NOT NULL
  DEFAULT 'The whole dataset is computed, for a row of the range may depend on rows of any time.';
